package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLeaveOut(t *testing.T) {
	t.Parallel()
	r := &Report{Metrics: Figures{}, Intervals: Intervals{}, Questions: []Row{
		{ID: "a", Answerable: true, Outcome: First, Confidence: .9, Evidence: "strong"},
		{ID: "b", Answerable: true, Outcome: PageMissed, Confidence: .4, Evidence: "weak"},
		{ID: "c", Outcome: NoAnswer, Confidence: .3, Evidence: "weak"},
	}}
	r.LeaveOut(&Report{Questions: []Row{
		{ID: "a", Confidence: .5, Evidence: "weak"},
		{ID: "b", Confidence: .1, Evidence: "none"},
	}})
	want := []Class{{Evidence: "strong", Answered: 1}, {Evidence: "weak", Missed: 1, None: 1, LeftOut: 1}, {Evidence: "none", LeftOut: 1}}
	if diff := cmp.Diff(want, r.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if got := r.Metrics[LeftOutAUROC]; got != .75 { // .9 beats both, .4 one of two; the unanswerable one does not count
		t.Errorf("AUROC %v, want .75", got)
	}
	var b strings.Builder
	if err := r.Table(&b); err != nil || !strings.Contains(b.String(), "an AUROC of .750 (") {
		t.Errorf("table, %v:\n%s", err, b.String())
	}
}
