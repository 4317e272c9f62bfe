package index

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// mustBeSet makes sure that a new field of a page is stored with it, too.
func mustBeSet(t *testing.T, p Page) {
	t.Helper()
	for field, value := range reflect.ValueOf(p).Fields() {
		if value.IsZero() {
			t.Errorf("nothing shows that %s is stored", field.Name)
		}
	}
}

// What is stored of a page comes back as it was, also from what earlier versions
// wrote, and of anything cut short there is an error and no half a record.
func TestRecord(t *testing.T) {
	t.Parallel()
	const page, above = "0e3b1c9a-5d2f-4a7b-8c61-2f9d0a4b7e13", "1f3b1c9a-5d2f-4a7b-8c61-2f9d0a4b7e13"
	at := time.Date(2026, 3, 1, 12, 30, 0, 123456789, time.UTC)
	for name, p := range map[string]Page{
		"empty": {},
		"listed": {
			ID: page, Kind: KindPage, Level: Listed, Title: "Übersicht", URL: "https://app.notion.com/p/bersicht-0e3b1c9a5d2f4a7b8c612f9d0a4b7e13",
			Parent: notion.Parent{Type: "workspace", Workspace: true}, Created: at, LastEdited: at.Add(time.Hour),
		},
		"whole": {
			ID: page, Kind: KindPage, Level: Failed, Title: "{}", URL: "https://www.notion.so/0e3b1c9a5d2f4a7b8c612f9d0a4b7e13",
			Parent: notion.Parent{Type: "block_id", BlockID: above}, Holder: above, Created: at, LastEdited: at, BodyEdited: at, Fetched: at, Checked: at,
			Problem: "it is gone", Failures: 2, Blocks: 70_000, Pending: 3, Passages: 9, Skipped: []passage.Skip{{Type: "pdf", Reason: "not text", Count: 4}, {}},
		},
		"foreign": {
			ID: "p1", Kind: "comet", Level: "none", URL: "https://example.com/p1", Parent: notion.Parent{Type: "moon", PageID: "x", DatabaseID: above, DataSourceID: page},
			Created: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC),
		},
	} {
		if name == "whole" {
			mustBeSet(t, p)
		}
		r := record{Page: p, Lengths: lengths{1, 2, 3, 400}, Bytes: 5000, Values: name == "whole", Draft: name == "foreign", Language: 3, Languages: 1 << 31}
		data := r.pack()
		old, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, stored := range [][]byte{[]byte(data), old} {
			again, got, err := repacked(stored)
			if err != nil || again != data || !cmp.Equal(got, r) {
				t.Errorf("%s: %v\n%s", name, err, cmp.Diff(r, got))
			}
		}
		if got := data.title(); got != p.Title {
			t.Errorf("%s: the title is %q", name, got)
		}
		for n := range data {
			if got, err := data[:n].record(); err == nil || !cmp.Equal(got, record{}) {
				t.Errorf("%s: %d of %d bytes are read as %+v, %v", name, n, len(data), got, err)
			}
		}
		if _, err := (data + "0").record(); err == nil {
			t.Errorf("%s: a byte too many is taken", name)
		}
	}
}
