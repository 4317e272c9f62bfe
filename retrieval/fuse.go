package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Sense is the meaning of a question.
type Sense interface {
	// Of is how near a passage is, from -1 to 1; false where nobody knows.
	Of(title string, p *passage.Passage) (float64, bool)
	// Nearest returns the k nearest passages, best first.
	Nearest(ctx context.Context, within func(index.Page) bool, k int) ([]index.Place, error)
}

// How words and meaning are fused: the score by words as a share of the best
// one, plus a weight times how near the meaning is, from the candidate that is
// farthest, 0, to the nearest, 1. Passages without a vector keep their places,
// and the others are put in order among theirs: while vectors are being made, to
// miss one says nothing. doc/measurements.md has the tables of the weights.
const (
	weightMeaning  = 1.4
	weightRephrase = 0.7 // where rephrasings bring the words of the documents
	nearest        = 10  // passages found by meaning that are candidates too: those that have no word of the question
	fewCandidates  = 8   // below it meaning weighs less, because the nearest of few need not be near
)

// meaningOf is the weight of meaning among some candidates.
func meaningOf(q index.Query, candidates int) float64 {
	weight := weightMeaning
	if len(q.Also) > 0 {
		weight = weightRephrase
	}
	return weight * min(1, float64(candidates)/fewCandidates)
}

const (
	senseWithin  = 300 * time.Millisecond
	rerankWithin = 2 * time.Second
	rerankTop    = 20 // passages that a model puts in order
)

// sense starts to look for the meaning of a question. The function that it
// returns waits for it, and notes in a Result why there is none.
func (r *Retriever) sense(ctx context.Context, q Query) func(*Result) Sense {
	if r.cfg.Sense == nil {
		return func(*Result) Sense { return nil }
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.cfg.SenseWithin, senseWithin))
	var found Sense
	answered := guard.Go(func() (err error) {
		found, err = r.cfg.Sense(ctx, q.Text, q.Also)
		return err
	})
	return func(res *Result) (sense Sense) {
		defer cancel()
		var err error
		select {
		case err = <-answered:
			sense = found
		case <-ctx.Done():
			err = ctx.Err()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("the model did not answer in time")
		}
		if err != nil {
			res.note("Searched by words alone, not by meaning: " + err.Error() + ".")
			return nil
		}
		return sense
	}
}

// note adds a note once, however often a search is repeated.
func (r *Result) note(s string) {
	if !slices.Contains(r.Notes, s) {
		r.Notes = append(r.Notes, s)
	}
}

// fuse puts the hits by words, and what meaning finds beside them, in order by
// both, and has a model look at the best.
func (r *Retriever) fuse(ctx context.Context, q index.Query, hits []index.Hit, sense func(*Result) Sense, res *Result) ([]index.Hit, error) {
	res.near = nil
	if s := sense(res); s != nil {
		var err error
		if hits, err = r.byMeaning(ctx, q, hits, s, res); err != nil {
			return nil, err
		}
	}
	return r.rerank(ctx, q, hits, res), nil
}

func (r *Retriever) byMeaning(ctx context.Context, q index.Query, hits []index.Hit, sense Sense, res *Result) ([]index.Hit, error) {
	added, err := r.nearest(ctx, q, hits, sense)
	if err != nil {
		return nil, err
	}
	scores := scoresOf(hits)
	if r.cfg.MeaningAlone {
		for i := range hits {
			hits[i].Score = 0
		}
	}
	hits = append(hits, added...)
	var slots []int // of the hits that have a vector
	var known []weighed
	for i, h := range hits {
		if near, ok := sense.Of(h.Page.Title, &h.Passage); ok {
			slots, known = append(slots, i), append(known, weighed{Hit: h, near: near})
		}
	}
	if r.cfg.Measured {
		res.near = nearOf(known)
	}
	weigh(known, meaningOf(q, len(known)))
	for i, slot := range slots {
		hits[slot] = known[i].Hit
	}
	return rescore(hits, scores), nil
}

// weighed is a hit with how near its meaning is, and what it is worth by both.
type weighed struct {
	index.Hit
	near, worth float64
}

func nearOf(known []weighed) map[index.Place]float64 {
	near := map[index.Place]float64{}
	for _, h := range known {
		near[place(h.Hit)] = h.near
	}
	return near
}

// weigh puts hits in order by words and meaning, which has a weight.
func weigh(hits []weighed, weight float64) {
	if len(hits) == 0 {
		return
	}
	byNear := func(a, b weighed) int { return cmp.Compare(a.near, b.near) }
	least, most := slices.MinFunc(hits, byNear).near, slices.MaxFunc(hits, byNear).near
	best := slices.MaxFunc(hits, func(a, b weighed) int { return cmp.Compare(a.Score, b.Score) }).Score
	for i := range hits {
		h := &hits[i]
		if best > 0 {
			h.worth = h.Score / best
		}
		if most > least {
			h.worth += weight * (h.near - least) / (most - least)
		}
	}
	slices.SortStableFunc(hits, func(a, b weighed) int { return cmp.Compare(b.worth, a.worth) })
}

// nearest reads the passages that meaning finds and words do not. It leaves out
// what the "phrases" and -words of the query do not admit, which only the index
// can tell.
func (r *Retriever) nearest(ctx context.Context, q index.Query, hits []index.Hit, sense Sense) ([]index.Hit, error) {
	places, err := sense.Nearest(ctx, q.Within, nearest)
	if err != nil {
		return nil, fmt.Errorf("look for what is near by meaning: %w", err)
	}
	places = slices.DeleteFunc(places, func(p index.Place) bool {
		return slices.ContainsFunc(hits, func(h index.Hit) bool { return place(h) == p })
	})
	added, err := r.cfg.Index.Admitted(ctx, q, places)
	if err != nil {
		return nil, fmt.Errorf("read what was found by meaning: %w", err)
	}
	matched := allTerms(hits)
	for i := range added {
		added[i].Terms = termsIn(string(added[i].Passage.Text), matched)
	}
	return added, nil
}

func place(h index.Hit) index.Place {
	return index.Place{Page: h.Page.ID, Ordinal: h.Passage.Ordinal}
}

// scoresOf are the scores that there are to hand out, best first: those by
// words, which say how much better the first is than the second.
func scoresOf(hits []index.Hit) []float64 {
	var scores []float64
	for _, h := range hits {
		scores = append(scores, h.Score)
	}
	return scores
}

// rescore hands out scores in the new order, so that they still descend. Those
// that come after the last get the last, and without any, all are the same.
func rescore(hits []index.Hit, scores []float64) []index.Hit {
	for i := range hits {
		hits[i].Score = 1
		if len(scores) > 0 {
			hits[i].Score = scores[min(i, len(scores)-1)]
		}
	}
	return hits
}

func allTerms(hits []index.Hit) map[string]bool {
	all := map[string]bool{}
	for _, h := range hits {
		for _, t := range h.Terms {
			all[t] = true
		}
	}
	return all
}

// termsIn are the words of a text that matched in some other hit, so that the
// block to cite can be chosen among its blocks too.
func termsIn(text string, matched map[string]bool) []string {
	var terms []string
	for _, w := range strings.FieldsFunc(strings.ToLower(unify.Text(text)), notWord) {
		if matched[w] && !slices.Contains(terms, w) {
			terms = append(terms, w)
		}
	}
	return terms
}

// rerank lets a model put the best in order. Whatever goes wrong, the order
// stays as it was, and a note says so.
func (r *Retriever) rerank(ctx context.Context, q index.Query, hits []index.Hit, res *Result) []index.Hit {
	if r.cfg.Rerank == nil || len(hits) < 2 {
		return hits
	}
	top := hits[:min(len(hits), rerankTop)]
	texts, scores := make([]string, len(top)), scoresOf(top)
	for i, h := range top {
		texts[i] = strings.Join(append([]string{h.Page.Title}, h.Passage.Headings...), " > ") + "\n" + string(h.Passage.Text)
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.cfg.RerankWithin, rerankWithin))
	defer cancel()
	order, err := r.cfg.Rerank(ctx, q.Text, texts)
	if err != nil {
		res.note("The order of the passages is that of the index, not of the model that puts them in order: it failed or was too slow.")
		return hits
	}
	var sorted []index.Hit
	for _, i := range completed(order, len(top)) {
		sorted = append(sorted, top[i])
	}
	return append(rescore(sorted, scores), hits[len(top):]...)
}

// completed makes an order of n things of what a model wrote: each once, and
// what it left out after the rest.
func completed(order []int, n int) []int {
	var all []int
	seen := make([]bool, n)
	add := func(i int) {
		if i >= 0 && i < n && !seen[i] {
			seen[i] = true
			all = append(all, i)
		}
	}
	for _, i := range order {
		add(i)
	}
	for i := range n {
		add(i)
	}
	return all
}
