package console

import (
	"regexp"
	"strings"
)

// line is one line of a passage as it is shown.
type line struct {
	text   string
	strong bool   // a heading, or that of a table
	mark   string // of a heading, where strong text cannot be shown
	block  int    // the same for all lines of a paragraph, list item or table
	row    int    // in a table; headerRow for its header, 0 elsewhere
	at     int    // the line of the text that it shows, from 1
}

// headerRow is the row of a table's header and the rule below it; other rows
// have higher numbers.
const headerRow = 1

var (
	fence   = regexp.MustCompile("^\\s*(?:> ?)*(```+|~~~+)")
	heading = regexp.MustCompile(`^#{1,6} +`)
	link    = regexp.MustCompile(`\[([^\]\[]+)\]\((?:https?|mailto|notion):[^)\s]*\)`)
	strong  = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	italic  = regexp.MustCompile(`(^|[\s(])\*([^*\s](?:[^*]*[^*\s])?)\*`)
)

// lay shows Markdown as text within width columns: paragraphs wrapped, lists
// hanging, tables in columns, code as it stands.
func lay(text string, width int) []line {
	const narrowest = 20
	width = max(width, narrowest)
	var out []line
	source := strings.Split(strings.ReplaceAll(visibleText(text), "\t", "    "), "\n")
	for i := 0; i < len(source); {
		n := tableHeight(source[i:])
		var drawn []line
		step := 0 // a piece of code is one block for each line
		switch {
		case fence.MatchString(source[i]):
			n = fenceHeight(source[i:])
			drawn, step = layCode(source[i:i+n], width), 1
		case n > 0:
			drawn = layTable(source[i:i+n], width)
		default:
			n = 1
			drawn = layLine(source[i], width)
		}
		for j := range drawn {
			drawn[j].block = len(out) + j*step
			drawn[j].at += i + 1
		}
		out = append(out, drawn...)
		i += n
	}
	return trimBlank(out)
}

func layLine(s string, width int) []line {
	title := heading.FindString(s)
	var out []line
	for i, l := range hang(inline(strings.TrimPrefix(s, title)), width-len(title)) {
		out = append(out, line{text: strings.TrimRight(l, " "), strong: title != ""})
		if i == 0 && title != "" {
			out[0].mark = title
		}
	}
	return out
}

// escape matches a character that Markdown escapes.
var escape = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

// inline takes away the marks that mean nothing to a reader.
func inline(s string) string {
	s = italic.ReplaceAllString(strong.ReplaceAllString(link.ReplaceAllString(s, "$1"), "$1"), "$1$2")
	return strings.ReplaceAll(escape.ReplaceAllString(s, "$1"), "&lt;", "<")
}

// tableHeight is how many lines from the first belong to a table.
func tableHeight(source []string) int {
	n := 0
	for n < len(source) && strings.HasPrefix(strings.TrimSpace(source[n]), "|") {
		n++
	}
	return n
}

// fenceHeight is how many lines a piece of code takes with its fences.
func fenceHeight(source []string) int {
	mark := fence.FindStringSubmatch(source[0])[1]
	for n := 1; n < len(source); n++ {
		if m := fence.FindStringSubmatch(source[n]); m != nil && strings.HasPrefix(m[1], mark) && strings.HasSuffix(strings.TrimSpace(source[n]), m[1]) {
			return n + 1
		}
	}
	return len(source)
}

// layCode shows code without its fences, set in a little. Lines that are too
// long go on below, set in further.
func layCode(source []string, width int) []line {
	const margin, further = "    ", "      "
	var out []line
	for i, s := range source {
		if i == 0 || i == len(source)-1 && fence.MatchString(s) {
			continue
		}
		head, rest := cutWidth(margin+strings.TrimRight(s, " "), width)
		out = append(out, line{text: strings.TrimRight(head, " "), at: i})
		for rest != "" {
			head, rest = cutWidth(further+rest, width)
			out = append(out, line{text: strings.TrimRight(head, " "), at: i})
		}
	}
	return out
}

// trimBlank takes away blank lines at both ends and all but one in a row.
func trimBlank(lines []line) []line {
	var out []line
	for _, l := range lines {
		if strings.TrimSpace(l.text) == "" && (len(out) == 0 || out[len(out)-1].text == "") {
			continue
		}
		out = append(out, l)
	}
	for len(out) > 0 && strings.TrimSpace(out[len(out)-1].text) == "" {
		out = out[:len(out)-1]
	}
	return out
}
