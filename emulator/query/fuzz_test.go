package query_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// Whatever a client sends is a filter that can be asked of every row, or an
// error in the form of the API.
func FuzzFilter(f *testing.F) {
	for _, filter := range sample.Filters() {
		f.Add(filter.JSON)
	}
	f.Add(`{"and":[{"or":[]},{"property":"Name","title":{"equals":null}}]}`)
	w, err := load.FS(sample.Types())
	if err != nil {
		f.Fatal(err)
	}
	table, rows := dealsOf(w)
	f.Fuzz(func(t *testing.T, body string) {
		var filter any
		if json.Unmarshal([]byte(body), &filter) != nil {
			return
		}
		match, err := table.Filter(filter)
		var refused *wire.Error
		if err != nil && (!errors.As(err, &refused) || refused.Code != "validation_error") {
			t.Errorf("%s: %v", body, err)
		}
		for _, p := range rows {
			if err == nil {
				match(p)
			}
		}
		if err := table.Sort(rows, []any{filter}); err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: %v", body, err)
		}
	})
}
