package report

import (
	"strings"
	"testing"
)

func TestTold(t *testing.T) {
	t.Parallel()
	r := Report{Questions: []Row{
		{Answerable: true, Confidence: .9, Evidence: "strong", Metrics: Figures{Shown: 1}},
		{Answerable: true, Confidence: .2, Evidence: "none", Metrics: Figures{Shown: 1}},
		{Answerable: true, Confidence: .1, Evidence: "none", Metrics: Figures{Shown: 0}},
		{Confidence: .1, Evidence: "none"},
	}}
	var b strings.Builder
	r.told(&b)
	if want := "1 of 2 questions whose answer was shown, 1 of 1 without an answer; AUROC 1.000"; !strings.Contains(b.String(), want) {
		t.Errorf("%q, want %q in it", b.String(), want)
	}
}
