package ingest

import (
	"slices"
	"sync"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
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
		w.of[ids[i]] = askedFor + w.asked
	}
	if w.queue == nil {
		return
	}
	w.queue.reorder(w.of)
	for _, id := range ids {
		if w.early != nil { // ids come when it is known what text there is
			w.early(id)
		} else if rec, ok := s.cfg.Index.Page(id); ok && rough(rec) {
			w.queue.push(job{stage: stageIDs, edited: rec.LastEdited, id: id})
		}
	}
}

// askedFor is what puts pages that were asked for before their neighbours.
const askedFor = 1 << 40

// mostNear is how many neighbours of a page are read before others.
const mostNear = 20

// Near has the mirror read the neighbours of a page that somebody reads after
// what is asked for, and before all else: what it links to, what lies below it,
// what it lies in, and what lies beside it.
func (s *Syncer) Near(of index.Page, text []passage.Passage) {
	var links, below, beside []notion.ID
	for _, one := range text {
		links = append(links, one.Text.Pages()...)
	}
	up := above(of)
	s.cfg.Index.Select(func(p *index.Page) bool {
		switch at := above(*p); {
		case p.ID == of.ID || !s.unread(*p):
		case at == of.ID:
			below = append(below, p.ID)
		case at == up && up != "":
			beside = append(beside, p.ID)
		}
		return false
	})
	near := slices.DeleteFunc(slices.Concat(links, below, []notion.ID{up}, beside), func(id notion.ID) bool {
		rec, known := s.cfg.Index.Page(id)
		return id == "" || known && !s.unread(rec)
	})
	s.wants.near(near[:min(len(near), mostNear)])
}

func (w *wants) near(ids []notion.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(ids) - 1; i >= 0; i-- {
		if w.of[ids[i]] < askedFor {
			w.asked++
			w.of[ids[i]] = w.asked
		}
	}
	if w.queue != nil {
		w.queue.reorder(w.of)
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
