package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	shownReferences = 25  // how many references of a property Notion shows in a row
	mostCompleted   = 10  // lists of references that one call asks for
	maxReferences   = 500 // of one list
)

// complete fills in relations and people of which a row shows only the first
// ones, for the columns that are shown.
func (q *query) complete(ctx context.Context) error {
	spent, short := 0, 0
	for i := range q.Rows {
		for _, name := range q.Columns {
			p, ok := q.Rows[i].Properties[name]
			if !ok || !p.HasMore && len(p.People) < shownReferences {
				continue
			}
			if spent++; spent > mostCompleted {
				short++
				continue
			}
			whole, err := q.fill(ctx, &p, q.Rows[i].ID)
			switch {
			case err != nil && (ingest.Outage(err) || errors.Is(err, notion.ErrValidation)):
				short++
			case err != nil:
				return err
			case !whole:
				short++
			}
			q.Rows[i].Properties[name] = p
		}
	}
	if short > 0 {
		q.Notes = append(q.Notes, "Of values with many related pages or people, only the first of these are shown ("+fmt.Sprint(short, " values")+"). Fewer rows or columns show more of them.")
	}
	return nil
}

// fill reads a list of references; whole says whether to its end.
func (q *query) fill(ctx context.Context, p *notion.Property, row notion.ID) (whole bool, err error) {
	var full notion.Property
	err = notion.Walk(func(cursor string) (string, error) {
		got, err := q.Client.PageProperty(ctx, row, p.ID, cursor)
		if err != nil {
			return "", err
		}
		if cursor == "" {
			full = notion.Property{}
		}
		for _, item := range got.Items {
			full.Relation = append(full.Relation, item.Relation...)
			full.People = append(full.People, item.People...)
		}
		whole = got.NextCursor == ""
		if len(full.Relation)+len(full.People) >= maxReferences {
			return "", nil
		}
		return got.NextCursor, nil
	})
	if err != nil {
		return false, fmt.Errorf("read the rest of a row: %w", err)
	}
	if len(full.Relation) >= len(p.Relation) && len(full.People) >= len(p.People) {
		p.Relation, p.People, p.HasMore = full.Relation, full.People, !whole
	}
	return whole, nil
}
