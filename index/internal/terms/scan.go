package terms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is what a rune means for the borders of words.
type class uint8

const (
	other class = iota
	letter
	digit
	joiner // underscore

	// Scripts without spaces between words, or with particles that stick to
	// them. See run.
	han
	hiragana
	katakana
	hangul
	seasian // Thai, Lao, Khmer, Burmese
)

func classOf(r rune) class {
	if r < utf8.RuneSelf {
		return asciiClass(byte(r))
	}
	if r >= 0xe00 {
		if c := spaceless(r); c != other {
			return c
		}
	}
	switch {
	case unicode.IsLetter(r), unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nl):
		return letter
	case unicode.IsDigit(r):
		return digit
	case unicode.Is(unicode.Cf, r): // soft hyphens and zero-width marks do not end a word
		return letter
	}
	return other
}

// asciiClass is the class of an ASCII character; other of all other bytes.
func asciiClass(c byte) class {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return letter
	case '0' <= c && c <= '9':
		return digit
	case c == '_':
		return joiner
	}
	return other
}

func spaceless(r rune) class {
	switch {
	case r == 'ー', unicode.Is(unicode.Katakana, r) && unicode.IsLetter(r):
		return katakana
	case unicode.Is(unicode.Hiragana, r) && unicode.IsLetter(r):
		return hiragana
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Hangul, r) && unicode.IsLetter(r):
		return hangul
	case unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && !unicode.In(r, unicode.P, unicode.N, unicode.S):
		return seasian
	}
	return other
}

func classAt(text string) class {
	r, _ := utf8.DecodeRuneInString(text)
	return classOf(r)
}

// next returns the first word of text at or after pos and how it begins, or an
// empty range at the end. Words follow the default word boundaries of Unicode: letters,
// digits and underscores, dots and apostrophes between letters, dots and
// commas between digits. In scripts without spaces a run of the script is one.
func next(text string, pos int) (start, end int, first class) {
	var before class
	for start = pos; start < len(text); {
		r, size := utf8.DecodeRuneInString(text[start:])
		if before = classOf(r); before != other {
			end = start + size
			break
		}
		if r == '&' && strings.HasPrefix(text[start:], lessThan) {
			size = len(lessThan)
		}
		start += size
	}
	if start >= len(text) {
		return start, start, other
	}
	if first = before; first >= han {
		return start, runEnd(text, end, first), first
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		c := classOf(r)
		if c == other && inner(r, before, text[end+size:]) {
			end += size
			continue
		}
		if c == other || c >= han {
			break
		}
		before = c
		end += size
	}
	return start, end, first
}

// lessThan is a sign that Markdown writes in letters.
const lessThan = "&lt;"

// runEnd returns the end of the run of a class that goes on at pos.
func runEnd(text string, pos int, c class) int {
	for pos < len(text) {
		r, size := utf8.DecodeRuneInString(text[pos:])
		if classOf(r) != c {
			break
		}
		pos += size
	}
	return pos
}

// inner says whether r, which stands after a rune of class before, joins it to
// what follows.
func inner(r rune, before class, rest string) bool {
	if r == '\\' { // an underscore that Markdown escapes
		return strings.HasPrefix(rest, "_")
	}
	if before != letter && before != digit {
		return false
	}
	switch r {
	case '.', '\'', '’':
	case ',':
		if before != digit {
			return false
		}
	default:
		return false
	}
	after, _ := utf8.DecodeRuneInString(rest)
	return classOf(after) == before
}

// split returns the parts of an identifier in camelCase, PascalCase or
// snake_case, also with dots between; nil for all other words. A lone capital
// letter at the start, as in "Notion", makes no identifier.
func split(word string) []string {
	r := []rune(word)
	var parts []string
	identifier, from := false, 0
	cut := func(to int) {
		if to > from {
			parts = append(parts, string(r[from:to]))
		}
		from = to
	}
	for i := 1; i < len(r); i++ {
		switch {
		case r[i] == '_' || r[i] == '.':
			identifier = identifier || r[i] == '_' && i < len(r)-1
			cut(i)
			from = i + 1
		case border(r, i):
			identifier = true
			cut(i)
		}
	}
	cut(len(r))
	if !identifier {
		return nil
	}
	return parts
}

// border says whether a new part starts at r[i]: aB, or the last capital of
// ABc.
func border(r []rune, i int) bool {
	if !unicode.IsUpper(r[i]) {
		return false
	}
	return unicode.IsLower(r[i-1]) || unicode.IsUpper(r[i-1]) && i+1 < len(r) && unicode.IsLower(r[i+1])
}
