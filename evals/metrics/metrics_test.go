package metrics

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func near(a, b float64) bool {
	return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b)
}

func TestRank(t *testing.T) {
	t.Parallel()
	got := Rank([]Scored{{"b", 2}, {"a", 2}, {"c", 3}, {"d", 1}, {"d", 2.5}})
	if diff := cmp.Diff([]string{"c", "d", "b", "a"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// The expected figures were worked out by hand.
func TestRankingMetrics(t *testing.T) {
	t.Parallel()
	log2 := math.Log2
	tests := []struct {
		name              string
		ranking           []string
		gains             map[string]float64
		k                 int
		ndcg, recall, mrr float64
	}{
		{"perfect", []string{"a", "b"}, map[string]float64{"a": 1, "b": 1}, 10, 1, 1, 1},
		{"second", []string{"x", "a"}, map[string]float64{"a": 1}, 10, 1 / log2(3), 1, .5},
		{"outside k", []string{"x", "y", "a"}, map[string]float64{"a": 1}, 2, 0, 0, 0},
		{"ideal counts what was not retrieved", []string{"a"}, map[string]float64{"a": 1, "b": 1}, 10, 1 / (1 + 1/log2(3)), .5, 1},
		{"ideal is cut at k", []string{"a"}, map[string]float64{"a": 1, "b": 1}, 1, 1, .5, 1},
		{"linear gain", []string{"b", "x", "a"}, map[string]float64{"a": 3, "b": 1}, 10, (1 + 3/log2(4)) / (3 + 1/log2(3)), 1, 1},
		{"judged not relevant", []string{"x", "a"}, map[string]float64{"a": 1, "x": 0}, 10, 1 / log2(3), 1, .5},
		{"negative gain", []string{"x", "a"}, map[string]float64{"a": 2, "x": -1}, 10, 1 / log2(3), 1, .5},
		{"nothing came", nil, map[string]float64{"a": 1}, 10, 0, 0, 0},
		{"nothing relevant", []string{"a"}, nil, 10, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NDCG(tt.ranking, tt.gains, tt.k); !near(got, tt.ndcg) {
				t.Errorf("NDCG = %v, want %v", got, tt.ndcg)
			}
			if got := Recall(tt.ranking, tt.gains, tt.k); !near(got, tt.recall) {
				t.Errorf("Recall = %v, want %v", got, tt.recall)
			}
			if got := MRR(tt.ranking, tt.gains, tt.k); !near(got, tt.mrr) {
				t.Errorf("MRR = %v, want %v", got, tt.mrr)
			}
		})
	}
}

func TestAUROC(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		yes, no []float64
		want    float64
	}{
		{"apart", []float64{3, 2}, []float64{1}, 1},
		{"the wrong way round", []float64{1}, []float64{2, 3}, 0},
		{"ties count half", []float64{1, 2}, []float64{1, 1}, .75},
		{"mixed", []float64{.8, .4}, []float64{.6, .2}, .75},
		{"one group", []float64{1}, nil, math.NaN()},
	}
	for _, tt := range tests {
		if got := AUROC(tt.yes, tt.no); !near(got, tt.want) {
			t.Errorf("%s: AUROC = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	values := []float64{15, 50, 20, 40, 35}
	for p, want := range map[float64]float64{0: 15, 5: 15, 30: 20, 40: 20, 50: 35, 95: 50, 100: 50} {
		if got := Percentile(values, p); got != want {
			t.Errorf("Percentile(%v) = %v, want %v", p, got, want)
		}
	}
	if diff := cmp.Diff([]float64{15, 50, 20, 40, 35}, values); diff != "" {
		t.Errorf("the values were moved:\n%s", diff)
	}
	if !math.IsNaN(Percentile(nil, 50)) || !math.IsNaN(Mean(nil)) {
		t.Error("nothing has a percentile or a mean")
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	same := Compare([]float64{1, 0, 1}, []float64{1, 0, 1})
	if diff := cmp.Diff(Difference{SignP: 1, Questions: 3}, same); diff != "" {
		t.Errorf("equal runs (-want +got):\n%s", diff)
	}
	got := Compare([]float64{0, 0, 0, 0, 0, 0}, []float64{1, 1, 1, 1, 1, 1})
	want := Difference{Mean: 1, Interval: Interval{Low: 1, High: 1}, Better: 6, SignP: 2 * math.Pow(.5, 6), Questions: 6}
	if !near(got.SignP, want.SignP) {
		t.Errorf("sign test = %v, want %v", got.SignP, want.SignP)
	}
	got.SignP = want.SignP
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all better (-want +got):\n%s", diff)
	}
	mixed := Compare([]float64{0, 1, 0, 1}, []float64{1, 0, 0, 1})
	if mixed.SignP != 1 || mixed.Low >= 0 || mixed.High <= 0 || mixed.Better != 1 || mixed.Worse != 1 {
		t.Errorf("one better, one worse: %+v", mixed)
	}
	if empty := Compare(nil, nil); empty.SignP != 1 || empty.Questions != 0 {
		t.Errorf("no questions: %+v", empty)
	}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	shares := make([]float64, 100) // 90 of 100: about .9 ± 1.96 * .03
	for i := range 90 {
		shares[i] = 1
	}
	for name, tt := range map[string]struct {
		got       Interval
		low, high float64
	}{
		"a share":            {MeanInterval(shares), .84, .95},
		"always the same":    {MeanInterval([]float64{3, 3, 3}), 3, 3},
		"told apart":         {AUROCInterval([]float64{2, 3}, []float64{0, 1}), 1, 1},
		"not told apart":     {AUROCInterval([]float64{1, 1, 1}, []float64{1, 1}), .5, .5},
		"one on either side": {AUROCInterval([]float64{1, 3}, []float64{2}), 0, 1},
	} {
		if math.Abs(tt.got.Low-tt.low) > .011 || math.Abs(tt.got.High-tt.high) > .011 {
			t.Errorf("%s: %+v, want %v to %v", name, tt.got, tt.low, tt.high)
		}
	}
	if MeanInterval(shares) != MeanInterval(shares) {
		t.Error("the same values have two intervals")
	}
	for _, i := range []Interval{MeanInterval(nil), AUROCInterval(shares, nil), AUROCInterval(nil, shares)} {
		if !math.IsNaN(i.Low) || !math.IsNaN(i.High) {
			t.Errorf("nothing has the interval %+v", i)
		}
	}
}
