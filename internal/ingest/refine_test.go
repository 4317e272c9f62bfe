package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// later has both clocks go on.
func (w *world) later(d time.Duration) {
	ahead := time.Duration(w.skew.Add(int64(d)))
	now := func() time.Time { return time.Now().Add(ahead) }
	w.date.Store(&now)
}

// parents are the blocks of the first level of a page that have others below.
func (w *world) parents(path string) []notion.ID {
	w.t.Helper()
	blocks, err := w.client().Children(w.t.Context(), w.id(path), "")
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []notion.ID
	for _, b := range blocks.Blocks {
		if b.HasChildren {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// pairsOf are n pages with two parents each, the last one the newest.
func pairsOf(n int) []string {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("p%02d.md", i), fmt.Sprintf("# P\n\n- a%d\n  - b%d\n- c%d\n  - d%d\n", i, i, i, i))
	}
	return pairs
}

// An edit that a question came upon does not keep polls from reading ids.
func TestIDsAreReadAfterANudge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("n.md", nested), emulator.Config{})
	w.sync()
	w.later(10 * time.Minute)
	if err := w.notion.Edit("n.md", nested+"\nnew words\n\n- last\n  - z\n"); err != nil {
		t.Fatal(err)
	}
	w.later(5 * time.Minute)
	v, err := w.syncer.Confirm(t.Context(), []notion.ID{w.id("n.md")}, 0)
	if err != nil || !v[w.id("n.md")].Changed {
		t.Fatalf("Confirm: %v, %v", v, err)
	}
	w.poll()
	if n := w.near("n.md"); n > 0 || !strings.Contains(w.text("n.md"), "new words") {
		t.Errorf("after a poll %d spans have no ids: %s", n, w.text("n.md"))
	}
}

// Ids that cannot be read keep nobody from the others, fail no pass, and are not
// asked for at every poll.
func TestIDsThatCannotBeReadRest(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 500} {
		w := newWorld(t, files(pairsOf(12)...), emulator.Config{})
		for i := 7; i < 12; i++ {
			w.notion.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", ID: string(w.parents(fmt.Sprintf("p%02d.md", i))[0]), Status: status})
		}
		w.sync()
		w.later(3 * time.Minute)
		w.poll()
		if n := w.rough(); n > 10 {
			t.Errorf("%d: %d blocks have no ids", status, n)
		}
		w.takeCalls()
		for range 3 {
			w.later(3 * time.Minute)
			w.poll()
		}
		if n := countCalls(w.takeCalls(), "/children"); n > 0 {
			t.Errorf("%d: blocks were asked for %d times more", status, n)
		}
		w.notion.ClearFaults()
		w.later(time.Hour)
		w.poll()
		if n := w.rough(); n > 0 {
			t.Errorf("%d: %d blocks have no ids an hour later", status, n)
		}
	}
}

// That Notion asks to wait while ids are read is no fault of the pass.
func TestPauseWhileIDsAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("n.md", nested), emulator.Config{})
	for _, id := range w.parents("n.md") {
		w.notion.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", ID: string(id), Status: 429, RetryAfter: 30})
	}
	client := w.client()
	s, err := ingest.New(ingest.Config{Index: w.index, Refine: 2 * time.Second, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Sync(t.Context())
	if err != nil || !sum.Settled() {
		t.Errorf("Sync: %v, %+v", err, sum.Coverage)
	}
}

// Ids that are wanted while a pass reads come after all text.
func TestWantedIDsComeAfterText(t *testing.T) {
	t.Parallel()
	for _, asked := range []int{1, 3} { // while it lists, while it reads
		pairs := pairsOf(4)
		for i := range 20 { // newer
			pairs = append(pairs, fmt.Sprintf("q%d.md", i), fmt.Sprintf("# Q\n\nwords %d\n", i))
		}
		w := newWorld(t, files(pairs...), emulator.Config{})
		w.index, w.syncer = w.mirrorWith(t.TempDir(), 1)
		ids := map[string]bool{}
		var rough []notion.ID
		for i := range 4 {
			path := fmt.Sprintf("p%02d.md", i)
			if _, err := w.syncer.Read(t.Context(), w.id(path)); err != nil {
				t.Fatal(err)
			}
			rough = append(rough, w.id(path))
			for _, id := range w.parents(path) {
				ids["GET /v1/blocks/"+string(id)+"/children"] = true
			}
		}
		w.takeCalls()
		w.hook = func(n int) {
			if n == asked {
				w.syncer.Want(rough...)
			}
		}
		w.sync()
		calls := w.takeCalls()
		for i, call := range calls[:1+20] {
			if ids[call] {
				t.Errorf("asked at request %d: request %d was for ids, before all text was there", asked, i)
			}
		}
		if n := w.rough(); n > 0 {
			t.Errorf("asked at request %d: %d blocks have no ids", asked, n)
		}
	}
}

// Markdown is asked for again after Notion had trouble with it, and in the next
// pass also where it was refused.
func TestMarkdownAfterTrouble(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 502} {
		w := newWorld(t, files(pairsOf(12)...), emulator.Config{})
		w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}/markdown", Status: status})
		w.sync()
		w.notion.ClearFaults()
		w.later(10 * time.Minute)
		for i := range 6 {
			if err := w.notion.Edit(fmt.Sprintf("p%02d.md", i), nested+fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		w.later(5 * time.Minute)
		w.takeCalls()
		w.poll()
		if n := countCalls(w.takeCalls(), "/markdown"); n != 6 {
			t.Errorf("%d: Markdown of 6 edited pages was asked for %d times", status, n)
		}
	}
}
