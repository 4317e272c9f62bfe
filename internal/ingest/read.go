package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Reading is one page as it is now, or as it was when Notion last answered.
type Reading struct {
	Page     index.Page
	Passages []passage.Passage
	Live     bool   // the body was read from Notion for this call
	Checked  bool   // Notion confirmed just now that this is the newest version
	Stale    string // why Notion could not be asked, in words; "" when Checked
}

// Read returns a page, row, table or database in its newest version; the id may
// also be that of a block, and then the page that holds it is returned. If
// Notion cannot be reached, the index answers and Stale says why. The error is
// notion.ErrNotFound where the page is gone or not shared with this connection.
// A reader goes before the mirror, and what was read is kept.
func (s *Syncer) Read(ctx context.Context, id notion.ID) (*Reading, error) {
	rec, known := s.cfg.Index.Page(id)
	live := ctx
	if known && rec.Level != index.Listed {
		var cancel context.CancelFunc
		live, cancel = context.WithTimeout(ctx, s.cfg.Patience)
		defer cancel()
	}
	r, err := s.readLive(live, id, rec, known)
	s.heard(err)
	if err == nil && !s.Coverage().Settled() {
		s.Near(r.Page, r.Passages)
	}
	if err == nil || ctx.Err() != nil {
		return r, err
	}
	if !known || rec.Level == index.Listed || !Outage(err) || !s.Trusted(id) {
		return nil, err
	}
	return s.fromIndex(ctx, id, &Reading{Stale: Explain(err)})
}

// Trusted says whether a page may be shown without asking Notion.
func (s *Syncer) Trusted(id notion.ID) bool {
	if s.Refused() {
		return false
	}
	return s.cfg.Trust == 0 || s.cfg.Now().Sub(s.lastSeen(id)) <= s.cfg.Trust
}

// Outage says whether an error means that Notion could not be asked, rather
// than that it refused.
func Outage(err error) bool {
	for _, kind := range []error{
		notion.ErrUnreachable, notion.ErrServer, notion.ErrOverloaded, notion.ErrRateLimited,
		notion.ErrMalformed, notion.ErrBlocked, context.DeadlineExceeded,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// fromIndex completes a reading with what the index holds.
func (s *Syncer) fromIndex(ctx context.Context, id notion.ID, r *Reading) (*Reading, error) {
	rec, ok := s.cfg.Index.Page(id)
	if !ok {
		return nil, fmt.Errorf("read page %s: %w", id, notion.ErrNotFound)
	}
	if rough(rec) {
		s.Want(id)
	}
	var err error
	r.Page = rec
	r.Passages, err = s.cfg.Index.Passages(ctx, id)
	return r, err
}

func (s *Syncer) readLive(ctx context.Context, id notion.ID, rec index.Page, known bool) (*Reading, error) {
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	if known && rec.Kind != index.KindPage {
		return s.readTable(ctx, c, rec)
	}
	seen := s.moment()
	object, err := c.Page(ctx, id)
	if errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation) {
		if known {
			return nil, errors.Join(err, s.apply(ctx, index.Change{Remove: []notion.ID{id}}))
		}
		return s.readHolder(ctx, c, id, err)
	}
	if err != nil {
		return nil, err
	}
	if object.InTrash {
		err := fmt.Errorf("page %s is in the trash: %w", id, notion.ErrNotFound)
		return nil, errors.Join(err, s.apply(ctx, index.Change{Remove: []notion.ID{id}}))
	}
	return s.readPage(ctx, object, seen)
}

// readPage reads the body of a page unless the index has its newest version.
func (s *Syncer) readPage(ctx context.Context, object *notion.Page, seen sight) (*Reading, error) {
	for {
		known, _ := s.cfg.Index.Page(object.ID)
		rec := record(known, object)
		s.sighted(seen, object.ID)
		if !s.unread(rec) {
			if !same(known, rec) {
				if err := s.amend(ctx, rec.ID, func(now *index.Page) { tell(now, rec) }); err != nil {
					return nil, err
				}
			}
			return s.fromIndex(ctx, object.ID, &Reading{Checked: true})
		}
		fl, leads := s.flights.enter(object.ID, true)
		if leads {
			return s.fly(ctx, &body{s: s, fl: fl}, rec, object)
		}
		select { // the mirror is at it; its requests are urgent from now on
		case <-fl.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// fly reads a page in a flight that it leads, and leaves it.
func (s *Syncer) fly(ctx context.Context, b *body, rec index.Page, object *notion.Page) (*Reading, error) {
	defer s.flights.leave(object.ID)
	pg := &reading{rec: rec, object: object, known: !rec.Checked.IsZero(), live: b.share == 0, started: s.notionNow()}
	if err := s.readBody(ctx, b, pg); err != nil {
		if pg.worthKeeping(err) {
			err = errors.Join(err, s.write(context.WithoutCancel(ctx), pg))
		}
		return nil, err
	}
	if err := s.write(ctx, pg); err != nil {
		return nil, err
	}
	return s.fromIndex(ctx, object.ID, &Reading{Live: true, Checked: true})
}

// readBody reads the text of a page to its end, from where the mirror has come
// with it.
func (s *Syncer) readBody(ctx context.Context, b *body, pg *reading) error {
	if old := s.draftOf(ctx, pg.rec); old != nil {
		pg.roots, pg.asked, pg.started = old.roots, old.asked, pg.rec.Fetched
	} else if err := b.top(ctx, pg); err != nil {
		return err
	}
	return b.text(ctx, pg)
}

// draftOf returns what the mirror has read of the newest version of a page.
func (s *Syncer) draftOf(ctx context.Context, rec index.Page) *reading {
	if rec.Level != index.Partial || outdated(rec) {
		return nil
	}
	old, err := s.resume(ctx, rec)
	if err != nil {
		return nil
	}
	return old
}

// readTable looks at a table or database again.
func (s *Syncer) readTable(ctx context.Context, c *notion.Client, rec index.Page) (*Reading, error) {
	source, seen := rec.ID, s.moment()
	if rec.Kind == index.KindDatabase {
		db, err := c.Database(ctx, rec.ID)
		if errors.Is(err, notion.ErrNotFound) {
			return nil, errors.Join(err, s.apply(ctx, index.Change{Remove: []notion.ID{rec.ID}}))
		}
		if err != nil {
			return nil, err
		}
		if len(db.DataSources) == 0 {
			return s.fromIndex(ctx, rec.ID, &Reading{Checked: true})
		}
		if len(db.DataSources) > 1 {
			return s.readTables(ctx, c, db)
		}
		source = db.DataSources[0].ID
	}
	ds, err := c.DataSource(ctx, source)
	if errors.Is(err, notion.ErrNotFound) {
		return nil, errors.Join(err, s.apply(ctx, index.Change{Remove: []notion.ID{source}}))
	}
	if err != nil {
		return nil, err
	}
	if err := s.apply(ctx, index.Change{Put: s.tableEntries(ds)}); err != nil {
		return nil, err
	}
	s.sighted(seen, rec.ID, source)
	return s.fromIndex(ctx, source, &Reading{Live: true, Checked: true})
}

// readHolder finds out what an id that is no page stands for: a database, a
// table, or a block of some page.
func (s *Syncer) readHolder(ctx context.Context, c *notion.Client, id notion.ID, notFound error) (*Reading, error) {
	block, err := c.Block(ctx, id)
	for err == nil && block.Parent.Type == "block_id" {
		block, err = c.Block(ctx, block.Parent.BlockID)
	}
	if err == nil && block.Parent.Type == "page_id" && block.Type != "child_database" {
		seen := s.moment()
		object, err := c.Page(ctx, block.Parent.PageID)
		if err != nil {
			return nil, err
		}
		return s.readPage(ctx, object, seen)
	}
	if _, err := c.Database(ctx, id); err == nil {
		return s.readTable(ctx, c, index.Page{ID: id, Kind: index.KindDatabase})
	}
	if _, err := c.DataSource(ctx, id); err == nil {
		return s.readTable(ctx, c, index.Page{ID: id, Kind: index.KindDataSource})
	}
	return nil, notFound
}
