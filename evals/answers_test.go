package evals

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sashabaranov/go-openai"

	"github.com/mcp-notion/mcp-notion/evals/report"
)

// endpoint is a chat endpoint whose model searches once, quotes what it found
// first, and leaves questions about manuscripts unanswered. As a judge it
// believes everything but sentences about Mars.
type endpoint struct {
	*httptest.Server
	calls   atomic.Int64
	refuse  atomic.Int64 // how many calls are answered with 429 first
	invents bool         // cites and quotes what is not there
	t       *testing.T
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{t: t}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) config(t *testing.T) *ModelConfig {
	return &ModelConfig{BaseURL: e.URL, Key: "sk-secret", Model: "writer", Judge: "judge", Cache: filepath.Join(t.TempDir(), "cache"),
		PriceIn: 1, PriceOut: 2, Pause: time.Millisecond}
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.refuse.Add(-1) >= 0 {
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"error":{"message":"slow down"}}`))
		return
	}
	e.calls.Add(1)
	var request openai.ChatCompletionRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.Header.Get("Authorization") != "Bearer sk-secret" {
		e.t.Errorf("request: %v, %q", err, r.Header.Get("Authorization"))
	}
	reply := e.reply(request)
	reply.Role = "assistant"
	_ = json.NewEncoder(w).Encode(openai.ChatCompletionResponse{
		Choices: []openai.ChatCompletionChoice{{Message: reply}},
		Usage:   openai.Usage{PromptTokens: 1000, CompletionTokens: 100},
	})
}

var (
	firstFound = regexp.MustCompile(`(?s)(https://app\.notion\.com/p/\S+)[^\n]*\n<quoted>\n(.*?)</quoted>`)
	anchored   = regexp.MustCompile(`(?m)^[#> -]*(.+) (#[0-9a-f]{32})$`)
)

func (e *endpoint) reply(request openai.ChatCompletionRequest) openai.ChatCompletionMessage {
	last := request.Messages[len(request.Messages)-1]
	switch {
	case request.Model == "judge":
		verdict := `{"claims":[{"claim":"all","supported":true},{"claim":"Mars","supported":false}],"correct":"yes"}`
		if !strings.Contains(last.Content, "Mars") {
			verdict = `{"claims":[{"claim":"all","supported":true}],"correct":"partly"}`
		}
		return openai.ChatCompletionMessage{Content: verdict}
	case last.Role == "user":
		args, _ := json.Marshal(map[string]string{"query": last.Content})
		return openai.ChatCompletionMessage{ToolCalls: []openai.ToolCall{{ID: "1", Type: "function",
			Function: openai.FunctionCall{Name: "search_notion", Arguments: string(args)}}}}
	case strings.Contains(request.Messages[1].Content, "manuscripts"):
		return openai.ChatCompletionMessage{Content: "NOT IN THE DOCUMENTS\nI looked for insurers."}
	}
	m := firstFound.FindStringSubmatch(last.Content)
	if m == nil {
		e.t.Errorf("nothing to quote in %q", last.Content)
		return openai.ChatCompletionMessage{Content: "I do not know what to say."}
	}
	if e.invents {
		return openai.ChatCompletionMessage{Content: `There are "seven libraries on Mars" [1](https://app.notion.com/p/00000000000040008000000000000000). Nobody cited that they are closed.`}
	}
	var says strings.Builder
	for _, l := range anchored.FindAllStringSubmatch(m[2], -1) {
		line, _, _ := strings.Cut(l[1], `"`)
		says.WriteString(`It says "` + line + `" on the page that I found [1](` + m[1] + l[2] + "). ")
	}
	return openai.ChatCompletionMessage{Content: says.String()}
}

func answersOf(t *testing.T, cfg *ModelConfig) *report.Answers {
	t.Helper()
	r, err := Run(t.Context(), Config{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl", Model: cfg})
	if err != nil {
		t.Fatal(err)
	}
	return r.Answers
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	e.refuse.Store(2)
	cfg := e.config(t)
	first := answersOf(t, cfg)
	for _, row := range first.Rows {
		if row.Error != "" {
			t.Errorf("%s: %s", row.ID, row.Error)
		}
	}
	m := first.Metrics
	for key, want := range map[string]report.Figure{
		report.CitationsResolve: 1, report.SentencesCited: 1, report.Abstains: 1, report.Answered: 1, report.ClaimsSupported: 1, report.AnswerCorrect: .5,
	} {
		if got, ok := m[key]; !ok || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	if got, ok := m[report.CitesGold]; !ok || got <= 0 || got >= 1 {
		t.Errorf("cites_gold is %v", got)
	}
	calls := e.calls.Load() // 8 questions: search, answer, judge
	if calls != 24 || first.Cost.Calls != 24 || first.Cost.Cached != 0 || first.Cost.TokensIn != 24_000 || !near(report.Figure(first.Cost.USD), 24*(1000+200)/1e6) {
		t.Errorf("%d calls; %+v", calls, first.Cost)
	}
	again := answersOf(t, cfg)
	if e.calls.Load() != calls || again.Cost.Cached != 24 || again.Cost.USD != 0 {
		t.Errorf("a rerun made %d calls; %+v", e.calls.Load()-calls, again.Cost)
	}
	if diff := cmp.Diff(first.Rows, again.Rows, cmp.Comparer(near)); diff != "" {
		t.Errorf("a rerun answers differently (-first +again):\n%s", diff)
	}
	noSecrets(t, cfg.Cache)
}

// noSecrets looks for the key in everything that was kept.
func noSecrets(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files in the cache, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "secret") || strings.HasSuffix(name, ".part") {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

func TestInventedAnswers(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	e.invents = true
	a := answersOf(t, e.config(t))
	for key, want := range map[string]report.Figure{
		report.CitationsResolve: 0, report.QuotesStand: 0, report.SentencesCited: .5, report.CitesGold: 0, report.ClaimsSupported: .5,
	} {
		if got, ok := a.Metrics[key]; !ok || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	want := []string{
		"cites what was not shown: https://app.notion.com/p/00000000000040008000000000000000",
		"quotes what stands nowhere: seven libraries on Mars", "not supported: Mars",
	}
	if diff := cmp.Diff(want, a.Rows[0].Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestLimitsAndResuming stops a run by its limits and goes on where it ended.
func TestLimitsAndResuming(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	cfg := e.config(t)
	cfg.MaxCalls = 7
	a := answersOf(t, cfg)
	if e.calls.Load() != 7 || len(a.Rows) != 2 || !strings.Contains(a.Stopped, "7 calls") {
		t.Errorf("%d calls, %d rows, stopped by %q", e.calls.Load(), len(a.Rows), a.Stopped)
	}
	cfg.MaxCalls, cfg.MaxUSD = 0, 0.02 // a call may cost up to 3,000 tokens of reply
	a = answersOf(t, cfg)
	if a.Cost.USD > cfg.MaxUSD || a.Cost.Cached != 7 || !strings.Contains(a.Stopped, "$0.02") {
		t.Errorf("%+v, stopped by %q", a.Cost, a.Stopped)
	}
	cfg.MaxUSD = 0
	a = answersOf(t, cfg)
	if e.calls.Load() != 24 || len(a.Rows) != 8 || a.Stopped != "" {
		t.Errorf("%d calls in all, %d rows, stopped by %q", e.calls.Load(), len(a.Rows), a.Stopped)
	}
}

func TestEndpointDown(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	e.refuse.Store(1 << 30)
	a := answersOf(t, e.config(t))
	if len(a.Rows) != 8 || !strings.Contains(a.Rows[0].Error, "slow down") || a.Metrics[report.Answered] != 0 {
		t.Errorf("%d rows, the first %+v; %v", len(a.Rows), a.Rows[0], a.Metrics)
	}
	if _, ok := a.Metrics[report.Abstains]; ok {
		t.Error("a question that failed counts as one that was rightly left unanswered")
	}
}

func TestEval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file(name)
	}
	o := Options{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl", JSON: file("r.json"), HTML: file("r.html"), Version: "v1",
		Thresholds: write("ok.json", `{"metrics":{"page_recall_at_10":0.1}}`)}
	var out, progress strings.Builder
	if err := Eval(t.Context(), o, &out, &progress); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "passage@1") || !strings.Contains(progress.String(), "asking mcp-notion 8 questions") {
		t.Errorf("terminal: %q; progress: %q", out.String(), progress.String())
	}
	o.Compare, o.Thresholds, o.JSON, o.HTML = file("r.json"), write("high.json", `{"metrics":{"passage_hit_at_1":1.01}}`), "-", ""
	out.Reset()
	err := Eval(t.Context(), o, &out, nil)
	if !errors.Is(err, ErrBelow) || !strings.Contains(err.Error(), "under 1.010") {
		t.Errorf("got error %v, want ErrBelow", err)
	}
	var got report.Report
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || got.Compared == nil || got.Version != "v1" {
		t.Errorf("JSON to the terminal: %v", err)
	}
	page, err := os.ReadFile(file("r.html"))
	if err != nil || !strings.HasPrefix(string(page), "<!doctype html>") {
		t.Errorf("HTML: %v, %.40q", err, page)
	}
}

func TestEvalRefuses(t *testing.T) {
	t.Parallel()
	corpus := Options{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl"}
	with := func(change func(*Options)) Options {
		o := corpus
		change(&o)
		return o
	}
	for _, o := range []Options{
		{},
		{Corpus: "testdata/corpus"},
		with(func(o *Options) { o.Collection = "collection/testdata/bread" }),
		{Collection: "collection/testdata/bread", Binary: "x"},
		with(func(o *Options) { o.Model.Judge = "j" }),
		with(func(o *Options) { o.Model.Model, o.Model.MaxUSD = "m", 1 }),
		with(func(o *Options) { o.ServerURLs, o.Header = []string{"http://127.0.0.1:1"}, "no colon" }),
	} {
		if err := Eval(t.Context(), o, os.Stderr, nil); !errors.Is(err, ErrUsage) {
			t.Errorf("%+v: got error %v, want ErrUsage", o, err)
		}
	}
	for _, o := range []Options{
		with(func(o *Options) { o.Thresholds = "absent" }),
		with(func(o *Options) { o.Compare = "absent" }),
	} {
		if err := Eval(t.Context(), o, os.Stderr, nil); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%+v: got error %v, want that the file is absent", o, err)
		}
	}
}
