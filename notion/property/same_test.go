package property_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// rowOf is a row as Notion gives it, with one value as it was written.
func rowOf(t *testing.T, encoded map[string]any) *notion.Page {
	t.Helper()
	row := &notion.Page{Properties: map[string]notion.Property{}}
	for name, v := range encoded {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		p := notion.Property{Type: every[name].Type}
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		row.Properties[name] = p
	}
	return row
}

// A row equals the values that it was made with, and no others, for every type
// that can be written.
func TestEqual(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, other string }{
		"Name":    {`"A row"`, `"Another row"`},
		"Notes":   {`"Some words"`, `"Some word"`},
		"Amount":  {`"1,250.50"`, `1250`},
		"Done":    {`true`, `false`},
		"Due":     {`"2026-07-01 to 2026-07-15"`, `"2026-07-01 to 2026-07-20"`},
		"Stage":   {`"Open"`, `"Won, paid"`},
		"State":   {`"Done"`, `"In progress"`},
		"Tags":    {`["Red","Blue"]`, `["Red"]`},
		"Owner":   {`"Kim Lee"`, `"` + idB + `"`},
		"Account": {`"Acme, Inc."`, `["` + idA + `","` + idB + `"]`},
		"Files":   {`"https://example.com/a.pdf"`, `"https://example.com/b.pdf"`},
		"Site":    {`"https://example.com"`, `"https://example.org"`},
		"Mail":    {`"kim@example.com"`, `"lee@example.com"`},
		"Phone":   {`"+49 30 1234567"`, `"+49 30 7654321"`},
	} {
		cfg := property.Config{Now: now, Find: find}
		is, err := property.Encode(every, given(t, name, c.value), cfg)
		if err != nil {
			t.Fatal(err)
		}
		other, err := property.Encode(every, given(t, name, c.other), cfg)
		if err != nil {
			t.Fatal(err)
		}
		row := rowOf(t, is)
		if same, err := property.Equal(every, row, is); err != nil || !same {
			t.Errorf("%s = %s is not found equal: %v", name, c.value, err)
		}
		if same, err := property.Equal(every, row, nil); err != nil || same {
			t.Errorf("%s = %s is taken for nothing: %v", name, c.value, err)
		}
		if same, err := property.Equal(every, &notion.Page{}, is); err != nil || same {
			t.Errorf("nothing is taken for %s = %s: %v", name, c.value, err)
		}
		if same, err := property.Equal(every, row, other); err != nil || same {
			t.Errorf("%s = %s is taken for %s: %v", name, c.value, c.other, err)
		}
	}
}

// What is more than was given makes another row, unless Notion put it there.
func TestEqualBeside(t *testing.T) {
	t.Parallel()
	schema := maps.Clone(every)
	schema["State"] = notion.Schema{Type: "status", Status: &notion.Options{
		Options: []notion.Option{{ID: "b", Name: "In progress"}, {ID: "a", Name: "To do"}},
		Groups:  []notion.OptionGroup{{Name: "To-do", OptionIDs: []string{"a"}}, {Name: "In progress", OptionIDs: []string{"b"}}},
	}}
	is, err := property.Encode(every, map[string]any{"Name": "A row", "Owner": idA}, property.Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	five := 5.0
	for _, c := range []struct {
		name, column string
		value        notion.Property
		want         bool
	}{
		{"the status of new rows", "State", notion.Property{Type: "status", Status: &notion.Option{Name: "To do"}}, true},
		{"another status", "State", notion.Property{Type: "status", Status: &notion.Option{Name: "In progress"}}, false},
		{"a sum", "Calc", notion.Property{Type: "formula", Formula: &notion.Formula{Type: "number", Number: &five}}, true},
		{"an unchecked box", "Done", notion.Property{Type: "checkbox"}, true},
		{"an uploaded file", "Files", notion.Property{Type: "files", Files: []notion.File{{Type: "file", Name: "a.pdf"}}}, false},
		{"what cannot be read", "Notes", notion.Property{Type: "unsupported", Unread: true}, false},
		{"more than is shown", "Owner", notion.Property{Type: "people", People: []notion.User{{ID: idA}}, HasMore: true}, false},
		{"a mark", "Name", notion.Property{Type: "title", Title: []notion.RichText{{Type: "text", PlainText: "A row", Annotations: &notion.Annotations{Bold: true}}}}, false},
		{"a link", "Name", notion.Property{Type: "title", Title: []notion.RichText{{Type: "text", PlainText: "A row", Href: "https://example.com"}}}, false},
	} {
		row := rowOf(t, is)
		row.Properties[c.column] = c.value
		if same, err := property.Equal(schema, row, is); err != nil || same != c.want {
			t.Errorf("%s: %v, %v", c.name, same, err)
		}
	}
}
