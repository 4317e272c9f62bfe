package index

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// operators is what a text asks for, taken apart.
type operators struct {
	text    string   // without what is left out
	phrases []string // that must stand in a passage
	without []string // words that must not
	banned  []string // phrases that must not
}

// dissect finds the operators of a text. People paste questions, lists and
// commands that have quotes and dashes in them, so the rule is that of web
// search, taken narrowly:
//
//   - A "phrase" opens after no letter or digit, closes before none, and stands
//     on one line. So 5" is none, and neither is what an open quote begins.
//   - A -word or -"phrase" stands at the start or after a space. A dash before a
//     space or a digit, inside of a word or at its end excludes nothing.
//   - Options exclude nothing: with two dashes, with one or two letters, with a
//     value. Where there is one of the first two, all dashes are of a command.
//   - A line that begins with a dash is one of a list, if there are several.
//   - Nothing between `backticks` is an operator.
func dissect(s string) operators {
	d := dissector{rest: strings.NewReplacer("“", `"`, "”", `"`, "„", `"`).Replace(s), last: '\n'}
	d.command, d.lines = isCommand(s), strings.Contains(strings.TrimSpace(s), "\n")
	for d.rest != "" {
		if d.last == '\n' {
			d.item = d.lines && strings.HasPrefix(strings.TrimLeft(d.rest, " \t"), "-")
		}
		d.next()
	}
	d.ops.text = d.kept.String()
	return d.ops
}

type dissector struct {
	ops     operators
	rest    string // still to be read
	last    rune   // before it
	kept    strings.Builder
	command bool // the text is one
	lines   bool // the text has several
	item    bool // the line is one of a list
}

func (d *dissector) next() {
	switch d.rest[0] {
	case '`':
		d.keep(strings.IndexByte(d.rest[1:], '`') + 2) // the backtick alone if there is no other
	case '"':
		if phrase, ok := quoted(d.rest); ok && !borders(d.last) {
			d.ops.phrases = append(d.ops.phrases, phrase)
			d.keep(len(phrase) + 2)
			return
		}
		d.keep(1)
	case '-':
		if unicode.IsSpace(d.last) && !d.command && !d.item && d.exclude() {
			return
		}
		d.keep(1)
	default:
		_, size := utf8.DecodeRuneInString(d.rest)
		d.keep(size)
	}
}

// keep reads n bytes of the text.
func (d *dissector) keep(n int) {
	d.kept.WriteString(d.rest[:n])
	d.drop(n)
}

// drop leaves out n bytes of the text.
func (d *dissector) drop(n int) {
	d.last, _ = utf8.DecodeLastRuneInString(d.rest[:n])
	d.rest = d.rest[n:]
}

// exclude reads a dash with the word or the phrase after it, if there is one.
func (d *dissector) exclude() bool {
	if phrase, ok := quoted(d.rest[1:]); ok {
		d.ops.banned = append(d.ops.banned, phrase)
		d.drop(len(phrase) + 3)
		return true
	}
	word := d.rest[1:]
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word = word[:end]
	}
	if !operand(word) {
		return false
	}
	d.ops.without = append(d.ops.without, word)
	d.drop(len(word) + 1)
	return true
}

// quoted returns the phrase in quotes that s begins with.
func quoted(s string) (phrase string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", false
	}
	phrase, rest, ok := strings.Cut(s[1:], `"`)
	after, _ := utf8.DecodeRuneInString(rest)
	return phrase, ok && !strings.Contains(phrase, "\n") && (rest == "" || !borders(after))
}

// borders says that a quote beside r is of the word that r belongs to, as in
// 5". Scripts without spaces have quotes beside words.
func borders(r rune) bool {
	return unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.In(r, spaceless...)
}

var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// operand says whether what follows a dash is a word to leave out.
func operand(s string) bool {
	word := strings.TrimRightFunc(s, func(r rune) bool { return unicode.IsPunct(r) && r != '-' })
	if strings.HasSuffix(word, "-") || strings.ContainsAny(word, "=/:@$\\") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsLetter(first) && countLetters(word) > 2 || unicode.In(first, spaceless...)
}

// isCommand says whether a text has a --flag or an option such as -v.
func isCommand(s string) bool {
	for _, word := range strings.Fields(s) {
		option, short := strings.CutPrefix(word, "-")
		name, long := strings.CutPrefix(option, "-")
		name = strings.TrimRightFunc(name, unicode.IsPunct)
		n := countLetters(name)
		if long && n > 0 || short && 0 < n && n <= 2 && n == len(name) {
			return true
		}
	}
	return false
}

func countLetters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}
