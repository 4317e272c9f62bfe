package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// nested has blocks of most kinds with others below them.
const nested = `# Nested

Opening words.

- one
  - below one
    1. deeper one
- two
  - [x] below two

<details><summary>More</summary>

Hidden words.

<details><summary>Inner</summary>

Hidden deeper.

</details>
</details>

| a | b |
|---|---|
| cell | other |

<aside>
💡 Callout

- inside
</aside>

<columns>
<column>
Left
</column>
<column>
Right
</column>
</columns>

| c |
|---|
| second |
`

// countCalls counts requests whose path ends in suffix.
func countCalls(calls []string, suffix string) int {
	n := 0
	for _, c := range calls {
		if strings.HasSuffix(c, suffix) {
			n++
		}
	}
	return n
}

// near are the spans of a page that are cited to a block above.
func (w *world) near(path string) int {
	w.t.Helper()
	ps, err := w.index.Passages(w.t.Context(), w.id(path))
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, p := range ps {
		for _, s := range p.Spans {
			if s.Near {
				n++
			}
		}
	}
	return n
}

// A reader of a page gets all text after two requests for its body, each line
// under the address of a block that is known; and a pass reads the rest.
func TestReadTakesTwoRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("n.md", nested), emulator.Config{})
	id := w.id("n.md")
	if _, err := w.syncer.Read(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	calls := w.takeCalls()
	if want := []string{"GET /v1/pages/" + string(id), "GET /v1/blocks/" + string(id) + "/children", "GET /v1/pages/" + string(id) + "/markdown"}; !slices.Equal(calls, want) {
		t.Errorf("Notion was asked %q", calls)
	}
	first := w.text("n.md")
	for _, words := range []string{"deeper one", "Hidden deeper", "| cell | other |", "> - inside", "Right", "| second |"} {
		if !strings.Contains(first, words) {
			t.Errorf("%q is missing: %s", words, first)
		}
	}
	if w.near("n.md") == 0 {
		t.Error("blocks without ids are cited as if they had some")
	}
	client := w.client()
	again, err := ingest.New(ingest.Config{Index: w.index, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Sync(t.Context()); err != nil { // as the next process does
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, call := range append(w.takeCalls(), calls...) {
		if seen[call]++; seen[call] > 1 {
			t.Errorf("%s was asked twice", call)
		}
	}
	if got := w.text("n.md"); got != first {
		t.Errorf("the text was\n%s\nand is\n%s", first, got)
	}
	if n := w.near("n.md"); n > 0 {
		t.Errorf("%d spans are near a block only, after everything was read", n)
	}
	w.sameAsFresh()
}

// Where Notion does not give Markdown, blocks are asked for; and after some pages
// that it refuses it is not asked again.
func TestWithoutMarkdown(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 500} {
		w := newWorld(t, bigWorkspace(20), emulator.Config{})
		w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}/markdown", Status: status})
		sum := w.sync()
		if sum.Complete != sum.Known || len(sum.Problems) > 0 {
			t.Errorf("%d: %d of %d pages are complete: %v", status, sum.Complete, sum.Known, sum.Problems)
		}
		if n := countCalls(w.takeCalls(), "/markdown"); n > 3+8 && status != 500 { // those under way together; a fault may pass
			t.Errorf("%d: Markdown was asked for %d times", status, n)
		}
		w.notion.ClearFaults()
		w.sameAsFresh()
	}
}

// What the Markdown cuts off is walked before the page counts as read.
func TestCutMarkdown(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 4, 7, 12, 17} {
		w := newWorld(t, files("n.md", nested), emulator.Config{MarkdownBlocks: limit})
		if _, err := w.syncer.Read(t.Context(), w.id("n.md")); err != nil {
			t.Fatal(err)
		}
		first := w.text("n.md")
		w.sync()
		if got := w.text("n.md"); got != first {
			t.Errorf("cut after %d blocks the text was\n%s\nand is\n%s", limit, first, got)
		}
		seen := map[string]int{}
		for _, call := range w.takeCalls() {
			if seen[call]++; seen[call] > 1 && strings.HasSuffix(call, "/children") {
				t.Errorf("cut after %d blocks: %s was asked twice", limit, call)
			}
		}
		w.sameAsFresh()
	}
}

// Ids are read first where people ask for them.
func TestIDsInOrderOfUse(t *testing.T) {
	t.Parallel()
	var pairs []string
	for i := range 9 {
		pairs = append(pairs, fmt.Sprintf("p%d.md", i), "# P\n\n- a\n  - b\n- c\n  - d\n")
	}
	w := newWorld(t, files(pairs...), emulator.Config{})
	w.index, w.syncer = w.mirrorWith(t.TempDir(), 1)
	wanted := w.id("p3.md")
	w.hook = func(n int) {
		if n == 1+9+9 { // the last Markdown
			w.syncer.Want(wanted)
		}
	}
	w.sync()
	ids := map[string]bool{}
	blocks, err := w.client().Children(t.Context(), wanted, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks.Blocks {
		ids["GET /v1/blocks/"+string(b.ID)+"/children"] = true
	}
	calls := w.takeCalls()[1+9+9:]
	if !ids[calls[0]] || !ids[calls[1]] {
		t.Errorf("after the text Notion was asked %q first", calls[:2])
	}
	w.sameAsFresh()
}

// Whatever the Markdown of a page says, the index ends as without it.
func TestOddMarkdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("n.md", nested), emulator.Config{})
	w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}/markdown", Status: 404})
	walked, s := w.mirrorInto(t.TempDir())
	if _, err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.notion.ClearFaults()
	rnd := rand.New(rand.NewPCG(1, 2))
	odd := newWorld(t, files("n.md", nested), emulator.Config{})
	odd.through = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			body := rec.Body.Bytes()
			var md notion.PageMarkdown
			if strings.HasSuffix(r.URL.Path, "/markdown") && json.Unmarshal(body, &md) == nil {
				md.Markdown = mangled(rnd, md.Markdown)
				body, _ = json.Marshal(md)
			}
			rw.WriteHeader(rec.Code)
			_, _ = rw.Write(body)
		})
	}
	for range 60 {
		x, s := odd.mirrorInto(t.TempDir())
		if _, err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		equalContent(t, x, walked)
	}
}

// mangled leaves out, doubles and swaps some lines.
func mangled(rnd *rand.Rand, md string) string {
	lines := strings.Split(md, "\n")
	for range 1 + rnd.IntN(4) {
		at := rnd.IntN(len(lines))
		switch rnd.IntN(3) {
		case 0:
			lines = slices.Delete(lines, at, at+1)
		case 1:
			lines = slices.Insert(lines, at, lines[at])
		default:
			other := rnd.IntN(len(lines))
			lines[at], lines[other] = lines[other], lines[at]
		}
	}
	return strings.Join(lines, "\n")
}

// answering gives every page the same Markdown.
func answering(md string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/markdown") {
				h.ServeHTTP(rw, r)
				return
			}
			_ = json.NewEncoder(rw).Encode(map[string]any{"object": "page_markdown", "id": "x", "markdown": md, "truncated": false, "unknown_block_ids": []string{}})
		})
	}
}

// Markdown in a form in which nothing is recognized is not asked for page after
// page.
func TestMarkdownOfNoUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(40), emulator.Config{})
	w.through = answering("* a form\n* of another time\n")
	w.sync()
	if n := countCalls(w.takeCalls(), "/markdown"); n == 0 || n > 3+8 { // and those under way
		t.Errorf("Markdown was asked for %d times", n)
	}
	w.through = nil
	w.sameAsFresh()
}

// That a page holds another is believed of blocks alone: its text could say so
// too. A page that no listing shows is found where it hangs.
func TestChildPagesOfMarkdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files(
		"home.md", "# Home\n\n- one\n\n  [Child](home/child.md)\n\n- two\n  - below\n",
		"home/child.md", "# Child\n\nThe words of the child.\n",
		"other.md", "# Other\n\nText.\n",
	), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"home.md"}}}, SearchOmits: 1})
	w.sync()
	if text := w.text("home/child.md"); !strings.Contains(text, "words of the child") {
		t.Errorf("the child page says %q", text)
	}
	other, home := w.id("other.md"), w.id("home.md")
	w = newWorld(t, files("home.md", "# Home\n\n- one\n  - below\n- two\n  - below\n", "other.md", "# Other\n\nText.\n"), emulator.Config{})
	w.through = answering("- one\n\t<page url=\"https://app.notion.com/p/" + other.Compact() + "\">Mine</page>\n- two\n\tbelow\n")
	if _, err := w.syncer.Read(t.Context(), w.id("home.md")); err != nil {
		t.Fatal(err)
	}
	if rec, ok := w.index.Page(other); ok && (rec.Title == "Mine" || rec.Holder == home || rec.Parent.PageID == home) {
		t.Errorf("what a text says made a record: %+v", rec)
	}
	w.sync()
	w.through = nil
	w.sameAsFresh()
}

// A paragraph that begins with a tab reads as if it were below the block before
// it, and is found once, where it stands.
func TestTabInMarkdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, files("n.md", "# N\n\n- Rejected\n  - plan a\n\nBudget approved\n\n- B\n  - y\n"), emulator.Config{})
	w.through = answering("- Rejected\n\t- plan a\n\tBudget approved\n- B\n\t- y\n")
	if _, err := w.syncer.Read(t.Context(), w.id("n.md")); err != nil {
		t.Fatal(err)
	}
	first := w.text("n.md")
	w.sync()
	if got := w.text("n.md"); got != first || strings.Count(got, "Budget") != 1 {
		t.Errorf("the text was\n%s\nand is\n%s", first, got)
	}
}

// Text that only the Markdown tells stays; but what is not found any more may be
// shared no longer.
func TestBlocksThatAreNotHandedOut(t *testing.T) {
	t.Parallel()
	for status, kept := range map[int]bool{400: true, 404: false} {
		w := newWorld(t, files("n.md", "# N\n\n- A\n  - known words\n    - and more\n\n- B\n  - y\n"), emulator.Config{})
		if _, err := w.syncer.Read(t.Context(), w.id("n.md")); err != nil {
			t.Fatal(err)
		}
		first := w.text("n.md")
		blocks, err := w.client().Children(t.Context(), w.id("n.md"), "")
		if err != nil {
			t.Fatal(err)
		}
		w.notion.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", ID: string(blocks.Blocks[0].ID), Status: status})
		w.sync()
		rec, _ := w.index.Page(w.id("n.md"))
		if got := w.text("n.md"); rec.Pending > 0 || len(rec.Skipped) > 0 == kept || got == first != kept {
			t.Errorf("after %d, with %d blocks left, and without %v, the text is\n%s", status, rec.Pending, rec.Skipped, got)
		}
	}
}

// slow is a workspace of n pages with two parents each, whose requests take
// seconds.
func slow(t *testing.T, n int) *world {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("p%d.md", i), fmt.Sprintf("# P\n\n- a%d\n  - b%d\n- c%d\n  - d%d\n", i, i, i, i))
	}
	fsys := files(pairs...)
	for _, f := range fsys {
		f.ModTime = f.ModTime.AddDate(-30, 0, 0) // before the clocks of synctest begin
	}
	return newWorld(t, fsys, emulator.Config{Latency: 10 * time.Second})
}

// rough is how many blocks have no ids yet.
func (w *world) rough() int {
	n := 0
	for _, p := range w.index.Pages() {
		n += p.Pending
	}
	return n
}

// While ids are being read, polls come in their turn and bring changes in.
func TestPollsGoOnWhileIDsAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := slow(t, 120)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = w.syncer.Run(ctx); close(done) }()
		for !w.syncer.Coverage().Settled() {
			time.Sleep(time.Second)
		}
		if err := w.notion.Edit("p0.md", "# P\n\nQuite new.\n"); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for !strings.Contains(w.text("p0.md"), "Quite new") && time.Since(begin) < time.Hour {
			time.Sleep(time.Second)
		}
		if took := time.Since(begin); took > 2*time.Minute || w.rough() == 0 {
			t.Errorf("a change came in after %v, with %d blocks left", took, w.rough())
		}
		for w.rough() > 0 && time.Since(begin) < time.Hour {
			time.Sleep(time.Second)
		}
		if n := w.rough(); n > 0 {
			t.Errorf("%d blocks are left after an hour", n)
		}
		cancel()
		<-done
	})
}

// Where others wait for their turn, ids take a part of it only, and the next turn
// goes on.
func TestRefineForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := slow(t, 30)
		client := w.client()
		s, err := ingest.New(ingest.Config{Index: w.index, Refine: 25 * time.Second, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		pass, last, turns := s.Sync, 61, 0
		for ; w.rough() > 0 || turns == 0; turns++ {
			if _, err := pass(t.Context()); err != nil {
				t.Fatal(err)
			}
			if c := s.Coverage(); !c.Settled() || w.rough() >= last {
				t.Fatalf("after turn %d: %+v, %d blocks left of %d", turns, c, w.rough(), last)
			}
			pass, last = s.Poll, w.rough()
		}
		if turns < 2 {
			t.Error("all was read in one turn")
		}
	})
}
