package database

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	mostCompleted = 10  // lists of references that one call asks for
	maxReferences = 500 // of one list
)

// complete fills in relations and people of which a row shows only the first
// ones, for the columns that are shown.
func (q *query) complete(ctx context.Context) error {
	spent, short := 0, 0
	for i := range q.Rows {
		for _, name := range q.Columns {
			p, ok := q.Rows[i].Properties[name]
			if !ok || !p.Cut() {
				continue
			}
			if spent++; spent > mostCompleted {
				short++
				continue
			}
			whole, err := q.Client.Complete(ctx, q.Rows[i].ID, &p, maxReferences)
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
		q.Notes = append(q.Notes, "Of values with many related pages or people, only the first of these are shown ("+markdown.Count(short, "value")+"). Fewer rows or columns show more of them.")
	}
	return nil
}

// listedInText is how many related pages the text of a row names.
const listedInText = 5

// References are the lists of related pages and people of a row that its text
// does not show to the end, a line each, by the name of the column. What Notion
// does not give just now is left out.
func (s Source) References(ctx context.Context, row notion.ID, values map[string]notion.Property) ([]markdown.Text, error) {
	var lines []markdown.Text
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p := values[name]
		if !p.Cut() && len(p.Relation) <= listedInText {
			continue
		}
		if p.Cut() {
			if _, err := s.Client.Complete(ctx, row, &p, maxReferences); err != nil && !ingest.Outage(err) && !errors.Is(err, notion.ErrValidation) {
				return nil, err
			}
		}
		if err := s.Sight(ctx, referred(p)); err != nil {
			return nil, err
		}
		all := related(p, s.Title)
		for _, u := range p.People {
			all = append(all, passage.UserText(u))
		}
		lines = append(lines, markdown.Sprintf("%s, all %d: %s", name, len(p.People)+len(p.Relation), markdown.Join(all, ", ")))
	}
	return lines, nil
}
