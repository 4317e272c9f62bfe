package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools"
)

const someID = "0a1b000000004000800000000000000a"

func TestTasks(t *testing.T) {
	t.Parallel()
	all, err := readTasks(tasksFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 10 {
		t.Errorf("%d tasks, and the document says ten", len(all))
	}
}

func TestReadTasksRefuses(t *testing.T) {
	t.Parallel()
	const head = "- {name: n, question: q, "
	const way = "[{why: w, calls: [{tool: t}]}]"
	for task, want := range map[string]string{
		head + "right: {holds: [x]}, product: " + way + "}":                                                                             "a way for both",
		head + "product: " + way + ", official: " + way + "}":                                                                           "what is right",
		head + "right: {holds: ['(']}, product: " + way + ", official: " + way + "}":                                                    "missing closing",
		head + "right: {holds: [x]}, product: " + way + ", official: [{calls: [{}]}]}":                                                  "needs a why",
		head + "rihgt: {holds: [x]}, product: " + way + ", official: " + way + "}":                                                      "rihgt",
		head + "right: {holds: [x]}, product: " + way + ", official: [{why: w, calls: [{tool: t, args: {a: {b: [" + someID + "]}}}]}]}": "no earlier answer gave",
	} {
		if _, err := readTasks([]byte(task)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", task, err, want)
		}
	}
}

// script answers calls in order.
type script struct {
	answers []string
	called  []string
}

func (s *script) Call(_ context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	s.called = append(s.called, tool+" "+string(args))
	if len(s.answers) == 0 {
		return tools.Answer{}, errors.New("no more answers")
	}
	a := tools.Answer{Text: s.answers[0]}
	s.answers = s.answers[1:]
	return a, nil
}

func TestPlay(t *testing.T) {
	t.Parallel()
	way := Way{Calls: []Call{
		{Tool: "find", Args: map[string]any{"query": "a & b"}, Take: map[string]string{"id": "results.1.id", "link": "/<(.*?)>/"}},
		{Tool: "read", Args: map[string]any{"page": "{{id}}", "say": "{{said}}", "at": "{{link}}"}},
	}}
	task := Task{Given: map[string]string{"said": `a "quote"`}}
	s := &script{answers: []string{`{"results":[{"id":"one"},{"id":"two","url":"<three>"}]}`, "the page"}}
	r, err := play(t.Context(), s, task, way)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`find {"query":"a & b"}`, `read {"at":"three","page":"two","say":"a \"quote\""}`}
	if diff := cmp.Diff(want, s.called); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if r.Calls != 2 || r.In == 0 || r.Out == 0 || r.Structured != r.Out || !strings.HasSuffix(r.Text, "the page\n") || r.Wrong != "" {
		t.Errorf("got %+v", r)
	}
}

func TestPlayEndsWhenAnAnswerLacksWhatIsNeeded(t *testing.T) {
	t.Parallel()
	way := Way{Calls: []Call{{Tool: "find", Take: map[string]string{"id": "results.0.id"}}, {Tool: "read"}}}
	for _, answer := range []string{`{"results":[]}`, "no JSON", `{"results":[{"id":7}]}`} {
		s := &script{answers: []string{answer, "unused"}}
		r, err := play(t.Context(), s, Task{}, way)
		if err != nil || r.Wrong != "find gave no id" || len(s.called) != 1 {
			t.Errorf("%s: wrong %q, error %v, calls %q", answer, r.Wrong, err, s.called)
		}
	}
	if _, err := play(t.Context(), &script{}, Task{}, Way{Calls: []Call{{Tool: "read", Args: map[string]any{"page": "{{id}}"}}}}); err == nil {
		t.Error("a hole that nothing fills is no error")
	}
}

func TestJudgeWords(t *testing.T) {
	t.Parallel()
	right := Right{Holds: []string{"one", "t.o"}, Lacks: []string{"three"}}
	for text, want := range map[string]string{
		"one two":       "",
		"one":           `the answers lack "t.o"`,
		"one two three": `the answers have "three"`,
	} {
		if got := words(right, Run{Text: text}); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := words(right, Run{Text: "four", Way: Way{Holds: []string{"four"}}}); got != "" {
		t.Errorf("a way that says it in another form: %q", got)
	}
}

func opened(t *testing.T) *world {
	t.Helper()
	w, err := openWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func judged(t *testing.T, w *world, right Right) string {
	t.Helper()
	wrong, err := w.judge(t.Context(), Task{Right: right}, Run{})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

func TestJudgeComment(t *testing.T) {
	t.Parallel()
	w := opened(t)
	right := Right{Comment: &Comment{Page: "Webhook delivery failures", Text: "Seen."}}
	if judged(t, w, right) == "" {
		t.Error("right before there is a comment")
	}
	for _, wrong := range []bool{false, true} { // the second comment is one too many
		comment(t, w, "Webhook delivery failures", "Seen.")
		if got := judged(t, w, right); (got != "") != wrong {
			t.Errorf("judged %q", got)
		}
	}
}

func comment(t *testing.T, w *world, title, text string) {
	t.Helper()
	found, err := w.notion.Search(t.Context(), notion.SearchRequest{Query: title, Kind: "page"})
	if err != nil || len(found.Pages) == 0 {
		t.Fatalf("find %s: %d pages, %v", title, len(found.Pages), err)
	}
	for _, p := range found.Pages {
		if p.Title() != title {
			continue
		}
		if _, err := w.notion.CreateComment(t.Context(), notion.CreateComment{Page: p.ID, RichText: []notion.RichText{notion.Plain(text)}}); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("no page %s", title)
}

func TestJudgeChanges(t *testing.T) {
	t.Parallel()
	w := opened(t)
	row := Right{Row: &Row{Database: "Incidents", Values: map[string]any{"Severity": "SEV3"}}}
	if got := judged(t, w, row); got != "0 pages were made instead of one row" {
		t.Errorf("nothing made: %q", got)
	}
	found, err := w.notion.Search(t.Context(), notion.SearchRequest{Query: "Incidents", Kind: "data_source"})
	if err != nil || len(found.DataSources) == 0 {
		t.Fatalf("find Incidents: %v", err)
	}
	_, err = w.notion.CreatePage(t.Context(), notion.CreatePage{
		Parent:     notion.Parent{Type: "data_source_id", DataSourceID: found.DataSources[0].ID},
		Properties: map[string]any{"Severity": notion.Property{Select: &notion.Option{Name: "SEV3"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		right Right
		want  string
	}{
		{row, ""},
		{Right{Row: &Row{Database: "Incidents", Values: map[string]any{"Severity": "SEV1"}}}, "the row has other values"},
		{Right{Row: &Row{Database: "Customers"}}, "the page is no row of Customers"},
		{Right{}, "1 pages were made"},
	} {
		if got := judged(t, w, tt.right); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.right.Row, got, tt.want)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	way := Way{Why: "search", Calls: []Call{{Tool: "find", Args: map[string]any{"q": 1}}}}
	runs := []Run{{Way: way, Calls: 1, In: 1, Out: 9, Wrong: "wrong"}, {Way: way, Calls: 2, In: 900, Out: 2345, Structured: 3000, Text: "https://app.notion.com/p/" + someID + "#" + someID}}
	sortRuns(runs)
	r := Report{Results: []Result{{Task: Task{Name: "A task", Question: "What?"}, Runs: [2][]Run{runs, {{Way: way, Calls: 1, In: 5, Out: 6}}}}}}
	doc := r.document()
	for _, want := range []string{
		"| A task | 2 | 900 | 2,345 | yes | block | 1 | 5 | 6 | yes | none |",
		"| **all ten** | 2 | 900 | 2,345 | 1 | block: 1 | 1 | 5 | 6 | 1 | block: 0 |",
		"3,000 tokens in all", "> What?\n", "- find `{\"q\":1}`", "Also tried: search. Calls: 1, tokens in: 1, out: 9; wrong, wrong.",
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document lacks %q:\n%s", want, doc)
		}
	}
	if err := r.ours(); err != nil {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tasks.md")
	const written = "# Tasks\n| **all ten** | 14 | 4,901 | yes |\n| **all ten, with room** | 13 | 16,990 |\n"
	if err := compare(file, written, true); err != nil {
		t.Fatal(err)
	}
	for measured, ok := range map[string]bool{
		written: true,
		strings.Replace(written, "4,901", "4,950", 1):  true,
		strings.Replace(written, "4,901", "5,900", 1):  false,
		strings.Replace(written, "16,990", "1,699", 1): false,
		strings.Replace(written, "14 |", "", 1):        false,
		"# Tasks\n":                                    false,
	} {
		if err := compare(file, measured, false); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "-update") {
			t.Errorf("%s: error %v", measured, err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != written {
		t.Errorf("a comparison wrote %q, %v", got, err)
	}
}
