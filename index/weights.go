package index

import "time"

// How a passage's score is put together:
//
//	words = text (with title and headings) + weightHead*(title and headings)
//	page  = the page's whole text + weightTitle*title
//	close = weightExact*exact words + weightOrdered*pairs in order + weightNear*pairs
//	score = (words + weightPage*page + close) * recency
//
// Each part is BM25, or is weighed by the same idf, so that they add up. close
// needs the text, and is worked out for the best rankPool passages by the
// other parts.
const (
	k1 = 1.2  // the usual saturation; lower loses on documents, higher gains nothing on short passages
	b  = 0.75 // the usual normalisation by length

	weightExact   = 0.3  // passages with the very form of the word come first
	weightHead    = 0.35 // title and headings say what a passage is about; from 1 on they drown the text
	weightPage    = 0.35 // a passage of a page that is about the question beats a stray mention
	weightTitle   = 0.5  // the title, next to the page's whole text
	weightOrdered = 0.2  // two words of the question side by side and in its order
	weightNear    = 0.1  // two neighbouring words of the question within nearWindow words
	nearWindow    = 8

	weightAgain = 0.5 // added for each further phrasing that has the word: agreement, but no landslide
	maxWeight   = 2.0 // where the agreement of phrasings stops to count
	maxTerms    = 64  // distinct words of a query; more than any question has, and a machine word of bits

	rankPool = 64 // best passages whose texts are read; what is close hardly lifts one from further down

	weightRecency = 0.1                  // at most this share is added to the score of a page edited just now
	recencyHalf   = 180 * 24 * time.Hour // after which half of it is left
)
