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
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// meaning returns a Dense that finds the passage with a text, whatever is asked.
func (w *world) meaning(text string) func(context.Context, string, []string, func(index.Page) bool, int) ([]retrieval.Near, error) {
	return func(ctx context.Context, _ string, _ []string, within func(index.Page) bool, _ int) ([]retrieval.Near, error) {
		var near []retrieval.Near
		for _, p := range w.index.Pages() {
			all, err := w.index.Passages(ctx, p.ID)
			if err != nil {
				return nil, err
			}
			for _, one := range all {
				if strings.Contains(string(one.Text), text) && (within == nil || within(p)) {
					near = append(near, retrieval.Near{Place: index.Place{Page: p.ID, Ordinal: one.Ordinal}, Score: 0.7})
				}
			}
		}
		return near, nil
	}
}

// sensing is a mirrored world whose retriever also searches by meaning.
func sensing(t *testing.T, change func(*world, *retrieval.Config)) *world {
	t.Helper()
	w := mirrored(t, retrieval.Config{})
	cfg := retrieval.Config{Index: w.index, Syncer: w.syncer}
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
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Dense = w.meaning("lapses one year") })
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
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Dense = w.meaning("scale the workers") })
	res := w.ask(retrieval.Query{Text: "xylophone zeppelin"})
	if len(res.Found) != 1 || res.Found[0].Citation.Title != "Queue backlog" || res.Found[0].Citation.BlockID == "" {
		t.Errorf("found %+v", res.Found)
	}
}

func TestMeaningStaysWithinTheQuery(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Dense = w.meaning("sixteen weeks") })
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
	w := sensing(t, func(w *world, c *retrieval.Config) { c.Dense = w.meaning("sixteen weeks") })
	for _, text := range []string{
		`what does "time with the baby" mean`, `the 5" replica`, `he said "replica`, "replica - what", "replica -5", "replica --rate -verbose",
		"replica `dbctl -weeks`", `"sixteen weeks"`, "replica -queue",
	} {
		if got := titles(w.ask(retrieval.Query{Text: text})); !slices.ContainsFunc(got, isLeave) {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

// Places that are no longer there are passed over.
func TestMeaningThatIsOutOfDate(t *testing.T) {
	t.Parallel()
	w := sensing(t, func(w *world, c *retrieval.Config) {
		c.Dense = func(context.Context, string, []string, func(index.Page) bool, int) ([]retrieval.Near, error) {
			return []retrieval.Near{{Place: index.Place{Page: "gone", Ordinal: 1}}, {Place: index.Place{Page: w.id("ops/queue.md"), Ordinal: 99}}}, nil
		}
	})
	if res := w.ask(retrieval.Query{Text: "replica"}); len(res.Found) == 0 || res.Found[0].Citation.Title != "Database failover" {
		t.Errorf("found %v", titles(res))
	}
}

// Whatever happens to the endpoint, the answer is the one by words, in time,
// with one note.
func TestMeaningThatFails(t *testing.T) {
	t.Parallel()
	want := titles(mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: "replica"}))
	for name, c := range map[string]struct {
		dense func(context.Context) error
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
					cfg.DenseWithin = 300 * time.Millisecond
					cfg.Dense = func(ctx context.Context, _ string, _ []string, _ func(index.Page) bool, _ int) ([]retrieval.Near, error) {
						return nil, c.dense(ctx)
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
