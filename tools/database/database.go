// Package database asks Notion's databases. It finds a table by whatever names
// it and asks Notion for rows in plain words, or the index where Notion cannot
// be reached, and then says so. Without proof that a row may be read it is not
// shown.
package database

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// Source is where one call asks, with the token of its caller.
type Source struct {
	Index    *index.Index
	Syncer   *ingest.Syncer
	Client   *notion.Client
	Now      func() time.Time
	Patience time.Duration // how long Notion is waited for where the index can answer
}

// Table is a table's schema, and why it could not be read from Notion just now;
// nil if it was.
type Table struct {
	*notion.DataSource
	Stale error
}

// schema reads the schema of a table. Where Notion cannot be reached, it is
// that of the index.
func (s Source) schema(ctx context.Context, id notion.ID) (Table, error) {
	soon, cancel := s.soon(ctx, id)
	defer cancel()
	d, err := s.Client.DataSource(soon, id)
	if err == nil || !ingest.Outage(err) || !s.Syncer.Trusted(id) {
		return Table{DataSource: d}, err
	}
	raw, verr := s.Index.Values(ctx, id)
	if verr != nil || raw == nil {
		return Table{}, errors.Join(err, verr)
	}
	d = &notion.DataSource{}
	if verr := json.Unmarshal(raw, d); verr != nil {
		return Table{}, fmt.Errorf("read the stored schema of %s: %w", id, verr)
	}
	return Table{DataSource: d, Stale: err}, nil
}

// soon bounds the wait for Notion where the index could answer as well.
func (s Source) soon(ctx context.Context, id notion.ID) (context.Context, context.CancelFunc) {
	if _, known := s.Index.Page(id); !known {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.Patience)
}

// Table reads the schema of a table, by its id or that of the database that
// has it alone.
func (s Source) Table(ctx context.Context, id notion.ID) (Table, error) {
	p, known := s.Index.Page(id)
	if !known || p.Kind != index.KindDatabase {
		d, err := s.schema(ctx, id)
		if err == nil || !errors.Is(err, notion.ErrNotFound) && !errors.Is(err, notion.ErrValidation) {
			return d, err
		}
	}
	soon, cancel := s.soon(ctx, id)
	defer cancel()
	base, err := s.Client.Database(soon, id)
	if known && ingest.Outage(err) {
		if tables := RowsOf(s.Index, p); len(tables) == 1 {
			return s.schema(ctx, tables[0].ID)
		}
	}
	if err != nil {
		return Table{}, fmt.Errorf("look for the table: %w", err)
	}
	switch len(base.DataSources) {
	case 0:
		return Table{}, fmt.Errorf("database %s has no table that may be read: %w", id, notion.ErrNotFound)
	case 1:
		return s.schema(ctx, base.DataSources[0].ID)
	}
	var all []markdown.Text
	for _, d := range base.DataSources {
		all = append(all, markdown.Sprintf("%q (%s)", markdown.Line(d.Name), d.ID.Compact()))
	}
	return Table{}, argument.Errorf("The database %q has %d tables. Name one of them by its id: %s.", markdown.Line(notion.PlainText(base.Title)), len(all), markdown.Join(all, ", "))
}
