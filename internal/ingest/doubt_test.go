package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// nestedWorld shares p0, with three levels below it and a table, and p9.
func nestedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, files(
		"p0.md", "# P0\n\nOne.\n", "p0/a.md", "# A\n\nTwo.\n", "p0/a/b.md", "# B\n\nThree.\n", "p0/a/b/c.md", "# C\n\nFour.\n",
		"p0/tasks.csv", "Name,Status\nShip it,Open\n", "p0/tasks/Ship it.md", "The body of a row.\n", "p9.md", "# P9\n\nNine.\n",
	), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md", "p9.md"}}}})
	w.sync()
	w.takeCalls()
	return w
}

// asked says which of some pages Notion is asked about before they are quoted,
// and which of them are gone.
func (w *world) asked(paths ...string) (asked, gone string) {
	w.t.Helper()
	for _, path := range paths {
		id := w.id(path)
		v, err := w.syncer.Confirm(w.t.Context(), []notion.ID{id}, time.Hour)
		if err != nil {
			w.t.Fatal(err)
		}
		if verdict, ok := v[id]; ok {
			asked += path + " "
			if verdict.Gone {
				gone += path + " "
			}
		}
	}
	return strings.TrimSpace(asked), strings.TrimSpace(gone)
}

func (w *world) unshare(path string) {
	w.t.Helper()
	if err := w.notion.Unshare(secret, path); err != nil {
		w.t.Fatal(err)
	}
}

// From the doubt on, nothing at or below the object is quoted unasked, in
// whatever order; what is elsewhere is, and so is what Notion has shown again.
func TestDoubtIsAboutAllThatHangsBelow(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{
		{"p0/a/b/c.md", "p0/a/b.md", "p0/a.md", "p0/tasks/Ship it.md", "p0.md"},
		{"p0.md", "p0/a.md", "p0/tasks/Ship it.md", "p0/a/b.md", "p0/a/b/c.md"}, // each leaves the index before what hangs below it
		{"p0/a/b.md", "p0/a/b/c.md"},
	} {
		w := nestedWorld(t)
		if asked, _ := w.asked(append(order, "p9.md")...); asked != "" {
			t.Fatalf("before: asked about %s", asked)
		}
		w.unshare("p0.md")
		w.syncer.Doubt(w.id("p0.md"))
		if asked, gone := w.asked(append(order, "p9.md")...); asked != strings.Join(order, " ") || gone != asked {
			t.Errorf("asked about %q, of which %q are gone; want %q", asked, gone, order)
		}
		w.poll()
		w.sameAsFresh()
	}
}

// A doubt that was wrong costs one question for each page that is quoted, and
// none for the others.
func TestDoubtThatWasWrong(t *testing.T) {
	t.Parallel()
	w := nestedWorld(t)
	w.syncer.Doubt(w.id("p0.md"))
	w.refresh(ingest.Hint{ID: w.id("p0.md"), Kind: index.KindPage})
	if calls := w.takeCalls(); len(calls) != 1 {
		t.Errorf("asked for %q, want the page alone", calls)
	}
	for range 2 {
		w.asked("p0.md", "p0/a/b.md")
	}
	if calls := w.takeCalls(); len(calls) != 1 || !strings.HasSuffix(calls[0], string(w.id("p0/a/b.md"))) {
		t.Errorf("asked for %q, want the page below once", calls)
	}
}

// What Notion's listing shows may be old: it ends no doubt.
func TestDoubtOutlivesTheListing(t *testing.T) {
	t.Parallel()
	w := nestedWorld(t)
	w.syncer.Doubt(w.id("p0.md"))
	w.poll()
	if calls := w.takeCalls(); !slices.Contains(calls, "GET /v1/pages/"+string(w.id("p0.md"))) {
		t.Errorf("the pass did not ask for the page: %q", calls)
	}
	if asked, _ := w.asked("p0.md", "p0/a/b/c.md", "p9.md"); asked != "p0/a/b/c.md" {
		t.Errorf("asked about %q, want the page below", asked)
	}
}

// Where a look is not made or fails, nothing is quoted unasked, and the next
// pass looks: also before the first mirror is through.
func TestDoubtWaitsForTheNextPass(t *testing.T) {
	t.Parallel()
	w := nestedWorld(t)
	w.unshare("p0.md")
	w.syncer.Doubt(w.id("p0.md"))
	w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}", Status: 500})
	w.takeCalls()
	w.refresh()
	if n := len(slices.DeleteFunc(w.takeCalls(), func(call string) bool { return call != "GET /v1/pages/"+string(w.id("p0.md")) })); n != 2 {
		t.Errorf("a page that Notion cannot be asked about was asked about %d times, want once, and once more by the client", n)
	}
	if v, err := w.syncer.Confirm(t.Context(), []notion.ID{w.id("p0/a.md")}, time.Hour); err != nil || v[w.id("p0/a.md")].Err == nil {
		t.Errorf("%+v, %v, want that Notion could not be asked", v, err)
	}
	w.notion.ClearFaults()
	w.refresh() // of something else
	w.sameAsFresh()
}

// Whoever finds that a page has gone puts what hangs below it in doubt, though
// Notion tells nothing.
func TestGonePageLeavesDoubt(t *testing.T) {
	t.Parallel()
	w := nestedWorld(t)
	w.unshare("p0.md")
	if _, err := w.syncer.Confirm(t.Context(), []notion.ID{w.id("p0/a.md")}, 0); err != nil {
		t.Fatal(err)
	}
	if asked, gone := w.asked("p0/a/b/c.md", "p9.md"); asked != "p0/a/b/c.md" || gone != asked {
		t.Errorf("asked about %q, gone %q", asked, gone)
	}
	// The event that comes after all is about a page that the index has not.
	w.syncer.Doubt(w.id("p0/a.md"))
	if !w.syncer.Holds(w.id("p0/a.md")) || w.syncer.Holds(w.id("p9.md")) {
		t.Error("what hangs below is not known any more")
	}
	w.refresh(w.hint("p0/a.md"))
	if _, known := w.index.Page(w.id("p0/a/b.md")); known {
		t.Error("what hangs below a page that has gone is in the index")
	}
}

// What stands in a block of a page hangs below the page as well, tables and their
// rows too, and also after the table was read anew.
func TestDoubtReachesIntoBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files(
		"p0.md", "# P0\n\n- a list\n\n  [tasks](p0/tasks.csv)\n\n  [Deep](p0/deep.md)\n", "p0/deep.md", "# Deep\n\nText.\n",
		"p0/tasks.csv", "Name,Status\nShip it,Open\n", "p0/tasks/Ship it.md", "The body of a row.\n",
	), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md"}}}})
	w.sync()
	for _, p := range w.index.Pages() {
		if p.Kind == index.KindDatabase && (p.Parent.Type != "block_id" || p.Holder != w.id("p0.md")) {
			t.Errorf("the table stands in %+v and is held by %q, want the page with the block", p.Parent, p.Holder)
		}
	}
	for range 2 {
		w.syncer.Doubt(w.id("p0.md"))
		if asked, _ := w.asked("p0/deep.md", "p0/tasks/Ship it.md"); asked != "p0/deep.md p0/tasks/Ship it.md" {
			t.Errorf("asked about %q, want the page and the row", asked)
		}
		if _, err := w.syncer.Read(t.Context(), w.id("p0/tasks.csv")); err != nil {
			t.Fatal(err)
		}
	}
	// Before the page with the block has been read, nothing says that it holds them.
	for _, p := range w.index.Pages() {
		forget := func(rec *index.Page) { rec.Holder = "" }
		if err := w.index.Apply(t.Context(), index.Change{Touch: []index.Touch{{ID: p.ID, Do: forget}}}); err != nil {
			t.Fatal(err)
		}
	}
	w.unshare("p0.md")
	w.syncer.Doubt(w.id("p0.md"))
	if asked, _ := w.asked("p0/deep.md", "p0/tasks/Ship it.md"); asked != "p0/deep.md p0/tasks/Ship it.md" {
		t.Errorf("asked about %q, want the page and the row", asked)
	}
	w.refresh(w.hint("p0.md"))
	if all := w.index.Pages(); len(all) != 0 {
		t.Errorf("left: %+v", all)
	}
}
