package property_test

import (
	"encoding/json"
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

// A row holds the values that it was made with, and no others, for every type
// that can be written.
func TestHolds(t *testing.T) {
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
		if same, err := property.Holds(row, is); err != nil || !same {
			t.Errorf("%s = %s is not held: %v", name, c.value, err)
		}
		if same, err := property.Holds(row, other); err != nil || same {
			t.Errorf("%s = %s is taken for %s: %v", name, c.value, c.other, err)
		}
	}
}
