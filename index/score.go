package index

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
)

// lookup is a word of the query in an index, and what it is worth there.
type lookup struct {
	term                    *queryTerm
	word                    *word
	text, head, page, title bm25
	bit                     uint64
	docs                    int     // passages with the word
	most                    float64 // what a passage gets by it at most, with its page's share, titles left out
	rest                    float64 // the same by this word and by all after it
}

// lookUp finds the words of the query, in the order in which they are scored:
// first those that say which passages may answer, and then the rarest.
func (s *search) lookUp(ctx context.Context) ([]lookup, error) {
	words, err := s.findWords(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]lookup, len(words))
	for i, t := range s.bag.stems.terms {
		list[i] = s.weigh(t, words[i])
		s.rare[t.bit] = math.Pow(s.idf[t.bit], coverPower)
	}
	slices.SortStableFunc(list, func(a, b lookup) int {
		return cmp.Or(-cmp.Compare(s.decides(&a), s.decides(&b)), cmp.Compare(a.docs, b.docs))
	})
	var rest float64
	for i := len(list) - 1; i >= 0; i-- {
		rest += list[i].most
		list[i].rest = rest
	}
	return list, nil
}

// decides is 1 for a word without which, or with which, a passage does not answer.
func (s *search) decides(l *lookup) int {
	return bits.OnesCount64((s.bag.excluded | s.bag.required) & l.bit)
}

// weigh finds out what a word is worth. Its idf over all fields is the smallest,
// for a word that stands in all titles is not rare because no text has it.
func (s *search) weigh(t *queryTerm, w *word) lookup {
	r := s.roster
	text, head, title := s.total(w, inText), s.total(w, inHead), s.total(w, inTitle)
	n := r.totals.Passages
	s.idf[t.bit] = idf(n, max(text.docs, head.docs))
	l := lookup{
		term: t, word: w, bit: mask(t.bit), docs: text.docs,
		text:  s.models[inText].times(t.weight * idf(n, text.docs)),
		head:  s.models[inHead].times(s.weights.Head * t.weight * idf(n, head.docs)),
		page:  s.models[ofPages].times(s.weights.Page * t.weight * idf(r.textual, text.pages)),
		title: s.models[inTitle].times(s.weights.Title * t.weight * idf(r.totals.Pages, title.docs)),
	}
	l.most = l.text.factor*text.most + l.head.factor*head.most + l.page.factor*text.mostOfPage
	return l
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

// bm25 scores occurrences of one word.
type bm25 struct {
	factor, base, slope float64
}

// newBM25 is for a word that weighs 1, given all lengths; it is 0 where there are
// none.
func newBM25(total, n int) bm25 {
	if total == 0 || n == 0 {
		return bm25{}
	}
	avg := float64(total) / float64(n)
	return bm25{factor: k1 + 1, base: k1 * (1 - b), slope: k1 * b / avg}
}

// times is for a word with that weight.
func (m bm25) times(weight float64) bm25 {
	m.factor *= weight
	return m
}

func (m bm25) score(freq, length float64) float64 {
	return m.factor * freq / (freq + m.base + m.slope*length)
}

// measure is what is known of the live postings of a word in a field: how many
// there are, in how many pages, and which share of a BM25's factor one of them,
// and one of the pages, gets at most.
type measure struct {
	gone             uint64 // documents of the segment that were deleted
	docs, pages      int
	most, mostOfPage float64
	by, byPage       bm25 // by which that was found out
}

// total is the measure of a word in a field of all segments.
func (s *search) total(w *word, field int) measure {
	var all measure
	for _, p := range w.parts[field] {
		m := s.measure(&p, field)
		all.docs += m.docs
		all.pages += m.pages
		all.most = max(all.most, m.most*m.by.exceeded(s.models[field]))
		all.mostOfPage = max(all.mostOfPage, m.mostOfPage*m.byPage.exceeded(s.models[ofPages]))
	}
	return all
}

// exceeded is how many times as much as by m a posting scores at most by n, which
// goes by another average length.
func (m bm25) exceeded(n bm25) float64 {
	if n.slope >= m.slope || n.slope == 0 {
		return 1
	}
	return m.slope / n.slope
}

// measure measures a part, unless that was done already.
func (s *search) measure(p *part, field int) *measure {
	if m := p.measured.Load(); m != nil && m.gone == s.gone[p.segment] {
		return m
	}
	m := &measure{gone: s.gone[p.segment], by: s.models[field], byPage: s.models[ofPages]}
	table := s.tables[p.segment]
	lengths, current := table.lengths(field), s.current[:0]
	best, bestPage := extreme{}, extreme{}
	for _, o := range s.unpack(p) {
		m.docs++
		best.see(m.by, o.freq, lengths[o.doc])
		if field != inText {
			continue
		}
		slot := table.slots[o.doc]
		if s.pages[slot].freq == 0 {
			current = append(current, slot)
		}
		s.pages[slot].freq += o.freq
	}
	for _, slot := range current {
		bestPage.see(m.byPage, s.pages[slot].freq, s.roster.texts[slot])
		s.pages[slot].freq = 0
	}
	m.pages, m.most, m.mostOfPage = len(current), best.score(), bestPage.score()
	s.current = current
	p.measured.Store(m)
	return m
}

// extreme is what scores most by a BM25, found without a division for each.
type extreme struct{ freq, norm float64 }

func (e *extreme) see(m bm25, freq, length uint32) {
	f, norm := float64(freq), m.base+m.slope*float64(length)
	if f*e.norm >= e.freq*norm {
		e.freq, e.norm = f, norm
	}
}

// score is the share of the factor.
func (e *extreme) score() float64 {
	if e.freq == 0 {
		return 0
	}
	return e.freq / (e.freq + e.norm)
}

// ofPages follows the fields among the models.
const ofPages = fields

// model says how the fields, and the pages, are scored.
func (s *search) model() {
	r := s.roster
	s.models = [fields + 1]bm25{
		inText:  newBM25(r.lengths.Text, r.totals.Passages),
		inHead:  newBM25(r.lengths.Head, r.totals.Passages),
		inTitle: newBM25(r.lengths.Title, r.totals.Pages),
		ofPages: newBM25(r.lengths.Text, r.textual),
	}
}

// count counts the live documents that have a word in a field.
func (s *search) count(w *word, field int) int { return s.total(w, field).docs }

// unpack returns the postings of the live documents. They are valid until the
// next call.
func (s *search) unpack(p *part) []posting {
	s.postings = p.packed.unpack(s.postings[:0], s.deleted[p.segment])
	return s.postings
}
