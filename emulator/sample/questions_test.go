package sample

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path"
	"strings"
	"testing"
)

type question struct {
	ID         string
	Question   string
	Type       string
	Answerable bool
	Gold       []gold
	Answer     string
}

type gold struct {
	Path      string
	Heading   string
	LineStart int `json:"line_start"`
	LineEnd   int `json:"line_end"`
}

type rephrasing struct {
	ID      string
	Queries []string
}

// readLines decodes a file of one JSON value per line, strictly.
func readLines[T any](t *testing.T, name string) []T {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var values []T
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		var v T
		d := json.NewDecoder(bytes.NewReader(s.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: line %d: %v", name, len(values)+1, err)
		}
		values = append(values, v)
	}
	return values
}

func TestQuestionsPointAtTheirAnswers(t *testing.T) {
	t.Parallel()
	texts := workspace(t)
	for _, q := range readLines[question](t, "questions.jsonl") {
		for _, g := range q.Gold {
			text, ok := texts[g.Path]
			if !ok {
				t.Errorf("%s: no file %s", q.ID, g.Path)
				continue
			}
			checkGold(t, q.ID, g, strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
		}
	}
}

func checkGold(t *testing.T, id string, g gold, lines []string) {
	t.Helper()
	if g.LineStart < 1 || g.LineEnd < g.LineStart || g.LineEnd > len(lines) || g.LineEnd-g.LineStart > 5 {
		t.Errorf("%s: lines %d to %d of %s (%d lines)", id, g.LineStart, g.LineEnd, g.Path, len(lines))
		return
	}
	for _, l := range lines[g.LineStart-1 : g.LineEnd] {
		if strings.TrimSpace(l) == "" || heading.MatchString(l) {
			t.Errorf("%s: %s: gold line %q holds no answer", id, g.Path, l)
		}
	}
	want := ""
	if path.Ext(g.Path) == ".md" {
		want = headingAt(lines, g.LineStart)
	}
	if g.Heading != want {
		t.Errorf("%s: %s: heading %q, nearest above is %q", id, g.Path, g.Heading, want)
	}
}

func TestQuestionsAreComplete(t *testing.T) {
	t.Parallel()
	questions := readLines[question](t, "questions.jsonl")
	rephrased := map[string][]string{}
	for _, r := range readLines[rephrasing](t, "rephrasings.jsonl") {
		rephrased[r.ID] = r.Queries
	}
	seen, unanswerable := map[string]bool{}, 0
	for _, q := range questions {
		if q.ID == "" || q.Question == "" || seen[q.ID] {
			t.Errorf("%q: empty or repeated", q.ID)
		}
		seen[q.ID] = true
		if !q.Answerable {
			unanswerable++
		}
		if (len(q.Gold) > 0) != q.Answerable || (q.Answer != "") != q.Answerable || (q.Type == "unanswerable") == q.Answerable {
			t.Errorf("%s: gold, answer and type do not fit answerable=%v", q.ID, q.Answerable)
		}
		if n := len(rephrased[q.ID]); n != 3 {
			t.Errorf("%s: %d rephrasings, want 3", q.ID, n)
		}
	}
	if len(questions) != 30 || len(rephrased) != 30 || unanswerable != 4 {
		t.Errorf("%d questions, %d rephrased, %d unanswerable; want 30, 30, 4", len(questions), len(rephrased), unanswerable)
	}
}

// TestCompanyNumbersAgree guards facts that stand on several pages, and the
// traps: the old value must stay on the page that says that it is old.
func TestCompanyNumbersAgree(t *testing.T) {
	t.Parallel()
	const policies = "company-handbook/policies/"
	texts := workspace(t)
	for _, fact := range []struct {
		text  string
		pages []string
	}{
		{"2027-03-31", []string{"engineering/specs/api-v2-deprecation.md", "product/roadmap.md", "meetings/2026-11-02-product-weekly.md", "product/Projects.csv"}},
		{"41,300", []string{"engineering/Incidents/INC-331 Webhook deliveries stopped.md"}},
		{"18,900", []string{"customers-and-sales/account-plans/corvane-electrical.md", "engineering/Incidents/INC-331 Webhook deliveries stopped.md"}},
		{"EUR 14.6 million", []string{"company-handbook/welcome.md", "meetings/2026-11-04-leadership-sync.md"}},
		{"Superseded", []string{policies + "travel-policy-2025.md", "engineering/decisions/adr-009-queue-for-billing-jobs.md"}},
		{"Not approved, not in force", []string{policies + "equipment-refresh-draft.md"}},
		{"EUR 52 ", []string{policies + "travel-policy-2025.md"}},
		{"EUR 62 ", []string{policies + "travel-and-expenses.md"}},
	} {
		for _, p := range fact.pages {
			if !strings.Contains(texts[p], fact.text) {
				t.Errorf("%s does not say %q", p, fact.text)
			}
		}
	}
	if strings.Contains(texts[policies+"travel-and-expenses.md"], "EUR 52 ") {
		t.Error("the current travel policy shows an old rate")
	}
}
