package writing

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
)

// sameBody compares two bodies in Markdown: the words, with their marks and
// links, and what kinds of lines they stand in. Notion writes Markdown in its
// own way, so that other differences say nothing.
func sameBody(a, b string) bool {
	return slices.Equal(styled(a), styled(b)) && slices.Equal(lines(a), lines(b))
}

// frame matches the tags that Notion writes around cells, and for line breaks.
var frame = regexp.MustCompile(`</?(?:table|colgroup|col|thead|tbody|tr|th|td|br|empty-block)\b[^<>]*>`)

// styled are the words of a body, each with its style.
func styled(md string) []string {
	var all []string
	for _, r := range slices.Concat(richtext.Parse(frame.ReplaceAllString(md, " "))...) {
		for _, key := range quote.Unmarked(r.Content()) {
			all = append(all, key+" "+r.Style())
		}
	}
	return all
}

// lineMark is what makes a heading, an item or a quotation of a line.
var lineMark = regexp.MustCompile(`(?m)^[ \t]*(#{1,6}|[-*+](?: \[[ xX]\])?|\d{1,9}[.)]|>)[ \t]+\S`)

// lines are the marks of lines, in their order.
func lines(md string) []string {
	var all []string
	for _, m := range lineMark.FindAllStringSubmatch(md, -1) {
		mark := oneForm(m[1])
		if n := len(all); mark == ">" && n > 0 && all[n-1] == mark {
			continue // one quotation of several lines
		}
		all = append(all, mark)
	}
	return all
}

// oneForm is a mark as Notion writes it, and without the number of an item.
func oneForm(mark string) string {
	switch c := mark[0]; {
	case c == '#':
		return mark[:min(len(mark), 4)] // there are four levels
	case '0' <= c && c <= '9':
		return "1."
	case c == '*', c == '+', c == '-':
		return strings.ToLower("-" + mark[1:])
	}
	return mark
}
