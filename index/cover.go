package index

import (
	"math/bits"
)

// cover adds to the scores of candidates what their coverage is worth, and that
// their page is named, and finds out what they may score at most.
func (s *search) cover(best []candidate) {
	shares := s.shares()
	var all float64
	for _, t := range s.bag.stems.terms {
		all += t.weight * s.idf[t.bit]
	}
	for i := range best {
		c := &best[i]
		c.parts.Cover = s.weights.Cover*all*coverage(&shares, c.mask) + s.weights.Named*s.named(c)
		c.total()
		c.most = c.score + s.mostClose(c.mask|c.title.mask())
	}
}

// shares says, by bit, what a word adds to the coverage. Within a phrasing
// words count by a power of their idf, for that a passage lacks the rarest says
// most. All phrasings count the same: the question comes in the user's words,
// which need not be those of the pages.
func (s *search) shares() (shares [maxTerms]float64) {
	n := float64(len(s.bag.phrasings))
	for _, phrasing := range s.bag.phrasings {
		var all float64
		eachBit(phrasing, func(bit int) { all += s.rarity(bit) })
		eachBit(phrasing, func(bit int) { shares[bit] += s.rarity(bit) / all / n })
	}
	return shares
}

func (s *search) rarity(bit int) float64 { return s.rare[bit] }

func coverage(shares *[maxTerms]float64, mask uint64) float64 {
	var sum float64
	eachBit(mask, func(bit int) { sum += shares[bit] })
	return min(1, sum) // sums of floats
}

// named is what the words of a phrasing weigh that a passage has, and its title
// too, all of them: then it is the page that is asked for, and the more so, the
// less else the title says.
func (s *search) named(c *candidate) float64 {
	var whole []uint64
	for _, phrasing := range s.bag.phrasings {
		if phrasing&^c.mask == 0 {
			whole = append(whole, phrasing)
		}
	}
	if whole == nil {
		return 0 // as a rule, without a look at the title
	}
	title := c.title.mask()
	var most float64
	for _, phrasing := range whole {
		if phrasing&^title != 0 {
			continue
		}
		var sum float64
		eachBit(phrasing, func(bit int) { sum += s.idf[bit] })
		most = max(most, sum*min(1, float64(bits.OnesCount64(phrasing))/float64(c.title.words)))
	}
	return most
}

// mask is the words of the query that a title has.
func (t *title) mask() (has uint64) {
	for i := range t.spots {
		has |= mask(t.spots[i].bit)
	}
	return has
}
