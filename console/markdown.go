package console

import (
	"regexp"
	"strings"
)

// line is one line of a passage as it is shown.
type line struct {
	text   string
	strong bool   // a heading
	mark   string // of a heading, where strong text cannot be shown
}

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
		switch {
		case fence.MatchString(source[i]):
			n = fenceHeight(source[i:])
			out = append(out, layCode(source[i:i+n], width)...)
		case n > 0:
			drawn, header := layTable(source[i:i+n], width)
			for j, s := range drawn {
				out = append(out, line{text: s, strong: j < header})
			}
		default:
			n = 1
			out = append(out, layLine(source[i], width)...)
		}
		i += n
	}
	return trimBlank(out)
}

func layLine(s string, width int) []line {
	title := heading.FindString(s)
	var out []line
	for i, l := range hang(inline(strings.TrimPrefix(s, title)), width-len(title)) {
		out = append(out, line{text: strings.TrimRight(l, " "), strong: title != ""})
		if i == 0 {
			out[0].mark = title
		}
	}
	return out
}

// inline takes away the marks that mean nothing to a reader.
func inline(s string) string {
	return italic.ReplaceAllString(strong.ReplaceAllString(link.ReplaceAllString(s, "$1"), "$1"), "$1$2")
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
		out = append(out, line{text: strings.TrimRight(head, " ")})
		for rest != "" {
			head, rest = cutWidth(further+rest, width)
			out = append(out, line{text: strings.TrimRight(head, " ")})
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
