package index

import (
	"container/list"
	"strings"
	"sync"
)

// cacheBytes is what the words in the cache of an open index may take.
const cacheBytes = 16 << 20

// cache keeps the words that were used last, for reading their postings from
// bleve costs most of a search.
type cache struct {
	mu       sync.Mutex
	words    map[string]*list.Element // of *cached
	order    *list.List               // last used first
	size     int                      // in bytes
	capacity int
}

type cached struct {
	form string
	word *word
}

func newCache(capacity int) *cache {
	return &cache{words: map[string]*list.Element{}, order: list.New(), capacity: capacity}
}

// get returns a word, perhaps of another layout, or nil.
func (c *cache) get(form string) *word {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.words[form]
	if at == nil {
		return nil
	}
	c.order.MoveToFront(at)
	return at.Value.(*cached).word
}

func (c *cache) put(form string, w *word) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.words[form]; at != nil {
		c.drop(at)
	}
	form = strings.Clone(form) // it may be part of something larger
	c.words[form] = c.order.PushFront(&cached{form, w})
	c.size += w.bytes()
	for c.size > c.capacity {
		c.drop(c.order.Back())
	}
}

// drop must be called with mu held.
func (c *cache) drop(at *list.Element) {
	old := c.order.Remove(at).(*cached)
	delete(c.words, old.form)
	c.size -= old.word.bytes()
}
