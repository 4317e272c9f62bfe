package collection

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/evals/report"
)

func near(a, b report.Figure) bool { return math.Abs(float64(a-b)) < 1e-9 }

func TestRun(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), Config{Dir: "testdata/bread"})
	if err != nil {
		t.Fatal(err)
	}
	// q1 finds both of its documents first, q2 not the one that is judged.
	want := report.Figures{report.NDCG10: .5, report.Recall10: .5, report.Recall100: .5, report.MRR10: .5}
	if diff := cmp.Diff(want, r.Metrics, cmp.Comparer(near)); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if r.Asked != 2 || len(r.Questions) != 2 || r.Mirror.Pages != 3 {
		t.Errorf("asked %d, %d rows, %+v", r.Asked, len(r.Questions), r.Mirror)
	}
}

func TestPlainWords(t *testing.T) {
	t.Parallel()
	if got, want := plainWords(`type "correct"? system--i.e. any -way --to`), `type correct ? system--i.e. any way to`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
