package index

import (
	"context"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// nearby adds to the scores of the best passages what words of the query that
// stand close together are worth. Texts that could not get among the hits
// with all of it are not read.
func (s *search) nearby(ctx context.Context, best []candidate) error {
	if s.bag.follows == [maxTerms]uint64{} {
		return nil
	}
	var bar []float64 // the highest scores so far, ascending
	for i := range best {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := &best[i]
		most := s.mostNear(s.found[c.doc].mask)
		full := len(bar) == s.query.Limit
		if most > 0 && (!full || c.score+most*c.parts.Recency >= bar[0]) {
			text, err := s.text(c.doc)
			if err != nil {
				return err
			}
			c.parts.Near = s.near(text)
			c.total()
		}
		at, _ := slices.BinarySearch(bar, c.score)
		bar = slices.Insert(bar, at, c.score)
		if len(bar) > s.query.Limit {
			bar = bar[1:]
		}
	}
	return nil
}

// mostNear is what near cannot exceed for a passage with the given words.
func (s *search) mostNear(mask uint64) float64 {
	var most float64
	eachBit(mask, func(a int) {
		eachBit(s.bag.follows[a]&mask, func(b int) {
			most += (weightOrdered + weightNear) * s.pairIDF(a, b) * (k1 + 1)
		})
	})
	return most
}

func (s *search) pairIDF(a, b int) float64 { return (s.idf[a] + s.idf[b]) / 2 }

// spot is a word of the query in a text.
type spot struct{ at, bit int }

// near scores the pairs in a text as if they were words of the exact field.
func (s *search) near(text string) float64 {
	spots, length := s.spots(text)
	var ordered, within pairCounts
	for i, x := range spots {
		for _, y := range spots[i+1:] {
			gap := y.at - x.at
			if gap > nearWindow {
				break
			}
			if gap == 0 {
				continue
			}
			if s.bag.follows[x.bit]&mask(y.bit) != 0 {
				within.add(x.bit, y.bit)
				if gap == int(s.bag.gaps[x.bit][y.bit]) {
					ordered.add(x.bit, y.bit)
				}
			}
			if s.bag.follows[y.bit]&mask(x.bit) != 0 {
				within.add(y.bit, x.bit)
			}
		}
	}
	m := newBM25(1, s.roster.lengths.Exact, s.roster.totals.Passages)
	var sum float64
	for _, part := range []struct {
		counts *pairCounts
		weight float64
	}{{&ordered, weightOrdered}, {&within, weightNear}} {
		for _, p := range part.counts.pairs {
			sum += part.weight * s.pairIDF(p.a, p.b) * m.score(float64(p.n), float64(length))
		}
	}
	return sum
}

// spots finds the words of the query in a text, and counts all words.
func (s *search) spots(text string) (spots []spot, length int) {
	spots = s.scratch.spots[:0]
	length = s.words.Some(text, &s.bag.filter, func(w *terms.Word) {
		for _, stem := range w.Stems {
			if t := s.bag.stems.find(stem); t != nil && t.weight > 0 {
				spots = append(spots, spot{w.Position, t.bit})
			}
		}
	})
	s.scratch.spots = spots
	return spots, length
}

// pairCounts counts pairs. There are few, so that a list is fast enough, and
// keeps sums in one order.
type pairCounts struct {
	pairs []pairCount
}

type pairCount struct{ a, b, n int }

func (c *pairCounts) add(a, b int) {
	for i := range c.pairs {
		if c.pairs[i].a == a && c.pairs[i].b == b {
			c.pairs[i].n++
			return
		}
	}
	c.pairs = append(c.pairs, pairCount{a, b, 1})
}

// matched returns the words of a text that the query asks for, lower-cased,
// each once.
func (s *search) matched(text string) []string {
	var found []string
	s.words.Some(text, &s.bag.filter, func(w *terms.Word) {
		if !s.asksFor(w) {
			return
		}
		if word := strings.ToLower(text[w.Start:w.End]); !slices.Contains(found, word) {
			found = append(found, word)
		}
	})
	return found
}

func (s *search) asksFor(w *terms.Word) bool {
	if s.bag.exacts.find(w.Exact) != nil {
		return true
	}
	return slices.ContainsFunc(w.Stems, func(stem string) bool {
		t := s.bag.stems.find(stem)
		return t != nil && t.weight > 0
	})
}
