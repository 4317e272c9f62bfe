package index

import "time"

// How a passage's score is put together:
//
//	words = text (with title and headings) + weightHead*(title and headings)
//	page  = the page's whole text + weightTitle*title
//	cover = weightCover * coverage * what all words of the query weigh
//	      + weightNamed * what a phrasing weighs that stands in the title
//	close = weightExact*exact words + weightOrdered*pairs in order + weightNear*pairs
//	score = (words + weightPage*page + cover + close) * recency
//
// Each part is BM25, or is weighed by the same idf, so that they add up. cover
// and close are worked out for the best rankPool passages by the other parts,
// and close needs the text. Lengths count distinct words.
//
// The weights were chosen on half of three sets of questions, one about a
// handbook, one about technical documents, one about abstracts, and checked on
// the other half; doc/measurements.md has the figures with each part switched
// off.
const (
	k1 = 1.2  // the usual saturation; from 0.9 to 1.5 little changes
	b  = 0.75 // the usual normalisation by length; from 0.6 to 0.9 little changes

	weightRespelled = 0.5  // of a word that was not asked for, but is near to one
	weightExact     = 0.3  // passages with the very form of the word come first; the handbook loses pages without it
	weightHead      = 0.35 // title and headings say what a passage is about; abstracts and documents lose without, from 0.8 on the handbook does
	weightPage      = 0.35 // a passage of a page that is about the question beats a stray mention; without it right passages leave the first five; documents lose if it is left to pages of several passages
	weightTitle     = 1.0  // the title, next to the page's whole text; documents and abstracts gain up to here
	weightOrdered   = 0.3  // two words of the question side by side and in its order, the title counted; abstracts gain most
	weightNear      = 0.15 // two neighbouring words of the question within nearWindow words
	nearWindow      = 8

	weightCover = 0.5 // a passage with all of the words before one with some of them often; the largest gain for the first place
	weightNamed = 1.0 // a page whose title has all words that were asked for, before lists that name it; no question of the sets does that, so none changes
	coverPower  = 1.5 // of the idf: with 1 right pages of bare questions are lost, with 2 abstracts

	weightAgain  = 0.5 // added for each further phrasing that has the word: agreement, but no landslide
	weightRepeat = 1.0 // added each time that one phrasing says the word again: what is repeated is what it is about; abstracts gain .026
	maxWeight    = 2.0 // where both stop to count; with 3 the handbook loses cited blocks
	maxTerms     = 64  // distinct words of a query; more than any question has, and a machine word of bits

	rankPool = 64 // best passages whose texts are read; what is close hardly lifts one from further down

	weightRecency = 0.1                  // at most this share is added to the score of a page edited just now
	recencyHalf   = 180 * 24 * time.Hour // after which half of it is left
)

// How a block of a passage is scored, to choose the one to cite: BM25 of its
// words, exact words and pairs, with the weights above, and weightAbove of what
// stands in the headings over it within the passage, or in the header of its
// table, but not in the block. A word counts for less the more blocks of the
// passage have it.
const (
	blockK1     = 0.6 // a block is short: that it has a word says nearly all
	blockB      = 0.5 // without it long blocks win, from 1 on scraps do
	blockLength = 160 // bytes of a usual block
	weightAbove = 0.8 // a row has nearly all that its header says; from 0.7 to 1.2 nothing changes, below rows and items lose

	blockRarity = 0.7 // power of the idf: one rare word of one phrasing must not outweigh the rest; from 0.65 to 0.75 nothing changes, with 1 or 0.5 wrong blocks are cited more often

	weightShared = 0.6 // taken off a word that all blocks have; from 0.3 to 1 nothing changes, without it the wrong block of the right passage is cited more often

	weightNumber = 0.6 // a block with a number in it answers "how many" and "until when"
)
