package markdown

import (
	"strings"
	"unicode"
)

// maxMarks is how many accents one letter may carry: more than any script
// needs, and few enough not to cover the lines around it.
const maxMarks = 8

// Clean takes away what nobody sees, and makes every line end "\n".
func Clean(s string) string {
	if plainASCII(s) {
		return s
	}
	return visible(hardBreak.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

// plainASCII says whether a text has nothing to clean.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// hardBreak matches every way to end a line but "\n".
var hardBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n")

// visible removes what a reader cannot see, and accents that pile up. Joiners and the selectors of emoji
// stay where scripts and emoji need them, one at a time.
func visible(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	runes := []rune(text)
	prev, marks := rune(-1), 0
	for i, r := range runes {
		next := rune(-1)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if invisible(r) && !needed(prev, r, next) {
			continue
		}
		if marks++; !unicode.Is(unicode.Mn, r) {
			marks = 0
		}
		if marks > maxMarks {
			continue
		}
		b.WriteRune(r)
		prev = r
	}
	return b.String()
}

// needed says whether an invisible r does something between its neighbours.
func needed(prev, r, next rune) bool {
	switch r {
	case '\u200c', '\u200d': // joins or parts letters, and parts of emoji
		return joins(prev) && joins(next)
	case '\ufe0e', '\ufe0f': // a sign as text or as emoji
		return unicode.IsSymbol(prev) || unicode.IsDigit(prev) || unicode.Is(unicode.Po, prev)
	}
	return false
}

func joins(r rune) bool {
	return r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r)) &&
		(!invisible(r) || r == '\ufe0f')
}

// invisible says whether r leaves no mark on a page, or moves other marks.
func invisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return true
	case r >= 0xE0000 && r <= 0xE0FFF: // tags and selectors, assigned or not
		return true
	case r == '\u2800': // a braille cell without dots
		return true
	}
	return false
}
