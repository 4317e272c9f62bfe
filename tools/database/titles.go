package database

import (
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Title is the title of a page or table as the index knows it; "" where Notion
// has not shown it lately. That a row refers to a page is no proof that the
// page may be seen: see Sight.
func (s Source) Title(id notion.ID) string {
	if !s.Syncer.Trusted(id) {
		return ""
	}
	return s.Index.Title(id)
}

// mostSighted is how many pages one call asks Notion about for their titles.
const mostSighted = 50

// Sight asks Notion whether pages may still be seen whose titles are to be
// shown, where it has not shown them lately. Those beyond a bound, and all
// while Notion cannot be asked, have no title then.
func (s Source) Sight(ctx context.Context, ids []notion.ID) error {
	var unsure []notion.ID
	for _, id := range ids {
		if !s.Syncer.Trusted(id) && s.Index.Title(id) != "" && !slices.Contains(unsure, id) && len(unsure) < mostSighted {
			unsure = append(unsure, id)
		}
	}
	if len(unsure) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	if _, err := s.Syncer.Confirm(ctx, unsure, 0); err != nil {
		return fmt.Errorf("ask for related pages: %w", err)
	}
	return nil
}

// Tables are the tables that the columns of a schema are related to.
func Tables(schema map[string]notion.Schema) []notion.ID {
	var all []notion.ID
	for _, s := range schema {
		if s.Relation != nil {
			all = append(all, s.Relation.DataSourceID)
		}
	}
	return all
}

// sight asks about the pages that the answer refers to.
func (q *query) sight(ctx context.Context) error {
	if q.AsOf != "" {
		return nil // Notion cannot be asked
	}
	var ids []notion.ID
	for i := range q.Rows {
		for _, c := range q.Columns {
			ids = append(ids, referred(q.Rows[i].Properties[c])...)
		}
	}
	return q.Sight(ctx, ids)
}

// referred are the pages that a value names.
func referred(p notion.Property) []notion.ID {
	var all []notion.ID
	for _, r := range p.Relation {
		all = append(all, r.ID)
	}
	if p.Rollup != nil {
		for _, each := range p.Rollup.Array {
			all = append(all, referred(each)...)
		}
	}
	for _, r := range slices.Concat(p.Title, p.RichText) {
		if m := r.Mention; m != nil {
			for _, o := range []*notion.Object{m.Page, m.Database, m.DataSource} {
				if o != nil {
					all = append(all, o.ID)
				}
			}
		}
	}
	return all
}
