package index

import (
	"context"
	"errors"
	"fmt"
	"math"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// scoreFields adds up BM25 over all fields for all passages that have a word
// of the query, and the scores of their pages.
func (s *search) scoreFields(ctx context.Context) error {
	r := s.roster
	for i := range s.idf {
		s.idf[i] = idf(r.totals.Passages, 0)
	}
	steps := []struct {
		field  string
		terms  []*queryTerm
		scorer func(t *queryTerm, p *postings) error
	}{
		{fieldText, s.bag.stems.terms, s.scoreText},
		{fieldHead, s.bag.stems.terms, func(t *queryTerm, p *postings) error {
			return s.scorePassages(t, p, weightHead, r.lengths.Head)
		}},
		{fieldTitle, s.bag.stems.terms, s.scoreTitle},
	}
	for _, step := range steps {
		p, err := s.postings(step.field)
		if err != nil {
			return err
		}
		for _, t := range step.terms {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := p.find(t.form); err != nil {
				return err
			}
			if err := step.scorer(t, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// idf is that of BM25: what it tells us that a document has a word which
// df of n documents have.
func idf(n, df int) float64 {
	return math.Log(1 + (float64(n-df)+0.5)/(float64(df)+0.5))
}

// bm25 scores occurrences of one word, given its idf and the average length.
type bm25 struct {
	factor, base, slope float64
}

func newBM25(factor float64, total, n int) bm25 {
	if total == 0 || n == 0 {
		return bm25{}
	}
	avg := float64(total) / float64(n)
	return bm25{factor: factor * (k1 + 1), base: k1 * (1 - b), slope: k1 * b / avg}
}

func (m bm25) score(freq, length float64) float64 {
	return m.factor * freq / (freq + m.base + m.slope*length)
}

// scorePassages adds one word's score in one field to the passages.
func (s *search) scorePassages(t *queryTerm, p *postings, weight float64, total int) error {
	n := s.roster.totals.Passages
	rarity := idf(n, p.count)
	s.noteIDF(t, p, rarity)
	m := newBM25(weight*t.weight*rarity, total, n)
	return p.each(func(doc int, slot int32, freq, length uint64) {
		s.add(doc, slot, t.bit, m.score(float64(freq), float64(length)))
	})
}

// noteIDF keeps the idf of a word over all fields: the smallest, for a word
// that stands in all titles is not rare because no text has it.
func (s *search) noteIDF(t *queryTerm, p *postings, rarity float64) {
	if p.count > 0 {
		s.idf[t.bit] = min(s.idf[t.bit], rarity)
	}
}

// add notes that a passage has a word, and what that is worth.
func (s *search) add(doc int, slot int32, bit int, score float64) {
	f := &s.found[doc]
	if f.mask == 0 {
		s.touched = append(s.touched, place{doc, slot})
	}
	f.mask |= 1 << bit
	f.score += score
}

// scoreText scores one word in the texts, and, by the same postings, in the
// pages as wholes.
func (s *search) scoreText(t *queryTerm, p *postings) error {
	r := s.roster
	rarity := idf(r.totals.Passages, p.count)
	s.noteIDF(t, p, rarity)
	m := newBM25(t.weight*rarity, r.lengths.Text, r.totals.Passages)
	err := p.each(func(doc int, slot int32, freq, length uint64) {
		s.add(doc, slot, t.bit, m.score(float64(freq), float64(length)))
		if s.freq[slot] == 0 {
			s.current = append(s.current, slot)
		}
		s.freq[slot] += freq
	})
	m = newBM25(t.weight*idf(r.textual, len(s.current)), r.lengths.Text, r.textual)
	for _, slot := range s.current {
		s.addPage(slot, m.score(float64(s.freq[slot]), float64(r.records[slot].Lengths.Text)))
		s.freq[slot] = 0
	}
	s.current = s.current[:0]
	return err
}

func (s *search) scoreTitle(t *queryTerm, p *postings) error {
	n := s.roster.totals.Pages
	m := newBM25(weightTitle*t.weight*idf(n, p.count), s.roster.lengths.Title, n)
	return p.each(func(_ int, slot int32, freq, length uint64) {
		s.addPage(slot, m.score(float64(freq), float64(length)))
	})
}

func (s *search) addPage(slot int32, score float64) {
	if s.page[slot] == 0 {
		s.pages = append(s.pages, slot)
	}
	s.page[slot] += score
}

// coverage is the share of the best covered phrasing that a mask has.
func (s *search) coverage(mask uint64) float64 {
	var best float64
	for _, phrasing := range s.bag.phrasings {
		var has, all float64
		eachBit(phrasing, func(bit int) {
			all += s.idf[bit]
			if mask&(1<<bit) != 0 {
				has += s.idf[bit]
			}
		})
		if all > 0 {
			best = max(best, has/all)
		}
	}
	return best
}

// postings reads the postings of one field, word after word.
type postings struct {
	*snapshot
	dicts []segment.TermDictionary
	lists []segment.PostingsList
	iters []segment.PostingsIterator
	count int // live documents with the word
}

func (s *snapshot) postings(field string) (*postings, error) {
	segments := s.bleve.Segments()
	p := &postings{
		snapshot: s,
		dicts:    make([]segment.TermDictionary, len(segments)),
		lists:    make([]segment.PostingsList, len(segments)),
		iters:    make([]segment.PostingsIterator, len(segments)),
	}
	for i, seg := range segments {
		var err error
		if p.dicts[i], err = seg.Segment().Dictionary(field); err != nil {
			return nil, fmt.Errorf("read dictionary of %s: %w", field, err)
		}
	}
	return p, nil
}

// find moves to a word.
func (p *postings) find(form string) error {
	p.count = 0
	for i, dict := range p.dicts {
		list, err := dict.PostingsList([]byte(form), p.bleve.Segments()[i].Deleted(), p.lists[i])
		if err != nil {
			return fmt.Errorf("read postings: %w", err)
		}
		p.lists[i] = list
		p.count += int(list.Count())
	}
	return nil
}

// measured is implemented by the postings of all of bleve's segment versions
// that we write: the norm of a field is its length.
type measured interface{ NormUint64() uint64 }

var errNorm = errors.New("the index holds postings without lengths")

// each calls do with the live documents that have the word.
func (p *postings) each(do func(doc int, slot int32, freq, length uint64)) error {
	if p.count == 0 {
		return nil
	}
	for i, list := range p.lists {
		if list.Count() == 0 {
			continue
		}
		it := list.Iterator(true, true, false, p.iters[i])
		p.iters[i] = it
		if err := p.eachOf(i, it, do); err != nil {
			return err
		}
	}
	return nil
}

func (p *postings) eachOf(i int, it segment.PostingsIterator, do func(doc int, slot int32, freq, length uint64)) error {
	table, offset := p.tables[i], p.offsets[i]
	var last segment.Posting // iterators hand out the same posting again and again
	var norm measured
	for {
		posting, err := it.Next()
		if err != nil {
			return fmt.Errorf("read postings: %w", err)
		}
		if posting == nil {
			return nil
		}
		if posting != last {
			var ok bool
			if norm, ok = posting.(measured); !ok {
				return errNorm
			}
			last = posting
		}
		n := posting.Number()
		do(offset+int(n), table[n], posting.Frequency(), norm.NormUint64())
	}
}
