// Package terms turns text into the words that are indexed and searched. It
// keeps every word in its exact form (lower-cased and folded to ASCII where
// possible) and in its stemmed forms, and splits identifiers such as
// camelCase and snake_case while keeping the whole. Words are stemmed in the
// language of their text; of scripts without spaces, pairs of characters are
// words.
package terms

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis/char/asciifolding"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

const (
	maxWord  = 120    // bytes; longer words are data, not language
	maxCache = 50_000 // distinct words of a language remembered by an Analyzer
)

// Word is one word of a text.
type Word struct {
	Start, End int // bytes of the text
	Position   int // counts all words, from 0
	Forms

	bigram bool
}

// Forms are the indexed forms of a word.
type Forms struct {
	Exact string   // lower-cased and folded; "" if nothing indexable is left
	Stems []string // the stemmed word, then the stemmed parts of an identifier; none for a stop word
}

// Stop says that the word is too common to be searched by its stem.
func (f *Forms) Stop() bool { return len(f.Stems) == 0 }

// Analyzer analyses text. It remembers the words it has seen, and is for one
// goroutine at a time.
type Analyzer struct {
	fold     *asciifolding.AsciiFoldingFilter
	lexicons [languages]*lexicon
	caches   [detectable]map[string]Forms // by the word as written, of texts in a language
	telling  map[uint64]uint32            // languages by the hash of their stop words
	recent   [256]recent                  // of caches, for the few words that a search meets again and again
}

// recent is a word that was met lately.
type recent struct {
	written string
	in      Language
	forms   Forms
}

// New returns the analyzer for text in any language. This is the one place
// where an analyzer is chosen.
func New() *Analyzer { return &Analyzer{fold: asciifolding.New()} }

// Words calls visit with the words of text, in order, and returns how many
// there are. The text is in English, or in a language that its script shows.
// The Word is only valid during the call, its strings and slices are valid for
// ever and must not be changed.
func (a *Analyzer) Words(text string, visit func(*Word)) int {
	return a.each(text, English, nil, visit)
}

// WordsIn is Words for a text in another language.
func (a *Analyzer) WordsIn(l Language, text string, visit func(*Word)) int {
	return a.each(text, l, nil, visit)
}

// Some is Words for those words alone that f lets through; it returns how many
// words there are in all. A text may be in any language that f knows.
func (a *Analyzer) Some(text string, f *Filter, visit func(*Word)) int {
	return a.each(text, English, f, visit)
}

// unescaped is a word without the escapes of Markdown in it.
func unescaped(word string) string {
	if strings.IndexByte(word, '\\') < 0 {
		return word
	}
	return strings.ReplaceAll(word, `\`, "")
}

// each reads the text in the one form of its characters, and leads the words
// back to where they stand in it.
func (a *Analyzer) each(text string, l Language, f *Filter, visit func(*Word)) int {
	form := unify.Trace(text)
	if form.Text == text {
		return a.scan(text, l, f, visit)
	}
	return a.scan(form.Text, l, f, func(w *Word) {
		there := *w
		there.Start, there.End = form.Back(w.Start, w.End)
		visit(&there)
	})
}

func (a *Analyzer) scan(text string, l Language, f *Filter, visit func(*Word)) int {
	var w Word
	for pos := 0; ; {
		start, end, kind := pos, 0, letter
		if f != nil {
			to, ends, words := f.pass(text, pos)
			start, end, w.Position = to, ends, w.Position+words
		}
		simple := end > 0
		if !simple {
			start, end, kind = next(text, start)
		}
		if start == end {
			return w.Position
		}
		pos = end
		if kind >= han {
			a.run(text, start, end, &w, visit)
			continue
		}
		if end-start > maxWord {
			continue
		}
		word := unescaped(text[start:end])
		if f != nil && !simple && !f.may(word) {
			w.Position++
			continue
		}
		if f != nil {
			w.Forms = a.wordOf(word, l)
		} else {
			w.Forms = a.forms(word, l)
		}
		if w.Exact == "" {
			continue
		}
		if f != nil && f.others != 0 {
			w.Forms = a.wanted(word, w.Forms, f)
		}
		w.Start, w.End = start, end
		visit(&w)
		w.Position++
	}
}

// wanted returns the forms of a word in that language in which f wants its
// stem, if there is one.
func (a *Analyzer) wanted(written string, forms Forms, f *Filter) Forms {
	if !forms.Stop() && f.exactly[forms.Stems[0]] {
		return forms
	}
	f.others.each(func(l Language) bool {
		o := a.forms(written, l)
		if o.Stop() || !f.exactly[o.Stems[0]] {
			return true
		}
		forms = o
		return false
	})
	return forms
}

// Asked calls visit with the words of a query for texts in English and in some
// more languages. Their places are those in the one form of the text. A stop word in English, or in the language of the query, is
// one, and others are the first stem in those languages where it differs. They
// are valid during the call.
func (a *Analyzer) Asked(text string, in Languages, visit func(w *Word, others []string)) {
	text = unify.Text(text)
	var fits Languages
	if in != 0 {
		hits := a.Hits(text)
		fits = hits.among(in)
	}
	var others []string
	a.each(text, English, nil, func(w *Word) {
		others = others[:0]
		if w.bigram {
			w.Stems = w.Stems[:min(1, len(w.Stems))]
		}
		written := text[w.Start:w.End]
		if in == 0 || w.Stop() || w.bigram {
			visit(w, nil)
			return
		}
		stop := false
		in.each(func(l Language) bool {
			forms := a.forms(written, l)
			stop = stop || forms.Stop() && fits&(1<<l) != 0
			if forms.Stop() {
				return true
			}
			if stem := forms.Stems[0]; stem != w.Stems[0] && !slices.Contains(others, stem) {
				others = append(others, stem)
			}
			return true
		})
		if stop {
			w.Stems, others = nil, others[:0]
		}
		visit(w, others)
	})
}

// wordOf is forms for the few words that a filter lets through, again and again.
func (a *Analyzer) wordOf(written string, l Language) Forms {
	n := len(written)
	lately := &a.recent[uint8(n)*67+written[0]*31+written[n/2]*17+written[n-1]]
	if lately.written != written || lately.in != l {
		*lately = recent{strings.Clone(written), l, a.forms(written, l)}
	}
	return lately.forms
}

// forms returns the forms of a word of a text in language l.
func (a *Analyzer) forms(written string, l Language) Forms {
	cache := a.caches[l]
	if f, ok := cache[written]; ok {
		return f
	}
	if cache == nil {
		cache = map[string]Forms{}
		a.caches[l] = cache
	}
	if len(cache) >= maxCache {
		clear(cache)
	}
	f := a.analyse(written, l)
	cache[strings.Clone(written)] = f
	return f
}

func (a *Analyzer) analyse(written string, l Language) Forms {
	exact := a.normal(written)
	f := Forms{Exact: exact}
	if exact == "" {
		return f
	}
	x := a.lexicon(languageOf(exact, l))
	if x.stops[exact] {
		return f
	}
	parts := split(written)
	if parts != nil {
		x = a.lexicon(English) // identifiers are
	}
	f.Stems = append(f.Stems, a.stem(x, written, exact))
	for _, p := range parts {
		if n := a.normal(p); n != "" && !x.stops[n] {
			f.Stems = append(f.Stems, a.stem(x, p, n))
		}
	}
	return f
}

// normal lower-cases a word, folds accents, ligatures and full-width letters,
// and takes off a possessive 's.
func (a *Analyzer) normal(word string) string {
	word = a.folded(strings.ToLower(word))
	word = strings.TrimSuffix(word, "'s")
	return strings.Trim(word, "'_")
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
