package block

import (
	"strings"
	"unicode/utf16"
)

// MaxText is the number of characters, as JavaScript counts them, that one run
// of text may hold. Notion refuses longer ones, so a long text must be sent as
// several runs.
const MaxText = 2000

// Text is one run of rich text.
type Text struct {
	// Kind is text, mention or equation.
	Kind string
	// Plain is what a reader sees. Mentions and equations have it too, though
	// the wire keeps it in another place than that of text.
	Plain string
	// Link is an absolute address or "".
	Link string
	// Mention is set for kind mention alone.
	Mention *Mention
	Style   Style
}

// Style is how a run looks. It is comparable, so that neighbours that look the
// same can be joined. An empty Color is the default one.
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
// one run. It is never nil: the wire writes an empty text as [].
func PlainRuns(s string) []Text {
	return Split([]Text{{Kind: "text", Plain: s}})
}

// Len counts the characters of s as the API does: UTF-16 code units, of which
// an emoji has two. Its limits hold for this number and not for bytes or runes.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// Split drops empty runs, joins neighbours that look the same, and cuts runs of
// text that are longer than MaxText. A cut may fall into the middle of a word,
// so readers must join runs without a blank. The result is never nil.
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

// merge joins neighbours of the same style and drops runs without text. A
// mention without text stays: its words are filled in for each caller.
func merge(runs []Text) []Text {
	var out []Text
	var words []string // of the last run, joined once: a text may have very many
	flush := func() {
		if len(words) > 1 {
			out[len(out)-1].Plain = strings.Join(words, "")
		}
	}
	for _, r := range runs {
		if r.Plain == "" && r.Mention == nil {
			continue
		}
		if n := len(out) - 1; n >= 0 && r.Kind == "text" && out[n].Kind == "text" &&
			out[n].Link == r.Link && out[n].Style == r.Style {
			words = append(words, r.Plain)
			continue
		}
		flush()
		out, words = append(out, r), []string{r.Plain}
	}
	flush()
	return out
}

// cut is as much of s as one run may hold. It never splits a character that
// takes two UTF-16 units.
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
