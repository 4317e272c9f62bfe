package index

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// blockScores says of each span of a passage what it has of the query, and what
// of that tells it from the others, given the spots of the text.
func (s *search) blockScores(p *passage.Passage, spots []spot) (has, tells []float64) {
	own, masks := bySpan(p.Spans, spots)
	weights := s.weighed()
	telling := tellingOf(weights, masks)
	has, tells = make([]float64, len(p.Spans)), make([]float64, len(p.Spans))
	var above outline
	for i, span := range p.Spans {
		text := p.Text[span.Start:span.End]
		context := above.enter(passage.ShapeOf(text), masks[i])
		b := s.block(own[i], float64(len(text)))
		b.above = context &^ masks[i]
		b.number = s.number && strings.ContainsAny(string(text), "0123456789")
		has[i], tells[i] = s.blockScore(&b, &weights), s.blockScore(&b, &telling)
	}
	return has, tells
}

// bySpan are the spots in each span, and the words there.
func bySpan(spans []passage.Span, spots []spot) (own [][]spot, masks []uint64) {
	own, masks = make([][]spot, len(spans)), make([]uint64, len(spans))
	for i, span := range spans {
		from, _ := slices.BinarySearchFunc(spots, span.Start, func(x spot, at int) int { return x.start - at })
		to, _ := slices.BinarySearchFunc(spots, span.End, func(x spot, at int) int { return x.start - at })
		own[i] = spots[from:to]
		for _, x := range own[i] {
			masks[i] |= mask(x.bit)
		}
	}
	return own, masks
}

// weighed is what each word weighs, by bit.
func (s *search) weighed() (weights [maxTerms]float64) {
	for _, t := range s.bag.stems.terms {
		weights[t.bit] = t.weight * s.idf[t.bit]
	}
	return weights
}

// tellingOf is what each word tells of the blocks that have it: the root of what
// it weighs, times how rare it is among the blocks of the passage. What all of
// them have tells none from the others, however much the question is about it.
func tellingOf(weights [maxTerms]float64, blocks []uint64) (telling [maxTerms]float64) {
	var having [maxTerms]int
	for _, has := range blocks {
		eachBit(has, func(bit int) { having[bit]++ })
	}
	for bit, n := range having {
		if n > 0 {
			telling[bit] = math.Sqrt(weights[bit]) * idf(len(blocks), n)
		}
	}
	return telling
}

// blockWords are the words of the query in a block.
type blockWords struct {
	counts, exact [maxTerms]float64 // by bit: how often it is there, and in the very form of the query
	has, above    uint64            // the words in it; those above it, and not in it
	near          float64           // what its pairs are worth
	number        bool              // it has one, where one is asked for
	bm25          bm25
	length        float64
}

func (s *search) block(spots []spot, length float64) blockWords {
	b := blockWords{length: length, bm25: bm25{factor: blockK1 + 1, base: blockK1 * (1 - blockB), slope: blockK1 * blockB / blockLength}}
	for _, x := range spots {
		b.has |= mask(x.bit)
		b.counts[x.bit]++
		if x.exact != nil {
			b.exact[x.bit]++
		}
	}
	b.near = s.near(spots, b.bm25, length)
	return b
}

// blockScore is what the words of a block are worth by what each weighs.
func (s *search) blockScore(b *blockWords, weights *[maxTerms]float64) float64 {
	sum := s.weights.BlockNear * b.near
	eachBit(b.has, func(bit int) {
		sum += weights[bit] * b.bm25.score(b.counts[bit], b.length)
		if n := b.exact[bit]; n > 0 {
			sum += s.weights.BlockNear * s.weights.Exact * weights[bit] * b.bm25.score(n, b.length)
		}
	})
	eachBit(b.above, func(bit int) { sum += s.weights.BlockAbove * weights[bit] })
	if b.number {
		sum *= 1 + s.weights.BlockNumber
	}
	return sum
}

// outline holds the words of what announces the next block: the headings above
// it, and the header of its table.
type outline struct {
	levels  []int
	masks   []uint64 // of each heading, with those above it
	columns uint64
}

// enter goes on to a block with the given words, and returns the words above
// it.
func (o *outline) enter(shape passage.Shape, has uint64) (above uint64) {
	for shape.Heading > 0 && len(o.levels) > 0 && o.levels[len(o.levels)-1] >= shape.Heading {
		o.levels, o.masks = o.levels[:len(o.levels)-1], o.masks[:len(o.masks)-1]
	}
	if len(o.masks) > 0 {
		above = o.masks[len(o.masks)-1]
	}
	switch {
	case shape.Heading > 0:
		o.levels, o.masks = append(o.levels, shape.Heading), append(o.masks, above|has)
		o.columns = 0
	case shape.Columns:
		o.columns = has
	case !shape.Row:
		o.columns = 0
	}
	return above | o.columns
}

// asksForNumber says whether a question is one that a number may answer. It knows
// English alone; in other languages no block is preferred.
func asksForNumber(question string) bool {
	return says(question, onlyNumbers) || says(question, oftenNumbers)
}

// says tells whether one of some phrases stands in a text.
func says(text string, phrases []string) bool {
	words := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }), " ") + " "
	return slices.ContainsFunc(phrases, func(q string) bool { return strings.Contains(words, " "+q+" ") })
}

// What asks for a number, and what often does.
var (
	onlyNumbers = []string{
		"how many", "how much", "how long", "how often", "how far", "how old", "how soon", "how late", "how big", "how large", "how high",
		"what time", "what date", "which date", "what year", "which year", "what percentage", "deadline", "maximum", "minimum",
	}
	oftenNumbers = []string{"when", "how early", "at most", "at least", "the most", "the least"}
)
