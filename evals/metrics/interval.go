package metrics

import "math/rand/v2"

// Interval is where a figure lies with 95 % confidence.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// resamples is enough for two steady digits of a 95 % interval.
const resamples = 2000

// MeanInterval is the interval of the mean of some values: that of a bootstrap
// with a fixed seed, so that the same values always give the same one. It is NaN
// of nothing.
func MeanInterval(values []float64) Interval {
	return bootstrap(len(values), func(random *rand.Rand) float64 { return Mean(resample(random, values)) })
}

// GroupsInterval is the interval of the mean over the means of some groups,
// each of which is drawn anew.
func GroupsInterval(groups [][]float64) Interval {
	n := 0
	for _, g := range groups {
		n += len(g)
	}
	return bootstrap(n, func(random *rand.Rand) float64 {
		sum := 0.0
		for _, g := range groups {
			sum += Mean(resample(random, g))
		}
		return sum / float64(len(groups))
	})
}

// AUROCInterval is the interval of AUROC, both of whose groups are drawn anew.
func AUROCInterval(yes, no []float64) Interval {
	return bootstrap(len(yes)+len(no), func(random *rand.Rand) float64 {
		return AUROC(resample(random, yes), resample(random, no))
	})
}

func bootstrap(n int, draw func(*rand.Rand) float64) Interval {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	drawn := make([]float64, resamples)
	for i := range drawn {
		drawn[i] = draw(random)
	}
	return Interval{Percentile(drawn, 2.5), Percentile(drawn, 97.5)}
}

// resample draws as many of some values as there are, with replacement.
func resample(random *rand.Rand, values []float64) []float64 {
	drawn := make([]float64, len(values))
	for i := range drawn {
		drawn[i] = values[random.IntN(len(values))]
	}
	return drawn
}
