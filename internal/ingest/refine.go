package ingest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// refine reads the blocks of which only the text is known, so that each can be
// cited: of the pages first that people asked for. It ends when there are none
// left, when ctx does, or when a pass is due. It holds nobody up: what it has
// read is kept wherever it ends. An error is one of the token, or that ctx was
// cancelled.
func (s *Syncer) refine(ctx context.Context) error {
	left := s.cfg.Index.Select(func(p *index.Page) bool { return rough(*p) })
	if err := s.refineThose(ctx, left); err != nil || len(s.wake) > 0 {
		return s.noFault(ctx, err)
	}
	s.wants.forget()
	return nil
}

// noFault logs what ended the reading of ids, and returns it only where it
// concerns more than them: all text is there.
func (s *Syncer) noFault(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, notion.ErrUnauthorized), errors.Is(ctx.Err(), context.Canceled):
		return err
	case ctx.Err() != nil, paused(err):
		return nil // for another time
	}
	s.log.Warn("ids of blocks not read", "err", err)
	return nil
}

func (s *Syncer) refineThose(ctx context.Context, pages []index.Page) error {
	q := newQueue()
	for _, rec := range pages {
		if rough(rec) && !s.rests(rec) {
			q.push(job{stage: stageIDs, edited: rec.LastEdited, id: rec.ID})
		}
	}
	defer s.wants.serve(q)()
	var trouble atomic.Int64 // pages in a row that Notion failed to answer for
	g, ctx := guard.NewGroup(ctx)
	for range s.cfg.Concurrency {
		g.Go(func() error {
			for len(s.wake) == 0 {
				j, ok := q.next(ctx)
				if !ok {
					return ctx.Err()
				}
				err := s.refineOne(ctx, j.id)
				q.done()
				switch {
				case err == nil:
					trouble.Store(0)
				case ctx.Err() == nil && refusal(err):
					s.log.Warn("ids of a page not handed out", "page", j.id, "err", err)
				case ctx.Err() != nil, !ofOne(err), trouble.Add(1) >= maxTrouble:
					return err
				default:
					s.log.Warn("ids of a page not read", "page", j.id, "err", err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// rough says whether all text of a page is in the index, and the ids of some of
// its blocks are not.
func rough(rec index.Page) bool {
	return rec.Kind == index.KindPage && rec.Level == index.Complete && rec.Pending > 0 && rec.Problem == "" && !outdated(rec)
}

// refineOne reads what is left of one page, in a flight of its own.
func (s *Syncer) refineOne(ctx context.Context, id notion.ID) error {
	fl, err := s.flights.lead(ctx, id)
	if err != nil {
		return err
	}
	defer s.flights.leave(id)
	return s.ids(ctx, &body{s: s, fl: fl}, id)
}

// ids reads the blocks of a page of which only the text is known. What cannot be
// read now is left as it is.
func (s *Syncer) ids(ctx context.Context, b *body, id notion.ID) error {
	rec, known := s.cfg.Index.Page(id)
	if !known || !rough(rec) || s.rests(rec) {
		return nil
	}
	pg, err := s.resume(ctx, rec)
	if err != nil {
		s.log.Warn("draft unreadable, reading the page anew", "page", id, "err", err)
		return s.amend(ctx, id, func(rec *index.Page) { rec.BodyEdited = time.Time{} })
	}
	err = b.expand(ctx, pg.roots)
	if werr := s.write(context.WithoutCancel(ctx), pg); werr != nil {
		return werr
	}
	s.tried(rec, err)
	return err
}

// paused says whether Notion asked to wait.
func paused(err error) bool {
	return errors.Is(err, notion.ErrRateLimited) || errors.Is(err, notion.ErrOverloaded)
}

// rest is how long a page is not asked about whose ids could not be read.
type rest struct {
	edited time.Time // the version that it is about
	until  time.Time
}

const idsRespite = time.Hour

// tried notes how it went with the ids of a page.
func (s *Syncer) tried(rec index.Page, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		delete(s.resting, rec.ID)
	case ofOne(err):
		s.resting[rec.ID] = rest{rec.LastEdited, s.cfg.Now().Add(idsRespite)}
	}
}

// rests says whether the ids of a page could not be read lately, and it has not
// changed since.
func (s *Syncer) rests(rec index.Page) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.resting[rec.ID]
	return ok && r.edited.Equal(rec.LastEdited) && s.cfg.Now().Before(r.until)
}

// lacking are those of the blocks of which there is text that is not known.
func lacking(all []*open) []*open {
	var some []*open
	for _, o := range all {
		if !o.node.Rough || o.node.Gap {
			some = append(some, o)
		}
	}
	return some
}

// requests is how many requests blocks take at least. Columns are read with one,
// and the blocks in each with one more.
func requests(level []*open) int {
	n := 0
	for _, o := range level {
		n++
		if o.node.Block.Type == "column_list" {
			n++
		}
	}
	return n
}

// text reads all text of a page that is not known: block by block, or by its
// Markdown where that takes fewer requests.
func (b *body) text(ctx context.Context, pg *reading) error {
	for {
		level := lacking(opened(pg.roots, nil))
		switch {
		case len(level) == 0:
			return nil
		case !pg.asked && requests(level) > 1:
			if err := b.sketch(ctx, pg); err != nil {
				return err
			}
		default:
			if err := b.level(ctx, level); err != nil {
				return err
			}
		}
	}
}

// expand reads everything below the roots that has not been read. What cannot
// be read is marked on its node and never fails the rest; the error is one
// that concerns the whole page, and then the work done so far stays in the
// tree.
func (b *body) expand(ctx context.Context, roots []*passage.Node) error {
	for {
		level := opened(roots, nil)
		if len(level) == 0 {
			return nil
		}
		if err := b.level(ctx, level); err != nil {
			return err
		}
	}
}

// level reads the children of blocks, several at once.
func (b *body) level(ctx context.Context, level []*open) error {
	g, ctx := guard.NewGroup(ctx)
	g.SetLimit(perPage)
	for _, o := range level {
		g.Go(func() error { return b.fill(ctx, o) })
	}
	return g.Wait()
}
