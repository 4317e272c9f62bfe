// Package markdown makes Markdown of what people wrote in Notion. It escapes
// what would be live in the place where it is put, as html/template does, so
// that nothing has to be searched for what is dangerous afterwards: its Text
// has no image, no HTML, no link but to Notion's own pages, and nothing that
// begins another line, block or cell than the one it stands in.
package markdown

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is Markdown that can be shown. What people wrote becomes one only by the
// functions of this package; nobody else converts a string, which a test of
// internal/archtest holds. Constants are the program's own words.
type Text string

// lineLimit is how much of a title or heading is shown, in characters.
const lineLimit = 200

// Line is a title, a name or a reason within a line, or at the end of a heading:
// one line of bounded length.
func Line(s string) Text { return line(s, lineLimit, style{strict: true}) }

// Start is Line where a line or a list item begins with it.
func Start(s string) Text { return line(s, lineLimit, style{strict: true, start: true}) }

// Short is Line for what is named within a sentence.
func Short(s string) Text { return line(s, 80, style{strict: true}) }

// Lines is Line for each; never nil.
func Lines(all []string) []Text {
	out := make([]Text, 0, len(all))
	for _, s := range all {
		out = append(out, Line(s))
	}
	return out
}

func line(s string, limit int, st style) Text {
	if len(s) <= limit && bland(s) {
		return Text(s)
	}
	s, more := cut(oneLine(Clean(s)), limit)
	if more {
		s = strings.TrimSpace(s) + "…"
	}
	st.heading = true
	return unclosed(escaped(s, st))
}

// bland says whether a text is one line that means nothing in Markdown, wherever
// it stands: words and numbers with a space between them.
func bland(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c == ' ' && space || c != ' ' && !letterByte(c) && (c < '0' || '9' < c) {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// Prose is plain text of any length, whose lines stay lines.
func Prose(s string) Text { return escaped(strings.TrimSpace(Clean(s)), style{start: true}) }

// Cell is Text within a cell of a table.
func Cell(t Text) Text {
	s := oneLine(string(t))
	if !strings.Contains(s, "|") {
		return Text(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		n := 1
		switch s[i] {
		case '`':
			_, n = codeSpan(s[i:])
		case '\\':
			n = min(2, len(s)-i)
		}
		if part := s[i : i+n]; part[0] == '\\' {
			b.WriteString(part)
		} else {
			b.WriteString(celled.Replace(part))
		}
		i += n
	}
	return Text(b.String())
}

// celled writes code so that it does not end its cell: there, and nowhere else in
// code, a backslash before "|" would be taken away, or not, as readers differ.
var celled = strings.NewReplacer(`\|`, `\ \|`, "|", `\|`)

// Link is a link to a place in Notion; what is no address of one stands behind the
// label.
func Link(label, address string) Text {
	label = cmp.Or(oneLine(Clean(label)), untitled)
	own := Ours(address)
	if own == "" {
		return Line(label) + " (" + Line(address) + ")"
	}
	return leading(label, Text(own))
}

// leading is a label that leads to an address of ours.
func leading(label string, address Text) Text {
	text := line(label, lineLimit, style{strict: true, label: true})
	return "[" + Text(unticked(string(text))) + "](" + address + ")"
}

// unticked is a label that is no check box, as [x] would be where a list item
// begins with it.
func unticked(label string) string {
	if strings.EqualFold(label, "x") {
		return label + " "
	}
	return label
}

// Join puts texts together.
func Join(all []Text, between Text) Text {
	var b strings.Builder
	for i, t := range all {
		if i > 0 {
			b.WriteString(string(between))
		}
		b.WriteString(string(t))
	}
	return Text(b.String())
}

// Indent puts a space of so many columns before all lines but the first, so
// that they stay within a list item.
func Indent(t Text, columns int) Text {
	return Text(strings.ReplaceAll(string(t), "\n", "\n"+strings.Repeat(" ", columns)))
}

// Sprintf is fmt.Sprintf for words of the program that name what people wrote:
// whatever among args is no Text and no number is shown as one line.
func Sprintf(format Text, args ...any) Text {
	safe := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case Text:
			safe[i] = argument(a)
		case string:
			safe[i] = within(a)
		case error:
			safe[i] = within(a.Error())
		case fmt.Stringer:
			safe[i] = within(a.String())
		default:
			safe[i] = a
			if !scalar(a) {
				safe[i] = within(fmt.Sprint(a))
			}
		}
	}
	return Text(fmt.Sprintf(string(format), safe...))
}

// scalar says whether a is a number or a yes or no.
func scalar(a any) bool {
	kind := reflect.ValueOf(a).Kind()
	return reflect.Bool <= kind && kind <= reflect.Float64
}

// maxArgument bounds one of the args of Sprintf, in characters.
const maxArgument = 2000

func within(s string) argument {
	s, _ = cut(spaces.Replace(Clean(s)), maxArgument)
	return argument(escaped(s, style{strict: true}))
}

// argument is a Text that %q puts in quotes without escaping it once more.
type argument Text

// Format implements fmt.Formatter.
func (a argument) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprint(f, `"`+strings.ReplaceAll(string(a), `"`, `\"`)+`"`)
		return
	}
	fmt.Fprint(f, string(a))
}

// Clip keeps about so many characters of a text, and says whether there were
// more. What is cut is shown without links and marks, which a cut could leave
// half.
func Clip(t Text, most int) (Text, bool) {
	if utf8.RuneCountInString(string(t)) <= most {
		return t, false
	}
	s, more := cut(t.Plain(), most)
	if !more {
		return escaped(s, style{strict: true, start: true}), false
	}
	return escaped(s, style{strict: true, start: true}) + "...", true
}

// cut keeps so many characters.
func cut(s string, most int) (string, bool) {
	if len(s) <= most {
		return s, false
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i], true
		}
	}
	return s, false
}

// Plain is what a reader sees, without escapes and the addresses of links.
// Marks such as ** stay.
func (t Text) Plain() string { return Unescaped(string(t)) }

// Unescaped is Plain of an answer.
func Unescaped(s string) string {
	if !strings.ContainsAny(s, "\\`&[") {
		return s
	}
	out, open := make([]byte, 0, len(s)), -1
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && asciiPunct(s[i+1]):
			out, i = append(out, s[i+1]), i+2
		case c == '`':
			inner, n := codeSpan(s[i:])
			out, i = append(out, inner...), i+n
		case strings.HasPrefix(s[i:], "&lt;"):
			out, i = append(out, '<'), i+len("&lt;")
		case strings.HasPrefix(s[i:], "](") && open >= 0:
			out, open = append(out[:open], out[open+1:]...), -1
			end := strings.IndexByte(s[i:], ')')
			if end < 0 {
				end = len(s[i:]) - 1
			}
			i += end + 1
		default:
			if c == '[' {
				open = len(out)
			}
			out, i = append(out, c), i+1
		}
	}
	return string(out)
}

// codeSpan is what stands in the code that s begins with, and how many bytes
// it takes with its marks. Only a block of code goes on beyond its line.
func codeSpan(s string) (inner string, n int) {
	ticks := len(s) - len(strings.TrimLeft(s, "`"))
	if ticks < 3 {
		s, _, _ = strings.Cut(s, "\n")
	}
	for at := ticks; at < len(s); {
		i := strings.IndexByte(s[at:], '`')
		if i < 0 {
			break
		}
		at += i
		run := len(s[at:]) - len(strings.TrimLeft(s[at:], "`"))
		if run == ticks {
			return s[ticks:at], at + run
		}
		at += run
	}
	return s[:ticks], ticks
}

// oneLine joins the lines and trims the ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func asciiPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
