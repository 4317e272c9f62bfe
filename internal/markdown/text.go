package markdown

import (
	"strconv"
	"strings"
	"unicode"
)

// Builder puts Texts together. The zero value is empty.
type Builder struct{ b strings.Builder }

// Put appends texts.
func (b *Builder) Put(all ...Text) {
	for _, t := range all {
		b.b.WriteString(string(t))
	}
}

// Putf appends what Sprintf makes.
func (b *Builder) Putf(format Text, args ...any) { b.Put(Sprintf(format, args...)) }

// Len is how many bytes there are.
func (b *Builder) Len() int { return b.b.Len() }

// Text is all that was put.
func (b *Builder) Text() Text { return Text(b.b.String()) }

// Kept is a Text that was kept as a string in an index, which alone may call it.
func Kept(s string) Text { return Text(s) }

// Piece is what was cut anywhere out of a Text: without its links, and with its
// marks as they are written, since a cut could leave half of them.
func Piece(s string) Text { return escaped(Text(s).Plain(), style{strict: true, start: true}) }

// Word is a word that programs made and take back as it is, such as a cursor.
// Anything else is escaped.
func Word(s string) Text {
	if strings.IndexFunc(s, func(r rune) bool { return r != '-' && r != '_' && r != '=' && (r > unicode.MaxASCII || !wordRune(r)) }) < 0 {
		return Text(s)
	}
	return Line(s)
}

// Number is a number in digits.
func Number(n float64) Text { return Text(strconv.FormatFloat(n, 'f', -1, 64)) }

// Trim is the text without white space at its ends.
func (t Text) Trim() Text { return Text(strings.TrimSpace(string(t))) }

// TrimRight is the text without what of cutset it ends with.
func (t Text) TrimRight(cutset string) Text { return Text(strings.TrimRight(string(t), cutset)) }

// TrimLeft is the text without what of cutset it begins with.
func (t Text) TrimLeft(cutset string) Text { return Text(strings.TrimLeft(string(t), cutset)) }

// FirstLine is the first line of the text.
func (t Text) FirstLine() Text {
	line, _, _ := strings.Cut(string(t), "\n")
	return Text(line)
}

// Flat is the text on one line.
func (t Text) Flat() Text { return Text(oneLine(string(t))) }

// Lines are the lines of the text.
func (t Text) Lines() []Text {
	var all []Text
	for line := range strings.SplitSeq(string(t), "\n") {
		all = append(all, Text(line))
	}
	return all
}

// Repeat is the text so many times.
func (t Text) Repeat(n int) Text { return Text(strings.Repeat(string(t), n)) }
