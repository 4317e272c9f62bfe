package metrics

import "math"

// Difference is what separates two runs over the same questions.
type Difference struct {
	Mean      float64 `json:"mean"` // after minus before
	Interval          // of Mean
	Better    int     `json:"better"` // questions with a higher figure than before
	Worse     int     `json:"worse"`
	SignP     float64 `json:"sign_p"` // chance of so uneven a split, if neither run were better
	Questions int     `json:"questions"`
}

// Compare looks at the figures of the same questions in two runs, in the same
// order. The interval is that of a paired bootstrap with a fixed seed, so that
// the same runs always give the same one; the sign test is two-sided and
// leaves out questions that did not change. Both lists must have one length.
func Compare(before, after []float64) Difference {
	n := len(before)
	d := Difference{Questions: n, SignP: 1}
	if n == 0 {
		return d
	}
	diffs := make([]float64, n)
	for i := range before {
		diffs[i] = after[i] - before[i]
		switch {
		case diffs[i] > 0:
			d.Better++
		case diffs[i] < 0:
			d.Worse++
		}
	}
	d.Mean = Mean(diffs)
	d.Interval = MeanInterval(diffs)
	d.SignP = signTest(d.Better, d.Worse)
	return d
}

// signTest is the two-sided binomial test of a fair coin.
func signTest(better, worse int) float64 {
	n, few := better+worse, min(better, worse)
	if n == 0 {
		return 1
	}
	sum := 0.0
	for i := range few + 1 {
		sum += math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
	}
	return min(1, 2*sum)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
