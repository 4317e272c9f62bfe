package index

import (
	"context"
	"math"
)

// A search reads all postings of its words, one window of documents after the
// other, and scores few of them. The words come in the order of how many passages
// have them. What the last of the best passages so far has is the bar: a posting
// counts only if the best passage of its page, with the page's score, can still
// get over the bar by this word and those that are left. This is MaxScore, by
// pages, since a passage gets its page's score too, and a page's passages are all
// in one window. What is found has the scores that it has without.

// windowDocs is about how many documents a window has: so few that all that is
// known of them stays near to the processor.
const windowDocs = 4096

// found is what a passage has of the query.
type found struct {
	score float64
	mask  uint64 // the words, by bit
}

// pageSum is what a page has of the query.
type pageSum struct {
	score float64
	peak  float64 // the highest score of its passages, without its own
	freq  uint32  // occurrences of the current word
}

// rounding is more than sums of floats are off, of what they are.
const rounding = 1e-9

// scan scores the passages that may get over the bar, which take may lift, and
// calls take with each passage that has a word; but what it tells of those that
// do not get over the bar is less than they have.
func (s *search) scan(ctx context.Context, list []lookup, take func(place, *found)) error {
	s.bar = 0
	for i := range list {
		s.scoreTitle(&list[i])
	}
	for segment, table := range s.tables {
		texts, heads := s.cursors(list, inText, segment), s.cursors(list, inHead, segment)
		w := window{table: table, deleted: s.deleted[segment]}
		for _, w.end = range table.windows {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.fitWindow(int(w.end - w.start))
			for i := range list {
				need := s.need(&list[i])
				s.scoreText(&w, &texts[i], &list[i], need)
				s.scoreHead(&w, &heads[i], &list[i], need)
			}
			s.takeAll(&w, s.offsets[segment], take)
			w.start = w.end
		}
	}
	return ctx.Err()
}

// window is a run of documents of a segment.
type window struct {
	table      *table
	deleted    bitset
	start, end uint32
}

// cursors are where the words stand in a field of a segment.
func (s *search) cursors(list []lookup, field, segment int) []cursor {
	all := make([]cursor, len(list))
	for i := range list {
		for _, p := range list[i].word.parts[field] {
			if int(p.segment) == segment {
				all[i].left = p.packed
			}
		}
	}
	return all
}

// need is what a page must have before a word, so that the word counts there.
func (s *search) need(l *lookup) float64 {
	if s.exhaustive {
		return math.Inf(-1)
	}
	need := s.bar*(1-rounding) - l.rest
	if s.bag.required != 0 && s.decides(l) == 0 {
		need = max(need, math.SmallestNonzeroFloat64) // anything
	}
	return need
}

// scoreText scores one word in the texts of a window, and, by the same postings,
// in the pages as wholes. Most of the time of a search is spent here.
func (s *search) scoreText(w *window, c *cursor, l *lookup, need float64) {
	s.postings = c.until(uint64(w.end), s.postings[:0], w.deleted)
	pages, slots, lengths, current := s.pages, w.table.slots, w.table.body, s.current[:0]
	for _, o := range s.postings {
		slot := slots[o.doc]
		page := &pages[slot]
		if page.score+page.peak < need {
			continue
		}
		s.add(o.doc-w.start, page, l.bit, l.text.score(float64(o.freq), float64(lengths[o.doc])))
		if page.freq == 0 {
			current = append(current, slot)
		}
		page.freq += o.freq
	}
	for _, slot := range current {
		page := &pages[slot]
		page.score += l.page.score(float64(page.freq), float64(s.roster.texts[slot]))
		page.freq = 0
	}
	s.current = current
}

func (s *search) scoreHead(w *window, c *cursor, l *lookup, need float64) {
	s.postings = c.until(uint64(w.end), s.postings[:0], w.deleted)
	for _, o := range s.postings {
		page := &s.pages[w.table.slots[o.doc]]
		if page.score+page.peak < need {
			continue
		}
		s.add(o.doc-w.start, page, l.bit, l.head.score(float64(o.freq), float64(w.table.head[o.doc])))
	}
}

func (s *search) scoreTitle(l *lookup) {
	for _, p := range l.word.parts[inTitle] {
		table := s.tables[p.segment]
		for _, o := range s.unpack(&p) {
			s.pages[table.slots[o.doc]].score += l.title.score(float64(o.freq), float64(table.body[o.doc]))
		}
	}
}

// add notes that a passage has a word, and what that is worth.
func (s *search) add(at uint32, page *pageSum, bit uint64, score float64) {
	f := &s.found[at]
	if f.mask == 0 {
		s.touched = append(s.touched, at)
	}
	f.mask |= bit
	f.score += score
	if f.score > page.peak {
		page.peak = f.score
	}
}

// takeAll hands out what is in a window, and makes room for the next.
func (s *search) takeAll(w *window, offset int, take func(place, *found)) {
	for _, at := range s.touched {
		doc := w.start + at
		take(place{offset + int(doc), w.table.slots[doc]}, &s.found[at])
		s.found[at] = found{}
	}
	s.touched = s.touched[:0]
}
