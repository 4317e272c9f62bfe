package evals

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// TestGoldenScores asks the questions about the sample workspace, and those of
// a small library, and holds every score against a file: a change of ranking
// shows in the diff, question by question. Accept one with
//
//	go test ./evals -run TestGoldenScores -update
func TestGoldenScores(t *testing.T) {
	t.Parallel()
	const sample = "../emulator/sample/"
	for name, cfg := range map[string]Config{
		"library":             {Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl"},
		"library-rephrasings": {Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl", Rephrasings: "testdata/rephrasings.jsonl"},
		"sample":              {Corpus: sample + "workspace", Questions: sample + "questions.jsonl"},
		"sample-rephrasings":  {Corpus: sample + "workspace", Questions: sample + "questions.jsonl", Rephrasings: sample + "rephrasings.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			golden.File(t, filepath.Join("testdata", "golden", name+".txt"), scores(r))
		})
	}
}

// scores writes what does not depend on the machine.
func scores(r *report.Report) string {
	var b strings.Builder
	keys := append(report.QualityKeys(), report.AbstainAUROC)
	fmt.Fprintf(&b, "%-18s", "")
	for _, t := range append([]report.Type{{Name: "all"}}, r.Types...) {
		fmt.Fprintf(&b, " %12s", t.Name)
	}
	b.WriteByte('\n')
	for _, key := range keys {
		fmt.Fprintf(&b, "%-18s", key)
		for _, t := range append([]report.Type{{Name: "all"}}, r.Types...) {
			f := r.ByType[t.Name]
			if t.Name == "all" {
				f = r.Metrics
			}
			if f[key].Known() {
				fmt.Fprintf(&b, " %12.3f", f[key])
			} else {
				fmt.Fprintf(&b, " %12s", "-")
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString("\nquestion    page passage citation\n")
	for _, row := range r.Questions {
		fmt.Fprintf(&b, "%-10s %5d %7d %8d  %s\n", row.ID, row.PageRank, row.PassageRank, row.CitationRank, row.Outcome)
	}
	return b.String()
}
