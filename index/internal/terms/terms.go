// Package terms turns text into the words that are indexed and searched. It
// keeps every word in its exact form (lower-cased and folded to ASCII where
// possible) and in its stemmed forms, and splits identifiers such as
// camelCase and snake_case while keeping the whole.
package terms

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/char/asciifolding"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

const (
	maxWord  = 120    // bytes; longer words are data, not language
	maxCache = 50_000 // distinct words remembered by an Analyzer
)

// Word is one word of a text.
type Word struct {
	Start, End int // bytes of the text
	Position   int // counts all words, from 0
	Forms
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
	stop  analysis.TokenMap
	fold  *asciifolding.AsciiFoldingFilter
	cache map[string]Forms // by the word as written
}

// New returns the analyzer for text in any language: English stems and stop
// words, one word for each Chinese or Japanese ideograph. This is the one place
// where an analyzer is chosen.
func New() *Analyzer {
	stop := analysis.NewTokenMap()
	if err := stop.LoadBytes(en.EnglishStopWords); err != nil {
		panic("stop words built into the program cannot be read: " + err.Error())
	}
	return &Analyzer{stop: stop, fold: asciifolding.New(), cache: map[string]Forms{}}
}

// Words calls visit with the words of text, in order, and returns how many
// there are. The Word is only valid during the call, its strings and slices
// are valid for ever and must not be changed.
func (a *Analyzer) Words(text string, visit func(*Word)) int {
	return a.Some(text, nil, visit)
}

// Some is Words for those words alone that f lets through; it returns how many
// words there are in all.
func (a *Analyzer) Some(text string, f *Filter, visit func(*Word)) int {
	var w Word
	for pos := 0; ; {
		start, end := next(text, pos)
		if start == end {
			return w.Position
		}
		pos = end
		if end-start > maxWord {
			continue
		}
		if f != nil && !f.may(text[start:end]) {
			w.Position++
			continue
		}
		if w.Forms = a.forms(text[start:end]); w.Exact == "" {
			continue
		}
		w.Start, w.End = start, end
		visit(&w)
		w.Position++
	}
}

func (a *Analyzer) forms(written string) Forms {
	if f, ok := a.cache[written]; ok {
		return f
	}
	if len(a.cache) >= maxCache {
		clear(a.cache)
	}
	f := a.analyse(written)
	a.cache[strings.Clone(written)] = f
	return f
}

func (a *Analyzer) analyse(written string) Forms {
	exact := a.normal(written)
	f := Forms{Exact: exact}
	if exact == "" || a.stop[exact] {
		return f
	}
	parts := split(written)
	f.Stems = append(f.Stems, stem(exact))
	for _, p := range parts {
		if p = a.normal(p); p != "" && !a.stop[p] {
			f.Stems = append(f.Stems, stem(p))
		}
	}
	return f
}

// normal lower-cases a word, folds accents, ligatures and full-width letters,
// and takes off a possessive 's.
func (a *Analyzer) normal(word string) string {
	word = strings.ToLower(word)
	if !ascii(word) {
		word = strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.Mn, unicode.Cf) {
				return -1
			}
			return r
		}, word)
		word = strings.ToLower(string(bytes.TrimSpace(a.fold.Filter([]byte(word)))))
	}
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

// stem returns the Snowball stem; words with digits or underscores are names
// and stay as they are.
func stem(word string) string {
	if strings.ContainsAny(word, "0123456789_") {
		return word
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}
