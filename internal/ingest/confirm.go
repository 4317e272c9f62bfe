package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Verdict is the outcome of looking at one page again.
type Verdict struct {
	Gone    bool  // no longer shared, trashed or deleted; the index has forgotten it
	Changed bool  // edited since it was indexed; it will be read again
	Err     error // Notion could not be asked; the page is as unconfirmed as before
}

// Confirm asks Notion, with the caller's token, for every page that has not
// been seen to be readable within maxAge, all at once. Pages that need no
// question are missing from the answer, unless Notion has refused the token:
// then all are asked about. The error is notion.ErrUnauthorized, and then
// nothing may be quoted.
func (s *Syncer) Confirm(ctx context.Context, ids []notion.ID, maxAge time.Duration) (map[notion.ID]Verdict, error) {
	return s.confirmAll(ctx, ids, maxAge, 0)
}

func (s *Syncer) confirmAll(ctx context.Context, ids []notion.ID, maxAge time.Duration, share int) (map[notion.ID]Verdict, error) {
	var (
		mu  sync.Mutex
		out = map[notion.ID]Verdict{}
	)
	g, gctx := guard.NewGroup(ctx)
	g.SetLimit(s.cfg.Concurrency)
	refused := s.Refused()
	for _, id := range ids {
		if s.cfg.Now().Sub(s.lastSeen(id)) <= maxAge && !refused {
			continue
		}
		g.Go(func() error {
			v, err := s.confirm(gctx, id, share)
			mu.Lock()
			defer mu.Unlock()
			out[id] = v
			return err
		})
	}
	return out, g.Wait()
}

func (s *Syncer) confirm(ctx context.Context, id notion.ID, share int) (Verdict, error) {
	c, err := s.clientFor(ctx, share)
	if err != nil {
		return Verdict{Err: err}, err
	}
	known, _ := s.cfg.Index.Page(id)
	seen := s.moment()
	rec, trashed, err := s.look(ctx, c, known)
	s.heard(err)
	switch {
	case errors.Is(err, notion.ErrUnauthorized):
		return Verdict{Err: err}, err
	case errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrRestricted), trashed:
		return Verdict{Gone: true}, keptOrFull(s.apply(ctx, index.Change{Remove: []notion.ID{id}}))
	case err != nil:
		return Verdict{Err: err}, nil
	}
	s.sighted(seen, id)
	if !same(known, rec) {
		if err := keptOrFull(s.amend(ctx, id, func(now *index.Page) { tell(now, rec) })); err != nil {
			return Verdict{Err: err}, err
		}
	}
	if known.Level == index.Complete && s.unread(rec) {
		s.nudge()
		return Verdict{Changed: true}, nil
	}
	return Verdict{}, nil
}

// look fetches what Notion says of an object now.
func (s *Syncer) look(ctx context.Context, c *notion.Client, known index.Page) (rec index.Page, trashed bool, err error) {
	switch known.Kind {
	case index.KindDataSource:
		ds, err := c.DataSource(ctx, known.ID)
		return known, err == nil && ds.InTrash, err
	case index.KindDatabase:
		db, err := c.Database(ctx, known.ID)
		return known, err == nil && db.InTrash, err
	}
	object, err := c.Page(ctx, known.ID)
	if err != nil {
		return known, false, err
	}
	return record(known, object), object.InTrash, nil
}

// nudge makes Run poll now rather than at the end of its wait.
func (s *Syncer) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// woken takes a nudge for heard: a pass that begins now reads what it was for.
func (s *Syncer) woken() {
	select {
	case <-s.wake:
	default:
	}
}

// Find asks Notion for pages by title, for an index that does not know them
// yet, and returns those that have not been read wholly. Notion's search looks
// at titles alone; an empty query gives the newest pages.
func (s *Syncer) Find(ctx context.Context, query string) ([]notion.ID, error) {
	return s.find(ctx, query, 0)
}

func (s *Syncer) find(ctx context.Context, query string, share int) ([]notion.ID, error) {
	c, err := s.clientFor(ctx, share)
	if err != nil {
		return nil, err
	}
	found, err := c.Search(ctx, notion.SearchRequest{Query: query, PageSize: 20, Kind: "page", Newest: query == ""})
	if err != nil {
		return nil, err
	}
	p := &pass{Syncer: s, start: s.cfg.Now(), seen: map[notion.ID]bool{}, objects: map[notion.ID]*notion.Page{}}
	if _, err := p.take(ctx, found); err != nil {
		return nil, err
	}
	var ids []notion.ID
	for i := range found.Pages {
		if rec, ok := s.cfg.Index.Page(found.Pages[i].ID); ok && s.unread(rec) {
			ids = append(ids, rec.ID)
		}
	}
	return ids, nil
}

// keptOrFull passes over a full disk: what Notion has just said holds for this
// answer, kept or not, and is asked again for the next.
func keptOrFull(err error) error {
	if errors.Is(err, index.ErrFull) {
		return nil
	}
	return err
}
