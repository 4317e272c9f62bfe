package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
)

// indexed answers from the index, because Notion cannot be reached. Only rows
// that may be shown without asking Notion are taken; if there are none, the
// outage is the answer.
func (q *question) indexed(ctx context.Context, why error) error {
	all := rowsOf(q.set.cfg.Index.Pages(), index.Page{ID: q.table.ID, Kind: index.KindDataSource})
	missing := 0
	for _, p := range all {
		row, ok, err := q.stored(ctx, p)
		if err != nil {
			return err
		}
		if !ok {
			missing++
			continue
		}
		if q.where.Match(row) {
			q.rows = append(q.rows, *row)
		}
	}
	if missing == len(all) {
		return why
	}
	q.order.Rows(q.rows)
	q.asOf = "the last reading"
	if at := q.set.cfg.Syncer.Coverage().LastComplete; !at.IsZero() {
		q.asOf = prompts.Clock(at, q.set.cfg.Now())
	}
	q.notes = append(q.notes, "Notion could not be asked ("+ingest.Explain(why)+"): these rows are from the index, and may have changed since.")
	if missing > 0 {
		q.notes = append(q.notes, fmt.Sprintf("%d more rows could not be looked at.", missing))
	}
	if more := len(q.rows) - q.limit; more > 0 {
		q.notes = append(q.notes, fmt.Sprintf("%d more rows meet the conditions; raise `limit`, up to 100, or ask again when Notion can be reached.", more))
		q.rows = q.rows[:q.limit]
	}
	return nil
}

// stored is a row as the index has it.
func (q *question) stored(ctx context.Context, p index.Page) (*notion.Page, bool, error) {
	if !q.set.cfg.Syncer.Trusted(p.ID) {
		return nil, false, nil
	}
	raw, err := q.set.cfg.Index.Values(ctx, p.ID)
	if err != nil || raw == nil {
		return nil, false, err
	}
	row := &notion.Page{ID: p.ID, URL: p.URL, Parent: p.Parent, CreatedTime: p.Created, LastEditedTime: p.LastEdited}
	if err := json.Unmarshal(raw, &row.Properties); err != nil {
		return nil, false, fmt.Errorf("read the stored properties of row %s: %w", p.ID, err)
	}
	return row, true, nil
}
