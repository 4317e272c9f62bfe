package tools

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// position is where a query goes on. Notion stops after 10,000 rows; in the
// order of their making a next window goes on from the minute of the last one.
// The rows of that minute that were shown already come first in it: they are
// passed over by number, and their sum tells that they are the same ones.
type position struct {
	Same   string    `json:"s"`
	Cursor string    `json:"c,omitempty"`
	Row    int       `json:"r,omitempty"` // rows of the index so far
	From   time.Time `json:"f,omitzero"`  // beginning of the window
	Skip   run       `json:"k,omitzero"`  // rows of that minute to pass over
	Last   time.Time `json:"l,omitzero"`  // when the last row so far was made
	Shown  run       `json:"n,omitzero"`  // rows of that minute so far
}

// run is some rows in a row.
type run struct {
	Rows int    `json:"n"`
	Sum  uint64 `json:"x"` // does not depend on the order
}

func (r run) with(id notion.ID) run {
	return run{r.Rows + 1, r.Sum ^ binary.BigEndian.Uint64(digest(string(id)))}
}

func (p position) String() string {
	return base64.RawURLEncoding.EncodeToString(mustJSON(p))
}

func readPosition(cursor, same string) (position, error) {
	p := position{Same: same}
	if cursor == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Same != same || p.Row < 0 || p.Skip.Rows < 0 {
		return p, argument.Errorf(`"cursor" belongs to another query, or was not copied whole. Copy it exactly from the last line of the part before, with the same database, where and sort; or leave it out to start at the top.`)
	}
	return p, nil
}

// run asks Notion. Where it cannot be reached, the index answers; what began
// in one of them goes on there.
func (q *question) run(ctx context.Context) error {
	if q.at.Row > 0 {
		return q.indexed(ctx, q.table.stale)
	}
	err := q.table.stale
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
	q.rows = slices.DeleteFunc(got.Pages, func(p notion.Page) bool { return p.InTrash })
	if n := len(got.DataSources); n > 0 {
		q.notes = append(q.notes, fmt.Sprintf("%d databases that lie among the rows are left out.", n))
	}
	at := q.at.after(q.rows)
	switch {
	case got.HasMore && got.NextCursor != "":
		at.Cursor = got.NextCursor
		q.next = at.String()
	case got.Incomplete != "":
		q.beyond(at)
	}
	q.settle()
	return q.complete(ctx)
}

// first says whether the query begins with this call.
func (q *question) first() bool { return q.at == position{Same: q.same} }

// settle counts the rows where all are known.
func (q *question) settle() {
	if q.next == "" && !q.cutOff && q.first() {
		n := len(q.rows)
		q.total = &n
	}
}

// ask reads the next rows.
func (q *question) ask(ctx context.Context) (*notion.QueryResult, error) {
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
		req.Cursor, q.at.Shown, q.at.Last, q.at.Skip = cursor, q.at.Skip, q.at.From, run{}
	}
	if q.first() {
		soon, cancel := q.set.soon(ctx, q.table.ID)
		defer cancel()
		ctx = soon
	}
	got, err := q.client.QueryDataSource(ctx, q.table.ID, req)
	if err != nil {
		return nil, fmt.Errorf("query table %s: %w", q.table.ID, err)
	}
	return got, nil
}

// pass reads past the rows of a new window that were shown already. If they
// are not the same as then, the minute is begun anew, which is said.
func (q *question) pass(ctx context.Context, req notion.QueryRequest) (cursor string, err error) {
	var seen run
	for seen.Rows < q.at.Skip.Rows {
		req.PageSize = min(100, q.at.Skip.Rows-seen.Rows)
		got, err := q.client.QueryDataSource(ctx, q.table.ID, req)
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
		q.notes = append(q.notes, "The table was changed meanwhile: rows made at "+stamp(q.at.From)+" may come a second time.")
		q.at.Skip = run{}
		return "", nil
	}
	return req.Cursor, nil
}

// maxSkip bounds the rows that are read again to pass over them.
const maxSkip = 4000

// after is the position behind some more rows.
func (p position) after(rows []notion.Page) position {
	for _, r := range rows {
		if !r.CreatedTime.Equal(p.Last) {
			p.Last, p.Shown = r.CreatedTime, run{}
		}
		p.Shown = p.Shown.with(r.ID)
	}
	return p
}

// beyond makes the cursor of the next window, after Notion has given the
// 10,000 rows that it gives at most.
func (q *question) beyond(at position) {
	switch {
	case !q.byMaking():
		q.cutOff = true
		q.notes = append(q.notes, "Notion gives at most 10,000 rows of a query, and there are more, which are missing here. Narrow it with `where`, or leave out `sort` to get all.")
	case at.Last.Equal(at.From), at.Shown.Rows > maxSkip:
		q.cutOff = true
		q.notes = append(q.notes, "There are more than 10,000 rows, and so many were made in the same minute that Notion cannot be asked for the rest. Narrow the query with `where`.")
	default:
		q.next = position{Same: q.same, From: at.Last, Skip: at.Shown}.String()
	}
}

// byMaking says whether the rows come in the order in which they were made.
func (q *question) byMaking() bool {
	switch s := q.order.Sorts; {
	case len(s) == 0:
		return true
	case len(s) > 1 || s[0].Direction != "ascending":
		return false
	default:
		return s[0].Timestamp == "created_time" || q.table.Properties[s[0].Property].Type == "created_time"
	}
}
