package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestMirrorIsCompleteAndSpendsNoRequestTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(40), emulator.Config{})
	sum := w.sync()
	if sum.Complete != sum.Known || sum.Known < 40+3 {
		t.Errorf("complete %d of %d known", sum.Complete, sum.Known)
	}
	if !sum.Ready() {
		t.Error("not ready after a whole pass")
	}
	seen := map[string]int{}
	for _, call := range w.takeCalls() {
		if call != "POST /v1/search" {
			seen[call]++
		}
	}
	for call, n := range seen {
		if n > 1 {
			t.Errorf("%s was asked %d times", call, n)
		}
	}
	for path, want := range map[string]string{"p3/p4.md": "deeper 4", "p0.md": "hidden words 0", "p6.md": "cell"} {
		if got := w.text(path); !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s: %q", want, path, got)
		}
	}
}

func TestOrderOfWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(30), emulator.Config{})
	w.sync()
	pages := map[string]bool{}
	for _, p := range w.notion.Pages() {
		pages["GET /v1/blocks/"+p.ID+"/children"] = true
	}
	lastListing, firstBody, firstNested, late := -1, -1, -1, 0
	for i, call := range w.takeCalls() {
		switch {
		case call == "POST /v1/search" || strings.HasSuffix(call, "/query"):
			lastListing = i
		case pages[call]:
			if firstBody < 0 {
				firstBody = i
			}
			if firstNested >= 0 {
				late++
			}
		case firstNested < 0:
			firstNested = i
		}
	}
	if lastListing > firstBody {
		t.Errorf("listing went on (%d) after the first body (%d)", lastListing, firstBody)
	}
	// Requests that are under way together may overtake each other.
	if late > 8 {
		t.Errorf("%d first levels were read after nested blocks had begun", late)
	}
}

func TestSecondPassAsksOnlyForTheListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(20), emulator.Config{})
	w.sync()
	w.takeCalls()
	sum := w.poll()
	if sum.Changed != 0 || sum.Removed != 0 {
		t.Errorf("a quiet poll changed %d and removed %d pages", sum.Changed, sum.Removed)
	}
	for _, call := range w.takeCalls() {
		if call != "POST /v1/search" && !strings.HasSuffix(call, "/query") {
			t.Errorf("a quiet poll asked %s", call)
		}
	}
}

func TestPollBringsChangesIn(t *testing.T) {
	t.Parallel()
	steps := []struct {
		name string
		do   func(*world) error
	}{
		{"edit", func(w *world) error { return w.notion.Edit("p1.md", "# Page 1\n\nRewritten entirely.\n") }},
		{"edit nested", func(w *world) error {
			return w.notion.Edit("p2.md", "# Page 2\n\n- a\n  - b\n    - freshly nested\n")
		}},
		{"trash", func(w *world) error { return w.notion.Trash("p3.md") }},
		{"restore", func(w *world) error { return w.notion.Restore("p3.md") }},
		{"delete", func(w *world) error { return w.notion.Delete("p6.md") }},
		{"move", func(w *world) error { return w.notion.Move("p7.md", "p1.md") }},
		{"rename", func(w *world) error { return w.notion.Rename("p10.md", "A new name") }},
		{"add", func(w *world) error { return w.notion.AddPage("p11/new.md", "# New\n\nNobody saw this before.\n") }},
	}
	w := newWorld(t, bigWorkspace(15), emulator.Config{})
	w.sync()
	for _, step := range steps {
		if err := step.do(w); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		w.poll()
		w.sameAsFresh()
		if t.Failed() {
			t.Fatalf("after %s", step.name)
		}
	}
}

func TestUnsharedPagesGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(10), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"p0.md", "p1.md", "p2.md"}}}})
	w.sync()
	gone := w.id("p1.md")
	if _, ok := w.index.Page(gone); !ok {
		t.Fatal("p1 is not in the index to begin with")
	}
	if _, ok := w.index.Page(w.id("p5.md")); ok {
		t.Fatal("p5 was never shared and is in the index")
	}
	if err := w.notion.Unshare(secret, "p1.md"); err != nil {
		t.Fatal(err)
	}
	if sum := w.poll(); sum.Removed == 0 {
		t.Error("nothing was removed")
	}
	if _, ok := w.index.Page(gone); ok {
		t.Error("p1 is still in the index")
	}
	if err := w.notion.Share(secret, "p1.md"); err != nil {
		t.Fatal(err)
	}
	w.poll()
	w.sameAsFresh()
}

func TestPagesThatSearchLeavesOut(t *testing.T) {
	t.Parallel()
	full := newWorld(t, bigWorkspace(24), emulator.Config{})
	full.sync()
	w := newWorld(t, bigWorkspace(24), emulator.Config{SearchOmits: 3, PageSizeMax: 7})
	w.sync()
	children := 0
	for _, p := range full.index.Pages() {
		if p.Parent.Type == "workspace" || p.Parent.Type == "" {
			continue // a shared root that search hides cannot be found by anybody
		}
		children++
		if _, ok := w.index.Page(p.ID); !ok {
			t.Errorf("%s %q below %v was not found", p.Kind, p.Title, p.Parent)
		}
	}
	if children < 4 {
		t.Fatalf("only %d pages below others: the test shows nothing", children)
	}
	if err := w.notion.Edit("p3/p4.md", "# Page 4\n\nchanged in hiding\n"); err != nil {
		t.Fatal(err)
	}
	w.poll()
	if got := w.text("p3/p4.md"); !strings.Contains(got, "changed in hiding") {
		t.Errorf("an edit of a page that search leaves out was missed: %q", got)
	}
}

func TestTroubleWithOnePageNeverFailsTheRest(t *testing.T) {
	t.Parallel()
	faults := map[string]emulator.Fault{
		"server error": {Status: 500, Code: "internal_server_error"},
		"cut body":     {CutBody: true},
		"html":         {HTML: true, Status: 502},
		"bad request":  {Status: 400, Code: "validation_error", Message: "Block type ai_block is not supported via the API."},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, bigWorkspace(10), emulator.Config{})
			bad := w.id("p5.md")
			fault.Route, fault.ID = "/v1/blocks/{id}/children", string(bad)
			w.notion.Inject(fault)
			sum, err := w.syncer.Sync(t.Context())
			if err != nil {
				t.Fatalf("one page stopped the pass: %v", err)
			}
			if sum.Complete < sum.Known-1 {
				t.Errorf("only %d of %d pages complete", sum.Complete, sum.Known)
			}
			if len(sum.Problems) != 1 || sum.Problems[0].Page != bad || sum.Problems[0].Reason == "" {
				t.Errorf("problems = %+v, want one about p5", sum.Problems)
			}
			w.notion.ClearFaults()
			w.poll()
			w.sameAsFresh()
		})
	}
}

func TestTroubleWithOneTableOrProbeNeverFailsTheRest(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, bigWorkspace(8), emulator.Config{})
			code := map[int]string{403: "restricted_resource", 500: "internal_server_error"}[status]
			w.notion.Inject(emulator.Fault{Route: "/v1/data_sources/{id}/query", Status: status, Code: code})
			sum := w.sync()
			if sum.Complete < 8 || !sum.Ready() || len(sum.Problems) != 1 {
				t.Errorf("with a table that cannot be listed: %d complete, ready %v, problems %+v", sum.Complete, sum.Ready(), sum.Problems)
			}
			w.notion.ClearFaults()
			w.skew.Add(int64(10 * time.Minute))
			w.poll()
			w.sameAsFresh()

			if err := w.notion.Delete("p5.md"); err != nil {
				t.Fatal(err)
			}
			w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}", Status: status, Code: code})
			if _, err := w.syncer.Poll(t.Context()); err != nil {
				t.Errorf("a probe that fails stopped the pass: %v", err)
			}
			w.notion.ClearFaults()
			w.poll()
			w.sameAsFresh()
		})
	}
}

func TestWholeConnectionTrouble(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		fault emulator.Fault
		want  error
		words string
	}{
		{"revoked", emulator.Fault{Status: 401, Code: "unauthorized"}, notion.ErrUnauthorized, "token"},
		{"no read capability", emulator.Fault{Status: 403, Code: "restricted_resource"}, notion.ErrRestricted, "capability"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, bigWorkspace(10), emulator.Config{})
			w.sync()
			w.notion.Inject(c.fault)
			_, err := w.syncer.Poll(t.Context())
			if !errors.Is(err, c.want) {
				t.Errorf("Poll: %v, want %v", err, c.want)
			}
			if got := w.syncer.Coverage().Error; !strings.Contains(got, c.words) {
				t.Errorf("coverage says %q", got)
			}
			if n := len(w.index.Pages()); n == 0 {
				t.Error("trouble emptied the index")
			}
			w.notion.ClearFaults()
			w.poll()
			if got := w.syncer.Coverage().Error; got != "" {
				t.Errorf("coverage still says %q", got)
			}
		})
	}
}

func TestCancelledPassKeepsItsWork(t *testing.T) {
	t.Parallel()
	fresh := newWorld(t, bigWorkspace(30), emulator.Config{})
	least := fresh.sync().Requests
	for _, after := range []int{1, 2, 10, 40, 60} {
		w := newWorld(t, bigWorkspace(30), emulator.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		w.hook = func(n int) {
			if n == after {
				cancel()
			}
		}
		if _, err := w.syncer.Sync(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("Sync after %d requests: %v", after, err)
		}
		spent := len(w.takeCalls())
		sum := w.sync()
		// The listing is asked again, and of each page that was under way when the
		// pass was cancelled, what its reader had not put down yet: two requests, or a
		// third for what is nested deeper.
		const readers, listing = 8, 4 + 3
		if again := int64(spent) + sum.Requests - least; again > 3*readers+listing {
			t.Errorf("interrupted after %d requests, %d were spent twice", after, again)
		}
		w.sameAsFresh()
		cancel()
	}
}

func TestRunPollsUntilTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(5), emulator.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.syncer.Run(ctx) }()
	for !w.syncer.Coverage().Ready() {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	for _, p := range w.index.Pages() {
		if p.Level != index.Complete {
			t.Errorf("%q is %s", p.Title, p.Level)
		}
	}
}
