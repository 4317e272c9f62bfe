package tools

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// everyType is a workspace with a column of every type.
func everyType(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(sample.Types(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(sample.Types(), name)
		files[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// asked are conditions on columns of every type in plain words, with the first
// letters of the deals Alpha, Beta and Gamma that meet them.
var asked = []struct {
	property, operator string
	value              any
	want               string
}{
	{"Name", "starts with", "BE", "B"},
	{"Name", "is not", "beta", "AG"},
	{"Note", "contains", "call", "AB"},
	{"Note", "does not contain", "call", "G"},
	{"Note", "is empty", nil, "G"},
	{"Value", ">", 300, "A"},
	{"Value", "between", []any{100, 500}, "B"},
	{"Value", "is not", 300, "AG"},
	{"Value", "is empty", nil, "G"},
	{"Site", "ends with", "/a", "A"},
	{"Mail", "is", "bo@example.org", "B"},
	{"Phone", "is not empty", nil, "AB"},
	{"Signed", "is", true, "A"},
	{"Signed", "is not", true, "BG"},
	{"Stage", "is", "won", "B"},
	{"Stage", "is", "in progress", "A"}, // a group of options
	{"Stage", "is not", []any{"Won", "Proposal"}, "G"},
	{"Size", "is", []any{"large", "small"}, "AB"},
	{"Size", "is empty", nil, "G"},
	{"Tags", "contains", "blue", "A"},
	{"Tags", "does not contain", "red", "G"},
	{"Due", "in", "April 2026", "B"},
	{"Due", "before", "2026-04-05", "A"},
	{"Due", "between", []any{"2026-03-01", "2026-04-30"}, "AB"},
	{"Due", "is empty", nil, "G"},
	{"Owner", "contains", "Ann Lee", "A"},
	{"Owner", "is not", "Bob Ray", "G"},
	{"Account", "contains", "birch", "A"},
	{"Account", "is empty", nil, "G"},
	{"Contract", "is not empty", nil, "A"},
	{"Contract", "is empty", nil, "BG"},
	{"Weighted", ">=", 150, "AB"},
	{"Weighted", "is empty", nil, "G"},
	{"Label", "contains", "large", "A"},
	{"Late", "is", true, "A"},
	{"Late", "is not", true, "BG"},
	{"Next", "in", "March 2026", "AB"},
	{"Next", "after", "2026-03-03", "A"},
	{"Number", "is", "DEAL-9", "B"},
	{"Number", ">", 7, "BG"},
	{"Checked", "is", "verified", "A"},
	{"Checked", "is", "expired", "B"},
	{"Checked", "is", "unverified", "G"},
	{"Made by", "is", "Ann Lee", "AG"},
	{"Made by", "is not", "Ann Lee", "B"},
	{"Made", "before", "2026-01-01", "G"},
	{"Made", "in", "2026", "AB"},
	{"Edited by", "is", "Ann Lee", "G"},
	{"Edited", "on or after", "2026-02-21", "AB"},
	{"Total", ">", 1000, "A"},
	{"Total", "is empty", nil, "G"},
	{"First renewal", "in", "Q1 2026", "A"},
	{"Accounts", "contains", "cedar", "AB"},
	{"Accounts", "is not", "Birch", "BG"},
	{"ARRs", "is", 1200, "A"},
	{"ARRs", "<", 1000, "AB"},
	{"Actives", "is", true, "A"},
	{"Regions", "is", "north", "A"},
	{"Regions", "is not", "South", "G"},
	{"Sectors", "contains", "energy", "A"},
	{"Plans", "is", "gold", "A"},
	{"Renewals", "before", "2026-04-01", "A"},
	{"Leads", "contains", "Ann Lee", "A"},
	{"Terms", "is not empty", nil, "A"},
	{"Terms", "is empty", nil, "BG"},
	{"Back", "contains", "<Beta>", "AB"},
}

// Every type of column is asked for in the words of the tool, in Notion and,
// where that does not answer, in the index, which must find the same.
func TestQueryEveryType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, everyType(t), nil).sync()
	ask := func(property, operator string, value any) (letters, source, text string) {
		where := map[string]any{"property": property, "operator": operator}
		if value == "<Beta>" {
			value = w.page("Beta").URL
		}
		if value != nil {
			where["value"] = value
		}
		a := w.call(QueryDatabase, map[string]any{"database": "Deals", "where": []any{where}, "sort": "Name"})
		if a.IsError {
			return "", "", a.Text
		}
		out := got[QueryOut](t, a)
		for _, title := range titlesOf(out) {
			letters += title[:1]
		}
		return letters, out.Source, a.Text
	}
	for _, source := range []string{"live", "index"} {
		if source == "index" {
			w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})
		}
		for _, c := range asked {
			if found, from, text := ask(c.property, c.operator, c.value); found != c.want || from != source {
				t.Errorf("%s %s %v: got %q from %q, want %q from %s: %.300s", c.property, c.operator, c.value, found, from, c.want, source, text)
			}
		}
	}
}

// Every type is shown in words, and those that Notion fills in cannot be
// written.
func TestDescribeAndCreateEveryType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, everyType(t), nil).sync()
	schema := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": "Deals", "describe": true})).Properties
	types := map[string]string{}
	for _, p := range schema {
		types[string(p.Name)] = p.Type
	}
	values := map[string]any{
		"Note": "As agreed", "Value": "€1,200.50", "Site": "https://example.com/d", "Mail": "d@example.com", "Phone": "+49 1", "Signed": "yes",
		"Stage": "won", "Size": "medium", "Tags": "green, red", "Due": "2026-07-01 to 2026-07-05", "Owner": "Bob Ray", "Account": "Maple, Cedar",
		"Contract": "https://example.com/d.pdf",
	}
	made := got[CreateOut](t, w.call(CreatePage, map[string]any{"parent": "Deals", "title": "Delta", "properties": values}))
	var columns []string
	for name := range values {
		columns = append(columns, name)
	}
	row := got[QueryOut](t, w.call(QueryDatabase, map[string]any{
		"database": "Deals", "where": []any{map[string]any{"property": "Name", "value": "Delta"}}, "columns": append(columns, "Number", "Total", "Made by"),
	}))
	if len(row.Rows) != 1 || row.Rows[0].PageID != made.PageID {
		t.Fatalf("%+v", row)
	}
	want := map[string]string{
		"Note": "As agreed", "Value": "1200.5", "Site": "https://example.com/d", "Mail": "d@example.com", "Phone": "+49 1", "Signed": "Yes",
		"Stage": "Won", "Size": "Medium", "Tags": "Green, Red", "Due": "2026-07-01 to 2026-07-05", "Owner": "Bob Ray", "Account": "Maple, Cedar",
		"Contract": "d.pdf (example.com/d.pdf)", "Number": "DEAL-13", "Total": "300", "Made by": "Tested",
	}
	for i, name := range row.Columns {
		if value := row.Rows[0].Values[i]; want[string(name)] != "" && value.Plain() != want[string(name)] {
			t.Errorf("%s reads %q, want %q", name, value, want[string(name)])
		}
	}
	for name, typ := range types {
		if _, writable := values[name]; writable || typ == "title" {
			continue
		}
		a := w.call(CreatePage, map[string]any{"parent": "Deals", "title": "Epsilon", "properties": map[string]any{name: "1"}})
		if !a.IsError || !strings.Contains(a.Text, fmt.Sprintf("%q is a %s", name, strings.ReplaceAll(typ, "_", " "))) {
			t.Errorf("%s, a %s: %s", name, typ, a.Text)
		}
	}
}

// Two tables of one database are told apart, whatever names them.
func TestTablesOfOneDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, everyType(t), nil).sync()
	both := `has 2 tables. Name one of them by its id: "Accounts" (`
	for _, name := range []string{"Pipeline", w.page("Deals").URL} {
		if a := w.call(QueryDatabase, map[string]any{"database": name}); !a.IsError || !strings.Contains(a.Text, both) {
			t.Errorf("query of %s: %s", name, a.Text)
		}
	}
	if a := w.call(CreatePage, map[string]any{"parent": w.page("Deals").URL, "title": "x"}); !a.IsError || !strings.Contains(a.Text, both) {
		t.Errorf("create: %s", a.Text)
	}
	a := w.call(ReadPage, map[string]any{"page": w.page("Deals").URL})
	if out := got[ReadOut](t, a); out.Title != "Pipeline" || !strings.Contains(a.Text, "- Accounts (") || !strings.Contains(a.Text, "- Deals (") {
		t.Errorf("read: %s", a.Text)
	}
	a = w.call(SearchNotion, map[string]any{"query": "Alpha first call"})
	if out := got[SearchOut](t, a); len(out.Passages) == 0 || string(markdown.Join(out.Passages[0].Path, " > ")) != "Pipeline > Deals" {
		t.Errorf("search: %s", a.Text)
	}
}
