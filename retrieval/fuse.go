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
	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Near is a passage whose meaning is close to that of a query.
type Near struct {
	index.Place
	Score float64 // from -1 to 1; compares within one answer alone
}

// How two lists are fused: each passage gets weight / (fuseRank + its rank),
// summed over the lists that it is in. Tried on 100 questions about a handbook,
// with vectors of a small model. Both halves of them were looked at, so no figure
// is held out. For the question alone meaning wins on both.
//
//	question alone              page@5 passage@5 passage@1, even half
//	  words alone                 .78     .73      .49
//	  meaning 1, the best 48      .86     .75      .52
//	  meaning 1, the best 10      .96     .83      .52
//	  meaning 1.2, the best 10    .91     .80      .48
//	with rephrasings            page@5 passage@5 passage@1, all 100
//	  words alone                 .99     .965     .74
//	  meaning .06                 .98     .94      .74
//	  meaning .3                  .995    .92      .73
//
// Between 5 and 15 of the best it makes no difference: 10 is the middle.
// Rephrasings do all that vectors can, here and on 55 other questions, also when
// only one is sent: passage@5 .92 by words, .875 with meaning .3. Beside them what meaning finds comes after what words find: its weight is less than
// what lies between two neighbours of the list.
const (
	fuseRank     = 60
	fuseWords    = 1.0
	fuseMeaning  = 1.0
	fuseRephrase = 0.001 // meaning, where the caller has sent rephrasings
	fuseDepth    = 10    // passages found by meaning that count
)

// meaningOf is the weight of what meaning finds.
func meaningOf(q index.Query) float64 {
	if len(q.Also) > 0 {
		return fuseRephrase
	}
	return fuseMeaning
}

// depth is how many passages are to be found by meaning.
func (r *Retriever) depth(q Query) int {
	if r.cfg.DenseAlone {
		return q.Limit * candidates
	}
	return max(fuseDepth, q.Limit)
}

const (
	denseWithin  = 300 * time.Millisecond
	rerankWithin = 2 * time.Second
	rerankTop    = 20 // passages that a model puts in order
)

// meant starts to look for passages by meaning. The function that it returns
// waits for them, and notes in a Result why there are none.
func (r *Retriever) meant(ctx context.Context, q Query, within func(index.Page) bool) func(*Result) []Near {
	if r.cfg.Dense == nil {
		return func(*Result) []Near { return nil }
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.cfg.DenseWithin, denseWithin))
	var found []Near
	answered := guard.Go(func() (err error) {
		found, err = r.cfg.Dense(ctx, q.Text, q.Also, within, r.depth(q))
		return err
	})
	return func(res *Result) (near []Near) {
		defer cancel()
		var err error
		select {
		case err = <-answered:
			near = found
		case <-ctx.Done():
			err = ctx.Err()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("the embeddings endpoint did not answer in time")
		}
		if err != nil {
			res.note("Searched by words alone, not by meaning: " + err.Error() + ".")
		}
		return near
	}
}

// note adds a note once, however often a search is repeated.
func (r *Result) note(s string) {
	if !slices.Contains(r.Notes, s) {
		r.Notes = append(r.Notes, s)
	}
}

// fuse merges what was found by meaning into the hits by words, by reciprocal
// rank, and has a model look at the best.
func (r *Retriever) fuse(ctx context.Context, q index.Query, hits []index.Hit, near func(*Result) []Near, res *Result) ([]index.Hit, error) {
	fused, err := r.merge(ctx, q, hits, near(res))
	if err != nil {
		return nil, err
	}
	return r.rerank(ctx, q, fused, res), nil
}

// merge leaves out what meaning finds but the "phrases" and -words of the query
// do not admit, which only the index can tell.
func (r *Retriever) merge(ctx context.Context, q index.Query, hits []index.Hit, near []Near) ([]index.Hit, error) {
	matched, scores := allTerms(hits), scoresOf(hits, near)
	if r.cfg.DenseAlone {
		hits = nil
	}
	if len(near) == 0 {
		return hits, nil
	}
	ranks, known := map[index.Place]float64{}, map[index.Place]bool{}
	for i, h := range hits {
		known[place(h)] = true
		ranks[place(h)] += fuseWords / float64(fuseRank+i+1)
	}
	var more []index.Place
	for i, n := range near {
		ranks[n.Place] += meaningOf(q) / float64(fuseRank+i+1)
		if !known[n.Place] {
			more = append(more, n.Place)
		}
	}
	added, err := r.cfg.Index.Admitted(ctx, q, more)
	if err != nil {
		return nil, fmt.Errorf("read what was found by meaning: %w", err)
	}
	for i := range added {
		added[i].Terms = termsIn(string(added[i].Passage.Text), matched)
	}
	fused := slices.Concat(hits, added)
	slices.SortStableFunc(fused, func(a, b index.Hit) int {
		return cmp.Or(cmp.Compare(ranks[place(b)], ranks[place(a)]), cmp.Compare(a.Page.ID, b.Page.ID), cmp.Compare(a.Passage.Ordinal, b.Passage.Ordinal))
	})
	return rescore(fused, scores), nil
}

func place(h index.Hit) index.Place {
	return index.Place{Page: h.Page.ID, Ordinal: h.Passage.Ordinal}
}

// scoresOf are the scores that there are to hand out, best first: those by
// words, which say how much better the first is than the second; ranks do not.
func scoresOf(hits []index.Hit, near []Near) []float64 {
	var scores []float64
	for _, h := range hits {
		scores = append(scores, h.Score)
	}
	if len(hits) == 0 {
		for _, n := range near {
			scores = append(scores, n.Score)
		}
	}
	return scores
}

// rescore hands out scores in the new order, so that they still descend. Those
// that come after the last get the last.
func rescore(hits []index.Hit, scores []float64) []index.Hit {
	for i := range hits {
		hits[i].Score = scores[min(i, len(scores)-1)]
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
	texts, scores := make([]string, len(top)), scoresOf(top, nil)
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
