package index

import (
	"math/bits"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// bag is a parsed Query. Each distinct word has a bit.
type bag struct {
	stems     lookups          // for text, headings and title
	exacts    lookups          // for the exact field
	phrasings []uint64         // the words of Text and of each rephrasing
	phrases   [][]string       // exact words that must stand side by side
	banned    [][]string       // exact words that must not stand side by side
	required  uint64           // words of the phrases
	excluded  uint64           // words of which there must be none
	filter    terms.Filter     // lets through what may be one of the words
	follows   [maxTerms]uint64 // by bit: the words that come next to it in some phrasing, stop words left out
}

// lookups are the words to look up in some field.
type lookups struct {
	terms  []*queryTerm
	byForm map[string]*queryTerm
}

// queryTerm is one word to look up. Its weight is 0 if it only excludes.
type queryTerm struct {
	said   string // the word as it was written, if it may be misspelt; see respell
	form   string // the stem, or the stems in some languages, as wordReader.find takes them
	bit    int
	weight float64
	uses   int // phrasings that have it
	again  int // further times that some phrasing says it
	last   int // the phrasing that was counted last
}

func (l *lookups) find(form string) *queryTerm { return l.byForm[form] }

// also lets a term stand for further forms, if no other term does.
func (l *lookups) also(t *queryTerm, forms []string) {
	for _, form := range forms {
		if l.byForm[form] == nil {
			l.byForm[form] = t
			t.form += formSep + form
		}
	}
}

// first returns the term that stands for one of some forms, or nil.
func (l *lookups) first(forms []string) *queryTerm {
	for _, form := range forms {
		if t := l.byForm[form]; t != nil {
			return t
		}
	}
	return nil
}

func (l *lookups) add(form string, bit int) *queryTerm {
	if l.byForm == nil {
		l.byForm = map[string]*queryTerm{}
	}
	t := &queryTerm{form: form, bit: bit}
	l.byForm[form] = t
	l.terms = append(l.terms, t)
	return t
}

// parser turns strings into a bag.
type parser struct {
	words     *terms.Analyzer
	languages terms.Languages // of the index
	bag       *bag
	bits      int    // in use
	phrasings int    // seen so far
	said      string // the current word, if it may be misspelt
}

// weights are those of the query.
func (q *Query) weights() Weights {
	if q.Weights != nil {
		return *q.Weights
	}
	return DefaultWeights()
}

// parse reads a query to an index in some languages, and English.
func parse(q *Query, words *terms.Analyzer, languages terms.Languages) *bag {
	p := parser{words: words, languages: languages, bag: new(bag)}
	p.bag.filter.In(languages)
	ops := dissect(q.Text)
	p.phrasing(ops.text, false)
	for _, also := range q.Also {
		p.phrasing(also, false)
	}
	if p.bag.empty() { // nothing but stop words: some titles are made of them
		p.phrasing(ops.text, true)
	}
	if p.bag.empty() { // nothing but what is to be left out, which nobody means
		ops = operators{text: q.Text}
		p.phrasing(ops.text, false)
	}
	p.obey(ops)
	p.weigh(q.weights())
	return p.bag
}

// obey notes what is asked of passages apart from words.
func (p *parser) obey(ops operators) {
	for _, phrase := range ops.phrases {
		p.phrase(phrase)
	}
	for _, phrase := range ops.banned {
		if words := p.forms(phrase); len(words) > 0 {
			p.bag.banned = append(p.bag.banned, words)
		}
	}
	for _, word := range ops.without {
		p.exclude(word)
	}
}

// forms are the exact words of a phrase.
func (p *parser) forms(phrase string) (words []string) {
	p.words.Asked(phrase, p.languages, func(w *terms.Word, _ []string) { words = append(words, w.Exact) })
	return words
}

// phrasing adds the words of one string. Stop words are left out unless asked
// for.
func (p *parser) phrasing(s string, withStops bool) {
	var has uint64
	last := -1
	p.phrasings++
	p.words.Asked(s, p.languages, func(w *terms.Word, others []string) {
		if w.Stop() && !withStops {
			return
		}
		first := -1
		if p.phrasings == 1 && misspellable(w) {
			p.said = w.Exact
		}
		for i, stem := range headTerms(w) {
			bit := -1
			if i == 0 {
				bit = p.useAny(stem, others)
				first = bit
			} else {
				bit = p.use(&p.bag.stems, stem, -1)
			}
			has |= mask(bit)
		}
		p.said = ""
		if first < 0 {
			return
		}
		p.use(&p.bag.exacts, w.Exact, first)
		if last >= 0 && first != last {
			p.bag.follows[last] |= mask(first)
		}
		last = first
	})
	if has != 0 {
		p.bag.phrasings = append(p.bag.phrasings, has)
	}
}

// use notes that the current phrasing has a word, and returns the word's bit:
// the given one, or one of its own; -1 if there are maxTerms words already.
func (p *parser) use(list *lookups, form string, bit int) int {
	t := list.find(form)
	if t == nil {
		if bit < 0 && p.bits == maxTerms {
			return -1
		}
		if bit < 0 {
			bit = p.bits
			p.bits++
		}
		t = list.add(form, bit)
		t.said = p.said
		p.bag.filter.Add(form)
	}
	if t.last == p.phrasings {
		t.again++
	} else {
		t.uses++
		t.last = p.phrasings
	}
	return t.bit
}

// useAny is use for a stem that may be another one in some languages: all are
// one word.
func (p *parser) useAny(stem string, others []string) int {
	if p.bag.stems.find(stem) == nil {
		if known := p.bag.stems.first(others); known != nil {
			p.bag.stems.also(known, []string{stem})
			p.bag.filter.Add(stem)
		}
	}
	bit := p.use(&p.bag.stems, stem, -1)
	if t := p.bag.stems.find(stem); t != nil {
		p.bag.stems.also(t, others)
		for _, form := range others {
			p.bag.filter.Add(form)
		}
	}
	return bit
}

func mask(bit int) uint64 {
	if bit < 0 {
		return 0
	}
	return 1 << bit
}

// phrase notes a phrase, whose words are in the bag already.
func (p *parser) phrase(s string) {
	var phrase []string
	p.words.Asked(s, p.languages, func(w *terms.Word, _ []string) {
		phrase = append(phrase, w.Exact)
		for _, stem := range w.Stems {
			if t := p.bag.stems.find(stem); t != nil {
				p.bag.required |= mask(t.bit)
			}
		}
	})
	if len(phrase) > 0 {
		p.bag.phrases = append(p.bag.phrases, phrase)
	}
}

// exclude notes a word, by its stem, that must not occur. It weighs nothing
// unless the text has it too.
func (p *parser) exclude(s string) {
	p.phrasings++
	p.words.Asked(s, p.languages, func(w *terms.Word, others []string) {
		if w.Stop() {
			return
		}
		uses := 0
		if known := p.bag.stems.first(append([]string{w.Stems[0]}, others...)); known != nil {
			uses = known.uses
		}
		p.bag.excluded |= mask(p.useAny(w.Stems[0], others))
		if t := p.bag.stems.find(w.Stems[0]); t != nil {
			t.uses = uses
		}
	})
}

func (p *parser) weigh(w Weights) {
	for _, l := range []*lookups{&p.bag.stems, &p.bag.exacts} {
		for _, t := range l.terms {
			if t.uses > 0 {
				t.weight = 1 + w.Again*float64(t.uses-1) + w.Repeat*float64(t.again)
			}
		}
	}
}

// selective says that the texts of passages must be read to tell which fulfil
// all conditions.
func (b *bag) selective() bool { return len(b.phrases)+len(b.banned) > 0 }

// empty says that there is nothing to look for.
func (b *bag) empty() bool { return len(b.phrasings) == 0 }

// eachBit calls do with the numbers of the bits that are set.
func eachBit(set uint64, do func(bit int)) {
	for ; set != 0; set &= set - 1 {
		do(bits.TrailingZeros64(set))
	}
}
