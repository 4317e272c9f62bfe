package index

import (
	"math"
	"math/bits"
	"regexp"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// How much of a query a hit has: weightMean of the mean over
// the rephrasings of how much of each there is, weightBest of how much there is
// of the phrasing that has most, and weightAgreed of how much there is of the
// words that more than one phrasing has. They add up to 1.
//
// Without rephrasings there is the question alone, of which rare words count
// most, by coverPower. With them its words do not count in the mean, since they
// need not be those of the pages: people who ask for what is not there often use
// words that are. The words of a rephrasing are guesses, and a rare guess that
// fails says little: they count the same. One good phrasing is enough, and words
// that come twice are no guesses. Chosen by asking questions of pages with their
// answers and without; doc/measurements.md has the figures.
const (
	weightMean   = 0.5
	weightBest   = 0.25
	weightAgreed = 0.25
)

// What that says of an answer depends on the query. Half of two words is less
// than half of ten, of which no passage has all: the share counts by a power, so
// that of questions that were answered long ones look as sure as short ones.
//
// And a word that the question has, and some rephrasing too, is one that it is
// about. Where the best passages lack such a word, weightLacking is taken off, or
// a part of it as the word is rarer or less rare among the passages.
const (
	usualWords    = 5 // of a phrasing
	weightLacking = 0.25
	bestLacking   = 5 // passages that lack it
)

// judge notes what confidence needs to know of a query and of what was found, best
// first by words, before the texts are read.
func (s *search) judge(best []candidate) {
	var all, there uint64
	for _, phrasing := range s.bag.phrasings {
		all |= phrasing
	}
	for i := range best[:min(len(best), bestLacking)] {
		there |= best[i].mask
	}
	s.power = math.Sqrt(usualWords * float64(len(s.bag.phrasings)) / float64(bits.OnesCount64(all)))
	var rarest float64
	eachBit(s.bag.phrasings[0]&s.agreed()&^there, func(bit int) { rarest = max(rarest, s.idf[bit]) })
	s.left = 1 - weightLacking*rarest/idf(s.roster.totals.Passages, 0)
}

// confidence is how sure it is that a passage answers which has a share of the
// query.
func (s *search) confidence(share float64) float64 { return s.left * math.Pow(share, s.power) }

// leftWithoutNumber is the share that is left of it where a number is asked for,
// and the block that has most of the query has none: one in fifty of the
// questions whose answers were shown, one in seven of those without any.
const leftWithoutNumber = 0.5

// covered is how much of the query a passage with the given words has, from 0 to
// 1. For a question without rephrasings it is what cover counts.
func (s *search) covered(has uint64) float64 {
	mean := share(s.bag.phrasings[0], has, s.rarity)
	best := mean
	if also := s.bag.phrasings[1:]; len(also) > 0 {
		mean = 0
		for _, phrasing := range also {
			best = max(best, share(phrasing, has, s.rarity))
			mean += share(phrasing, has, func(int) float64 { return 1 }) / float64(len(also))
		}
	}
	agreed := mean
	if words := s.agreed(); words != 0 {
		agreed = share(words, has, func(bit int) float64 { return s.idf[bit] })
	}
	return min(1, weightMean*mean+weightBest*best+weightAgreed*agreed) // sums of floats
}

// agreed are the words that more than one phrasing has.
func (s *search) agreed() (words uint64) {
	for _, t := range s.bag.stems.terms {
		if t.uses > 1 {
			words |= 1 << t.bit
		}
	}
	return words
}

// lacksNumber says whether the block to cite has no number.
func lacksNumber(p *passage.Passage, blocks []float64) bool {
	best, _ := passage.BestSpan(*p, blocks)
	for _, span := range p.Spans {
		if span.Block == p.Spans[best].Block && hasNumber(string(p.Text[span.Start:span.End])) {
			return false
		}
	}
	return true
}

// hasNumber says whether there is a number in a text, as digits or, in English,
// as a word. Those that count the items of a list, or stand in an address, say
// nothing.
func hasNumber(text string) bool {
	some := false
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \n\t\r\f", r) }) {
		if strings.ContainsFunc(part, unicode.IsNumber) {
			if plainly(part) {
				return true
			}
			some = true
		}
	}
	return some && strings.ContainsFunc(unsaid.ReplaceAllString(text, " "), unicode.IsNumber) || says(text, numberWords)
}

// plainly says whether what stands between spaces is surely not counted, nor an
// address.
func plainly(part string) bool {
	return !strings.Contains(part, "/") && !strings.HasSuffix(part, ".") && !strings.HasSuffix(part, ")")
}

var unsaid = regexp.MustCompile(`(?m)^[\s>|]*\d+[.)]\s|https?://\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*`)

var numberWords = []string{
	"one day", "one week", "one month", "one year", "one hour", "one minute",
	"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty", "thirty", "forty",
	"fifty", "sixty", "ninety", "hundred", "thousand", "million", "once", "twice", "half", "hourly", "daily", "weekly", "monthly", "quarterly",
	"yearly", "annually", "every day", "every week", "every month", "every quarter", "every year", "unlimited",
}

// share is how much of some words there is, given what each weighs.
func share(words, has uint64, weigh func(bit int) float64) float64 {
	var all, there float64
	eachBit(words, func(bit int) {
		all += weigh(bit)
		if has&(1<<bit) != 0 {
			there += weigh(bit)
		}
	})
	if all == 0 {
		return 0
	}
	return there / all
}
