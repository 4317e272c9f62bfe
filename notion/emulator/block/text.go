package block

import (
	"strings"
	"unicode/utf16"
)

// MaxText is the number of characters, as JavaScript counts them, that one
// run of text may hold.
const MaxText = 2000

// Text is one run of rich text. Kind is text, mention or equation; Plain is
// what a reader sees.
type Text struct {
	Kind    string
	Plain   string
	Link    string
	Mention *Mention
	Style   Style
}

// Style is how a run looks. An empty Color is the default one.
type Style struct {
	Bold, Italic, Strikethrough, Underline, Code bool
	Color                                        string
}

// Mention is what a run of kind mention points to. ID belongs to types user,
// page and database, Start and End to type date, Raw to every other type.
type Mention struct {
	Type       string
	ID         string
	Start, End string
	Raw        any
}

// Plain joins the runs as a reader sees them.
func Plain(runs []Text) string {
	var s strings.Builder
	for _, r := range runs {
		s.WriteString(r.Plain)
	}
	return s.String()
}

// PlainRuns makes rich text without any style, split where it is too long for
// one run.
func PlainRuns(s string) []Text {
	return Split([]Text{{Kind: "text", Plain: s}})
}

// Len counts the characters of s as the API does: UTF-16 code units.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// Split drops empty runs, joins neighbours that look the same, and cuts runs
// of text that are longer than MaxText.
func Split(runs []Text) []Text {
	out := []Text{}
	for _, r := range merge(runs) {
		for r.Kind == "text" && Len(r.Plain) > MaxText {
			head := r
			head.Plain = cut(r.Plain)
			out = append(out, head)
			r.Plain = r.Plain[len(head.Plain):]
		}
		out = append(out, r)
	}
	return out
}

func merge(runs []Text) []Text {
	var out []Text
	for _, r := range runs {
		if r.Plain == "" && r.Mention == nil {
			continue
		}
		if n := len(out) - 1; n >= 0 && r.Kind == "text" && out[n].Kind == "text" &&
			out[n].Link == r.Link && out[n].Style == r.Style {
			out[n].Plain += r.Plain
			continue
		}
		out = append(out, r)
	}
	return out
}

func cut(s string) string {
	n := 0
	for i, r := range s {
		n += max(utf16.RuneLen(r), 1)
		if n > MaxText {
			return s[:i]
		}
	}
	return s
}
