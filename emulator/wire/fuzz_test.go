package wire_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Whatever a client sends as a value is read, or refused in the form of the
// API; what was read can be written.
func FuzzProperties(f *testing.F) {
	for _, typ := range column.Types {
		f.Add(typ, `{"name":"a","id":"x","start":"2026-01-01","state":"verified"}`)
	}
	f.Add("people", `[{"id":"0badc0de-0000-4000-8000-000000000000"}]`)
	f.Add("date", `{"start":"2026-07-01T09:30","end":"2026-07-02T09:30:00Z","time_zone":"Europe/Paris"}`)
	f.Add("files", `[{"name":"a","external":{"url":"https://example.com"}}]`)
	f.Add("number", `1e400`)
	none := func(string) error { return nil }
	r := wire.Reader{Me: "me", Person: none, Row: func(string, string) error { return nil }}
	f.Fuzz(func(t *testing.T, typ, body string) {
		var raw any
		if json.Unmarshal([]byte(body), &raw) != nil {
			return
		}
		c := column.Column{ID: "p", Name: "P", Type: typ, Options: []string{"a"}}
		d := &workspace.Database{Columns: []column.Column{c}}
		change, err := r.Properties(d, wire.Object{"P": wire.Object{typ: raw}})
		var refused *wire.Error
		if err != nil {
			if !errors.As(err, &refused) {
				t.Errorf("%s %s: %v", typ, body, err)
			}
			return
		}
		if _, err := json.Marshal(view().Value(&c, change.Values["P"])); err != nil {
			t.Errorf("%s %s: %v", typ, body, err)
		}
	})
}
