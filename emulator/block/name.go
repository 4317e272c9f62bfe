package block

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Name is the one form of a name: letters composed, as macOS does not write
// them; no signs that cannot be seen; single blanks. Two spellings that look the
// same are the same name then.
func Name(s string) string {
	return strings.Join(strings.FieldsFunc(Clean(s), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// PathName is the one form of a path: that of each name in it.
func PathName(s string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		parts[i] = Name(p)
	}
	return strings.Join(parts, "/")
}

// Clean composes the letters of a text and takes out what cannot be seen: byte
// order marks, blanks of no width, marks of direction. Signs that join letters
// stay behind those that they can join.
func Clean(s string) string {
	if isASCII(s) {
		return s
	}
	var before rune
	return strings.Map(func(r rune) rune {
		joiner := r == '\u200c' || r == '\u200d'
		if joiner && before < 0x300 || !joiner && r != '\n' && unicode.In(r, unicode.Cf) {
			return -1
		}
		before = r
		return r
	}, norm.NFC.String(s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
