package quote

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// word is one word of a text, or a sign that changes what a number means.
type word struct {
	key        string // what is compared
	raw        string // as it is written
	start, end int    // bytes of the text
	marker     bool   // the number of a list item, or its checkbox
	apart      bool   // a line or a sentence ends before it
}

// ellipsis stands in a quotation for words left out.
var ellipsis = regexp.MustCompile(`\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,}`)

// sentenceEnd is what stands between words that belong to two statements.
var sentenceEnd = regexp.MustCompile(`\n|[.!?。！？]["'”’)*_]*\s|[。！？]`)

// elided are the parts of a quotation between its ellipses.
func elided(quotation string) [][]word {
	var parts [][]word
	for _, s := range ellipsis.Split(quotation, -1) {
		if words := split(s); len(words) > 0 {
			parts = append(parts, words)
		}
	}
	return parts
}

// split takes a text apart. Punctuation and Markdown's marks part words and are
// dropped.
func split(text string) []word {
	bare, markers := masked(text)
	form := unify.Trace(bare)
	written, text := text, form.Text
	var words []word
	for i := 0; i < len(text); {
		n := wordAt(text, i)
		if n == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if key := fold(text[i : i+n]); key != "" {
			start, end := form.Back(i, i+n)
			for len(markers) > 0 && markers[0].end <= start {
				markers = markers[1:]
			}
			marker := len(markers) > 0 && markers[0].start <= start
			apart := len(words) == 0 || sentenceEnd.MatchString(written[words[len(words)-1].end:start])
			words = append(words, word{key, written[start:end], start, end, marker, apart})
		}
		i += n
	}
	return words
}

// wordAt is the length of the word that begins at i; 0 if none does.
func wordAt(text string, i int) int {
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case sign(r), alone(r):
		return size
	case (r == '-' || r == '−') && digitAt(text, i+size) && !within(text, i):
		return size + wordAt(text, i+size)
	case !letter(r):
		return operator(text, i)
	}
	end := i + size
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if letter(r) && !alone(r) || invisible(r) || joins(text, end, r, size) {
			end += size
			continue
		}
		break
	}
	return end - i
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// alone are letters of scripts that put no space between words: each counts as
// a word.
func alone(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// invisible marks may stand within a word without changing it.
func invisible(r rune) bool {
	return r == '\u00ad' || r >= '\u200b' && r <= '\u200d' || r == '\u2060' || r == '\ufeff'
}

// joins says whether a mark stands within a word: don't, 1,250.50, 10:30.
func joins(text string, at int, r rune, size int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at+size:])
	switch r {
	case '\'', '’', 'ʼ':
		return unicode.IsLetter(before) && unicode.IsLetter(after)
	case '.', ',', ':', '/', '\u2044': // of ½
		return unicode.IsDigit(before) && unicode.IsDigit(after)
	}
	return false
}

func digitAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsDigit(r)
}

// within says whether a letter stands right before i, so that a dash there is
// no minus.
func within(text string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	return letter(r)
}

// fold is what is compared of a word in the one form: its letters, whatever
// their case and typography.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case invisible(r):
			return -1
		case r == '’' || r == 'ʼ':
			return '\''
		case r == '−':
			return '-'
		case strings.ContainsRune(yes, r):
			return '✓'
		case strings.ContainsRune(no, r):
			return '✗'
		}
		return r
	}, s)
	return strings.ReplaceAll(cases.Fold().String(s), "\u2044", "/")
}

// Keys are the words of a text as Find compares them. Two texts with the same
// keys say the same words, whatever their Markdown.
func Keys(text string) []string { return keys(split(text)) }

// Unmarked are the keys of a text without the numbers and checkboxes of its
// list items.
func Unmarked(text string) []string { return keys(withoutMarkers(split(text))) }

func keys(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.key)
	}
	return all
}
