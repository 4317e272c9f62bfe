package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// hostile is text that must never become part of the page.
const hostile = `</pre><script src="https://evil.example/x.js"></script><img src="https://evil.example/p.png">`

func question(id, kind string, hit, confidence float64) Row {
	f := Figures{}
	for _, key := range QualityKeys() {
		f[key] = Figure(hit)
	}
	row := Row{ID: id, Type: kind, Question: "Q " + id, Answerable: true, Metrics: f, Outcome: First, PageRank: 1, PassageRank: 1,
		Confidence: confidence, Tokens: 100, Calls: 1, LatencyMS: 10}
	if hit < 1 {
		row.Outcome, row.PassageRank = PassageMissed, 0
		row.Expected = []Expected{{Path: "a.md", Heading: "H", LineStart: 3, LineEnd: 4, Text: "the answer"}}
		row.Found = []Found{{Title: "A", Path: "a.md", Lines: []questions.Lines{{Path: "a.md", Start: 7, End: 9}}, Text: hostile}}
	}
	return row
}

func sample() *Report {
	r := &Report{
		System: "mcp-notion", Corpus: "pages", At: time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC),
		Mirror: &Mirror{Pages: 3, Passages: 9, Requests: 12, TookMS: 250},
		Questions: []Row{
			question("q1", "table", 1, .9),
			question("q2", "table", 0, .2),
			question("q3", "keyword", 1, .5),
			{ID: "q4", Type: "unanswerable", Question: "Q q4", Outcome: NoAnswer, Confidence: .5, Tokens: 60, Calls: 3, LatencyMS: 30},
		},
	}
	r.Sum()
	return r
}

func TestSum(t *testing.T) {
	t.Parallel()
	r := sample()
	if r.Asked != 4 || r.Calls != 1.5 {
		t.Errorf("asked %d, %v calls; want 4, 1.5", r.Asked, r.Calls)
	}
	two := Figure(2. / 3)
	want := Figures{
		PageRecall5: two, PageRecall10: two, PageMRR10: two, PageNDCG10: two, PassageHit1: two, PassageHit5: two, CitationHit1: two, CitationHit5: two,
		Shown: two, Linked: two, ShownAndLinked: two, TokensReadP50: 100, TokensReadMean: 100, TokensReadP95: 100,
		AbstainAUROC: .5, TokensPerQuery: 90, LatencyP50: 10, LatencyP95: 30, // .9 wins, .2 loses, .5 ties
	}
	near := cmp.Comparer(func(a, b Figure) bool {
		return math.Abs(float64(a-b)) < 1e-9 || !a.Known() && !b.Known()
	})
	if diff := cmp.Diff(want, r.Metrics, near); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if got := r.ByType["keyword"][AbstainAUROC]; got != .5 {
		t.Errorf("confidence of one type against all unanswerable: %v, want .5", got)
	}
	if got := r.ByType["unanswerable"]; got[PassageHit5].Known() || got[AbstainAUROC].Known() || got[TokensPerQuery] != 60 {
		t.Errorf("unanswerable: %v", got)
	}
	for _, key := range append(QualityKeys(), AbstainAUROC, TokensPerQuery, TokensReadMean) {
		if i, ok := r.Intervals[key]; !ok || i.Low > float64(r.Metrics[key])+1e-4 || i.High < float64(r.Metrics[key])-1e-4 {
			t.Errorf("%s is %v, between %+v", key, r.Metrics[key], i)
		}
	}
	if diff := cmp.Diff([]Type{{"table", 2}, {"keyword", 1}, {"unanswerable", 1}}, r.Types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

// TestSumLeavesOutFailures holds that a system which fails does not look cheap.
func TestSumLeavesOutFailures(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Questions = append(r.Questions, Row{ID: "q5", Type: "table", Answerable: true, Outcome: Failed, Error: "no"})
	r.Sum()
	if r.Metrics[TokensReadMean] != 100 || r.Metrics[Shown] != .5 {
		t.Errorf("with a failure: %v", r.Metrics)
	}
	none := &Report{Questions: []Row{{ID: "u", Type: "unanswerable"}}}
	none.Sum()
	if _, ok := none.Intervals[Shown]; ok || none.Metrics[TokensReadP95].Known() {
		t.Errorf("of nothing: %v, %v", none.Metrics, none.Intervals)
	}
}

// TestCompareWithOlder compares with a run that did not have all figures yet.
func TestCompareWithOlder(t *testing.T) {
	t.Parallel()
	old, now := sample(), sample()
	delete(old.Metrics, Shown)
	for _, row := range old.Questions {
		delete(row.Metrics, Shown)
	}
	now.Compare(old)
	var b strings.Builder
	if err := now.Table(&b); err != nil || !regexp.MustCompile(`(?m)^ +shown +– +.667 +– *$`).MatchString(b.String()) {
		t.Errorf("%v:\n%s", err, b.String())
	}
}

// TestKeys holds the names that other programs read.
func TestKeys(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "r.json")
	var b bytes.Buffer
	if err := sample().Encode(&b); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/report.json", string(raw))
	var got struct {
		Metrics   map[string]*float64
		ByType    map[string]map[string]*float64 `json:"by_type"`
		Questions []map[string]any
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("page_recall_at_5 page_recall_at_10 page_mrr_at_10 page_ndcg_at_10 passage_hit_at_1 passage_hit_at_5 " +
		"citation_hit_at_1 citation_hit_at_5 shown linked shown_and_linked abstain_auroc tokens_per_query tokens_read_p50 tokens_read_mean tokens_read_p95 latency_ms_p50 latency_ms_p95")
	for where, f := range map[string]map[string]*float64{"metrics": got.Metrics, "table": got.ByType["table"], "unanswerable": got.ByType["unanswerable"]} {
		if len(f) != len(want) {
			t.Errorf("%s has %d keys, want %d", where, len(f), len(want))
		}
		for _, key := range want {
			if _, ok := f[key]; !ok {
				t.Errorf("%s has no %s", where, key)
			}
		}
	}
	if len(got.Questions) != 4 {
		t.Errorf("%d rows", len(got.Questions))
	}
	again, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	if f := again.ByType["unanswerable"][PassageHit1]; f.Known() {
		t.Errorf("null came back as %v", f)
	}
}

func compared() *Report {
	old, now := sample(), sample()
	old.Questions[1] = question("q2", "table", 1, .2)
	old.Questions[2] = question("q3", "keyword", 0, .5)
	old.Questions = append(old.Questions, question("q9", "table", 1, 1))
	old.Sum()
	now.Compare(old)
	return now
}

func TestCompare(t *testing.T) {
	t.Parallel()
	c := compared().Compared
	if diff := cmp.Diff([][]string{{"q3"}, {"q2"}}, [][]string{c.Gained, c.Lost}); diff != "" {
		t.Errorf("gained and lost (-want +got):\n%s", diff)
	}
	d := c.Differ[PassageHit5]
	if c.Missing != 1 || d.Questions != 3 || d.Mean != 0 || d.Better != 1 || d.Worse != 1 || d.SignP != 1 {
		t.Errorf("missing %d, %+v", c.Missing, d)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	r := compared()
	other := sample()
	other.System = "another server"
	r.Others = []Report{*other}
	r.Answers = &Answers{Model: "m", Judge: "j", Metrics: Figures{QuotesStand: .5, Abstains: 1}, Cost: Cost{Calls: 3, Cached: 1, TokensIn: 10, TokensOut: 5, USD: .01}, Stopped: "the limit"}
	var b strings.Builder
	if err := r.Table(&b); err != nil {
		t.Fatal(err)
	}
	collection := &Report{System: "index", Corpus: "c", Asked: 2, Metrics: Figures{NDCG10: .5, Recall10: 1, Recall100: 1, MRR10: Figure(math.NaN())}}
	b.WriteString("-----\n")
	if err := collection.Table(&b); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/table.txt", b.String())
}

func TestHTML(t *testing.T) {
	t.Parallel()
	r := compared()
	r.Others = []Report{*sample()}
	r.Answers = &Answers{Model: "m", Metrics: Figures{QuotesStand: .5}, Rows: []AnswerRow{{ID: "q1", Text: hostile, Problems: []string{"p"}}, {ID: "fine"}}}
	var b bytes.Buffer
	if err := r.EncodeHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"the answer", "a.md:3–4", "a.md:7–9", "passage_hit_at_5", "<svg", "Missed (1)", "All questions (4)", ".000 to 1.000", "tokens_read_p95", "Gained: q3", "Side by side", "Answers by m", "&lt;script"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "<img", "<link", "url(", "@import", "NaN", "ZgotmplZ", "%!"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if m := regexp.MustCompile(`(?i)\b(?:src|href)\s*=\s*"https?:`).FindString(strings.ReplaceAll(page, "&#34;", "")); m != "" {
		t.Errorf("the page loads something: %s", m)
	}
	if !strings.Contains(page, "default-src 'none'") {
		t.Error("nothing forbids remote content")
	}
	collection := &Report{System: "index", Questions: []Row{{ID: "1", Answerable: true, Metrics: Figures{MRR10: .5}, Outcome: Below}}, Metrics: Figures{NDCG10: .5}}
	b.Reset()
	if err := collection.EncodeHTML(&b); err != nil || !strings.Contains(b.String(), "ndcg_at_10") || strings.Contains(b.String(), "passage_hit") {
		t.Errorf("a collection: %v", err)
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	read := func(text string) (*Thresholds, error) {
		name := filepath.Join(t.TempDir(), "t.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return ReadThresholds(name)
	}
	tests := []struct {
		text string
		want []string
	}{
		{`{"metrics":{"passage_hit_at_5":0.66,"tokens_per_query":90}}`, nil},
		{`{"metrics":{"passage_hit_at_5":0.67,"tokens_per_query":89,"latency_ms_p95":1}}`,
			[]string{"latency_ms_p95 is 30.0, above 1.0", "passage_hit_at_5 is .667, under .670", "tokens_per_query is 90, above 89"}},
		{`{"metrics":{"shown":0.6,"linked":0.6,"shown_and_linked":0.7,"tokens_read_mean":100,"tokens_read_p50":99,"tokens_read_p95":101}}`,
			[]string{"shown_and_linked is .667, under .700", "tokens_read_p50 is 100, above 99"}},
		{`{"by_type":{"table":{"page_recall_at_5":0.6},"gone":{"page_recall_at_5":0.1}}}`,
			[]string{"gone: page_recall_at_5 was not measured", "table: page_recall_at_5 is .500, under .600"}},
		{`{"metrics":{"ndcg_at_10":0.1},"answers":{"quotes_stand":1}}`, []string{"ndcg_at_10 was not measured", "answers: quotes_stand was not measured"}},
	}
	for _, tt := range tests {
		limits, err := read(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, limits.Breaches(sample())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
	for _, bad := range []string{`{}`, `{"passage_hit_at_5":1}`, `[]`, `{"metrics":{"passage_hit_at_5":"x"}}`} {
		if _, err := read(bad); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "{}", "b": "no JSON"} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(name); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}

func TestChartsOfExtremes(t *testing.T) {
	t.Parallel()
	r := &Report{Questions: []Row{{Answerable: true, Confidence: 1}, {Confidence: 1}}} // no spread
	for _, c := range charts(r) {
		for _, b := range c.Bars {
			for _, v := range []float64{b.X, b.Y, b.W, b.H} {
				if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
					t.Errorf("%s: bar %+v", c.Title, b)
				}
			}
		}
	}
}
