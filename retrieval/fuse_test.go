package retrieval_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// likes is a Sense to which the passages with a text are near, whatever is
// asked.
type likes struct {
	index *index.Index
	text  string
}

func (l likes) Of(_ string, p *passage.Passage) (float64, bool) {
	if strings.Contains(string(p.Text), l.text) {
		return 0.7, true
	}
	return 0.1, true
}

func (l likes) Nearest(ctx context.Context, within func(index.Page) bool, _ int) ([]index.Place, error) {
	var near []index.Place
	for _, p := range l.index.Pages() {
		all, err := l.index.Passages(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if strings.Contains(string(one.Text), l.text) && (within == nil || within(p)) {
				near = append(near, index.Place{Page: p.ID, Ordinal: one.Ordinal})
			}
		}
	}
	return near, nil
}

// always is a model that makes the same of every question.
func always(s retrieval.Sense) func(context.Context, string, []string) (retrieval.Sense, error) {
	return func(context.Context, string, []string) (retrieval.Sense, error) { return s, nil }
}

// sensing is a mirrored world whose retriever also searches by meaning.
func sensing(t *testing.T, change func(*world, *retrieval.Config)) *world {
	t.Helper()
	w := mirrored(t, retrieval.Config{})
	cfg := retrieval.Config{Index: w.index, Syncer: w.syncer, SenseWithin: time.Hour, RerankWithin: time.Hour} // however slow the machine
	change(w, &cfg)
	w.retriever = retrieval.New(cfg)
	return w
}

func titles(res *retrieval.Result) []string {
	var all []string
	for _, f := range res.Found {
		all = append(all, f.Citation.Title)
	}
	return all
}

func TestMeaningFindsWhatWordsMiss(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(likes{w.index, "lapses one year"}) })
	const q = "maternity in Lisbon"
	if plain := mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: q}); slices.ContainsFunc(titles(plain), isLeave) {
		t.Fatalf("words alone find it: %v", titles(plain))
	}
	res := w.ask(retrieval.Query{Text: q})
	if got := titles(res); !slices.ContainsFunc(got, isLeave) || !slices.Contains(got, "Travel") {
		t.Errorf("fused: %v, want what words find and what meaning finds", got)
	}
	for i := 1; i < len(res.Found); i++ {
		if res.Found[i].Score > res.Found[i-1].Score {
			t.Errorf("scores do not descend: %v after %v", res.Found[i].Score, res.Found[i-1].Score)
		}
	}
	if len(res.Notes) > 0 {
		t.Errorf("notes: %q", res.Notes)
	}
}

func isLeave(title string) bool { return strings.HasPrefix(title, "Leave") }

// What no word of the query occurs in is found by meaning alone, and cited.
func TestMeaningAlone(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(likes{w.index, "scale the workers"}) })
	res := w.ask(retrieval.Query{Text: "xylophone zeppelin"})
	if len(res.Found) != 1 || res.Found[0].Citation.Title != "Queue backlog" || res.Found[0].Citation.BlockID == "" {
		t.Errorf("found %+v", res.Found)
	}
}

func TestMeaningStaysWithinTheQuery(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(likes{w.index, "sixteen weeks"}) })
	for _, q := range []retrieval.Query{
		{Text: `"dbctl promote" replica`},
		{Text: "replica -weeks"},
		{Text: `replica -"paid parental"`},
		{Text: `"dbctl promote"`, Also: []string{"parental leave"}},
		{Text: "replica", Under: w.id("ops.md")},
		{Text: "replica", EditedAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if got := titles(w.ask(q)); slices.ContainsFunc(got, isLeave) {
			t.Errorf("%+v: found %v", q, got)
		}
	}
}

// Quotes and dashes that ask for nothing do not switch meaning off.
func TestMeaningBesideQuotesAndDashes(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(likes{w.index, "sixteen weeks"}) })
	for _, text := range []string{
		`what does "time with the baby" mean`, `the 5" replica`, `he said "replica`, "replica - what", "replica -5", "replica --rate -verbose",
		"replica `dbctl -weeks`", `"sixteen weeks"`, "replica -queue",
	} {
		if got := titles(w.ask(retrieval.Query{Text: text})); !slices.ContainsFunc(got, isLeave) {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

// stale is a Sense whose places are no longer there.
type stale struct{ likes }

func (s stale) Nearest(context.Context, func(index.Page) bool, int) ([]index.Place, error) {
	return []index.Place{{Page: "gone", Ordinal: 1}, {Page: s.index.Pages()[0].ID, Ordinal: 99}}, nil
}

func TestMeaningThatIsOutOfDate(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(stale{likes{w.index, "dbctl"}}) })
	if res := w.ask(retrieval.Query{Text: "replica"}); len(res.Found) == 0 || res.Found[0].Citation.Title != "Database failover" {
		t.Errorf("found %v", titles(res))
	}
}

// some is a Sense that knows only passages with a text.
type some struct {
	likes
	known string
}

func (s some) Of(title string, p *passage.Passage) (float64, bool) {
	near, _ := s.likes.Of(title, p)
	return near, strings.Contains(string(p.Text), s.known)
}

func (some) Nearest(context.Context, func(index.Page) bool, int) ([]index.Place, error) {
	return nil, nil
}

// While vectors are being made, passages without one keep their places.
func TestMeaningOfSomePassages(t *testing.T) {
	t.Parallel()
	const q = "Lisbon dbctl twelve"
	plain := mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: q})
	if len(plain.Found) != 3 {
		t.Fatalf("by words: %v", titles(plain))
	}
	last := plain.Found[2]
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Sense = always(likes{w.index, string(last.Lines[0].Text)}) })
	if got := titles(w.ask(retrieval.Query{Text: q})); got[0] != last.Citation.Title {
		t.Errorf("found %v, want %q first", got, last.Citation.Title)
	}
	w = sensing(t, func(w *world, c *retrieval.Config) {
		text := string(last.Lines[0].Text)
		c.Sense = always(some{likes{w.index, text}, text})
	})
	if got := titles(w.ask(retrieval.Query{Text: q})); !slices.Equal(got, titles(plain)) {
		t.Errorf("with one vector alone %v, want %v", got, titles(plain))
	}
}

// Whatever happens to the model, the answer is the one by words, in time,
// with one note.
func TestMeaningThatFails(t *testing.T) {
	t.Parallel()
	want := titles(mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: "replica"}))
	for name, c := range map[string]struct {
		sense func(context.Context) error
		note  string
	}{
		"error": {func(context.Context) error { return errors.New("the endpoint is down") }, "the endpoint is down"},
		"slow":  {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, "in time"},
		"deaf":  {func(context.Context) error { time.Sleep(2 * time.Second); return nil }, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := sensing(t, func(_ *world, cfg *retrieval.Config) {
					cfg.SenseWithin = 300 * time.Millisecond
					cfg.Sense = func(ctx context.Context, _ string, _ []string) (retrieval.Sense, error) {
						return nil, c.sense(ctx)
					}
				})
				start := time.Now()
				res := w.ask(retrieval.Query{Text: "replica"})
				defer time.Sleep(2 * time.Second) // until the deaf one has ended
				if took := time.Since(start); took > time.Second {
					t.Errorf("took %v", took)
				}
				if got := titles(res); !slices.Equal(got, want) {
					t.Errorf("found %v, want %v", got, want)
				}
				if len(res.Notes) != 1 || !strings.Contains(res.Notes[0], c.note) {
					t.Errorf("notes %q, want one with %q", res.Notes, c.note)
				}
			})
		})
	}
}

func TestRerank(t *testing.T) {
	t.Parallel()
	const q = "Lisbon dbctl twelve"
	plain := titles(mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: q}))
	if len(plain) != 3 {
		t.Fatalf("without a model: %v", plain)
	}
	for name, c := range map[string]struct {
		order []int
		err   error
		want  []string
	}{
		"fails":    {err: errors.New("down"), want: plain},
		"nonsense": {order: []int{-4, 900}, want: plain},
		"partial":  {order: []int{2, 2}, want: []string{plain[2], plain[0], plain[1]}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sensing(t, func(_ *world, cfg *retrieval.Config) {
				cfg.Rerank = func(_ context.Context, _ string, texts []string) ([]int, error) {
					if len(texts) < 3 || !strings.Contains(texts[0], "\n") {
						t.Errorf("the model sees %q", texts)
					}
					return c.order, c.err
				}
			})
			res := w.ask(retrieval.Query{Text: q})
			if diff := cmp.Diff(c.want, titles(res)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			if (len(res.Notes) == 1) != (c.err != nil) {
				t.Errorf("notes: %q", res.Notes)
			}
		})
	}
}
