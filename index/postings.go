package index

import (
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// posting is one document that has a word, and how often.
type posting struct {
	doc, freq uint32
}

// postings has postings in the order of their documents, in a form that is small
// and quick to read. Most take 16 bits: the distance from the last document
// above freqBits of occurrences. Without occurrences, it is only a distance,
// of so many times maxGap+1; and 0 stands before what fits nowhere else: the
// distance, and 32 bits of occurrences.
type postings []uint16

const (
	freqBits = 4
	maxFreq  = 1<<freqBits - 1
	gapBits  = 16 - freqBits
	maxGap   = 1<<gapBits - 1
)

func pack(list []posting) postings {
	l := make(postings, 0, len(list))
	var last uint32
	for _, p := range list {
		gap := p.doc - last
		for gap > maxGap {
			jump := min(gap>>gapBits, maxGap)
			l = append(l, uint16(jump<<freqBits))
			gap -= jump << gapBits
		}
		if 0 < p.freq && p.freq <= maxFreq {
			l = append(l, uint16(gap<<freqBits|p.freq))
		} else {
			l = append(l, 0, uint16(gap), uint16(p.freq>>16), uint16(p.freq))
		}
		last = p.doc
	}
	return slices.Clip(l)
}

// unpack appends the postings of documents that are not deleted.
func (l postings) unpack(to []posting, deleted bitset) []posting {
	c := cursor{left: l}
	return c.until(math.MaxUint64, to, deleted)
}

// cursor is a place in postings.
type cursor struct {
	left postings
	doc  uint32 // the one before
}

// until appends the postings of documents before end that are not deleted, and
// stands behind them then.
func (c *cursor) until(end uint64, to []posting, deleted bitset) []posting {
	l, doc, i := c.left, c.doc, 0
	for i < len(l) {
		w := l[i]
		gap, freq, size := uint32(w>>freqBits), uint32(w&maxFreq), 1
		if freq == 0 {
			if w != 0 {
				doc += gap << gapBits
				i++
				continue
			}
			gap, freq, size = uint32(l[i+1]), uint32(l[i+2])<<16|uint32(l[i+3]), 4
		}
		if uint64(doc)+uint64(gap) >= end {
			break
		}
		doc += gap
		i += size
		if deleted == nil || !deleted.has(doc) {
			to = append(to, posting{doc, freq})
		}
	}
	c.left, c.doc = l[i:], doc
	return to
}

// bitset is a set of documents of a segment. Nil is the empty set.
type bitset []uint64

// newBitset copies a bitmap of documents below size.
func newBitset(docs *roaring.Bitmap, size int) bitset {
	if docs == nil || docs.IsEmpty() {
		return nil
	}
	b := make(bitset, (size+63)/64)
	each(docs, func(n uint64) { b[n/64] |= 1 << (n % 64) })
	return b
}

func (b bitset) has(doc uint32) bool { return b[doc/64]&(1<<(doc%64)) != 0 }
