package ingest

import (
	"context"
	"errors"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Hint names an object that is said to have changed. What it says may be late,
// wrong or not for this connection.
type Hint struct {
	ID   notion.ID
	Kind index.Kind
}

// Refresh looks at single objects with the connection's own token and reads
// what is newer than in the index. An object that Notion does not show leaves
// the index, with what hangs below it, or never enters it. Refresh moves no mark
// of the mirror: what it misses, the next poll finds.
func (s *Syncer) Refresh(ctx context.Context, hints []Hint) (Summary, error) {
	return s.walk(ctx, false, func(p *pass, ctx context.Context) error { return p.refresh(ctx, hints) })
}

func (p *pass) refresh(ctx context.Context, hints []Hint) error {
	p.setPhase(Filling)
	above := p.holders()
	err := p.each(ctx, hints, p.lookAt)
	if err != nil {
		return err
	}
	if err := p.each(ctx, p.orphans(above, hints), p.lookAt); err != nil {
		return err
	}
	p.mu.Lock()
	tables := len(p.sources) > 0
	p.mu.Unlock()
	if tables { // new here, with all their rows
		if err := p.rows(ctx); err != nil {
			return err
		}
		p.enqueue()
	}
	if err := p.nameDatabases(ctx); err != nil {
		return err
	}
	return p.read(ctx)
}

func (p *pass) each(ctx context.Context, hints []Hint, do func(context.Context, Hint) error) error {
	g, ctx := guard.NewGroup(ctx)
	g.SetLimit(p.cfg.Concurrency)
	for _, h := range hints {
		g.Go(func() error { return do(ctx, h) })
	}
	return g.Wait()
}

func (p *pass) lookAt(ctx context.Context, h Hint) error {
	rec, known := p.cfg.Index.Page(h.ID)
	if !known {
		rec = index.Page{ID: h.ID, Kind: h.Kind}
	}
	if rec.Kind != index.KindDatabase {
		return p.probeOne(ctx, rec)
	}
	var db *notion.Database
	err := p.background(ctx, func(c *notion.Client) (err error) {
		db, err = c.Database(ctx, rec.ID)
		return err
	})
	switch {
	case err == nil && !db.InTrash:
		for _, ref := range db.DataSources {
			if err := p.lookAt(ctx, Hint{ref.ID, index.KindDataSource}); err != nil {
				return err
			}
		}
		return nil
	case err == nil, errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrValidation):
		if !known {
			return nil
		}
		return p.forget(ctx, rec.ID)
	}
	return p.unseen(ctx, rec.ID, err)
}

// holders tells what every known object hangs below.
func (p *pass) holders() map[notion.ID]notion.ID {
	above := map[notion.ID]notion.ID{}
	for _, rec := range p.cfg.Index.Pages() {
		above[rec.ID] = rec.Parent.ID()
		if rec.Holder != "" {
			above[rec.ID] = rec.Holder
		}
	}
	return above
}

// orphans are the objects below those that have left the index just now. They
// mostly went as well, and nothing else says so.
func (p *pass) orphans(above map[notion.ID]notion.ID, hints []Hint) []Hint {
	gone := map[notion.ID]bool{}
	for _, h := range hints {
		_, was := above[h.ID]
		if _, still := p.cfg.Index.Page(h.ID); was && !still {
			gone[h.ID] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	var below []Hint
	for _, rec := range p.cfg.Index.Pages() {
		id := above[rec.ID]
		for range maxDepth {
			if id == "" || gone[id] {
				break
			}
			id = above[id]
		}
		if gone[id] {
			below = append(below, Hint{rec.ID, rec.Kind})
		}
	}
	return below
}

// maxDepth bounds the way up, should objects hang below each other in a ring.
const maxDepth = 100
