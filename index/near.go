package index

import (
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// lookClosely reads the text of a candidate, and adds what words in the very form
// of the query, and words that stand close together, are worth.
func (s *search) lookClosely(c *candidate) error {
	text, err := s.text(c.doc)
	if err != nil {
		return err
	}
	from := len(s.scratch.spots)
	s.scratch.spots = append(s.scratch.spots, c.title.spots...)
	var length int
	c.spots, length = s.spotsIn(string(text), c.title.words)
	spots := s.scratch.spots[from:]
	m := newBM25(s.roster.lengths.Words, s.roster.totals.Passages)
	c.parts.Exact, c.parts.Near = s.close(spots, m, float64(length))
	c.total()
	c.most, c.read = c.score, true
	return nil
}

// mostClose is what close cannot exceed for a passage with the given words.
func (s *search) mostClose(mask uint64) float64 {
	var most float64
	for _, t := range s.bag.exacts.terms {
		if mask&(1<<t.bit) != 0 {
			most += s.weights.Exact * t.weight * s.idf[t.bit] * (k1 + 1)
		}
	}
	eachBit(mask, func(a int) {
		eachBit(s.bag.follows[a]&mask, func(b int) {
			most += s.weights.Near * s.pairIDF(a, b) * (k1 + 1)
		})
	})
	return most
}

func (s *search) pairIDF(a, b int) float64 { return (s.idf[a] + s.idf[b]) / 2 }

// close scores the exact words, and the pairs of words, of a text.
func (s *search) close(spots []spot, m bm25, length float64) (exact, near float64) {
	for _, t := range s.bag.exacts.terms {
		if n := countExact(spots, t); n > 0 {
			exact += s.weights.Exact * t.weight * s.idf[t.bit] * m.score(float64(n), length)
		}
	}
	return exact, s.near(spots, m, length)
}

// near scores the pairs of words of a text.
func (s *search) near(spots []spot, m bm25, length float64) (sum float64) {
	for _, p := range s.countPairs(spots) {
		sum += s.weights.Near * s.pairIDF(p.a, p.b) * m.score(float64(p.n), length)
	}
	return sum
}

// spot is a word of the query in a text.
type spot struct {
	at         int // words before it
	start, end int // bytes of its text
	bit        int
	exact      *queryTerm // if the word is written as in the query
}

// spotsIn finds the words of the query in a text that some words stand before,
// and counts all words with those. The list is valid until the search ends.
func (s *search) spotsIn(text string, before int) (spots []spot, length int) {
	from := len(s.scratch.spots)
	all := s.scratch.spots
	length = before + s.words.Some(text, &s.bag.filter, func(w *terms.Word) {
		exact := s.bag.exacts.find(w.Exact)
		for i, stem := range headTerms(w) {
			if i > 0 {
				exact = nil // counted with the whole word
			}
			if t := s.bag.stems.find(stem); t != nil && t.weight > 0 {
				all = append(all, spot{before + w.Position, w.Start, w.End, t.bit, exact})
			}
		}
	})
	s.scratch.spots = all
	return all[from:], length
}

func countExact(spots []spot, t *queryTerm) int {
	n := 0
	for i := range spots {
		if spots[i].exact == t {
			n++
		}
	}
	return n
}

// countPairs counts the pairs of the query in a text, in any order within
// nearWindow.
func (s *search) countPairs(spots []spot) (within pairCounts) {
	for i, x := range spots {
		for _, y := range spots[i+1:] {
			gap := y.at - x.at
			if gap > nearWindow {
				break
			}
			if gap == 0 {
				continue // parts of one identifier
			}
			if s.bag.follows[x.bit]&mask(y.bit) != 0 {
				within = within.add(x.bit, y.bit)
			}
			if s.bag.follows[y.bit]&mask(x.bit) != 0 {
				within = within.add(y.bit, x.bit)
			}
		}
	}
	return within
}

// pairCounts counts pairs. There are few, so that a list is fast enough, and
// it keeps sums in one order.
type pairCounts []pairCount

type pairCount struct{ a, b, n int }

func (c pairCounts) add(a, b int) pairCounts {
	for i := range c {
		if c[i].a == a && c[i].b == b {
			c[i].n++
			return c
		}
	}
	return append(c, pairCount{a, b, 1})
}

// matched returns the words at some spots of a text, lower-cased and in the one
// form, each once.
func matched(text string, spots []spot) []string {
	var found []string
	for _, x := range spots {
		if word := strings.ToLower(unify.Text(text[x.start:x.end])); !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}
