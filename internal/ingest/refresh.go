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
	if err := p.each(ctx, hints, p.lookAt); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
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
	if err := p.read(ctx); err != nil {
		return err
	}
	return p.noFault(ctx, p.refineThose(ctx, p.written()))
}

// written are the pages that this pass has written.
func (p *pass) written() []index.Page {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []index.Page
	for id := range p.changed {
		if rec, ok := p.cfg.Index.Page(id); ok {
			all = append(all, rec)
		}
	}
	return all
}

// settle looks at what is in doubt: first at what was doubted, then at what hangs
// below that and below what went with it. What cannot be looked at now stays in
// doubt, for the next pass.
func (p *pass) settle(ctx context.Context) error {
	for range maxRounds {
		before := p.removed.Load()
		if err := p.each(ctx, p.suspects(), p.lookAt); err != nil || p.removed.Load() == before {
			return err
		}
	}
	return nil
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
	seen := p.moment()
	err := p.background(ctx, func(c *notion.Client) (err error) {
		db, err = c.Database(ctx, rec.ID)
		return err
	})
	switch {
	case err == nil && !db.InTrash:
		p.sighted(seen, rec.ID)
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
