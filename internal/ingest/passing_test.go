package ingest_test

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// A fault that passes costs requests, and no page.
func TestPassingFaultsCostNoPage(t *testing.T) {
	t.Parallel()
	refused := emulator.Fault{Status: 400, Code: "validation_error", Message: "The start_cursor provided is invalid.", Skip: 1, Times: 1}
	blocked := emulator.Fault{HTML: true, Times: 1}
	for _, route := range []string{"/v1/search", "/v1/blocks/{id}/children", "/v1/data_sources/{id}/query"} {
		for name, fault := range map[string]emulator.Fault{"cursor": refused, "edge": blocked} {
			t.Run(name+route, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, bigWorkspace(10), emulator.Config{PageSizeMax: 1})
				fault.Route = route
				if name == "cursor" && strings.Contains(route, "children") {
					fault.ID = string(w.id("p5.md"))
				}
				w.notion.Inject(fault)
				sum := w.sync()
				if sum.Complete != sum.Known || len(sum.Problems) > 0 {
					t.Errorf("%+v", sum.Coverage)
				}
				w.sameAsFresh()
			})
		}
	}
}

// What was read of a page before a fault that stays is kept, and the next pass
// reads the rest.
func TestWhatWasReadIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("long.md", "# Long\n\nfirst words\n\nsecond words\n\nlast words\n", "other.md", "# Other\n\nwords\n"), emulator.Config{PageSizeMax: 1})
	w.notion.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", ID: string(w.id("long.md")), Status: 500, Skip: 2})
	sum := w.sync()
	if sum.Complete != 1 || len(sum.Problems) != 1 {
		t.Errorf("%+v", sum.Coverage)
	}
	if got := w.text("long.md"); !strings.Contains(got, "second words") || strings.Contains(got, "last words") {
		t.Errorf("kept %q", got)
	}
	w.notion.ClearFaults()
	w.sync()
	if got := w.text("long.md"); !strings.Contains(got, "last words") {
		t.Errorf("the rest is missing: %q", got)
	}
	w.sameAsFresh()
}
