package evals

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/notion"
)

func library(t *testing.T) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(os.DirFS("testdata/corpus"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shown is a passage of a page of the library that cites the block on a line.
func shown(t *testing.T, c *corpus.Corpus, path, text string, cites int) ask.Passage {
	t.Helper()
	page := c.Workspace.FindPage(path)
	if page == nil {
		t.Fatalf("no page %s", path)
	}
	p := ask.Passage{Page: notion.ID(page.ID), Title: page.Title, Text: text}
	for _, b := range page.Body {
		if b.Source.LineStart <= cites && cites <= b.Source.LineEnd {
			p.Block = notion.ID(b.ID)
		}
	}
	return p
}

const (
	drop = "The book drop beside the main door takes returns at any hour."
	late = "Each day that a book is overdue costs 20 cents, at most 6 euros. Nobody pays for days on which we were closed."
	july = "In July and August the reading room closes at 17."
	lost = "We run the catalogue."
)

func TestScore(t *testing.T) {
	t.Parallel()
	c := library(t)
	fine := questions.Gold{Path: "borrowing.md", LineStart: 16, LineEnd: 16}
	night := questions.Gold{Path: "opening-hours.md", LineStart: 9, LineEnd: 9}
	summer := questions.Gold{Path: "opening-hours.md", LineStart: 8, LineEnd: 8}
	log3 := math.Log2(3)
	tests := []struct {
		name    string
		kind    string
		gold    []questions.Gold
		came    []ask.Passage
		want    report.Figures // page recall 5, 10, mrr, ndcg; passage 1, 5; citation 1, 5
		outcome report.Outcome
	}{
		{"first", "table", []questions.Gold{fine}, []ask.Passage{shown(t, c, "borrowing.md", late, 16)},
			figures(1, 1, 1, 1, 1, 1, 1, 1), report.First},
		{"pages count once", "table", []questions.Gold{fine},
			[]ask.Passage{shown(t, c, "tools.md", lost, 3), shown(t, c, "tools.md", lost, 3), shown(t, c, "borrowing.md", late, 3)},
			figures(1, 1, .5, 1/log3, 0, 1, 0, 0), report.Below},
		{"right page, wrong passage", "table", []questions.Gold{fine},
			[]ask.Passage{shown(t, c, "borrowing.md", "| Books | 28 days | 3 |", 9)},
			figures(1, 1, 1, 1, 0, 0, 0, 0), report.PassageMissed},
		{"any of several", "table", []questions.Gold{fine, night}, []ask.Passage{shown(t, c, "opening-hours.md", drop, 8)},
			figures(1, 1, 1, 1, 1, 1, 1, 1), report.First},
		{"each of several", questions.Multi, []questions.Gold{fine, night}, []ask.Passage{shown(t, c, "opening-hours.md", drop, 8)},
			figures(.5, .5, 1, 1/(1+1/log3), .5, .5, .5, .5), report.PageMissed},
		{"two needs on one page", questions.Multi, []questions.Gold{summer, night, fine},
			[]ask.Passage{shown(t, c, "borrowing.md", late, 16), shown(t, c, "opening-hours.md", july+"\n"+drop, 8)},
			figures(1, 1, 1, (1+2/log3)/(2+1/log3), 1/3., 1, 1/3., 1), report.First},
		{"nothing", "table", []questions.Gold{fine}, nil, figures(0, 0, 0, 0, 0, 0, 0, 0), report.PageMissed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := questions.Question{ID: "q", Type: tt.kind, Answerable: true, Gold: tt.gold}
			row := score(c, q, reply{Reply: ask.Reply{Passages: tt.came}})
			if diff := cmp.Diff(tt.want, row.Metrics, cmp.Comparer(near)); diff != "" {
				t.Errorf("figures (-want +got):\n%s", diff)
			}
			if row.Outcome != tt.outcome {
				t.Errorf("outcome %q, want %q", row.Outcome, tt.outcome)
			}
		})
	}
}

func near(a, b report.Figure) bool {
	return math.Abs(float64(a-b)) < 1e-9 || !a.Known() && !b.Known()
}

func figures(pageRecall5, pageRecall10, mrr, ndcg, passage1, passage5, citation1, citation5 float64) report.Figures {
	f := report.Figures{report.Shown: 0, report.Linked: 0, report.ShownAndLinked: 0} // these answers have no text
	for i, v := range []float64{pageRecall5, pageRecall10, mrr, ndcg, passage1, passage5, citation1, citation5} {
		f[report.QualityKeys()[i]] = report.Figure(v)
	}
	return f
}

func TestScoreOfText(t *testing.T) {
	t.Parallel()
	c := library(t)
	fine := questions.Gold{Path: "borrowing.md", LineStart: 16, LineEnd: 16}
	night := questions.Gold{Path: "opening-hours.md", LineStart: 9, LineEnd: 9}
	fineLink := " #" + string(shown(t, c, "borrowing.md", "", 16).Block.Compact())
	nightLink := " #" + string(shown(t, c, "opening-hours.md", "", 9).Block.Compact())
	for _, tt := range []struct {
		name, kind, text string
		want             []report.Figure // shown, linked, both
	}{
		{"one of two will do", "table", late + fineLink, []report.Figure{1, 1, 1}},
		{"both are needed", questions.Multi, late + fineLink, []report.Figure{0, 0, 0}},
		{"both are there", questions.Multi, late + fineLink + "\n" + drop + nightLink, []report.Figure{1, 1, 1}},
		{"shown without a link", "table", late, []report.Figure{1, 0, 0}},
		{"a link without the words", questions.Multi, fineLink + nightLink, []report.Figure{0, 1, 0}},
	} {
		q := questions.Question{Type: tt.kind, Answerable: true, Gold: []questions.Gold{fine, night}}
		m := score(c, q, reply{Reply: ask.Reply{Text: tt.text}}).Metrics
		if diff := cmp.Diff(tt.want, []report.Figure{m[report.Shown], m[report.Linked], m[report.ShownAndLinked]}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestScoreRow(t *testing.T) {
	t.Parallel()
	c := library(t)
	q := questions.Question{ID: "q", Question: "Late?", Type: "table", Answerable: true, Also: []string{"fine"}, Answer: "20 cents",
		Gold: []questions.Gold{{Path: "borrowing.md", Heading: "Late", LineStart: 16, LineEnd: 16}}}
	row := score(c, q, reply{
		Reply: ask.Reply{Passages: []ask.Passage{shown(t, c, "borrowing.md", late, 16)}, Confidence: 3, Text: "one two three", Calls: 2},
		took:  1500 * time.Microsecond,
	})
	at := questions.Lines{Path: "borrowing.md", Start: 16, End: 16}
	want := report.Row{
		ID: "q", Type: "table", Question: "Late?", Also: []string{"fine"}, Answerable: true, Answer: "20 cents",
		Expected: []report.Expected{{Path: "borrowing.md", Heading: "Late", LineStart: 16, LineEnd: 16, Text: late}},
		Metrics:  figures(1, 1, 1, 1, 1, 1, 1, 1), Outcome: report.First, PageRank: 1, PassageRank: 1, CitationRank: 1,
		Confidence: 3, Tokens: 3, Calls: 2, LatencyMS: 1.5,
		Found: []report.Found{{Title: "Borrowing", Path: "borrowing.md", Text: late, Lines: []questions.Lines{at}, Cited: &at, Gold: true, Cites: true}},
	}
	if diff := cmp.Diff(want, row, cmp.Comparer(near)); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	failed := score(c, q, reply{err: errors.New("no")})
	if failed.Outcome != report.Failed || failed.Error != "no" || failed.Metrics[report.PageRecall5] != 0 {
		t.Errorf("a question that failed: %+v", failed)
	}
	none := score(c, questions.Question{ID: "u", Type: "unanswerable"}, reply{Reply: ask.Reply{Passages: []ask.Passage{{Title: "Some"}}}})
	if none.Outcome != report.NoAnswer || none.Metrics != nil {
		t.Errorf("an unanswerable question: %+v", none)
	}
}

// flaky fails on one question.
type flaky struct{ on string }

func (f flaky) Ask(_ context.Context, q questions.Question) (ask.Reply, error) {
	if q.ID == f.on {
		return ask.Reply{Calls: 1}, errors.New("broken pipe")
	}
	return ask.Reply{Calls: 1, Confidence: 1}, nil
}

func TestAskGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	all, err := questions.Read("testdata/questions.jsonl", "")
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{corpus: library(t), questions: all}
	rep, err := r.ask(t.Context(), "flaky", flaky{on: "lib-02"})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Asked != len(all) || rep.Questions[1].Outcome != report.Failed || rep.Questions[2].Error != "" {
		t.Errorf("asked %d, second %+v", rep.Asked, rep.Questions[1])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.ask(ctx, "flaky", flaky{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "q.jsonl")
	if err := os.WriteFile(bad, []byte(`{"id":"a","question":"Q","answerable":true,"gold":[{"path":"gone.md","line_start":1,"line_end":1}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Corpus: "testdata/corpus", Questions: bad}, "no page for gone.md"},
		{Config{Corpus: "testdata/absent", Questions: "testdata/questions.jsonl"}, "load corpus"},
		{Config{Corpus: "testdata/corpus", Questions: "absent"}, "read questions"},
		{Config{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl", Others: []ask.ServerConfig{{Command: "no-such-program-here"}}}, "no-such-program-here"},
	} {
		if _, err := Run(t.Context(), tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got error %v, want one with %q", err, tt.want)
		}
	}
}
