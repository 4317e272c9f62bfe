package index

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// blockScores says what each span of a passage has of the query, given the
// spots of its text.
func (s *search) blockScores(p *passage.Passage, spots []spot) []float64 {
	own, masks := bySpan(p.Spans, spots)
	scores := make([]float64, len(p.Spans))
	var above outline
	for i, span := range p.Spans {
		text := string(p.Text[span.Start:span.End])
		context := above.enter(passage.ShapeOf(p.Text[span.Start:span.End]), masks[i])
		scores[i] = s.blockScore(own[i], float64(len(text))) + s.weights.BlockAbove*s.worth(context&^masks[i])
		if s.number && strings.ContainsAny(text, "0123456789") {
			scores[i] *= 1 + s.weights.BlockNumber
		}
	}
	return scores
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

func (s *search) blockScore(spots []spot, length float64) float64 {
	m := bm25{factor: blockK1 + 1, base: blockK1 * (1 - blockB), slope: blockK1 * blockB / blockLength}
	var counts [maxTerms]float64
	var has uint64
	for _, x := range spots {
		counts[x.bit]++
		has |= mask(x.bit)
	}
	exact, near := s.close(spots, m, length)
	sum := s.weights.BlockNear * (exact + near)
	for _, t := range s.bag.stems.terms {
		if n := counts[t.bit]; n > 0 {
			sum += t.weight * s.idf[t.bit] * m.score(n, length)
		}
	}
	return sum
}

// worth is what the words of a mask weigh.
func (s *search) worth(mask uint64) float64 {
	var sum float64
	for _, t := range s.bag.stems.terms {
		if mask&(1<<t.bit) != 0 {
			sum += t.weight * s.idf[t.bit]
		}
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
