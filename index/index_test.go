package index

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func connection(name string) tokens.Connection {
	return tokens.Connection{Subject: auth.Local(name), Handle: tokens.DefaultHandle}
}

func openStore(t testing.TB, dir string, cfg Config) *Store {
	t.Helper()
	s, err := OpenStore(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openIndex(t testing.TB, s *Store, name string) *Index {
	t.Helper()
	x, err := s.Open(t.Context(), connection(name))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func newIndex(t testing.TB) *Index {
	t.Helper()
	return openIndex(t, openStore(t, t.TempDir(), Config{}), "somebody")
}

// entry makes a page; the texts are its passages. A text may begin with a
// heading: "Heading: text".
func entry(id, title string, texts ...string) Entry {
	e := Entry{Page: Page{ID: notion.ID(id), Kind: KindPage, Title: title, Level: Complete, Passages: len(texts)}}
	for n, text := range texts {
		p := passage.Passage{Page: e.Page.ID, Ordinal: n, Text: markdown.Text(text)}
		if head, rest, ok := strings.Cut(text, ": "); ok {
			p.Headings, p.Text = []string{head}, markdown.Text(rest)
		}
		p.Spans = []passage.Span{{Start: 0, End: len(p.Text), Block: notion.ID(fmt.Sprintf("%s-block-%d", id, n))}}
		e.Passages = append(e.Passages, p)
	}
	return e
}

func apply(t testing.TB, x *Index, c Change) {
	t.Helper()
	if err := x.Apply(context.WithoutCancel(t.Context()), c); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, x *Index, q Query) []Hit {
	t.Helper()
	hits, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

// ids writes hits as page/ordinal.
func ids(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s/%d", h.Page.ID, h.Passage.Ordinal))
	}
	return strings.Join(out, " ")
}

func TestApplyAndRead(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	e := entry("aaa", "Refunds", "Policy: Refunds are paid within ten days.", "Ask finance.")
	e.Page.Skipped = []passage.Skip{{Type: "embed", Reason: "has no text", Count: 2}}
	e.Page.LastEdited = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	e.Draft, e.Values = []byte("half done"), []byte("values")
	apply(t, x, Change{Put: []Entry{e, entry("bbb", "Empty")}, State: map[string][]byte{"mark": []byte("7")}})

	got, err := x.Passages(t.Context(), "aaa")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.Passages, got); diff != "" {
		t.Errorf("passages (-put +read):\n%s", diff)
	}
	page, ok := x.Page("aaa")
	if diff := cmp.Diff(e.Page, page); !ok || diff != "" {
		t.Errorf("page %v (-put +read):\n%s", ok, diff)
	}
	checkDraft(t, x, "aaa", "half done")
	checkDraft(t, x, "bbb", "")
	checkValues(t, x, "aaa", "values")
	checkValues(t, x, "bbb", "")
	checkState(t, x, "mark", "7")
	checkState(t, x, "other", "")
	want := Totals{Pages: 2, Passages: 2, Bytes: len(e.Passages[0].Text) + len(e.Passages[1].Text)}
	if got := x.Totals(); got != want {
		t.Errorf("totals %+v, want %+v", got, want)
	}
	pages := x.Pages()
	if diff := cmp.Diff([]Page{e.Page, entry("bbb", "Empty").Page}, pages,
		cmpopts.SortSlices(func(a, b Page) bool { return a.ID < b.ID })); diff != "" {
		t.Errorf("pages (-put +read):\n%s", diff)
	}
}

func checkDraft(t *testing.T, x *Index, id notion.ID, want string) {
	t.Helper()
	if got, err := x.Draft(t.Context(), id); err != nil || string(got) != want {
		t.Errorf("draft of %s is %q, %v; want %q", id, got, err, want)
	}
}

func checkValues(t *testing.T, x *Index, id notion.ID, want string) {
	t.Helper()
	if got, err := x.Values(t.Context(), id); err != nil || string(got) != want {
		t.Errorf("values of %s are %q, %v; want %q", id, got, err, want)
	}
}

func checkState(t *testing.T, x *Index, key, want string) {
	t.Helper()
	if got, err := x.State(key); err != nil || string(got) != want {
		t.Errorf("state %s is %q, %v; want %q", key, got, err, want)
	}
}

func TestPutReplacesEverything(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	old := entry("aaa", "Old", "zebra one", "zebra two", "zebra three")
	old.Draft, old.Values = []byte("draft"), []byte("values")
	apply(t, x, Change{Put: []Entry{old}})
	apply(t, x, Change{Put: []Entry{entry("aaa", "New", "lion one")}})
	if got := ids(find(t, x, Query{Text: "zebra"})); got != "" {
		t.Errorf("old passages are found: %s", got)
	}
	if got := ids(find(t, x, Query{Text: "lion"})); got != "aaa/0" {
		t.Errorf("found %q", got)
	}
	checkDraft(t, x, "aaa", "")
	checkValues(t, x, "aaa", "")
	if got := (Totals{Pages: 1, Passages: 1, Bytes: len("lion one")}); x.Totals() != got {
		t.Errorf("totals %+v", x.Totals())
	}
}

// Many change one record at once, and each change stays.
func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{entry("aaa", "Old", "zebra")}})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			c := Change{Touch: []Touch{{ID: "aaa", Do: func(p *Page) { p.Blocks++ }}}}
			if i%2 == 0 {
				e := entry("aaa", "New", "zebra")
				e.Merge = func(now, next *Page) bool { next.Blocks, next.Pending = now.Blocks, now.Pending+1; return i != 0 }
				c = Change{Put: []Entry{e}}
			}
			if err := x.Apply(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if page, _ := x.Page("aaa"); page.Blocks != 20 || page.Pending != 19 || page.Passages != 1 {
		t.Errorf("page %+v", page)
	}
	e := entry("bbb", "New", "zebra")
	e.Merge = func(now, _ *Page) bool { return now != nil }
	apply(t, x, Change{Put: []Entry{e}})
	if _, ok := x.Page("bbb"); ok {
		t.Error("an entry was put that did not want to be")
	}
}

func TestTouchKeepsWhatIsBesides(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	e := entry("aaa", "Old", "zebra")
	e.Draft, e.Values = []byte("draft"), []byte("values")
	apply(t, x, Change{Put: []Entry{e}})
	checked := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	apply(t, x, Change{Touch: []Touch{
		{ID: "aaa", Do: func(p *Page) { p.Title, p.Checked = "New", checked }},
		{ID: "unknown", Do: func(p *Page) { p.Title = "x" }},
	}})
	if page, _ := x.Page("aaa"); page.Title != "New" || page.Passages != 1 || !page.Checked.Equal(checked) {
		t.Errorf("page %+v", page)
	}
	if _, ok := x.Page("unknown"); ok {
		t.Error("an unknown page was made by touching it")
	}
	checkDraft(t, x, "aaa", "draft")
	checkValues(t, x, "aaa", "values")
	hits := find(t, x, Query{Text: "zebra"})
	if ids(hits) != "aaa/0" || hits[0].Page.Title != "New" {
		t.Errorf("hits %+v", hits)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	e := entry("aaa", "A", "zebra")
	e.Draft, e.Values = []byte("draft"), []byte("values")
	apply(t, x, Change{Put: []Entry{e, entry("bbb", "B", "zebra")}, State: map[string][]byte{"mark": []byte("1")}})
	apply(t, x, Change{Remove: []notion.ID{"aaa", "unknown"}, State: map[string][]byte{"mark": nil}})
	if got := ids(find(t, x, Query{Text: "zebra"})); got != "bbb/0" {
		t.Errorf("found %q", got)
	}
	if _, ok := x.Page("aaa"); ok {
		t.Error("the page is still known")
	}
	if got, err := x.Passages(t.Context(), "aaa"); err != nil || len(got) != 0 {
		t.Errorf("passages %v, %v", got, err)
	}
	checkDraft(t, x, "aaa", "")
	checkValues(t, x, "aaa", "")
	checkState(t, x, "mark", "")
	apply(t, x, Change{Put: []Entry{entry("aaa", "A", "lion")}})
	if got := ids(find(t, x, Query{Text: "lion"})); got != "aaa/0" {
		t.Errorf("found %q after the page came back", got)
	}
}

func TestApplyRefusesNonsense(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	foreign := entry("aaa", "A", "zebra")
	foreign.Passages[0].Page = "bbb"
	gap := entry("aaa", "A", "zebra")
	gap.Passages[0].Ordinal = 1
	for name, c := range map[string]Change{
		"page without id":   {Put: []Entry{entry("", "A", "zebra")}},
		"id with a slash":   {Put: []Entry{entry("a/1", "A", "zebra")}},
		"foreign passage":   {Put: []Entry{foreign}},
		"gap":               {Put: []Entry{gap}},
		"touch without id":  {Touch: []Touch{{}}},
		"mark without name": {State: map[string][]byte{"": []byte("x")}},
	} {
		if err := x.Apply(t.Context(), c); err == nil {
			t.Errorf("%s was applied", name)
		}
	}
	if got := x.Totals(); got != (Totals{}) {
		t.Errorf("totals %+v after refused changes", got)
	}
}

func TestApplyHonoursContext(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Apply(ctx, Change{Put: []Entry{entry("aaa", "A", "zebra")}}); err == nil {
		t.Error("applied although cancelled")
	}
	if got := x.Totals(); got.Pages != 0 {
		t.Errorf("totals %+v", got)
	}
	if _, err := x.Search(ctx, Query{Text: "zebra"}); err == nil {
		t.Error("searched although cancelled")
	}
}
