package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestReadUnknownPageLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{})
	r, err := w.syncer.Read(t.Context(), w.id("p0.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Live || !r.Checked || r.Page.Level != index.Complete {
		t.Errorf("live %v, checked %v, level %s", r.Live, r.Checked, r.Page.Level)
	}
	if text := w.text("p0.md"); !strings.Contains(text, "deeper 0") || !strings.Contains(text, "hidden words 0") {
		t.Errorf("nested text is missing:\n%s", text)
	}
}

func TestReadAsksForTheBodyOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{})
	w.sync()
	w.takeCalls()
	r, err := w.syncer.Read(t.Context(), w.id("p1.md"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Live || !r.Checked {
		t.Errorf("live %v, checked %v", r.Live, r.Checked)
	}
	if calls := w.takeCalls(); len(calls) != 1 {
		t.Errorf("an unchanged page took %q", calls)
	}
	if err := w.notion.Edit("p1.md", "# Page 1\n\nnew words\n"); err != nil {
		t.Fatal(err)
	}
	r, err = w.syncer.Read(t.Context(), w.id("p1.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Live || !strings.Contains(string(r.Passages[0].Text), "new words") {
		t.Errorf("live %v: %q", r.Live, r.Passages[0].Text)
	}
}

func TestReadFromTheIndexWhenNotionCannotBeAsked(t *testing.T) {
	t.Parallel()
	faults := map[string]emulator.Fault{
		"server error": {Status: 503, Code: "service_unavailable"},
		"cut":          {CutBody: true},
		"html":         {Status: 502, HTML: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, bigWorkspace(4), emulator.Config{})
			w.sync()
			w.notion.Inject(fault)
			r, err := w.syncer.Read(t.Context(), w.id("p0.md"))
			if err != nil {
				t.Fatal(err)
			}
			if r.Checked || r.Live || r.Stale == "" || len(r.Passages) == 0 {
				t.Errorf("checked %v, live %v, stale %q, %d passages", r.Checked, r.Live, r.Stale, len(r.Passages))
			}
		})
	}
}

func TestReadRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(4), emulator.Config{})
	w.sync()
	id := w.id("p0.md")
	w.notion.Revoke(secret)
	if r, err := w.syncer.Read(t.Context(), id); !errors.Is(err, notion.ErrUnauthorized) {
		t.Errorf("with a revoked token: %v, %v", r, err)
	}
}

func TestReadTrashedOrGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{})
	w.sync()
	trashed, deleted := w.id("p1.md"), w.id("p2.md")
	for _, err := range []error{w.notion.Trash("p1.md"), w.notion.Delete("p2.md")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []notion.ID{trashed, deleted, "00000000-0000-8000-8000-000000000000"} {
		if _, err := w.syncer.Read(t.Context(), id); !errors.Is(err, notion.ErrNotFound) {
			t.Errorf("read %s: %v", id, err)
		}
		if _, ok := w.index.Page(id); ok {
			t.Errorf("%s is still in the index", id)
		}
	}
}

func TestReadByBlockAndTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(6), emulator.Config{})
	w.sync()
	page := w.id("p0.md")
	ps, err := w.index.Passages(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	spans := ps[0].Spans
	r, err := w.syncer.Read(t.Context(), spans[len(spans)-1].Block)
	if err != nil || r.Page.ID != page {
		t.Errorf("by a nested block: %+v, %v", r, err)
	}
	for _, p := range w.index.Pages() {
		if p.Kind == index.KindPage {
			continue
		}
		r, err := w.syncer.Read(t.Context(), p.ID)
		if err != nil || r.Page.Kind != index.KindDataSource || len(r.Passages) == 0 {
			t.Errorf("%s %s: %+v, %v", p.Kind, p.ID, r, err)
		}
	}
}

// A reader waits for no more than its own page, however long the mirror's
// queue is.
func TestReaderJumpsTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, bigWorkspace(60), emulator.Config{Latency: time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := w.syncer.Sync(ctx); done <- err }()
		for w.syncer.Coverage().Known < 60 {
			time.Sleep(time.Millisecond)
		}
		oldest := w.id("p0.md") // the mirror comes to it last
		if _, err := w.syncer.Read(t.Context(), oldest); err != nil {
			t.Fatal(err)
		}
		if c := w.syncer.Coverage(); c.Complete > 20 {
			t.Errorf("%d of %d pages were complete before the reader was served", c.Complete, c.Known)
		}
		cancel()
		<-done
	})
}

// What an interrupted reader has read of a page is not asked for again.
func TestInterruptedReadKeepsItsRequests(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	page.WriteString("# Long\n\n")
	for i := range 60 {
		fmt.Fprintf(&page, "- item %d\n\n  <!-- embed: https://example.com/%d -->\n\n", i, i) // which Markdown does not have
	}
	w := newWorld(t, files("long.md", page.String()), emulator.Config{Latency: 2 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.hook = func(n int) {
		if n == 30 {
			cancel()
		}
	}
	if _, err := w.syncer.Read(ctx, w.id("long.md")); err == nil {
		t.Fatal("the read was not interrupted")
	}
	before := map[string]bool{}
	for _, call := range w.takeCalls() {
		before[call] = true
	}
	if _, err := w.syncer.Read(t.Context(), w.id("long.md")); err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, call := range w.takeCalls() {
		if before[call] {
			again++
		}
	}
	if again > 1+8 { // the page itself, and what was under way
		t.Errorf("%d of the first 30 requests were sent again", again)
	}
}

// Once Notion has refused the token, nothing is trusted that was seen before.
func TestRefusedTokenIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(4), emulator.Config{})
	w.sync()
	ids := []notion.ID{w.id("p0.md")}
	w.notion.Inject(emulator.Fault{Status: 401, Code: "unauthorized"})
	if _, err := w.syncer.Poll(t.Context()); !errors.Is(err, notion.ErrUnauthorized) {
		t.Fatal(err)
	}
	if _, err := w.syncer.Confirm(t.Context(), ids, time.Hour); !errors.Is(err, notion.ErrUnauthorized) {
		t.Errorf("Confirm of a page seen lately: %v", err)
	}
	w.notion.ClearFaults()
	w.notion.Inject(emulator.Fault{Status: 503, Code: "service_unavailable"})
	if r, err := w.syncer.Read(t.Context(), ids[0]); err == nil {
		t.Errorf("read from the index although Notion refused the token: %+v", r)
	}
	w.notion.ClearFaults()
	if v, err := w.syncer.Confirm(t.Context(), ids, time.Hour); err != nil || v[ids[0]].Gone {
		t.Errorf("after the token works again: %+v, %v", v, err)
	}
	if w.syncer.Refused() {
		t.Error("the refusal is still remembered")
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(8), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md", "p1.md", "p2.md", "p3.md"}}}})
	w.sync()
	kept, edited, unshared := w.id("p0.md"), w.id("p1.md"), w.id("p2.md")
	ids := []notion.ID{kept, edited, unshared}
	w.takeCalls()
	if v, err := w.syncer.Confirm(t.Context(), ids, time.Hour); err != nil || len(v) != 0 || len(w.takeCalls()) != 0 {
		t.Errorf("just mirrored pages were asked for: %v, %v", v, err)
	}
	for _, err := range []error{w.notion.Edit("p1.md", "# Page 1\n\nother\n"), w.notion.Unshare(secret, "p2.md")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	v, err := w.syncer.Confirm(t.Context(), ids, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v[kept].Gone || v[kept].Changed || !v[edited].Changed || !v[unshared].Gone {
		t.Errorf("verdicts: kept %+v, edited %+v, unshared %+v", v[kept], v[edited], v[unshared])
	}
	if _, ok := w.index.Page(unshared); ok {
		t.Error("the unshared page is still in the index")
	}
	w.notion.Revoke(secret)
	if _, err := w.syncer.Confirm(t.Context(), ids[:1], 0); !errors.Is(err, notion.ErrUnauthorized) {
		t.Errorf("with a revoked token: %v", err)
	}
}
