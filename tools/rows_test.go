package tools

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

func titles(out ReadOut) string {
	var all []string
	for _, r := range out.Rows {
		all = append(all, string(r.Title))
	}
	return strings.Join(all, ", ")
}

// addRow adds a row to a table while the mirror looks away.
func (w *world) addRow(table notion.ID, title string) {
	w.t.Helper()
	_, err := w.owner.CreatePage(w.t.Context(), notion.CreatePage{
		Parent:     notion.Parent{Type: "data_source_id", DataSourceID: table},
		Properties: map[string]any{"Name": map[string]any{"title": []notion.RichText{notion.Plain(title)}}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// change makes three changes to the rows of a table that the mirror has read.
func (w *world) change(table notion.ID, trashed, renamed string) {
	w.t.Helper()
	w.pass(5 * time.Minute)
	w.addRow(table, "Brandnew")
	yes := true
	if _, err := w.owner.UpdatePage(w.t.Context(), w.page(trashed).ID, notion.UpdatePage{InTrash: &yes}); err != nil {
		w.t.Fatal(err)
	}
	title := map[string]any{"Name": map[string]any{"title": []notion.RichText{notion.Plain("Aardvark")}}}
	if _, err := w.owner.UpdatePage(w.t.Context(), w.page(renamed).ID, notion.UpdatePage{Properties: title}); err != nil {
		w.t.Fatal(err)
	}
}

func TestRowsAreThoseOfNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	table := w.page("Customers")
	w.change(table.ID, "Globex", "Initech")
	a := w.call(ReadPage, map[string]any{"page": table.URL})
	out := got[ReadOut](t, a)
	if s := titles(out); s != "Aardvark, Acme, Brandnew" {
		t.Errorf("rows %s", s)
	}
	if out.Source != "live" || !strings.Contains(a.Text, "as it is in Notion now") || len(out.Notes) > 0 {
		t.Errorf("%s, %q:\n%s", out.Source, out.Notes, a.Text)
	}
}

func TestRowsOfATableThatTheMirrorHasNotReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil)
	var database string
	for _, p := range w.notion.Pages() {
		if p.Kind == "database" {
			database = p.ID
		}
	}
	if s := titles(got[ReadOut](t, w.call(ReadPage, map[string]any{"page": database}))); s != "Acme, Globex, Initech" {
		t.Errorf("rows %s", s)
	}
	w.notion.Inject(emulator.Fault{Route: "/v1/data_sources/{id}/query", Status: 500})
	a := w.call(ReadPage, map[string]any{"page": database})
	out := got[ReadOut](t, a)
	if out.Source != "index" || !strings.Contains(a.Text, "rows may be missing") || strings.Contains(a.Text, "as it is in Notion now") {
		t.Errorf("%s:\n%s", out.Source, a.Text)
	}
}

func TestRowsWhenNotionDoesNotListThem(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"query fails": {Route: "/v1/data_sources/{id}/query", Status: 500}, "query hangs": {Route: "/v1/data_sources/{id}/query", Hang: true}, "all fails": {Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, handbook(), func(t *testing.T, w *world) {
				table := w.page("Customers")
				w.change(table.ID, "Globex", "Initech")
				w.notion.Inject(fault)
				a := w.call(ReadPage, map[string]any{"page": table.URL})
				out := got[ReadOut](t, a)
				if s := titles(out); s != "Acme, Globex, Initech" || out.Source != "index" {
					t.Errorf("rows %s from %s", s, out.Source)
				}
				if strings.Contains(a.Text, "as it is in Notion now") || !strings.Contains(strings.ToLower(a.Text), "rows as of 09:05 utc") {
					t.Errorf("the text hides how old the rows are:\n%s", a.Text)
				}
				if columns := strings.Contains(a.Text, "columns as they are in Notion now"); columns == (name == "all fails") {
					t.Errorf("the text is wrong about the columns:\n%s", a.Text)
				}
			})
		})
	}
}

func TestRowsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	w.notion.Inject(emulator.Fault{Route: "/v1/data_sources/{id}/query", Status: 403})
	a := w.call(ReadPage, map[string]any{"page": w.page("Customers").URL})
	failure(t, a, "restricted")
	if strings.Contains(a.Text, "Acme") {
		t.Errorf("rows are shown that Notion refuses:\n%s", a.Text)
	}
}

// Of a table that is too long for one question, the newest rows are live, and
// it is said how old the others are.
func TestRowsOfALongTable(t *testing.T) {
	t.Parallel()
	var csv strings.Builder
	csv.WriteString("Name,Note\n")
	for i := range 130 {
		fmt.Fprintf(&csv, "Row %03d,note\n", i)
	}
	w := newWorld(t, map[string]string{"List.csv": csv.String()}, nil).sync()
	table := w.page("List")
	w.change(table.ID, "Row 050", "Row 100")
	before := w.notion.Requests()
	a := w.call(ReadPage, map[string]any{"page": table.URL, "max_tokens": 20_000})
	if n := w.notion.Requests() - before; n > 3 {
		t.Errorf("%d requests for one table", n)
	}
	out := got[ReadOut](t, a)
	if len(out.Rows) != 131 || out.Rows[0].Title != "Aardvark" || out.Rows[1].Title != "Brandnew" || out.Source != "index" {
		t.Errorf("%d rows from %s: %.100s", len(out.Rows), out.Source, titles(out))
	}
	for _, want := range []string{"rows as of 09:05 UTC", "the 100 edited last are as they are in Notion now", "The text of 1 of these 131 rows is not read yet"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in:\n%.600s", want, a.Text)
		}
	}
}

func TestATableIsNotInItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Team Home.md": "Welcome.", "Team Home/Tasks.csv": "Name,Owner\nPaint,Ada\n"}, nil).sync()
	table := w.call(ReadPage, map[string]any{"page": string(w.page("Tasks").ID)})
	if diff := cmp.Diff([]markdown.Text{"Team Home"}, got[ReadOut](t, table).Path); diff != "" || !strings.HasPrefix(table.Text, "# Tasks (in Team Home)\n") {
		t.Errorf("%s\n%.200s", diff, table.Text)
	}
	row := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": string(w.page("Paint").ID)}))
	if diff := cmp.Diff([]markdown.Text{"Team Home", "Tasks"}, row.Path); diff != "" {
		t.Errorf("the row: %s", diff)
	}
	search := w.call(SearchNotion, map[string]any{"query": "tasks owner"})
	for _, p := range got[SearchOut](t, search).Passages {
		if diff := cmp.Diff([]markdown.Text{"Team Home"}, p.Path); p.Title == "Tasks" && diff != "" {
			t.Errorf("the table found: %s", diff)
		}
	}
	if !strings.Contains(search.Text, "Tasks (in Team Home)\n") {
		t.Errorf("the table found:\n%s", search.Text)
	}
}
