package ablation

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// set writes a corpus of two pages of which the one that is asked for comes
// second, unless the form of its word counts.
func set(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"pages/aaa.md":       "# Aaa\n\nOne who marketed it is known.\n",
		"pages/bbb.md":       "# Bbb\n\nOne who markets it is known.\n",
		"questions.jsonl":    `{"id":"q1","question":"markets","type":"fact","answerable":true,"gold":[{"path":"bbb.md","line_start":3,"line_end":3}],"answer":"yes"}` + "\n",
		"rephrasings.jsonl":  `{"id":"q1","queries":["who markets"]}` + "\n",
		"pages/unrelated.md": "# Ccc\n\nNothing of the kind.\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAPartThatDecidesGains(t *testing.T) {
	t.Parallel()
	dir := set(t)
	cfg := Config{Sets: []string{dir, "../collection/testdata/bread"}, Progress: func(string, ...any) {}}
	table, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	row := func(name string) Row {
		i := slices.IndexFunc(table.Rows, func(r Row) bool { return r.Without == name })
		if i < 0 {
			t.Fatalf("no row %q in %+v", name, table.Rows)
		}
		return table.Rows[i]
	}
	whole, without := row(""), row("exact forms")
	if whole.Alone[report.PassageHit1] != 1 || without.Alone[report.PassageHit1] != 0 || without.Rephrased[report.PageRecall5] != 1 {
		t.Errorf("whole %+v, without exact forms %+v", whole, without)
	}
	// Two of the five figures, with and without rephrasings, on one of two corpora.
	if math.Abs(float64(without.Gain)-0.2) > 1e-9 || math.Abs(without.Gains[filepath.Base(dir)]-0.4) > 1e-9 || without.LeftOut[filepath.Base(dir)] != 0 {
		t.Errorf("gains of exact forms: %+v", without)
	}
	if whole.Alone[report.NDCG10] != 0.5 || row(Plain).Alone[report.PassageHit1] != 1 {
		t.Errorf("whole %+v, plain %+v", whole, row(Plain))
	}
	var b strings.Builder
	if err := table.Write(&b); err != nil || !strings.Contains(b.String(), "exact forms  +.2000") {
		t.Errorf("%v, %s", err, b.String())
	}
}

func TestPartsAreOff(t *testing.T) {
	t.Parallel()
	for _, p := range Parts() {
		r := retrieval.DefaultRanking()
		if p.Off(&r); r == retrieval.DefaultRanking() {
			t.Errorf("%s: nothing is off", p.Name)
		}
	}
	for _, name := range plain {
		if !slices.ContainsFunc(Parts(), func(p Part) bool { return p.Name == name }) {
			t.Errorf("plain BM25 has %q, which is no part", name)
		}
	}
}

func TestNoSuchCorpus(t *testing.T) {
	t.Parallel()
	_, err := Run(context.Background(), Config{Sets: []string{t.TempDir()}, Progress: func(string, ...any) {}})
	if err == nil || !strings.Contains(err.Error(), "questions.jsonl") {
		t.Errorf("error %v", err)
	}
}
