package terms

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ar"
	"github.com/blevesearch/bleve/v2/analysis/lang/da"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/fi"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hu"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/analysis/lang/nl"
	"github.com/blevesearch/bleve/v2/analysis/lang/no"
	"github.com/blevesearch/bleve/v2/analysis/lang/pt"
	"github.com/blevesearch/bleve/v2/analysis/lang/ro"
	"github.com/blevesearch/bleve/v2/analysis/lang/ru"
	"github.com/blevesearch/bleve/v2/analysis/lang/sv"
	"github.com/blevesearch/bleve/v2/analysis/lang/tr"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// Language is a language whose words can be stemmed. The numbers are stored in
// indexes: new ones go to the end of each list.
type Language uint8

// The languages that are told apart by their stop words. English stands for
// all that are not known, too.
const (
	English Language = iota
	Danish
	Dutch
	Finnish
	French
	German
	Hungarian
	Italian
	Norwegian
	Portuguese
	Romanian
	Spanish
	Swedish
	Turkish
	detectable
)

// The languages that each word shows by its script.
const (
	Russian Language = detectable + iota
	Arabic
	languages
)

// OtherScript stands in a set for all languages that are not written in Latin
// letters.
const OtherScript Language = 31

// String names a language that is told by its stop words.
func (l Language) String() string {
	names := [detectable]string{
		"English", "Danish", "Dutch", "Finnish", "French", "German", "Hungarian", "Italian", "Norwegian", "Portuguese", "Romanian", "Spanish", "Swedish", "Turkish",
	}
	if l < detectable {
		return names[l]
	}
	return ""
}

// Languages is a set of languages.
type Languages uint32

// Has says whether l is in the set.
func (s Languages) Has(l Language) bool { return s>>l&1 > 0 }

// AddSure puts the language of a text into the set if it is sure, be it
// English, or that its letters are not Latin.
func (s *Languages) AddSure(h *Hits, text string) {
	switch l, sure := h.Language(); {
	case !Latin(text):
		*s |= 1 << OtherScript
	case sure:
		*s |= 1 << l
	}
}

// Add puts l into the set, unless it is English.
func (s *Languages) Add(l Language) {
	if English < l && l < detectable {
		*s |= 1 << l
	}
}

// each calls do with the languages until it returns false.
func (s Languages) each(do func(Language) bool) {
	for ; s != 0; s &= s - 1 {
		if !do(Language(bits.TrailingZeros32(uint32(s)))) {
			return
		}
	}
}

// grammar is what is known of a language.
type grammar struct {
	stop    []byte
	stem    func(*snowballstem.Env) bool
	accents bool     // endings depend on them, so that words are folded after the stem is found
	elided  bool     // l'eau: the word stands behind the apostrophe
	cut     bool     // Ankara'da: the word stands before it
	endings []string // pairs: without accents, as people type, and as the stemmer knows it
}

func grammarOf(l Language) grammar {
	switch l {
	case Danish:
		return grammar{stop: da.DanishStopWords, stem: danish.Stem, accents: true}
	case Dutch:
		return grammar{stop: nl.DutchStopWords, stem: dutch.Stem}
	case Finnish:
		return grammar{stop: fi.FinnishStopWords, stem: finnish.Stem, accents: true}
	case French:
		return grammar{stop: fr.FrenchStopWords, stem: french.Stem, elided: true, endings: []string{"ees", "ées", "ee", "ée"}}
	case German:
		return grammar{stop: de.GermanStopWords, stem: german.Stem}
	case Hungarian:
		return grammar{stop: hu.HungarianStopWords, stem: hungarian.Stem, accents: true}
	case Italian:
		return grammar{stop: it.ItalianStopWords, stem: italian.Stem, elided: true}
	case Norwegian:
		return grammar{stop: no.NorwegianStopWords, stem: norwegian.Stem, accents: true}
	case Portuguese:
		return grammar{stop: pt.PortugueseStopWords, stem: portuguese.Stem, endings: []string{"coes", "ções", "cao", "ção", "soes", "sões", "sao", "são"}}
	case Romanian:
		return grammar{stop: ro.RomanianStopWords, stem: romanian.Stem, accents: true}
	case Spanish:
		return grammar{stop: es.SpanishStopWords, stem: spanish.Stem, endings: []string{"cion", "ción", "sion", "sión"}}
	case Swedish:
		return grammar{stop: sv.SwedishStopWords, stem: swedish.Stem, accents: true}
	case Turkish:
		return grammar{stop: tr.TurkishStopWords, stem: turkish.Stem, accents: true, cut: true}
	case Russian:
		return grammar{stop: ru.RussianStopWords, stem: russian.Stem}
	case Arabic:
		return grammar{stop: ar.ArabicStopWords, stem: arabic.Stem}
	}
	return grammar{stop: en.EnglishStopWords, stem: english.Stem}
}

// lexicon is a grammar with its stop words, in their exact form.
type lexicon struct {
	grammar
	stops analysis.TokenMap
}

// lexicon returns that of l, and reads it when it is first wanted.
func (a *Analyzer) lexicon(l Language) *lexicon {
	if a.lexicons[l] != nil {
		return a.lexicons[l]
	}
	x := &lexicon{grammar: grammarOf(l), stops: analysis.NewTokenMap()}
	for word := range readStops(x.stop) {
		x.stops.AddToken(a.normal(word))
	}
	a.lexicons[l] = x
	return x
}

func readStops(list []byte) analysis.TokenMap {
	words := analysis.NewTokenMap()
	if err := words.LoadBytes(list); err != nil {
		panic("stop words built into the program cannot be read: " + err.Error())
	}
	return words
}

// languageOf is the language of a word in a text in language l: some scripts
// show it. Ukrainian and Serbian words are in none that is known.
func languageOf(exact string, l Language) Language {
	r, _ := utf8.DecodeRuneInString(exact)
	switch {
	case r < 0x400:
		return l
	case unicode.Is(unicode.Cyrillic, r):
		if strings.ContainsAny(exact, "іїєґўјљњћђџ") {
			return English
		}
		return Russian
	case unicode.Is(unicode.Arabic, r):
		return Arabic
	}
	return English
}

// stem returns the stem of a word, folded, given its exact form as well. Words
// with digits or underscores are names and stay as they are.
func (a *Analyzer) stem(x *lexicon, written, exact string) string {
	if strings.ContainsAny(exact, "0123456789_") {
		return exact
	}
	word := exact
	if x.accents {
		word = strings.Trim(strings.ToLower(written), "'’")
	}
	if x.elided || x.cut {
		word = apart(word, x.cut)
	}
	for i := 0; i < len(x.endings); i += 2 {
		if begin, ok := strings.CutSuffix(word, x.endings[i]); ok {
			word = begin + x.endings[i+1]
			break
		}
	}
	word = strings.ReplaceAll(word, "ё", "е")
	env := snowballstem.NewEnv(word)
	x.stem(env)
	if word = a.folded(env.Current()); word == "" {
		return exact // of nothing but marks
	}
	return word
}

// apart returns what stands behind the apostrophe of a word, or before it.
func apart(word string, before bool) string {
	i := strings.IndexAny(word, "'’")
	if i < 0 {
		return word
	}
	if before {
		return word[:i]
	}
	_, size := utf8.DecodeRuneInString(word[i:])
	return word[i+size:]
}

// folded folds accents, ligatures and full-width letters of a lower-cased word.
func (a *Analyzer) folded(word string) string {
	if ascii(word) {
		return word
	}
	word = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			return -1
		}
		return r
	}, word)
	return strings.ToLower(string(bytes.TrimSpace(a.fold.Filter([]byte(word)))))
}
