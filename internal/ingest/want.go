package ingest

import (
	"sync"

	"github.com/mcp-notion/mcp-notion/notion"
)

// wants are the pages that people have asked for: the mirror reads them before
// all others, those of the last question first.
type wants struct {
	mu    sync.Mutex
	asked int // pages, ever
	of    map[notion.ID]int
	queue *queue          // of the pass that reads
	early func(notion.ID) // makes work of a page while a pass still finds out what there is
}

// Want has the mirror read pages next, in this order. It costs no request: they
// would have been read later.
func (s *Syncer) Want(ids ...notion.ID) {
	w := &s.wants
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(ids) - 1; i >= 0; i-- {
		w.asked++
		w.of[ids[i]] = w.asked
	}
	if w.queue == nil {
		return
	}
	w.queue.reorder(w.of)
	for _, id := range ids {
		if rec, ok := s.cfg.Index.Page(id); ok && rough(rec) {
			w.queue.push(job{stage: stageIDs, edited: rec.LastEdited, id: id})
		}
	}
	if w.early != nil {
		for _, id := range ids {
			w.early(id)
		}
	}
}

// meanwhile has pages that are wanted made work of at once, until the end is
// called.
func (w *wants) meanwhile(early func(notion.ID)) (end func()) {
	set := func(early func(notion.ID)) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.early = early
	}
	set(early)
	return func() { set(nil) }
}

// serve has what is wanted read first from a queue, until the end is called.
func (w *wants) serve(q *queue) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = q
	q.reorder(w.of)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = nil
	}
}

// forget drops what has been read.
func (w *wants) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.of = map[notion.ID]int{}
}
