package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// tablesOf are the known tables of every database.
func (s *Syncer) tablesOf() map[notion.ID][]index.Page {
	tables := map[notion.ID][]index.Page{}
	for _, p := range s.cfg.Index.Pages() {
		if id := p.Parent.DatabaseID; p.Kind == index.KindDataSource && id != "" {
			tables[id] = append(tables[id], p)
		}
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
			return fmt.Errorf("read a database: %w", err)
		}
		if err := p.named(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// beside puts the database as it is known into the entries of a table that is
// not its only one.
func (s *Syncer) beside(ds *notion.DataSource, entries []index.Entry) []index.Entry {
	if rec, ok := s.cfg.Index.Page(ds.Parent.DatabaseID); ok && len(entries) == 2 && !s.lastTable(ds, nil) {
		entries[1].Page = rec
	}
	return entries
}

// named keeps what a database says of itself.
func (s *Syncer) named(ctx context.Context, db *notion.Database) error {
	s.records.Lock()
	defer s.records.Unlock()
	known, ok := s.cfg.Index.Page(db.ID)
	if !ok {
		return nil
	}
	rec := known
	rec.Title, rec.URL, rec.Parent = notion.PlainText(db.Title), notion.Address(db.URL, db.ID), db.Parent
	rec.Created, rec.LastEdited, rec.BodyEdited = db.CreatedTime, db.LastEditedTime, db.LastEditedTime
	if same(known, rec) {
		return nil
	}
	return s.apply(ctx, index.Change{Touch: []index.Page{rec}})
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
	for _, ref := range db.DataSources {
		ds, err := c.DataSource(ctx, ref.ID)
		if errors.Is(err, notion.ErrNotFound) {
			change.Remove = append(change.Remove, ref.ID)
			continue
		}
		if err != nil {
			return nil, err
		}
		change.Put = append(change.Put, s.beside(ds, dataSourceEntries(ds, s.cfg.Passage, s.cfg.Now()))...)
		s.sighted(s.cfg.Now(), ref.ID)
	}
	if err := s.apply(ctx, change); err != nil {
		return nil, err
	}
	s.sighted(s.cfg.Now(), db.ID)
	if err := s.named(ctx, db); err != nil {
		return nil, err
	}
	return s.fromIndex(ctx, db.ID, &Reading{Live: true, Checked: true})
}
