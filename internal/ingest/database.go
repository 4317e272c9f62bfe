package ingest

import (
	"context"
	"errors"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// tablesOf are the known tables of every database.
func (s *Syncer) tablesOf() map[notion.ID][]index.Page {
	tables := map[notion.ID][]index.Page{}
	for _, p := range s.cfg.Index.Select(func(p *index.Page) bool { return p.Kind == index.KindDataSource && p.Parent.DatabaseID != "" }) {
		tables[p.Parent.DatabaseID] = append(tables[p.Parent.DatabaseID], p)
	}
	return tables
}

// nameDatabases asks for the titles of databases with several tables. Of those
// with one the title is the table's, which the listing tells already.
func (p *pass) nameDatabases(ctx context.Context) error {
	p.mu.Lock()
	due := p.tablesChanged
	p.tablesChanged = false
	p.mu.Unlock()
	if !due {
		return nil
	}
	for id, tables := range p.tablesOf() {
		rec, known := p.cfg.Index.Page(id)
		likeTable := slices.ContainsFunc(tables, func(t index.Page) bool { return t.Title == rec.Title })
		if !known || len(tables) < 2 || !likeTable && !p.full {
			continue
		}
		var db *notion.Database
		err := p.background(ctx, func(c *notion.Client) (err error) {
			db, err = c.Database(ctx, id)
			return err
		})
		switch {
		case skipReason(err) != "", errors.Is(err, notion.ErrNotFound):
			continue // it keeps the title of a table
		case err != nil:
			if err := p.unseen(ctx, id, err); err != nil {
				return err
			}
			continue
		}
		if err := p.named(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// tableEntries are the entries of a table and, where it is its only one or the
// first that is known, of its database.
func (s *Syncer) tableEntries(ds *notion.DataSource) []index.Entry {
	entries := dataSourceEntries(ds, s.cfg.Passage, s.cfg.Now())
	if len(entries) == 2 {
		only := s.lastTable(ds, nil)
		entries[1].Merge = func(now, next *index.Page) bool {
			if now != nil && now.Parent == next.Parent { // no table tells who holds it
				next.Holder = now.Holder
			}
			return now == nil || only
		}
	}
	return entries
}

// named keeps what a database says of itself.
func (s *Syncer) named(ctx context.Context, db *notion.Database) error {
	said := index.Page{
		Title: notion.PlainText(db.Title), URL: notion.Address(db.URL, db.ID), Parent: db.Parent,
		Created: db.CreatedTime, LastEdited: db.LastEditedTime,
	}
	known, ok := s.cfg.Index.Page(db.ID)
	if rec := known; ok {
		if tell(&rec, said); same(known, rec) {
			return nil
		}
	}
	return s.amend(ctx, db.ID, func(rec *index.Page) {
		tell(rec, said)
		rec.BodyEdited = said.LastEdited
	})
}

// lastTable says whether a database has no table but one, and those that go
// with it.
func (s *Syncer) lastTable(ds *notion.DataSource, going []notion.ID) bool {
	return !slices.ContainsFunc(s.tablesOf()[ds.Parent.DatabaseID], func(t index.Page) bool {
		return t.ID != ds.ID && !slices.Contains(going, t.ID)
	})
}

// readTables looks at a database with several tables again, which is read as
// the list of them.
func (s *Syncer) readTables(ctx context.Context, c *notion.Client, db *notion.Database) (*Reading, error) {
	var change index.Change
	seen := s.moment()
	for _, ref := range db.DataSources {
		ds, err := c.DataSource(ctx, ref.ID)
		if errors.Is(err, notion.ErrNotFound) {
			change.Remove = append(change.Remove, ref.ID)
			continue
		}
		if err != nil {
			return nil, err
		}
		change.Put = append(change.Put, s.tableEntries(ds)...)
		s.sighted(seen, ref.ID)
	}
	if err := s.apply(ctx, change); err != nil {
		return nil, err
	}
	s.sighted(seen, db.ID)
	if err := s.named(ctx, db); err != nil {
		return nil, err
	}
	return s.fromIndex(ctx, db.ID, &Reading{Live: true, Checked: true})
}
