package vectors_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// world is an index, an endpoint, and the vectors in between. Nothing in it is on
// a network, so that its waits can be made up.
type world struct {
	t        testing.TB
	endpoint *embedtest.Endpoint
	store    *index.Store
	conn     tokens.Connection
	index    *index.Index
	vectors  *vectors.Store
	stop     func()
	edit     int // counts the edits, for dates
}

func connection(name string) tokens.Connection {
	return tokens.Connection{Subject: auth.Local(name), Handle: "my-notion"}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := index.OpenStore(t.TempDir(), index.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, endpoint: &embedtest.Endpoint{}, store: store, conn: connection("somebody")}
	if w.index, err = store.Open(context.Background(), w.conn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.end(); _ = store.Close() })
	return w
}

func (w *world) dir() string { return vectors.Folder(w.store.Dir(w.conn)) }

// inBubble runs f in a world whose waits take no time, and end in the order in
// which they should.
func inBubble(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) })
}

// start opens the vectors with a model and runs them.
func (w *world) start(model string, change ...func(*vectors.Config)) {
	w.t.Helper()
	w.end()
	cfg := vectors.Config{
		Dir: w.dir(), Index: w.index, Embedder: w.embedder(model),
		Look: 2 * time.Millisecond, Pause: 2 * time.Millisecond, PerMinute: 1e6, Texts: 8,
	}
	for _, c := range change {
		c(&cfg)
	}
	s, err := vectors.Open(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	w.vectors = s
	w.stop = func() { cancel(); running.Wait(); _ = s.Close() }
}

func (w *world) embedder(model string) *embed.Embedder {
	w.t.Helper()
	e, err := embed.New(embed.Config{URL: "http://127.0.0.1/v1", Model: model, Transport: emulatortest.InProcess(w.endpoint)})
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) end() {
	if w.stop != nil {
		w.stop()
	}
	w.stop = nil
}

// put writes a page whose passages are the texts.
func (w *world) put(id int, title string, texts ...string) notion.ID {
	w.t.Helper()
	e := w.entry(id, title, texts...)
	w.apply(index.Change{Put: []index.Entry{e}})
	return e.Page.ID
}

func (w *world) entry(id int, title string, texts ...string) index.Entry {
	w.edit++
	page := notion.ID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", id))
	at := time.Date(2026, 1, 1, 0, w.edit, 0, 0, time.UTC)
	e := index.Entry{Page: index.Page{ID: page, Kind: index.KindPage, Title: title, Level: index.Complete, LastEdited: at, BodyEdited: at, Fetched: at}}
	for i, text := range texts {
		e.Passages = append(e.Passages, passage.Passage{
			Page: page, Ordinal: i, Headings: []string{"Part"}, Text: markdown.Text(text), Spans: []passage.Span{{End: len(text), Block: page}},
		})
	}
	return e
}

func (w *world) apply(c index.Change) {
	w.t.Helper()
	if err := w.index.Apply(context.Background(), c); err != nil {
		w.t.Fatal(err)
	}
}

// fruit fills the index with pages of two passages each.
func (w *world) fruit(pages int) {
	var c index.Change
	for i := range pages {
		c.Put = append(c.Put, w.entry(i, fmt.Sprintf("Page %d", i), fmt.Sprintf("apples of kind%d", i), fmt.Sprintf("pears of sort%d", i)))
	}
	w.apply(c)
}

func (w *world) until(what string, is func(vectors.Status) bool) vectors.Status {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		st := w.vectors.Status()
		if is(st) {
			return st
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s does not come about: %+v", what, st)
		}
	}
}

func (w *world) complete(total int) vectors.Status {
	w.t.Helper()
	return w.until(fmt.Sprintf("%d vectors", total), func(s vectors.Status) bool {
		return s.Total == total && s.Done+s.Refused == total && s.Error == ""
	})
}

// nearest returns what is nearest as "page/ordinal".
func (w *world) nearest(text string, k int) []string {
	w.t.Helper()
	q, err := w.vectors.Ask(context.Background(), text, nil)
	if err != nil {
		w.t.Fatalf("Ask(%q): %v", text, err)
	}
	if q == nil {
		return nil
	}
	near, err := q.Nearest(context.Background(), nil, k)
	if err != nil {
		w.t.Fatalf("Nearest(%q): %v", text, err)
	}
	return names(near)
}

func names(near []index.Place) []string {
	var all []string
	for _, n := range near {
		all = append(all, fmt.Sprintf("%s/%d", strings.TrimLeft(string(n.Page)[:8], "0"), n.Ordinal))
	}
	return all
}

func (w *world) files() []string {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.dir(), "*.vec"))
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

func (w *world) file() string {
	w.t.Helper()
	names := w.files()
	if len(names) != 1 {
		w.t.Fatalf("files %q, want one", names)
	}
	return names[0]
}

// harm changes the file of vectors.
func (w *world) harm(do func([]byte) []byte) {
	w.t.Helper()
	name := w.file()
	b, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, do(slices.Clone(b)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}
