package ingest_test

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

func (w *world) refresh(hints ...ingest.Hint) ingest.Summary {
	w.t.Helper()
	sum, err := w.syncer.Refresh(w.t.Context(), hints)
	if err != nil {
		w.t.Fatalf("Refresh: %v", err)
	}
	return sum
}

// hint names an object by its path, in the words of the emulator.
func (w *world) hint(path string) ingest.Hint {
	w.t.Helper()
	h := ingest.Hint{ID: w.id(path), Kind: index.KindPage}
	if strings.HasSuffix(path, ".csv") {
		h.Kind = index.KindDatabase
	}
	return h
}

func TestRefreshBringsOneChangeIn(t *testing.T) {
	t.Parallel()
	steps := []struct {
		name, paths string // of what Notion names: a page that gets or loses a child has changed too
		do          func(*world) error
	}{
		{"edit", "p1.md", func(w *world) error { return w.notion.Edit("p1.md", "# Page 1\n\nRewritten entirely.\n") }},
		{"edit again in the same minute", "p1.md", func(w *world) error { return w.notion.Edit("p1.md", "# Page 1\n\nAnd once more.\n") }},
		{"edit nested", "p2.md", func(w *world) error { return w.notion.Edit("p2.md", "# Page 2\n\n- a\n  - b\n    - freshly nested\n") }},
		{"trash what has children", "p3.md", func(w *world) error { return w.notion.Trash("p3.md") }},
		{"restore a child", "p3/p4.md", func(w *world) error { return w.notion.Restore("p3.md") }},
		{"restore", "p3.md", func(*world) error { return nil }},
		{"delete", "p6.md", func(w *world) error { return w.notion.Delete("p6.md") }},
		{"move", "p7.md,p1.md", func(w *world) error { return w.notion.Move("p7.md", "p1.md") }},
		{"rename", "p10.md", func(w *world) error { return w.notion.Rename("p10.md", "A new name") }},
		{"add", "p11/new.md,p11.md", func(w *world) error { return w.notion.AddPage("p11/new.md", "# New\n\nNobody saw this before.\n") }},
		{"a row", "tasks/Ship it.md", func(w *world) error { return w.notion.Edit("tasks/Ship it.md", "# Ship it\n\nAnother body.\n") }},
		{"a table", "tasks.csv", func(*world) error { return nil }},
		{"nothing", "p8.md", func(*world) error { return nil }},
	}
	w := newWorld(t, bigWorkspace(15), emulator.Config{})
	w.sync()
	gone := w.id("p6.md") // it has no path afterwards
	for _, step := range steps {
		if err := step.do(w); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		hints := []ingest.Hint{{ID: gone, Kind: index.KindPage}}
		if step.name != "delete" {
			hints = nil
			for path := range strings.SplitSeq(step.paths, ",") {
				hints = append(hints, w.hint(path))
			}
		}
		w.takeCalls()
		w.refresh(append(hints, hints...)...)
		calls := w.takeCalls()
		for _, call := range calls {
			if call == "POST /v1/search" {
				t.Errorf("%s: listed the workspace", step.name)
			}
		}
		if len(calls) > 8 {
			t.Errorf("%s: %d requests: %q", step.name, len(calls), calls)
		}
		if step.name != "restore a child" {
			w.sameAsFresh()
		}
		if t.Failed() {
			t.Fatalf("after %s", step.name)
		}
	}
}

// A table that was not there before comes with all of its rows, whether its
// database or the table itself is named.
func TestRefreshReadsANewTable(t *testing.T) {
	t.Parallel()
	for _, kind := range []index.Kind{index.KindDatabase, index.KindDataSource} {
		all := bigWorkspace(3)
		w := newWorld(t, all, emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md"}}}})
		w.sync()
		if err := w.notion.Share(secret, "tasks.csv"); err != nil {
			t.Fatal(err)
		}
		h := ingest.Hint{ID: w.id("tasks.csv"), Kind: kind}
		if kind == index.KindDataSource {
			db, err := w.client().Database(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			h.ID = db.DataSources[0].ID
		}
		w.refresh(h)
		if got := w.text("tasks/Ship it.md"); !strings.Contains(got, "The body of a row") {
			t.Errorf("%s: a row has %q", kind, got)
		}
		w.sameAsFresh()
	}
}

// What this connection may not see never enters its index, and leaves it.
func TestRefreshKeepsOthersPagesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md", "p3.md"}}}})
	w.sync()
	before := len(w.index.Pages())
	sum := w.refresh(w.hint("p1.md"), w.hint("tasks.csv"), ingest.Hint{ID: "153104cd-477e-809d-8dc4-ff2d96ae3090", Kind: index.KindDataSource})
	if n := len(w.index.Pages()); n != before || sum.Changed+sum.Removed != 0 {
		t.Errorf("%d objects, want %d; changed %d, removed %d", n, before, sum.Changed, sum.Removed)
	}
	if err := w.notion.Unshare(secret, "p3.md"); err != nil {
		t.Fatal(err)
	}
	sum = w.refresh(w.hint("p3.md"))
	for _, path := range []string{"p3.md", "p3/p4.md"} {
		if _, known := w.index.Page(w.id(path)); known || w.text(path) != "" {
			t.Errorf("%s is still in the index", path)
		}
	}
	if sum.Removed != 2 {
		t.Errorf("removed %d, want the page and what hangs below it", sum.Removed)
	}
	w.sameAsFresh()
}

// A refresh that fails leaves the rest to the poll.
func TestRefreshThatFailsIsHealedByThePoll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{})
	w.sync()
	if err := w.notion.Edit("p1.md", "# Page 1\n\nRewritten entirely.\n"); err != nil {
		t.Fatal(err)
	}
	w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}", Status: 500})
	if _, err := w.syncer.Refresh(t.Context(), []ingest.Hint{w.hint("p1.md")}); err != nil {
		t.Errorf("trouble with one page is no trouble: %v", err)
	}
	w.notion.ClearFaults()
	w.poll()
	if got := w.text("p1.md"); !strings.Contains(got, "Rewritten") {
		t.Errorf("after the poll: %q", got)
	}
}
