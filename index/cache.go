package index

import (
	"container/list"
	"strings"
	"sync"
)

// What the words in the caches of all open indexes may take. A large index brings
// room with it, since its words are large, and reading them again costs most.
const (
	cacheBytes = 32 << 20
	largeIndex = 100_000 // documents
	cacheEach  = 128     // bytes for each further document
)

// cache keeps the words that were used last in the indexes of a Store, for reading
// their postings from bleve costs most of a search. Each index sees its own.
type cache struct {
	mu       sync.Mutex
	order    *list.List // of *cached, last used first
	size     int        // in bytes
	capacity int
}

// words are those of one open index. They are guarded by the mutex of the cache.
type words struct {
	cache *cache
	of    map[string]*list.Element // of *cached
	room  int                      // that the index brings
}

type cached struct {
	in   *words
	form string
	word *word
}

func newCache(capacity int) *cache { return &cache{order: list.New(), capacity: capacity} }

func (c *cache) newWords() *words { return &words{cache: c, of: map[string]*list.Element{}} }

// fit makes room for an index of so many documents.
func (w *words) fit(docs int) {
	w.cache.mu.Lock()
	defer w.cache.mu.Unlock()
	w.bring(max(0, docs-largeIndex) * cacheEach)
}

func (w *words) bring(room int) {
	w.cache.capacity += room - w.room
	w.room = room
}

// get returns a word, perhaps of another layout, or nil.
func (w *words) get(form string) *word {
	w.cache.mu.Lock()
	defer w.cache.mu.Unlock()
	at := w.of[form]
	if at == nil {
		return nil
	}
	w.cache.order.MoveToFront(at)
	return at.Value.(*cached).word
}

func (w *words) put(form string, found *word) {
	c := w.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := w.of[form]; at != nil {
		c.drop(at)
	}
	form = strings.Clone(form) // it may be part of something larger
	w.of[form] = c.order.PushFront(&cached{w, form, found})
	c.size += found.bytes()
	for c.size > c.capacity {
		c.drop(c.order.Back())
	}
}

// end drops all words of an index that is closed.
func (w *words) end() {
	w.cache.mu.Lock()
	defer w.cache.mu.Unlock()
	for _, at := range w.of {
		w.cache.drop(at)
	}
	w.bring(0)
}

// drop must be called with mu held.
func (c *cache) drop(at *list.Element) {
	old := c.order.Remove(at).(*cached)
	delete(old.in.of, old.form)
	c.size -= old.word.bytes()
}
