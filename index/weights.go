package index

// How a passage's score is put together, from Weights:
//
//	words = text (with title and headings) + Head*(title and headings)
//	page  = Page*(the page's whole text) + Title*title
//	cover = Cover * coverage * what all words of the query weigh
//	      + Named * what a phrasing weighs that stands in the title
//	close = Exact*exact words + Near*pairs
//	score = words + page + cover + close
//
// Each part is BM25, or is weighed by the same idf, so that they add up. cover
// and close are worked out for the best rankPool passages by the other parts,
// and close needs the text. Lengths count distinct words.
//
// A part is here because it gains on corpora, or because people look for
// something by its name; doc/measurements.md has the table.
const (
	k1 = 1.2  // the usual saturation; from 0.9 to 1.5 little changes
	b  = 0.75 // the usual normalisation by length; from 0.6 to 0.9 little changes

	weightRespelled = 0.5 // of a word that was not asked for, but is near to one
	nearWindow      = 8
	coverPower      = 1.5 // of the idf: with 1 right pages of bare questions are lost, with 2 abstracts
	maxTerms        = 64  // distinct words of a query; more than any question has, and a machine word of bits

	rankPool = 64 // best passages whose texts may be read; what is close hardly lifts one from further down
)

// How a block of a passage is scored: BM25 of its words, exact words and pairs, and
// BlockAbove of what stands in the headings over it within the passage, or in the
// header of its table, but not in the block. To choose what is shown, words weigh
// what they do in passages; to choose the block to cite, what they tell of it.
const (
	blockK1     = 0.6 // a block is short: that it has a word says nearly all
	blockB      = 0.5 // without it long blocks win, from 1 on scraps do
	blockLength = 160 // bytes of a usual block
)

// Weights are what the parts of a score count beside the words of the text. A
// part that weighs nothing is left out, by which `mcp-notion eval --ablate`
// measures it.
type Weights struct {
	Exact  float64 // passages with the very form of the word come first
	Head   float64 // title and headings say what a passage is about
	Page   float64 // a passage of a page that is about the question beats a stray mention
	Title  float64 // of the page, beside its whole text
	Near   float64 // two neighbouring words of the question within nearWindow words
	Cover  float64 // a passage with all of the words before one with some of them often
	Named  float64 // a page whose title has all words that were asked for, before lists that name it
	Again  float64 // added for each further phrasing that has the word
	Repeat float64 // added each time that one phrasing says the word again

	BlockNear   float64 // Exact and pairs, among blocks
	BlockAbove  float64 // what stands above a block: a row has nearly all that its header says
	BlockNumber float64 // a block with a number in it answers "how many" and "until when"
}

// DefaultWeights are those of a Query without any.
func DefaultWeights() Weights {
	return Weights{
		Exact: 0.3, Head: 0.35, Page: 0.35, Title: 0.35, Near: 0.15,
		Cover: 0.5, Named: 1, Again: 0.5, Repeat: 1,
		BlockNear: 1, BlockAbove: 0.8, BlockNumber: 0.6,
	}
}
