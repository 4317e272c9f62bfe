package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

// What is wanted is read next, and to its end, however old it is and whenever
// it was asked for; and that costs no request.
func TestWantedPagesAreReadFirst(t *testing.T) {
	t.Parallel()
	var pairs []string
	for i := range 9 {
		pairs = append(pairs, fmt.Sprintf("p%d.md", i), "# P\n\n- a\n  - b\n")
	}
	for _, asked := range []int{0, 1, 2} { // before the pass, while it lists, while it reads
		w := newWorld(t, files(pairs...), emulator.Config{})
		w.index, w.syncer = w.mirrorWith(t.TempDir(), 1)
		wanted := []notion.ID{w.id("p0.md"), w.id("p3.md")}
		w.hook = func(n int) {
			if n == asked {
				w.syncer.Want(wanted...)
			}
		}
		w.hook(0)
		if sum := w.sync(); sum.Requests != 19 {
			t.Errorf("asked at request %d: the pass took %d requests", asked, sum.Requests)
		}
		calls := w.takeCalls()[max(asked, 1):]
		for i, id := range []notion.ID{wanted[0], "", wanted[1], ""} {
			if !strings.Contains(calls[i], string(id)) {
				t.Errorf("asked at request %d: then Notion was asked %q, not for %s", asked, calls[i], id)
			}
		}
		w.sameAsFresh()
	}
}
