// Package echo shows in an error what somebody has sent: a short and printable
// part of it, whatever it is and however long.
package echo

import (
	"strings"
	"unicode"
)

// Most is how many characters of it are shown.
const Most = 80

// Cut is the beginning of a text, on one line.
func Cut(s string) string { return Line(s, Most) }

// Line is Cut for another number of characters.
func Line(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			b.WriteString("...")
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// Quote is Cut in quotation marks.
func Quote(s string) string { return `"` + Cut(s) + `"` }
