package tools

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// asked finds the table that a link, an id or a title names, or the one that
// lies on a page so named.
func (s *Set) asked(ctx context.Context, client *notion.Client, name string) (table, error) {
	id, err := s.named(name)
	if err != nil {
		return table{}, err
	}
	p, known := s.cfg.Index.Page(id)
	if known && p.Kind == index.KindPage {
		return s.tableOn(ctx, client, p)
	}
	t, err := s.table(ctx, client, id)
	if !known && (errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation)) {
		r, rerr := s.cfg.Syncer.Read(ctx, id) // a page that the index does not know yet
		if rerr == nil {
			return s.tableOn(ctx, client, r.Page)
		}
	}
	return t, err
}

// tableOn is the table that lies on a page, or that a row is of.
func (s *Set) tableOn(ctx context.Context, client *notion.Client, page index.Page) (table, error) {
	var on []index.Page
	for _, p := range s.cfg.Index.Pages() {
		if p.Kind != index.KindDataSource {
			continue
		}
		up := ingest.Ancestors(s.cfg.Index, p)
		if i := slices.IndexFunc(up, func(u index.Page) bool { return u.Kind == index.KindPage }); i >= 0 && up[i].ID == page.ID {
			on = append(on, p)
		}
	}
	switch {
	case len(on) == 1:
		return s.schema(ctx, client, on[0].ID)
	case len(on) > 1:
		var all []string
		for _, p := range on {
			all = append(all, fmt.Sprintf("%q (%s)", prompts.Line(p.Title), p.ID.Compact()))
		}
		return table{}, argument.Errorf("The page %q holds %d databases. Name one by its id: %s.", clipped(page.Title), len(on), strings.Join(all, ", "))
	case page.Parent.DataSourceID != "":
		return s.schema(ctx, client, page.Parent.DataSourceID)
	}
	return table{}, argument.Errorf("%q is a page without a database on it. Pass a database; search_notion finds it.", clipped(page.Title))
}

// position is where a query goes on. Notion stops after 10,000 rows; without a
// sort they are read in the order of their making, and a next window begins at
// the time of the last one.
type position struct {
	Same   string    `json:"s"`
	Cursor string    `json:"c,omitempty"`
	From   time.Time `json:"f,omitzero"`  // beginning of the window
	Skip   []string  `json:"k,omitempty"` // rows of that very time that an earlier window showed
	Last   time.Time `json:"l,omitzero"`  // when the last row so far was made
	Seen   []string  `json:"n,omitempty"` // rows of that very time so far
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
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Same != same {
		return p, argument.Errorf(`"cursor" belongs to another query, or was not copied whole. Copy it exactly from the last line of the part before, with the same database, where and sort; or leave it out to start at the top.`)
	}
	return p, nil
}

// run asks Notion. Where it cannot be reached, the index answers.
func (q *question) run(ctx context.Context) error {
	if q.table.stale != nil {
		return q.indexed(ctx, q.table.stale)
	}
	got, err := q.ask(ctx)
	switch {
	case err != nil && ingest.Outage(err) && q.at.Cursor == "" && q.at.From.IsZero():
		return q.indexed(ctx, err)
	case err != nil:
		return err
	}
	q.rows = slices.DeleteFunc(got.Pages, func(p notion.Page) bool {
		return p.InTrash || q.at.From.Equal(p.CreatedTime) && slices.Contains(q.at.Skip, tail(p.ID))
	})
	next := q.at.after(got.Pages)
	switch {
	case got.HasMore && got.NextCursor != "":
		next.Cursor = got.NextCursor
		q.next = next.String()
	case got.Incomplete != "":
		q.beyond(next)
	}
	return q.complete(ctx)
}

func (q *question) ask(ctx context.Context) (*notion.QueryResult, error) {
	req := notion.QueryRequest{Filter: q.where.API(), Sorts: q.order.Sorts, Cursor: q.at.Cursor, PageSize: q.limit}
	if len(req.Sorts) == 0 {
		req.Sorts = []notion.Sort{{Timestamp: "created_time", Direction: "ascending"}}
	}
	if !q.at.From.IsZero() {
		window := map[string]any{"timestamp": "created_time", "created_time": map[string]any{"on_or_after": q.at.From.Format(time.RFC3339)}}
		req.Filter = both(window, req.Filter)
	}
	got, err := q.client.QueryDataSource(ctx, q.table.ID, req)
	if err != nil {
		return nil, fmt.Errorf("query table %s: %w", q.table.ID, err)
	}
	return got, nil
}

// both joins two filters, without a level more than needed.
func both(a map[string]any, b any) any {
	if b == nil {
		return a
	}
	if m, ok := b.(map[string]any); ok {
		if parts, ok := m["and"].([]any); ok {
			return map[string]any{"and": append([]any{a}, parts...)}
		}
	}
	return map[string]any{"and": []any{a, b}}
}

// maxSeen bounds the rows of one minute that a cursor can name.
const maxSeen = 100

// after is the position behind some more rows.
func (p position) after(rows []notion.Page) position {
	for _, r := range rows {
		if !r.CreatedTime.Equal(p.Last) {
			p.Last, p.Seen = r.CreatedTime, nil
		}
		if len(p.Seen) <= maxSeen { // one more than can be used says that it is too many
			p.Seen = append(p.Seen, tail(r.ID))
		}
	}
	return p
}

// beyond makes the cursor of the next window, after Notion has given the
// 10,000 rows that it gives at most.
func (q *question) beyond(at position) {
	switch {
	case len(q.order.Sorts) > 0:
		q.notes = append(q.notes, "Notion gives at most 10,000 rows of a query, and there are more. Narrow it with `where`, or leave out `sort` to go on past them.")
	case at.Last.Equal(at.From), len(at.Seen) > maxSeen:
		q.notes = append(q.notes, "There are more than 10,000 rows, and so many were made in the same minute that Notion cannot be asked for the rest. Narrow the query with `where`.")
	default:
		q.next = position{Same: q.same, From: at.Last, Skip: at.Seen}.String()
	}
}

// tail is enough of an id to tell the rows of one minute apart.
func tail(id notion.ID) string {
	s := id.Compact()
	return s[max(0, len(s)-8):]
}

// mostCompleted bounds the requests for long lists of references.
const mostCompleted = 10

// complete fills in relations and people of which a row shows only the first
// 25.
func (q *question) complete(ctx context.Context) error {
	spent := 0
	for i := range q.rows {
		for _, name := range q.columns {
			p := q.rows[i].Properties[name]
			if !p.HasMore && len(p.People) < 25 {
				continue
			}
			if spent++; spent > mostCompleted {
				q.notes = append(q.notes, "Some rows have more than 25 related pages or people, of which only the first are shown.")
				return nil
			}
			if err := q.fill(ctx, &p, q.rows[i].ID); err != nil {
				return err
			}
			q.rows[i].Properties[name] = p
		}
	}
	return nil
}

// maxReferences bounds one list of references.
const maxReferences = 500

func (q *question) fill(ctx context.Context, p *notion.Property, row notion.ID) error {
	relation, people, cursor := []notion.Object{}, []notion.User{}, ""
	for len(relation)+len(people) < maxReferences {
		got, err := q.client.PageProperty(ctx, row, p.ID, cursor)
		if err != nil {
			return fmt.Errorf("read the rest of a row: %w", err)
		}
		for _, item := range got.Items {
			relation = append(relation, item.Relation...)
			people = append(people, item.People...)
		}
		if cursor = got.NextCursor; !got.HasMore || cursor == "" {
			break
		}
	}
	if len(relation) >= len(p.Relation) && len(people) >= len(p.People) {
		p.Relation, p.People, p.HasMore = relation, people, false
	}
	return nil
}
