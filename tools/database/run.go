package database

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// run asks Notion. Where it cannot be reached, the index answers; what began
// in one of them goes on there.
func (q *query) run(ctx context.Context) error {
	if q.at.Row > 0 {
		return q.indexed(ctx, q.table.Stale)
	}
	err := q.table.Stale
	var got *notion.QueryResult
	if err == nil {
		got, err = q.ask(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case err != nil && ingest.Outage(err) && q.first():
		return q.indexed(ctx, err)
	case err != nil:
		return err
	}
	q.Rows = slices.DeleteFunc(got.Pages, func(p notion.Page) bool { return p.InTrash })
	if n := len(got.DataSources); n > 0 {
		q.Notes = append(q.Notes, markdown.Counted(n, "database that lies among the rows is left out.", "databases that lie among the rows are left out."))
	}
	q.Before = q.at.Before
	at := q.at.after(q.Rows)
	switch {
	case got.HasMore && got.NextCursor != "":
		at.Cursor = got.NextCursor
		q.Next = at.String()
	case got.Incomplete != "":
		q.beyond(at)
	}
	q.narrow()
	if err := q.count(ctx); err != nil {
		return err
	}
	return q.complete(ctx)
}

// first says whether the query begins with this call.
func (q *query) first() bool { return q.at == q.start }

// mostCounted is how many rows of the index are looked at to count them.
const mostCounted = 3000

// count counts the rows that meet the conditions: those that were shown where
// these are all, else those that the index has. Notion does not tell.
func (q *query) count(ctx context.Context) error {
	n := q.Before + len(q.Rows)
	if q.Next == "" && !q.CutOff {
		if q.first() || q.Before > 0 {
			q.Total = &n
		}
		return nil
	}
	all := q.rowsOfTable(q.table.ID)
	if !q.Syncer.Coverage().Settled() || len(all) <= n {
		return nil
	}
	known := len(all)
	if q.where.API() != nil {
		if known > mostCounted {
			return nil
		}
		rows, missing, err := q.stored(ctx, all)
		if err != nil {
			return ctx.Err() // the rows that were read need no count
		}
		if missing > 0 {
			return nil
		}
		known = len(slices.DeleteFunc(rows, func(p notion.Page) bool { return !q.where.Match(&p) }))
	}
	if known > n {
		q.Known, q.KnownAt = &known, q.lastAgreed()
	}
	return nil
}

// ask reads the next rows.
func (q *query) ask(ctx context.Context) (*notion.QueryResult, error) {
	req := notion.QueryRequest{Filter: q.where.API(), Sorts: q.order.Sorts, Cursor: q.at.Cursor, PageSize: q.limit}
	if len(req.Sorts) == 0 {
		req.Sorts = []notion.Sort{{Timestamp: "created_time", Direction: "ascending"}}
	}
	if !q.at.From.IsZero() {
		req.Filter = q.where.Since(q.at.From).API()
	}
	if q.at.Skip.Rows > 0 {
		cursor, err := q.pass(ctx, req)
		if err != nil {
			return nil, err
		}
		req.Cursor, q.at.Shown, q.at.Last, q.at.Skip = cursor, q.at.Skip, q.at.From, stretch{}
	}
	if q.first() {
		soon, cancel := q.soon(ctx, q.table.ID)
		defer cancel()
		ctx = soon
	}
	got, err := q.Client.QueryDataSource(ctx, q.table.ID, req)
	if err != nil {
		return nil, fmt.Errorf("query table %s: %w", q.table.ID, err)
	}
	return got, nil
}

// pass reads past the rows of a new window that were shown already. If they
// are not the same as then, the minute is begun anew, which is said.
func (q *query) pass(ctx context.Context, req notion.QueryRequest) (cursor string, err error) {
	var seen stretch
	for seen.Rows < q.at.Skip.Rows {
		req.PageSize = min(100, q.at.Skip.Rows-seen.Rows)
		got, err := q.Client.QueryDataSource(ctx, q.table.ID, req)
		if err != nil {
			return "", fmt.Errorf("query table %s: %w", q.table.ID, err)
		}
		for _, p := range got.Pages {
			if p.CreatedTime.Equal(q.at.From) {
				seen = seen.with(p.ID)
			}
		}
		if req.Cursor = got.NextCursor; !got.HasMore {
			break
		}
	}
	if seen != q.at.Skip {
		q.Notes = append(q.Notes, markdown.Sprintf("The table was changed meanwhile: rows made at %s may come a second time.", q.at.From.UTC().Format(time.RFC3339)))
		q.at.Skip = stretch{}
		return "", nil
	}
	return req.Cursor, nil
}

// maxSkip bounds the rows that are read again to pass over them.
const maxSkip = 4000

// beyond makes the cursor of the next window, after Notion has given the
// 10,000 rows that it gives at most.
func (q *query) beyond(at position) {
	switch {
	case !q.byMaking():
		q.CutOff = true
		q.Notes = append(q.Notes, "Notion gives at most 10,000 rows of a query, and there are more, which are missing here. Narrow it with `where`, or leave out `sort` to get all.")
	case at.Last.Equal(at.From), at.Shown.Rows > maxSkip:
		q.CutOff = true
		q.Notes = append(q.Notes, "There are more than 10,000 rows, and so many were made in the same minute that Notion cannot be asked for the rest. Narrow the query with `where`.")
	default:
		q.Next = position{Same: q.at.Same, Now: q.at.Now, Before: at.Before, From: at.Last, Skip: at.Shown}.String()
	}
}

// byMaking says whether the rows come in the order in which they were made.
func (q *query) byMaking() bool {
	switch s := q.order.Sorts; {
	case len(s) == 0:
		return true
	case len(s) > 1 || s[0].Direction != "ascending":
		return false
	default:
		return s[0].Timestamp == "created_time" || q.table.Properties[s[0].Property].Type == "created_time"
	}
}
