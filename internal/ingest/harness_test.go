package ingest_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const secret = "ntn_test"

var connection = tokens.Connection{Subject: auth.Local(secret), Handle: "my-notion"}

// world is Notion with a workspace in it, without a network, and an index to
// mirror it into.
type world struct {
	t      *testing.T
	notion *emulator.Server
	index  *index.Index
	syncer *ingest.Syncer

	date  atomic.Pointer[func() time.Time] // Notion's clock, where it is not ours
	skew  atomic.Int64                     // nanoseconds that the Syncers' clock is ahead
	mu    sync.Mutex
	calls []string    // "METHOD path" of every API request, in order of arrival
	hook  func(n int) // called with the number of requests so far

	through func(http.Handler) http.Handler // what changes answers on their way
}

// files makes a workspace from name, text pairs with fixed times.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), ModTime: time.Date(2026, 3, 1, 9, i, 0, 0, time.UTC)}
	}
	return fsys
}

func newWorld(t *testing.T, fsys fstest.MapFS, cfg emulator.Config) *world {
	t.Helper()
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, notion: emulator.New(ws, cfg)}
	w.index, w.syncer = w.mirrorInto(t.TempDir())
	return w
}

// ServeHTTP is Notion, which notes what it is asked.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		w.mu.Lock()
		w.calls = append(w.calls, r.Method+" "+r.URL.Path)
		n, hook := len(w.calls), w.hook
		w.mu.Unlock()
		if hook != nil {
			hook(n)
		}
	}
	now := time.Now
	if date := w.date.Load(); date != nil {
		now = *date
	}
	rw.Header().Set("Date", now().UTC().Format(http.TimeFormat))
	if w.through != nil {
		w.through(w.notion).ServeHTTP(rw, r)
		return
	}
	w.notion.ServeHTTP(rw, r)
}

// client is unpaced and impatient.
func (w *world) client() *notion.Client {
	return notion.New(secret, notion.Config{BaseURL: "http://127.0.0.1", HTTP: &http.Client{Transport: emulatortest.InProcess(w)}, MaxRetries: 1})
}

// mirrorInto opens an index and a Syncer of the world.
func (w *world) mirrorInto(dir string) (*index.Index, *ingest.Syncer) {
	w.t.Helper()
	return w.mirrorWith(dir, 0)
}

func (w *world) mirrorWith(dir string, workers int) (*index.Index, *ingest.Syncer) {
	w.t.Helper()
	store, err := index.OpenStore(dir, index.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	x, err := store.Open(w.t.Context(), connection)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = x.Close(); _ = store.Close() })
	client := w.client()
	s, err := ingest.New(ingest.Config{
		Index: x, Concurrency: workers, Client: func(context.Context) (*notion.Client, error) { return client, nil },
		Now: func() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return x, s
}

func (w *world) sync() ingest.Summary {
	w.t.Helper()
	sum, err := w.syncer.Sync(w.t.Context())
	if err != nil {
		w.t.Fatalf("Sync: %v", err)
	}
	return sum
}

func (w *world) poll() ingest.Summary {
	w.t.Helper()
	sum, err := w.syncer.Poll(w.t.Context())
	if err != nil {
		w.t.Fatalf("Poll: %v", err)
	}
	return sum
}

func (w *world) takeCalls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

func (w *world) id(path string) notion.ID {
	w.t.Helper()
	for _, p := range w.notion.Pages() {
		if p.Path == path {
			return notion.ID(p.ID)
		}
	}
	w.t.Fatalf("no page %q in the workspace", path)
	return ""
}

// text is all text that the index holds of a page.
func (w *world) text(path string) string {
	w.t.Helper()
	return textOf(w.t, w.index, w.id(path))
}

func textOf(t *testing.T, x *index.Index, id notion.ID) string {
	t.Helper()
	ps, err := x.Passages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, p := range ps {
		parts = append(parts, string(p.Text))
	}
	return strings.Join(parts, "\n\n")
}

// content is everything of an index that a user could notice.
type content struct {
	Pages    []index.Page
	Passages map[notion.ID][]passage.Passage
}

func contentOf(t *testing.T, x *index.Index) content {
	t.Helper()
	c := content{Pages: x.Pages(), Passages: map[notion.ID][]passage.Passage{}}
	slices.SortFunc(c.Pages, func(a, b index.Page) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, p := range c.Pages {
		ps, err := x.Passages(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.Passages[p.ID] = ps
	}
	return c
}

// equalContent compares two indexes, except for when they were read.
func equalContent(t *testing.T, got, want *index.Index) {
	t.Helper()
	opts := []cmp.Option{cmpopts.IgnoreFields(index.Page{}, "Fetched", "Checked"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(contentOf(t, want), contentOf(t, got), opts...); diff != "" {
		t.Errorf("the index differs from a fresh mirror (-fresh +got):\n%s", diff)
	}
}

// sameAsFresh compares the index with one that mirrors the world from nothing.
func (w *world) sameAsFresh() {
	w.t.Helper()
	x, s := w.mirrorInto(w.t.TempDir())
	if _, err := s.Sync(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	equalContent(w.t, w.index, x)
}

// bigWorkspace has n pages with nested lists, tables, toggles and children.
func bigWorkspace(n int) fstest.MapFS {
	var pairs []string
	for i := range n {
		text := fmt.Sprintf("# Page %d\n\nOpening words of page %d.\n\n## Part\n\n- one %d\n  - below one %d\n    - deeper %d\n- two\n\n", i, i, i, i, i)
		if i%3 == 0 {
			text += "| a | b |\n|---|---|\n| cell | other |\n\n"
		}
		if i%4 == 0 {
			text += "<details><summary>More</summary>\n\nhidden words " + fmt.Sprint(i) + "\n\n</details>\n"
		}
		name := fmt.Sprintf("p%d.md", i)
		if i%5 == 4 {
			name = fmt.Sprintf("p%d/p%d.md", i-1, i)
		}
		pairs = append(pairs, name, text)
	}
	pairs = append(pairs, "tasks.csv", "Name,Status,Owner\nWrite docs,Open,Ann\nShip it,Done,Bob\n", "tasks/Ship it.md", "# Ship it\n\nThe body of a row.\n")
	return files(pairs...)
}
