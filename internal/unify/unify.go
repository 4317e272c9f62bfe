// Package unify writes text in the one form in which texts are compared:
// Unicode's NFKC, in which letters with marks are one character, whether they
// came so or in parts, and half and full width, ligatures, and raised and
// lowered figures are the plain ones. Text is shown as it was written; places
// that were found are led back to it.
package unify

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is s in the one form.
func Text(s string) string {
	if plain(s) {
		return s
	}
	return Trace(s).Text
}

// Form is a text in the one form, with the way back.
type Form struct {
	Text   string
	pieces []piece // in order; nil where Text is what was written
}

// piece is a part of a Form. What was written in another form is a piece of
// its own, which cannot be divided.
type piece struct {
	at, from, to int // where it begins in Text, and what it is of the text as written
	same         bool
}

// Trace is s in the one form.
func Trace(s string) Form {
	if plain(s) {
		return Form{Text: s}
	}
	var f Form
	var b strings.Builder
	raised := false
	for i := 0; i < len(s); {
		if n := norm.NFKC.QuickSpanString(s[i:]); n > 0 {
			f.pieces = append(f.pieces, piece{b.Len(), i, i + n, true})
			b.WriteString(s[i : i+n])
			i, raised = i+n, false
			continue
		}
		n := max(1, norm.NFKC.NextBoundaryInString(s[i:], true))
		f.pieces = append(f.pieces, piece{b.Len(), i, i + n, false})
		b.WriteString(apart(b.String(), s[i:i+n], raised))
		raised = superscript(s[i:])
		b.WriteString(unified(s[i : i+n]))
		i += n
	}
	f.Text = b.String()
	return f
}

// plain says whether nothing in s has another form.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFKC.IsNormalString(s)
		}
	}
	return true
}

// Back says where in the text as it was written a place of Text is.
func (f Form) Back(start, end int) (from, to int) {
	if f.pieces == nil {
		return start, end
	}
	first, last := f.piece(start), f.piece(max(start, end-1))
	from, to = first.from, last.to
	if first.same {
		from += start - first.at
	}
	if last.same {
		to = last.from + end - last.at
	}
	return from, to
}

func (f Form) piece(at int) piece {
	i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].at > at })
	return f.pieces[max(0, i-1)]
}

// unified is one character, with its marks, in the one form. Signs that stand
// for no letters in a word stay as they are: an accent alone would become a
// mark on a space, a trade mark a part of the name, and a comma of full width,
// which parts items, one within a number.
func unified(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if unicode.Is(unicode.Sk, r) || strings.ContainsRune("™℠№，", r) {
		return norm.NFC.String(s)
	}
	return norm.NFKC.String(s)
}

// unit is how many letters a unit has at most: behind longer words a raised
// figure is that of a footnote.
const unit = 3

// apart is a space where a character is no part of the word before it, although
// its figures would become one: 2½ is not 21/2, 10³ is not 103, and a
// footnote's number is no part of a word. But m² is m2.
func apart(before, s string, raised bool) string {
	letters, digit := 0, false
	for before != "" && letters <= unit {
		r, size := utf8.DecodeLastRuneInString(before)
		if digit = letters == 0 && unicode.IsDigit(r); digit || !unicode.IsLetter(r) {
			break
		}
		letters++
		before = before[:len(before)-size]
	}
	r, _ := utf8.DecodeRuneInString(s)
	fraction := unicode.Is(unicode.No, r) && strings.ContainsRune(norm.NFKC.String(s), '\u2044')
	if digit && fraction || superscript(s) && !raised && (digit || letters > unit) {
		return " "
	}
	return ""
}

func superscript(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("⁰¹²³⁴⁵⁶⁷⁸⁹", r)
}
