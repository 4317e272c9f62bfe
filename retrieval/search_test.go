package retrieval_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const secret = "ntn_test"

// company is a small workspace whose answers are known.
func company() fstest.MapFS {
	pages := map[string]string{
		"handbook.md": "# Handbook\n\nWelcome to the company.\n",
		"handbook/leave.md": "# Leave\n\nTime away from work.\n\n## Parental leave\n\n" +
			"Both parents get sixteen weeks of paid parental leave.\n\n## Award leave\n\n" +
			"Time off granted as an award lapses one year after it was given.\n",
		"handbook/leave-copy.md": "# Leave (copy)\n\nTime away from work.\n\n## Parental leave\n\n" +
			"Both parents get sixteen weeks of paid parental leave.\n\n## Award leave\n\n" +
			"Time off granted as an award lapses one year after it was given.\n",
		"handbook/travel.md": "# Travel\n\n| City | Per diem |\n|---|---|\n| Lisbon | 64 EUR |\n| Oslo | 97 EUR |\n",
		"ops.md":             "# Operations\n\nRunbooks below.\n",
		"ops/failover.md":    "# Database failover\n\n- Stop the writer.\n- Promote the replica with `dbctl promote`.\n- Error DB-4411 means that the replica lags.\n",
		"ops/queue.md":       "# Queue backlog\n\nWhen the queue grows, scale the workers to twelve.\n",
		"customers.csv":      "Name,Plan,Renewal\nAcme Tools,Enterprise,2026-09-30\nNorth Mills,Starter,2027-01-15\n",
	}
	fsys := fstest.MapFS{}
	i := 0
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		i++
		fsys[name] = &fstest.MapFile{Data: []byte(pages[name]), ModTime: time.Date(2026, 1, i, 9, 0, 0, 0, time.UTC)}
	}
	return fsys
}

type world struct {
	t         testing.TB
	notion    *emulator.Server
	index     *index.Index
	syncer    *ingest.Syncer
	retriever *retrieval.Retriever
}

func newWorld(t *testing.T, fsys fs.FS, cfg emulator.Config, rc retrieval.Config) *world {
	t.Helper()
	return pacedWorld(t, fsys, notion.Config{MaxRetries: 1}, cfg, rc)
}

func pacedWorld(t testing.TB, fsys fs.FS, nc notion.Config, cfg emulator.Config, rc retrieval.Config) *world {
	t.Helper()
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, notion: emulator.New(ws, cfg)}
	store, err := index.OpenStore(t.TempDir(), index.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w.index, err = store.Open(t.Context(), tokens.Connection{Subject: auth.Local(secret), Handle: "my-notion"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.index.Close(); _ = store.Close() })
	nc.BaseURL, nc.HTTP = "http://127.0.0.1", &http.Client{Transport: emulatortest.InProcess(w.notion)}
	client := notion.New(secret, nc)
	w.syncer, err = ingest.New(ingest.Config{Index: w.index, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
	if err != nil {
		t.Fatal(err)
	}
	rc.Index, rc.Syncer = w.index, w.syncer
	for _, d := range []*time.Duration{&rc.ConfirmWithin, &rc.WarmWithin, &rc.SenseWithin, &rc.RerankWithin} {
		*d = cmp.Or(*d, time.Hour) // longer than any machine takes
	}
	w.retriever = retrieval.New(rc)
	return w
}

func mirrored(t *testing.T, rc retrieval.Config) *world {
	t.Helper()
	w := newWorld(t, company(), emulator.Config{}, rc)
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) ask(q retrieval.Query) *retrieval.Result {
	w.t.Helper()
	res, err := w.retriever.Search(w.t.Context(), q)
	if err != nil {
		w.t.Fatalf("Search(%+v): %v", q, err)
	}
	return res
}

func (w *world) id(path string) notion.ID {
	w.t.Helper()
	for _, p := range w.notion.Pages() {
		if p.Path == path {
			return notion.ID(p.ID)
		}
	}
	w.t.Fatalf("no page %q", path)
	return ""
}

// The block that a citation's URL opens holds the answer.
func TestCitationsOpenTheBlockThatAnswers(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	cases := []struct{ question, answer, title string }{
		{"how many weeks of parental leave do parents get", "sixteen weeks", "Leave"},
		{"when does award leave lapse", "lapses one year", "Leave"},
		{"per diem in Oslo", "Oslo", "Travel"},
		{"DB-4411", "DB-4411", "Database failover"},
		{"how do I promote the replica", "dbctl promote", "Database failover"},
		{"scale the workers of the queue", "twelve", "Queue backlog"},
	}
	for _, c := range cases {
		res := w.ask(retrieval.Query{Text: c.question})
		if len(res.Found) == 0 {
			t.Errorf("%q: nothing found", c.question)
			continue
		}
		first := res.Found[0]
		if !strings.HasPrefix(first.Citation.Title, c.title) || !strings.Contains(string(first.Text), c.answer) {
			t.Errorf("%q: first is %q: %q", c.question, first.Citation.Title, first.Text)
		}
		block := notion.ID(first.Citation.BlockID)
		if src, ok := w.notion.BlockSource(string(block)); !ok || !strings.Contains(src.Text, c.answer) {
			t.Errorf("%q: the citation opens %+v", c.question, src)
		}
		if !strings.HasSuffix(first.Citation.URL, "#"+block.Compact()) {
			t.Errorf("%q: URL %q does not end in the block", c.question, first.Citation.URL)
		}
	}
}

// What is cited is shown, also where the block that has most of the question is
// too long for the room there is.
func TestWhatIsCitedIsShown(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("The warranty of a pump covers the seal, the shaft and the motor of that pump. ", 40)
	fsys := fstest.MapFS{}
	for i, name := range []string{"Pumps", "Valves", "Boilers", "Fans"} {
		text := "# " + name + "\n\nWarranty claims go to service.\n\n" + long[i*10:] + "\n\n- The pump is labelled.\n- The seal is kept.\n"
		fsys[name+".md"] = &fstest.MapFile{Data: []byte(text)}
	}
	w := newWorld(t, fsys, emulator.Config{}, retrieval.Config{})
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, budget := range []int{200, 400, 800, 1600, 8000} {
		res := w.ask(retrieval.Query{Text: "warranty of the pump seal, shaft and motor", Budget: budget})
		if len(res.Found) == 0 {
			t.Errorf("budget %d: nothing found", budget)
		}
		for _, f := range res.Found {
			first, last := f.CitedLines()
			lines := strings.Split(string(f.Text), "\n")
			if first < 1 || last > len(lines) || !strings.HasPrefix(strings.Join(lines[first-1:last], "\n"), string(citedLine(t, f).Text)) {
				t.Errorf("budget %d: lines %d to %d are not the cited block of %q", budget, first, last, f.Text)
			}
		}
	}
}

func citedLine(t *testing.T, f retrieval.Found) retrieval.Line {
	t.Helper()
	i := slices.IndexFunc(f.Lines, func(l retrieval.Line) bool { return l.Block == f.Citation.BlockID })
	if i < 0 {
		t.Fatal("the cited block is not shown")
	}
	return f.Lines[i]
}

// The languages of the pages are named to who asks in none of them.
func TestLanguagesOfThePages(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	german := "Wie lange gilt die Freistellung, bevor ich sie nicht mehr nehmen kann?"
	for _, c := range []struct {
		q    retrieval.Query
		want string
	}{
		{retrieval.Query{Text: german}, "English"},
		{retrieval.Query{Text: german, Also: []string{"How long is it before the award leave has lapsed?"}}, ""},
		{retrieval.Query{Text: "How long is it before the award leave has lapsed?"}, ""},
	} {
		if got := strings.Join(w.ask(c.q).Languages, " "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
}

func TestNearDuplicatesAreShownOnce(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	res := w.ask(retrieval.Query{Text: "award leave lapses", Limit: 10})
	n := 0
	for _, f := range res.Found {
		if strings.Contains(string(f.Text), "Time off granted as an award") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the same words were returned %d times", n)
	}
}

func TestUnderAndEditedAfter(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	under := w.ask(retrieval.Query{Text: "weeks leave queue workers failover", Under: w.id("ops.md")})
	if len(under.Found) == 0 {
		t.Fatal("nothing under ops")
	}
	if !under.Narrowed || under.Within == 0 || under.Within >= under.Coverage.Known {
		t.Errorf("looked at %d of %d pages, narrowed: %v", under.Within, under.Coverage.Known, under.Narrowed)
	}
	for _, f := range under.Found {
		if !slices.Contains(f.Citation.Path, "Operations") && f.Citation.Title != "Operations" {
			t.Errorf("%q (%v) is not under Operations", f.Citation.Title, f.Citation.Path)
		}
	}
	var table notion.ID
	for _, p := range w.index.Pages() {
		if p.Kind == index.KindDatabase {
			table = p.ID
		}
	}
	rows := w.ask(retrieval.Query{Text: "Enterprise renewal", Under: table})
	if len(rows.Found) == 0 || rows.Found[0].Citation.Title != "Acme Tools" {
		t.Errorf("rows under the database: %+v", rows.Found)
	}
	late := time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)
	for _, f := range w.ask(retrieval.Query{Text: "leave travel queue failover", EditedAfter: late}).Found {
		if f.Citation.LastEdited.Before(late) {
			t.Errorf("%q was last edited %v", f.Citation.Title, f.Citation.LastEdited)
		}
	}
	if _, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "x", Under: "00000000-0000-8000-8000-000000000000"}); !errors.Is(err, notion.ErrNotFound) {
		t.Errorf("under an unknown page: %v", err)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	for _, budget := range []int{10, 300, 600, 2000} {
		res := w.ask(retrieval.Query{Text: "leave award parental travel queue", Budget: budget, Limit: 20})
		total, lines := 0, 0
		for _, f := range res.Found {
			total += passage.Tokens(string(f.Text))
			lines += len(f.Lines)
			for _, l := range f.Lines {
				if l.Block == "" || l.Text == "" {
					t.Errorf("line %+v", l)
				}
			}
		}
		if len(res.Found) == 0 || (lines > 2 && total > budget) {
			t.Errorf("budget %d: %d passages with %d tokens", budget, len(res.Found), total)
		}
	}
}

func TestWhatIsNoLongerSharedIsNeverQuoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, company(), emulator.Config{Tokens: []emulator.Token{{Secret: secret, Roots: []string{"handbook.md", "ops/queue.md"}}}},
		retrieval.Config{ConfirmAfter: time.Nanosecond})
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := w.ask(retrieval.Query{Text: "queue workers"}); len(res.Found) == 0 {
		t.Fatal("the shared page is not found")
	}
	if err := w.notion.Unshare(secret, "ops/queue.md"); err != nil {
		t.Fatal(err)
	}
	res := w.ask(retrieval.Query{Text: "queue workers"})
	for _, f := range res.Found {
		if strings.Contains(string(f.Text), "twelve") {
			t.Errorf("quoted after it was unshared: %q", f.Text)
		}
	}
	if res.Dropped == 0 {
		t.Error("the answer does not say that something was dropped")
	}
	w.notion.Revoke(secret)
	if res, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "parental leave"}); !errors.Is(err, notion.ErrUnauthorized) {
		t.Errorf("with a revoked token: %+v, %v", res, err)
	}
}

func TestAnEditedPageIsReadBeforeItIsQuoted(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{ConfirmAfter: time.Nanosecond})
	if err := w.notion.Edit("ops/queue.md", "# Queue backlog\n\nWhen the queue grows, scale the workers to forty.\n"); err != nil {
		t.Fatal(err)
	}
	res := w.ask(retrieval.Query{Text: "scale the workers of the queue"})
	if len(res.Found) == 0 || !strings.Contains(string(res.Found[0].Text), "forty") {
		t.Errorf("found %+v", res.Found)
	}
	if len(res.Live) != 1 {
		t.Errorf("live reads: %v", res.Live)
	}
}

func TestNotionOutOfReach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := mirrored(t, retrieval.Config{ConfirmAfter: time.Nanosecond, ConfirmWithin: 3 * time.Second})
		time.Sleep(time.Second)
		w.notion.Inject(emulator.Fault{Hang: true})
		start := time.Now()
		res := w.ask(retrieval.Query{Text: "parental leave"})
		if len(res.Found) == 0 || !res.Found[0].Unchecked {
			t.Errorf("found %+v", res.Found)
		}
		w.ask(retrieval.Query{Text: "award leave"})
		w.ask(retrieval.Query{Text: "per diem"})
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("three searches took %v while Notion hung", took)
		}
	})
}

// Before the mirror has begun, the first question is answered all the same.
func TestColdIndexAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, company(), emulator.Config{}, retrieval.Config{})
	res := w.ask(retrieval.Query{Text: "what do I do at a database failover"})
	if len(res.Found) == 0 || !strings.Contains(string(res.Found[0].Text), "dbctl promote") {
		t.Errorf("found %+v", res.Found)
	}
	if len(res.Live) == 0 {
		t.Error("nothing was read live")
	}
	if res.Coverage.Ready() {
		t.Error("coverage claims to know everything")
	}
}

func TestColdIndexKeepsItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, company(), emulator.Config{}, retrieval.Config{WarmWithin: 8 * time.Second})
		w.notion.Inject(emulator.Fault{Hang: true})
		start := time.Now()
		res, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "database failover"})
		if took := time.Since(start); took > 9*time.Second || err == nil {
			t.Errorf("took %v, answered %+v", took, res)
		}
	})
}

// A token that Notion refused at the last poll shows nothing, however lately
// the pages were seen.
func TestRefusedTokenQuotesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := mirrored(t, retrieval.Config{ConfirmAfter: time.Hour, ConfirmWithin: 3 * time.Second})
		w.notion.Revoke(secret)
		_, _ = w.syncer.Poll(t.Context())
		if res, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "parental leave"}); !errors.Is(err, notion.ErrUnauthorized) {
			t.Errorf("quoted %+v, %v", res, err)
		}
		w.notion.Inject(emulator.Fault{Hang: true}) // nor when Notion cannot be asked again
		if res, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "parental leave"}); err == nil {
			t.Errorf("quoted %+v", res)
		}
	})
}

func TestColdIndexWithARevokedToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, company(), emulator.Config{}, retrieval.Config{})
	w.notion.Revoke(secret)
	if _, err := w.retriever.Search(t.Context(), retrieval.Query{Text: "database failover"}); !errors.Is(err, notion.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}
