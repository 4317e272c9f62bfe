package index

import (
	"context"
	"math"
)

// scoreFields adds up BM25 over all fields for all passages that have a word
// of the query, and the scores of their pages.
func (s *search) scoreFields(ctx context.Context) error {
	r := s.roster
	for i := range s.idf {
		s.idf[i] = idf(r.totals.Passages, 0)
	}
	words, err := s.findWords(ctx)
	if err != nil {
		return err
	}
	for i, t := range s.bag.stems.terms {
		s.scoreText(t, words[i])
	}
	for i, t := range s.bag.stems.terms {
		s.scoreHead(t, words[i])
	}
	for i, t := range s.bag.stems.terms {
		s.scoreTitle(t, words[i])
	}
	s.powers()
	return ctx.Err()
}

// powers notes those of the idf that a search needs again and again.
func (s *search) powers() {
	for _, t := range s.bag.stems.terms {
		s.rare[t.bit] = math.Pow(s.idf[t.bit], coverPower)
	}
}

// findWords finds the postings of all terms.
func (s *search) findWords(ctx context.Context) ([]*word, error) {
	words := make([]*word, len(s.bag.stems.terms))
	r := s.wordReader()
	for i, t := range s.bag.stems.terms {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if words[i], err = r.find(t.form); err != nil {
			return nil, err
		}
		if words[i], err = s.respell(r, t, words[i]); err != nil {
			return nil, err
		}
	}
	return words, nil
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

// noteIDF keeps the idf of a word over all fields: the smallest, for a word
// that stands in all titles is not rare because no text has it.
func (s *search) noteIDF(t *queryTerm, count int, rarity float64) {
	if count > 0 {
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
func (s *search) scoreText(t *queryTerm, w *word) {
	r := s.roster
	count := s.count(w, inText)
	rarity := idf(r.totals.Passages, count)
	s.noteIDF(t, count, rarity)
	m := newBM25(t.weight*rarity, r.lengths.Text, r.totals.Passages)
	for _, p := range w.parts[inText] {
		table, first := s.tables[p.segment], s.offsets[p.segment]
		for _, o := range s.unpack(&p) {
			slot := table.slots[o.doc]
			s.add(first+int(o.doc), slot, t.bit, m.score(float64(o.freq), float64(table.body[o.doc])))
			if s.freq[slot] == 0 {
				s.current = append(s.current, slot)
			}
			s.freq[slot] += o.freq
		}
	}
	m = newBM25(s.weights.Page*t.weight*idf(r.textual, len(s.current)), r.lengths.Text, r.textual)
	for _, slot := range s.current {
		s.addPage(slot, m.score(float64(s.freq[slot]), float64(r.texts[slot])))
		s.freq[slot] = 0
	}
	s.current = s.current[:0]
}

func (s *search) scoreHead(t *queryTerm, w *word) {
	r := s.roster
	count := s.count(w, inHead)
	rarity := idf(r.totals.Passages, count)
	s.noteIDF(t, count, rarity)
	m := newBM25(s.weights.Head*t.weight*rarity, r.lengths.Head, r.totals.Passages)
	for _, p := range w.parts[inHead] {
		table, first := s.tables[p.segment], s.offsets[p.segment]
		for _, o := range s.unpack(&p) {
			s.add(first+int(o.doc), table.slots[o.doc], t.bit, m.score(float64(o.freq), float64(table.head[o.doc])))
		}
	}
}

func (s *search) scoreTitle(t *queryTerm, w *word) {
	n := s.roster.totals.Pages
	m := newBM25(s.weights.Title*t.weight*idf(n, s.count(w, inTitle)), s.roster.lengths.Title, n)
	for _, p := range w.parts[inTitle] {
		table := s.tables[p.segment]
		for _, o := range s.unpack(&p) {
			s.addPage(table.slots[o.doc], m.score(float64(o.freq), float64(table.body[o.doc])))
		}
	}
}

// count counts the live documents that have a word in a field.
func (s *search) count(w *word, field int) int {
	n := 0
	for _, p := range w.parts[field] {
		if s.deleted[p.segment] == nil {
			n += int(p.count)
		} else {
			n += len(s.unpack(&p))
		}
	}
	return n
}

// unpack returns the postings of the live documents. They are valid until the
// next call.
func (s *search) unpack(p *part) []posting {
	s.postings = p.packed.unpack(s.postings[:0], s.deleted[p.segment])
	return s.postings
}

func (s *search) addPage(slot int32, score float64) {
	if score == 0 {
		return // a part that is left out
	}
	if s.page[slot] == 0 {
		s.pages = append(s.pages, slot)
	}
	s.page[slot] += score
}
