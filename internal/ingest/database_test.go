package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// A database with several tables has a title of its own, which costs one
// request once; it is read as the list of its tables, and stays as long as one
// of them does.
func TestDatabaseWithSeveralTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files(
		"Accounts.csv", "Name,Region\nBirch,North\nCedar,South\n", "Accounts.schema.yaml", "database: Pipeline\n",
		"Deals.csv", "Name,Value\nAlpha,3\nBeta,4\n", "Deals.schema.yaml", "database: Pipeline\n",
		"Tasks.csv", "Name,Done\nShip it,No\n",
	), emulator.Config{})
	w.sync()
	path := func(title string) string {
		for _, p := range w.index.Pages() {
			if p.Title == title && p.Kind == index.KindPage {
				return strings.Join(ingest.Source(w.index, p).Path, " > ")
			}
		}
		return "absent"
	}
	want := []string{"Pipeline > Deals", "Pipeline > Accounts", "Tasks"}
	if diff := cmp.Diff(want, []string{path("Alpha"), path("Birch"), path("Ship it")}); diff != "" {
		t.Error(diff)
	}
	asked := func() (n int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, c := range w.calls {
			if strings.HasPrefix(c, "GET /v1/databases/") {
				n++
			}
		}
		return n
	}
	before := asked()
	w.sync()
	if n := asked() - before; n != 0 {
		t.Errorf("%d requests for a database that is known", n)
	}
	var deals index.Page
	for _, p := range w.index.Pages() {
		if p.Title == "Deals" {
			deals = p
		}
	}
	for _, id := range []notion.ID{deals.ID, deals.Parent.DatabaseID} {
		r, err := w.syncer.Read(t.Context(), id)
		if err != nil || r.Page.ID != id || !r.Live {
			t.Fatalf("%+v, %v", r, err)
		}
		if diff := cmp.Diff(want, []string{path("Alpha"), path("Birch"), path("Ship it")}); diff != "" {
			t.Errorf("after reading %s: %s", r.Page.Title, diff)
		}
	}
	w.refresh(ingest.Hint{ID: deals.Parent.DatabaseID, Kind: index.KindDatabase})
	if got := path("Alpha"); got != want[0] {
		t.Errorf("after a hint: %s", got)
	}
	w.sameAsFresh()
}
