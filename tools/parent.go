package tools

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/database"
)

// parent is where a page is made: below a page, or as a row of a table.
type parent struct {
	page  notion.ID
	table *notion.DataSource // nil below a page
}

// parent finds the place that a link, an id or a title names.
func (s *Set) parent(ctx context.Context, from database.Source, in CreateIn) (parent, error) {
	id, err := from.Named(in.Parent)
	if err != nil {
		return parent{}, err
	}
	if p, known := s.cfg.Index.Page(id); known && p.Kind == index.KindPage {
		return parent{page: id}, nil
	}
	table, err := from.Table(ctx, id)
	switch {
	case err == nil && table.Stale != nil && !s.mayWait(table.Stale, in.Later):
		return parent{}, table.Stale // nothing is written by an old schema; later, Notion itself checks
	case err == nil:
		return parent{table: table.DataSource}, nil
	}
	if !errors.Is(err, notion.ErrNotFound) {
		return parent{}, err
	}
	p, err := from.Client.Page(ctx, id)
	if err != nil {
		return parent{}, fmt.Errorf("look at the parent: %w", err)
	}
	return parent{page: p.ID}, nil
}

// databases is where a call with this client asks databases.
func (s *Set) databases(client *notion.Client) database.Source {
	return database.Source{Index: s.cfg.Index, Syncer: s.cfg.Syncer, Client: client, Now: s.cfg.Now, Patience: s.cfg.ReadWithin / 4}
}
