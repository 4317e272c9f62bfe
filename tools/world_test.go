package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// morning is when the tests begin, by all clocks.
var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// The secrets of the integrations. Owner may do everything.
const (
	owner  = "ntn_owner"
	tested = "ntn_tested"
)

// world is the real thing on a small workspace: an emulated Notion, an index,
// a mirror and the tools, all by one clock that a test can move.
type world struct {
	*Set
	t      *testing.T
	notion *emulator.Server
	syncer *ingest.Syncer
	index  *index.Index
	owner  *notion.Client  // sees and may do everything
	client *notion.Client  // the one under test
	url    string          // of the emulated Notion
	http   *http.Client    // that leads to it; nil for the network
	bubble bool            // waits are made up
	split  passage.Options // of the mirror
	closed atomic.Pointer[error]
	clock  atomic.Int64 // seconds after morning
}

func (w *world) now() time.Time { return morning.Add(time.Duration(w.clock.Load()) * time.Second) }

func (w *world) pass(d time.Duration) { w.clock.Add(int64(d / time.Second)) }

// unhurried is longer than a slow machine takes: outside bubbles no deadline of
// ours counts. It is less than Notion is busy for in any test, so that nobody
// waits for that.
const unhurried = 55 * time.Second

// newWorld serves the files. change may adjust the token and the tools.
func newWorld(t *testing.T, files map[string]string, change func(*emulator.Token, *Config)) *world {
	t.Helper()
	return makeWorld(t, files, change, nil)
}

// inBubble runs f in a world whose waits are made up: there the deadlines of the
// product count, and take no time.
func inBubble(t *testing.T, files map[string]string, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, makeWorld(t, files, nil, emulatortest.InProcess).sync())
	})
}

func makeWorld(t *testing.T, files map[string]string, change func(*emulator.Token, *Config), bubble func(http.Handler) http.RoundTripper) *world {
	t.Helper()
	w := &world{t: t, bubble: bubble != nil}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	token := emulator.Token{Secret: tested, Name: "Tested"}
	cfg := Config{Now: w.now}
	if !w.bubble {
		cfg.PostTimeout, cfg.LookPause, cfg.CommentWithin, cfg.ReadWithin = unhurried, time.Millisecond, unhurried, unhurried
	}
	if change != nil {
		change(&token, &cfg)
	}
	w.notion = emulator.New(ws, emulator.Config{Tokens: []emulator.Token{token, {Secret: owner, Name: "Owner"}}, Now: w.now})
	if w.bubble {
		w.url, w.http = "http://127.0.0.1", &http.Client{Transport: bubble(w.notion)}
	} else {
		srv := httptest.NewServer(readFirst(w.notion))
		t.Cleanup(srv.Close)
		w.url = srv.URL
	}
	w.owner = notion.New(owner, notion.Config{BaseURL: w.url, HTTP: w.http})
	w.client = w.once()
	cfg.Client = func(context.Context) (*notion.Client, error) {
		if err := w.closed.Load(); err != nil {
			return nil, *err
		}
		return w.client, nil
	}
	w.assemble(cfg)
	return w
}

// once is a client that repeats nothing.
func (w *world) once() *notion.Client {
	cfg := notion.Config{BaseURL: w.url, HTTP: w.http, MaxRetries: -1}
	if !w.bubble {
		cfg.Timeout = unhurried
	}
	return notion.New(tested, cfg)
}

// patient gives the tools a client as programs use it: it repeats reads, and
// waits longer than any call may take.
func (w *world) patient() *world {
	w.client = notion.New(tested, notion.Config{BaseURL: w.url, HTTP: w.http})
	return w
}

// readFirst reads the body of a request before it is handled. Only then does
// net/http notice that a client went away, which a request that hangs needs.
func readFirst(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
	})
}

func (w *world) assemble(cfg Config) {
	w.t.Helper()
	ctx := w.t.Context()
	store, err := index.OpenStore(w.t.TempDir(), index.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.index, err = store.Open(ctx, tokens.Connection{Handle: tokens.DefaultHandle}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := w.index.Close(); err != nil {
			w.t.Error(err)
		}
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	})
	mirror := ingest.Config{Index: w.index, Client: cfg.Client, Now: w.now, Passage: w.split}
	finder := retrieval.Config{Index: w.index, Now: w.now}
	if !w.bubble {
		mirror.Patience, finder.ConfirmWithin, finder.WarmWithin = unhurried, unhurried, unhurried
	}
	if w.syncer, err = ingest.New(mirror); err != nil {
		w.t.Fatal(err)
	}
	cfg.Index, cfg.Syncer = w.index, w.syncer
	finder.Syncer = w.syncer
	cfg.Retriever = retrieval.New(finder)
	w.Set = New(cfg)
}

// sync brings the index up to date, a while after the last edit.
func (w *world) sync() *world {
	w.t.Helper()
	w.pass(5 * time.Minute)
	if _, err := w.syncer.Sync(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// call runs a tool with arguments given as Go values.
func (w *world) call(tool string, args map[string]any) Answer {
	w.t.Helper()
	a, err := w.Call(w.t.Context(), tool, mustJSON(args))
	if err != nil {
		w.t.Fatalf("%s: %v", tool, err)
	}
	return a
}

// got reads the structured part of an answer that must have succeeded.
func got[Out any](t *testing.T, a Answer) Out {
	t.Helper()
	if a.IsError {
		t.Fatalf("the call failed: %s", a.Text)
	}
	var out Out
	if err := json.Unmarshal(a.Full(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// failure reads an answer that must have failed.
func failure(t *testing.T, a Answer, code string) Failure {
	t.Helper()
	if !a.IsError {
		t.Fatalf("the call went through: %s", a.Text)
	}
	var out struct{ Error Failure }
	if err := json.Unmarshal(a.Structured, &out); err != nil {
		t.Fatal(err)
	}
	if out.Error.Code != code {
		t.Errorf("code %q, want %q: %s", out.Error.Code, code, a.Text)
	}
	return out.Error
}

// page finds a page or table by its title.
func (w *world) page(title string) index.Page {
	w.t.Helper()
	for _, p := range w.index.Pages() {
		if p.Title == title && p.Kind != index.KindDatabase {
			return p
		}
	}
	w.t.Fatalf("no page %q", title)
	return index.Page{}
}

// block finds the block of a page that holds some text.
func (w *world) block(page notion.ID, text string) notion.ID {
	w.t.Helper()
	passages, err := w.index.Passages(w.t.Context(), page)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range passages {
		for _, s := range p.Spans {
			if strings.Contains(string(p.Text[s.Start:s.End]), text) {
				return s.Block
			}
		}
	}
	w.t.Fatalf("no block of page %s holds %q", page, text)
	return ""
}

// commentsOn is what a person finds below a page or block.
func (w *world) commentsOn(id notion.ID) []notion.Comment {
	w.t.Helper()
	l, err := w.owner.Comments(w.t.Context(), id, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return l.Comments
}

// handbook is a small workspace.
func handbook() map[string]string {
	return map[string]string{
		"Finance.md":               "Everything about money.",
		"Finance/Refund policy.md": "Refunds go back to the card that was charged.\n\n## Exceptions\n\n### Damaged goods\n\nA customer who receives damaged goods gets a full refund within 30 days. A photo is needed.\n\n### Vouchers\n\nVouchers are never paid out in cash.",
		"Finance/Travel.md":        "Book economy class for flights under six hours.",
		"Engineering/Deploys.md":   "Deploys run from the main branch at noon.\n\n## Rollback\n\nRun `make rollback` and tell the on-call engineer.",
		"Customers.csv":            "Name,Owner,Plan\nAcme,Ada,Enterprise\nGlobex,Bo,Team\nInitech,Cy,Team\n",
	}
}

// manual is a long page: numbered sections, each with words of its own.
func manual(sections int) string {
	var b strings.Builder
	for i := range sections {
		fmt.Fprintf(&b, "## Chapter %d\n\n", i)
		for j := range 40 {
			fmt.Fprintf(&b, "w%dx%d filler text here. ", i, j)
		}
		b.WriteString("\n\n")
	}
	return b.String()
}
