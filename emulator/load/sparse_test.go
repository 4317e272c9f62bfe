package load_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/emulator/load"
)

// Rows count whether or not they have anything in a column.
func TestNumbersOfRowsWithoutOne(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"t.csv":         "Name,No,Other\nA,,\nB,T-7,x\n,,\nD,,y\n",
		"t.schema.yaml": "columns: [{name: No, type: unique_id, prefix: T}]\n",
	})
	var got []string
	for _, p := range w.Pages {
		got = append(got, strconv.FormatFloat(*p.Values["No"].Number, 'f', -1, 64))
	}
	if s := strings.Join(got, " "); s != "1 7 3 4" {
		t.Errorf("numbers %s, want 1 7 3 4", s)
	}
	if _, ok := w.FindPage("t/A").Values["Other"]; ok {
		t.Error("an empty field has a value")
	}
}

// BenchmarkWideTable loads a table that is wide and long and has next to
// nothing in it: what it costs goes by its fields, not by columns times rows.
func BenchmarkWideTable(b *testing.B) {
	table := "Name" + strings.Repeat(",c", 499) + "\n" + strings.Repeat("a\n", 40_000)
	files := fstest.MapFS{"t.csv": {Data: []byte(table)}}
	for b.Loop() {
		if _, err := load.FS(files); err != nil {
			b.Fatal(err)
		}
	}
}
