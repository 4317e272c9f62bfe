package index

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Index is the index of one connection. All methods may be used at once. After
// Close, and after the index was deleted, they return ErrClosed or nothing.
type Index struct {
	shared *shared
	closed atomic.Bool
}

// Close gives the Index back to its Store, which closes the files when nobody
// has used them for a while.
func (x *Index) Close() error {
	if !x.closed.Swap(true) {
		x.shared.store.release(x.shared)
	}
	return nil
}

// use calls do with the open index, opening it again if it was idle. A fault in
// it, or in what it reads, is an error.
func (x *Index) use(ctx context.Context, do func(*engine) error) error {
	if x.closed.Load() {
		return ErrClosed
	}
	return guard.Call(func() error { return x.shared.use(ctx, do) })
}

// Apply makes a change: durably, and all of it or nothing, for searches and
// for whatever happens to the process. Changes that are applied at the same
// time share a batch.
func (x *Index) Apply(ctx context.Context, c Change) error {
	err := x.use(ctx, func(e *engine) error { return e.apply(ctx, c) })
	if err != nil {
		return fmt.Errorf("apply change: %w", err)
	}
	return nil
}

// Search returns the passages that answer best. It sees one state of the
// index from beginning to end. There are no hits for a query without words.
func (x *Index) Search(ctx context.Context, q Query) ([]Hit, error) {
	var hits []Hit
	err := x.Rank(ctx, q, func(r *Ranked) error {
		for {
			c, err := r.Next(ctx, Any)
			if c == nil {
				return err
			}
			h, err := c.Read()
			if err != nil {
				return err
			}
			hits = append(hits, h)
		}
	})
	if err != nil {
		return nil, err
	}
	return hits, nil
}

// Rank is Search for whoever does not need all hits: it calls choose once, which
// takes what it wants and may use the index. An error of choose is returned.
func (x *Index) Rank(ctx context.Context, q Query, choose func(*Ranked) error) error {
	return x.use(ctx, func(e *engine) error { return e.search(ctx, q, choose) })
}

// Any is for Ranked.Next: every passage is wanted.
func Any(Place, float64) bool { return true }

// Page returns what is known of a page, and whether anything is.
func (x *Index) Page(id notion.ID) (Page, bool) {
	var p Page
	var ok bool
	x.look(func(e *engine) {
		if rec := e.record(e.newest(), id); rec != nil {
			p, ok = rec.Page, true
		}
	})
	return p, ok
}

// Title returns the title of a page; "" for one that is not known.
func (x *Index) Title(id notion.ID) string {
	p, _ := x.Page(id)
	return p.Title
}

// Pages returns what is known of all pages, in no order. It is for small indexes
// and for those who need all: see Select.
func (x *Index) Pages() []Page { return x.Select(func(*Page) bool { return true }) }

// Select returns those pages, in no order, that keep holds for. It gets one after
// the other, to look at during the call, so that few of many take little memory.
func (x *Index) Select(keep func(*Page) bool) []Page {
	var kept []Page
	x.look(func(e *engine) {
		var rec record
		for _, p := range e.newest().records {
			if p == "" {
				continue
			}
			if rec, _ = p.record(); keep(&rec.Page) {
				kept = append(kept, rec.Page)
			}
		}
	})
	return kept
}

// Totals counts what is in the index.
func (x *Index) Totals() Totals {
	var t Totals
	x.look(func(e *engine) { t = e.newest().totals })
	return t
}

// look is use for what cannot fail once the index is open.
func (x *Index) look(do func(*engine)) {
	err := x.use(context.Background(), func(e *engine) error {
		do(e)
		return nil
	})
	if err != nil {
		x.shared.log().Error("look into the index", "connection", x.shared.key, "err", err)
	}
}

// Recovered returns "", or, in words, why the index was found damaged and
// began anew, empty, since the Store was opened.
func (x *Index) Recovered() string { return x.shared.why() }

// Passages returns the passages of a page in order; none for an unknown page.
func (x *Index) Passages(ctx context.Context, id notion.ID) ([]passage.Passage, error) {
	var all []passage.Passage
	err := x.use(ctx, func(e *engine) (err error) {
		all, err = e.passages(ctx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read passages of page %s: %w", id, err)
	}
	return all, nil
}

// Values returns the values stored with a page, or nil.
func (x *Index) Values(ctx context.Context, id notion.ID) ([]byte, error) {
	var values []byte
	err := x.use(ctx, func(e *engine) (err error) {
		values, err = e.values(id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read values of page %s: %w", id, err)
	}
	return values, nil
}

// Draft returns the draft stored with a page, or nil.
func (x *Index) Draft(ctx context.Context, id notion.ID) ([]byte, error) {
	var draft []byte
	err := x.use(ctx, func(e *engine) (err error) {
		draft, err = e.draft(id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read draft of page %s: %w", id, err)
	}
	return draft, nil
}

// State returns a progress mark, or nil.
func (x *Index) State(key string) ([]byte, error) {
	var value []byte
	err := x.use(context.Background(), func(e *engine) (err error) {
		value, err = e.state(key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read progress mark %q: %w", key, err)
	}
	return value, nil
}
