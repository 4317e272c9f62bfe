package ingest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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

// What is wanted is read while the pass still finds out what there is, also at
// no cost: a database in it is the one that is about to be found.
func TestWantedPagesAreReadDuringTheListing(t *testing.T) {
	t.Parallel()
	pairs := []string{"p.md", "# P\n\n- a\n  - b\n", "p/inner.csv", "Name\nx\n"}
	for i := range 4 {
		pairs = append(pairs, fmt.Sprintf("t%d.csv", i), "Name\nx\ny\n")
	}
	quiet := newWorld(t, files(pairs...), emulator.Config{})
	want := quiet.sync().Requests
	w := newWorld(t, files(pairs...), emulator.Config{})
	w.index, w.syncer = w.mirrorWith(t.TempDir(), 2)
	read := make(chan struct{})
	w.hook = func(n int) {
		w.mu.Lock()
		call := w.calls[n-1]
		w.mu.Unlock()
		switch {
		case n == 2: // the rows of the first table, which take until then
			w.syncer.Want(w.id("p.md"))
			select {
			case <-read:
			case <-time.After(time.Minute):
				t.Error("the wanted page is not read before all tables are")
			}
		case call == "GET /v1/blocks/"+string(w.id("p.md"))+"/children":
			close(read)
		}
	}
	if got := w.sync().Requests; got != want {
		t.Errorf("the pass took %d requests, and %d when nobody asked", got, want)
	}
	w.hook = nil
	w.sameAsFresh()
}

// What lies about a page that somebody reads is read before what lies elsewhere.
func TestNeighboursOfAPageThatIsReadComeNext(t *testing.T) {
	t.Parallel()
	pairs := []string{"hub.md", "# Hub\n\nSee [far](far.md).\n", "hub/child.md", "# Child\n\nx\n", "far.md", "# Far\n\nx\n"}
	for i := range 6 { // newer
		pairs = append(pairs, fmt.Sprintf("p%d.md", i), "# P\n\nx\n")
	}
	w := newWorld(t, files(pairs...), emulator.Config{})
	w.index, w.syncer = w.mirrorWith(t.TempDir(), 1)
	w.hook = func(n int) {
		if n == 2 { // the first page
			if _, err := w.syncer.Read(t.Context(), w.id("hub.md")); err != nil {
				t.Error(err)
			}
		}
	}
	w.sync()
	calls := w.takeCalls()[4:] // the listing, the first page, and the hub
	for i, path := range []string{"far.md", "hub/child.md"} {
		if !strings.Contains(calls[i], string(w.id(path))) {
			t.Errorf("then Notion was asked %q, not for %s", calls[i], path)
		}
	}
}

// Links to pages that have been read leave room for neighbours that have not.
func TestLinksToReadPagesAreNoNeighbours(t *testing.T) {
	t.Parallel()
	hub, pairs := "# Hub\n\n", []string(nil)
	for i := range 25 {
		hub += fmt.Sprintf("See [r%d](r%d.md).\n\n", i, i)
		pairs = append(pairs, fmt.Sprintf("r%d.md", i), "# R\n\nx\n")
	}
	pairs = append(pairs, "hub.md", hub, "hub/child.md", "# Child\n\nx\n")
	for i := range 6 { // newer
		pairs = append(pairs, fmt.Sprintf("p%d.md", i), "# P\n\nx\n")
	}
	w := newWorld(t, files(pairs...), emulator.Config{})
	w.index, w.syncer = w.mirrorWith(t.TempDir(), 1)
	for i := range 25 {
		if _, err := w.syncer.Read(t.Context(), w.id(fmt.Sprintf("r%d.md", i))); err != nil {
			t.Fatal(err)
		}
	}
	w.takeCalls()
	w.hook = func(n int) {
		if n == 2 { // the first page
			if _, err := w.syncer.Read(t.Context(), w.id("hub.md")); err != nil {
				t.Error(err)
			}
		}
	}
	w.sync()
	if calls := w.takeCalls()[4:]; !strings.Contains(calls[0], string(w.id("hub/child.md"))) {
		t.Errorf("then Notion was asked %q", calls[0])
	}
}
