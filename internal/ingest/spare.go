package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Spare reads for somebody who has an answer without it: its requests wait for
// nobody. What the budget has no room for fails with notion.ErrNoTurn at once.
type Spare struct {
	s     *Syncer
	share int
}

// Spare returns a Spare whose requests, together with those of all others, take
// at most share of a hundred while a mirror is under way.
func (s *Syncer) Spare(share int) Spare { return Spare{s: s, share: share} }

// Find is Syncer.Find.
func (r Spare) Find(ctx context.Context, query string) ([]notion.ID, error) {
	return r.s.find(ctx, query, r.share)
}

// Confirm is Syncer.Confirm. A page that there is no room to ask about is as
// unconfirmed as before.
func (r Spare) Confirm(ctx context.Context, ids []notion.ID, maxAge time.Duration) (map[notion.ID]Verdict, error) {
	return r.s.confirmAll(ctx, ids, maxAge, r.share)
}

// Read reads the body of a known page, as the mirror would: for a page whose
// only property is its title, without asking for the page itself again. Where
// others are reading it, it waits for them first, unless they have to wait for the
// budget. What was read is kept, also if there is no room for the rest.
func (r Spare) Read(ctx context.Context, id notion.ID) (*Reading, error) {
	fl, leads := r.s.flights.enter(id, false)
	if !leads && r.s.Short() {
		return nil, fmt.Errorf("read page %s, which is being read: %w", id, notion.ErrNoTurn)
	}
	if !leads {
		var err error
		if fl, err = r.s.flights.lead(ctx, id); err != nil {
			return nil, err
		}
	}
	rec, known := r.s.cfg.Index.Page(id)
	if !known || rec.Kind != index.KindPage {
		r.s.flights.leave(id)
		return nil, fmt.Errorf("read page %s: %w", id, notion.ErrNotFound)
	}
	if !r.s.unread(rec) { // any more
		r.s.flights.leave(id)
		return r.s.fromIndex(ctx, id, &Reading{Checked: rec.Problem == ""})
	}
	object, err := r.object(ctx, rec)
	if err != nil {
		r.s.flights.leave(id)
		r.s.heard(err)
		return nil, err
	}
	reading, err := r.s.fly(ctx, &body{s: r.s, fl: fl, share: r.share}, record(rec, object), object)
	r.s.heard(err)
	return reading, err
}

func (r Spare) object(ctx context.Context, rec index.Page) (*notion.Page, error) {
	if rec.Parent.Type != "data_source_id" && !rec.Created.IsZero() {
		return titled(rec), nil
	}
	c, err := r.s.clientFor(ctx, r.share)
	if err != nil {
		return nil, err
	}
	object, err := c.Page(ctx, rec.ID)
	if err == nil && object.InTrash {
		err = fmt.Errorf("page %s is in the trash: %w", rec.ID, notion.ErrNotFound)
	}
	if errors.Is(err, notion.ErrNotFound) {
		return nil, errors.Join(err, r.s.apply(ctx, index.Change{Remove: []notion.ID{rec.ID}}))
	}
	return object, err
}
