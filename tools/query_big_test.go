package tools

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// big makes a table of more rows than Notion gives. The first of them were made
// in one minute, the others in bursts of 250 in a minute each.
func big(t *testing.T, first, later int) (*world, notion.ID) {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("Name,Amount\n")
	for i := range first {
		fmt.Fprintf(&csv, "Row %d,%d\n", i, i)
	}
	w := newWorld(t, map[string]string{"Big.csv": csv.String()}, nil).patient()
	found, err := w.owner.Search(t.Context(), notion.SearchRequest{Kind: "data_source"})
	if err != nil || len(found.DataSources) != 1 {
		t.Fatal(found, err)
	}
	table := found.DataSources[0].ID
	for i := range later {
		if i%250 == 0 {
			w.pass(time.Minute)
		}
		_, err := w.owner.CreatePage(t.Context(), notion.CreatePage{
			Parent:     notion.Parent{DataSourceID: table},
			Properties: map[string]any{"Name": map[string]any{"title": []any{map[string]any{"text": map[string]any{"content": fmt.Sprintf("Row %d", first+i)}}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w, table
}

// drain asks until no more rows come, and fails if one comes twice.
func (w *world) drain(args map[string]any) (rows int, last Answer) {
	w.t.Helper()
	seen := map[string]bool{}
	for range 200 {
		last = w.call(QueryDatabase, args)
		out := got[QueryOut](w.t, last)
		for _, r := range out.Rows {
			if seen[r.PageID] {
				w.t.Fatalf("%s comes twice", r.Title)
			}
			seen[r.PageID] = true
		}
		if out.NextCursor == "" {
			return len(seen), last
		}
		args["cursor"] = out.NextCursor
	}
	w.t.Fatal("it does not end")
	return 0, last
}

// Notion gives 10,000 rows of a query at most. All rows of a larger table come,
// each once, whatever the conditions; where that is impossible it is said.
func TestMoreRowsThanNotionGives(t *testing.T) {
	t.Parallel()
	const first, later = 9_800, 300 // the limit lies within a minute
	w, table := big(t, first, later)
	n, last := w.drain(map[string]any{"database": string(table), "limit": 100, "columns": []string{"Amount"}})
	if n != first+later || !strings.Contains(last.Text, "These are the last rows") || strings.Contains(last.Text, "Note:") {
		t.Errorf("%d of %d rows: %s", n, first+later, last.Text)
	}
	deep := map[string]any{"database": string(table), "sort": "created", "any": true, "where": []any{
		map[string]any{"property": "created time", "operator": "is", "value": []string{"2026-11", "last 50 years"}},
		map[string]any{"property": "Amount", "operator": "between", "value": []int{-5, -3}},
	}}
	deep["cursor"] = laterWindow(t, got[QueryOut](t, w.call(QueryDatabase, deep)).NextCursor, morning.Add(2*time.Minute))
	if n, last := w.drain(deep); n != later%250 {
		t.Errorf("%d of %d rows: %s", n, later%250, last.Text)
	}
	n, last = w.drain(map[string]any{"database": string(table), "limit": 100, "sort": "Amount"})
	if n != 10_000 || !strings.Contains(last.Text, "at most 10,000 rows of a query, and there are more") || strings.Contains(last.Text, "last rows") {
		t.Errorf("%d rows by amount: %s", n, last.Text)
	}
}

// A table that was filled in one minute cannot be read past the limit.
func TestMoreRowsInOneMinuteThanNotionGives(t *testing.T) {
	t.Parallel()
	w, table := big(t, 10_050, 0)
	n, last := w.drain(map[string]any{"database": string(table), "limit": 100})
	if n != 10_000 || !strings.Contains(last.Text, "made in the same minute") || strings.Contains(last.Text, "last rows") {
		t.Errorf("%d rows: %s", n, last.Text)
	}
}

// A minute whose rows changed between two windows is begun anew, and nothing is
// lost.
func TestRowsThatGoWhileReading(t *testing.T) {
	t.Parallel()
	w, table := big(t, 9_900, 150)
	args := map[string]any{"database": string(table), "limit": 100, "columns": []string{"Amount"}}
	seen := map[string]bool{}
	for range 100 {
		out := got[QueryOut](t, w.call(QueryDatabase, args))
		for _, r := range out.Rows {
			seen[r.PageID] = true
		}
		args["cursor"] = out.NextCursor
	}
	found, err := w.owner.Search(t.Context(), notion.SearchRequest{Query: "Row 9950"})
	if err != nil || len(found.Pages) != 1 {
		t.Fatal(found, err)
	}
	yes := true
	if _, err := w.owner.UpdatePage(t.Context(), found.Pages[0].ID, notion.UpdatePage{InTrash: &yes}); err != nil {
		t.Fatal(err)
	}
	noted := false
	for args["cursor"] != "" {
		out := got[QueryOut](t, w.call(QueryDatabase, args))
		for _, r := range out.Rows {
			seen[r.PageID] = true
		}
		noted = noted || strings.Contains(string(markdown.Join(out.Notes, " ")), "may come a second time")
		args["cursor"] = out.NextCursor
	}
	if len(seen) != 10_050 || !noted {
		t.Errorf("%d rows, said that some may come twice: %t", len(seen), noted)
	}
}

// laterWindow is the cursor of a window of the same query.
func laterWindow(t *testing.T, cursor string, from time.Time) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var at map[string]any
	if err := json.Unmarshal(raw, &at); err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(mustJSON(map[string]any{"s": at["s"], "t": at["t"], "f": from}))
}
