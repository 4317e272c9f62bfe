package database

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
	"github.com/mcp-notion/mcp-notion/prompts"
)

// indexed answers from the index, because Notion cannot be reached, or because
// the part before came from there. Only rows that may be shown without asking
// Notion are taken; if there are none, the outage is the answer.
func (q *query) indexed(ctx context.Context, why error) error {
	all := q.rowsOfTable(q.table.ID)
	rows, missing, err := q.stored(ctx, all)
	if err != nil {
		return err
	}
	if why != nil && missing == len(all) {
		return why
	}
	rows = slices.DeleteFunc(rows, func(p notion.Page) bool { return !q.where.Match(&p) })
	q.order.Rows(rows)
	total := len(rows)
	q.Total, q.AsOf = &total, q.lastAgreed()
	from := min(q.at.Row, total)
	to := min(from+q.limit, total)
	q.Rows, q.Before = rows[from:to], from
	q.narrow()
	if to < total {
		q.Next = position{Same: q.at.Same, Now: q.at.Now, Row: to}.String()
	}
	q.Notes = append(q.Notes, unasked(why))
	if missing > 0 {
		q.CutOff = true
		q.Notes = append(q.Notes, markdown.Sprintf("Not looked at, because Notion has not shown them lately: %s, which may be missing here.", markdown.Count(missing, "row")))
	}
	return nil
}

func unasked(why error) markdown.Text {
	if why == nil {
		return "These rows go on from the index, as the part before did; they may have changed since. For rows as they are in Notion now, ask again without the cursor."
	}
	return "Notion could not be asked (" + markdown.Line(ingest.Explain(why)) + "): this is from the index, and may have changed since."
}

// lastAgreed says when the index last agreed with Notion.
func (s Source) lastAgreed() string {
	at := s.Syncer.Coverage().AsOf
	if at.IsZero() {
		return "the last reading"
	}
	return prompts.Clock(at, s.Now())
}

// rowsOfTable are the rows of a table that the index knows, in the order in
// which they were made.
func (s Source) rowsOfTable(id notion.ID) []index.Page {
	all := RowsOf(s.Index, index.Page{ID: id, Kind: index.KindDataSource})
	slices.SortStableFunc(all, func(a, b index.Page) int { return a.Created.Compare(b.Created) })
	return all
}

// stored are rows with their properties as the index has them; missing counts
// those that may not be shown without asking Notion, or that lack properties.
func (s Source) stored(ctx context.Context, all []index.Page) (rows []notion.Page, missing int, err error) {
	for _, p := range all {
		if !s.Syncer.Trusted(p.ID) {
			missing++
			continue
		}
		raw, err := s.Index.Values(ctx, p.ID)
		if err != nil {
			return nil, 0, err
		}
		if raw == nil {
			missing++
			continue
		}
		row := notion.Page{ID: p.ID, URL: p.URL, Parent: p.Parent, CreatedTime: p.Created, LastEditedTime: p.LastEdited}
		if err := json.Unmarshal(raw, &row.Properties); err != nil {
			return nil, 0, fmt.Errorf("read the stored properties of row %s: %w", p.ID, err)
		}
		rows = append(rows, row)
	}
	return rows, missing, nil
}

// find finds people and related pages by name. Without Notion, people are
// those who stand in the rows.
func (q *query) find(ctx context.Context) property.Lookup {
	return func(want string, table notion.ID, word string) ([]notion.ID, error) {
		if q.table.Stale != nil && want == "people" { // Notion was asked already
			return q.peopleOf(ctx, word, q.table.Stale)
		}
		soon, cancel := q.soon(ctx, q.table.ID)
		defer cancel()
		ids, err := q.Lookup(soon)(want, table, word)
		if want != "people" || !ingest.Outage(err) {
			return ids, err
		}
		return q.peopleOf(ctx, word, err)
	}
}

// peopleOf finds people in the stored rows; if there are none of the name, the
// error is why Notion could not be asked.
func (q *query) peopleOf(ctx context.Context, word string, why error) ([]notion.ID, error) {
	rows, _, err := q.stored(ctx, q.rowsOfTable(q.table.ID))
	if err != nil {
		return nil, err
	}
	ids := peopleIn(rows, word)
	if len(ids) == 0 {
		return nil, why
	}
	return ids, nil
}

// peopleIn finds the people in rows whose name, a word of it, or mail address
// was given.
func peopleIn(rows []notion.Page, word string) []notion.ID {
	var ids []notion.ID
	for i := range rows {
		for _, p := range rows[i].Properties {
			for _, u := range p.People {
				if calledSo(u, same(word)) != "" && !slices.Contains(ids, u.ID) {
					ids = append(ids, u.ID)
				}
			}
		}
	}
	return ids
}

// mostExamples is how many rows are looked at to see what formulas give.
const mostExamples = 50

// examples are rows that show what the formulas and rollups in conditions give:
// of the index, else of Notion.
func (q *query) examples(ctx context.Context, where []property.Condition) ([]notion.Page, error) {
	needed := slices.ContainsFunc(where, func(c property.Condition) bool {
		s, err := property.Find(q.table.Properties, c.Property)
		return err == nil && (s.Type == "formula" || s.Type == "rollup")
	})
	if !needed {
		return nil, nil
	}
	all := q.rowsOfTable(q.table.ID)
	rows, _, err := q.stored(ctx, all[:min(len(all), mostExamples)])
	if err != nil || len(rows) > 0 || q.table.Stale != nil {
		return rows, err
	}
	got, err := q.Client.QueryDataSource(ctx, q.table.ID, notion.QueryRequest{PageSize: mostExamples})
	if err != nil {
		return nil, fmt.Errorf("look at some rows of table %s: %w", q.table.ID, err)
	}
	return got.Pages, nil
}
