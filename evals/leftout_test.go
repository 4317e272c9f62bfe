package evals

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/evals/report"
)

func TestLeaveOut(t *testing.T) {
	t.Parallel()
	const sample = "../emulator/sample/"
	cfg := Config{Corpus: sample + "workspace", Questions: sample + "questions.jsonl", Rephrasings: sample + "rephrasings.jsonl", LeaveOut: true}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if auroc := r.Metrics[report.LeftOutAUROC]; auroc < .65 || auroc > 1 {
		t.Errorf("questions whose answers were left out are told apart with an AUROC of %.3f", auroc)
	}
	asked := map[string]int{}
	for _, c := range r.Classes {
		asked["answerable"] += c.Answered + c.Missed
		asked["unanswerable"] += c.None
		asked["left out"] += c.LeftOut
		if c.Evidence == "strong" && (c.None > 0 || c.Answered <= c.LeftOut) {
			t.Errorf("strong evidence: %+v", c)
		}
	}
	if asked["answerable"] != 26 || asked["unanswerable"] != 4 || asked["left out"] != 26 {
		t.Errorf("counted %v", asked)
	}
	var b strings.Builder
	if err := r.Table(&b); err != nil || !strings.Contains(b.String(), "left out") {
		t.Errorf("table, %v:\n%s", err, b.String())
	}
	for _, row := range r.Questions {
		if row.Answerable != (len(row.Expected) > 0) {
			t.Errorf("%s: the run without answers changed the row: %+v", row.ID, row)
		}
	}
}

func TestLeaveOutNeedsWords(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{LeaveOut: true, Collection: "dir"},
		{LeaveOut: true, Corpus: "c", Questions: "q", Binary: "mcp-notion"},
	} {
		if err := o.check(); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
