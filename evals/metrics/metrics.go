// Package metrics measures rankings by the definitions of trec_eval: linear
// gain, a discount of log2(rank+1), an ideal over everything that was judged,
// and ties broken by score, then by document number, both descending. It also
// measures how well a score tells two groups apart, and whether two runs
// differ by more than chance.
package metrics

import (
	"cmp"
	"math"
	"slices"
)

// Scored is a document with the score that a system gave it.
type Scored struct {
	Doc   string
	Score float64
}

// Rank orders documents as trec_eval does, whatever order they came in: score
// descending, and the greater document number first where scores are equal.
// A document that occurs more than once keeps its best score.
func Rank(all []Scored) []string {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Scored) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return cmp.Compare(b.Doc, a.Doc)
	})
	seen := map[string]bool{}
	var docs []string
	for _, s := range sorted {
		if !seen[s.Doc] {
			seen[s.Doc] = true
			docs = append(docs, s.Doc)
		}
	}
	return docs
}

// NDCG is the discounted gain of the first k documents as a share of the best
// possible one. gains judges documents; what is not in it gains nothing. It is
// 0 where no document gains anything.
func NDCG(ranking []string, gains map[string]float64, k int) float64 {
	got := make([]float64, 0, min(k, len(ranking)))
	for _, doc := range head(ranking, k) {
		got = append(got, max(0, gains[doc]))
	}
	ideal := make([]float64, 0, len(gains))
	for _, g := range gains {
		ideal = append(ideal, max(0, g))
	}
	return NDCGOf(got, ideal, k)
}

// NDCGOf is NDCG where the gains of the ranking are known by rank. The ideal
// may come in any order.
func NDCGOf(got, ideal []float64, k int) float64 {
	best := slices.Clone(ideal)
	slices.SortFunc(best, func(a, b float64) int { return cmp.Compare(b, a) })
	total := dcg(head(best, k))
	if total == 0 {
		return 0
	}
	return dcg(head(got, k)) / total
}

func dcg(gains []float64) float64 {
	sum := 0.0
	for i, g := range gains {
		sum += g / math.Log2(float64(i)+2)
	}
	return sum
}

// Recall is the share of the relevant documents, those that gain anything,
// that is among the first k.
func Recall(ranking []string, gains map[string]float64, k int) float64 {
	relevant, found := 0, 0
	for _, g := range gains {
		if g > 0 {
			relevant++
		}
	}
	for _, doc := range head(ranking, k) {
		if gains[doc] > 0 {
			found++
		}
	}
	if relevant == 0 {
		return 0
	}
	return float64(found) / float64(relevant)
}

// MRR is one over the rank of the first relevant document, 0 if there is none
// among the first k.
func MRR(ranking []string, gains map[string]float64, k int) float64 {
	for i, doc := range head(ranking, k) {
		if gains[doc] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

func head[T any](all []T, k int) []T { return all[:min(len(all), max(0, k))] }

// Mean is the average, and NaN of nothing.
func Mean(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Percentile is the smallest value that at least p percent of all are not
// above (the nearest rank), and NaN of nothing.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// AUROC is the chance that a random member of yes has a higher score than a
// random member of no, where a tie counts half. It is .5 for a score that says
// nothing, and NaN where one of the groups is empty.
func AUROC(yes, no []float64) float64 {
	if len(yes) == 0 || len(no) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(no))
	won := 0.0
	for _, y := range yes {
		below, tie := slices.BinarySearch(sorted, y)
		won += float64(below)
		for ; tie && below < len(sorted) && sorted[below] == y; below++ {
			won += 0.5
		}
	}
	return won / float64(len(yes)*len(no))
}
