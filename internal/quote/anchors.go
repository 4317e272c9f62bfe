package quote

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// anchor is what names a block of a page whose address stands elsewhere, as
// answers show it: #id, also in braces, or as the address of a link.
var anchor = regexp.MustCompile(`(?i)(\]\(\s*)?\{?#([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})\b\}?(?:\s*\))?`)

// anchors are the places of anchors in a text, apart from those in addresses and
// those that are escaped, which somebody wrote.
func anchors(text string) []link {
	var all []link
	for _, m := range anchor.FindAllStringSubmatchIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		if m[2] < 0 && (letter(before) || unicode.IsDigit(before) || strings.ContainsRune(`\/-=?&%`, before)) {
			continue
		}
		l := link{start: m[0], target: m[0], end: m[5], url: "#" + text[m[4]:m[5]]}
		if m[2] >= 0 {
			l.target, l.end = m[0]+1, m[1]
		} else if strings.HasPrefix(text[m[5]:], "}") {
			l.end++
		}
		all = append(all, l)
	}
	return all
}

// withAnchors adds the anchors of a text to its addresses. One that stands right
// behind the address of its page makes one link with it.
func withAnchors(text string, all []link) []link {
	var out []link
	for _, a := range anchors(text) {
		for len(all) > 0 && all[0].start <= a.start {
			out, all = append(out, all[0]), all[1:]
		}
		n := len(out)
		switch {
		case n > 0 && a.start < out[n-1].end: // of an address
		case n > 0 && !strings.Contains(out[n-1].url, "#") && between(text[out[n-1].end:a.start]):
			out[n-1].url += a.url
			out[n-1].end = a.end
		default:
			if a.target > a.start { // it has a label
				if at := strings.LastIndexByte(text[lastEnd(out):a.start], '['); at >= 0 {
					a.start = lastEnd(out) + at
				}
			}
			out = append(out, a)
		}
	}
	return append(out, all...)
}

func lastEnd(all []link) int {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].end
}

// between says whether what stands between an address and an anchor keeps them
// together.
func between(s string) bool { return strings.Trim(s, " \t\n()[],:·*_`") == "" && len(s) < 8 }

// lineEnds are the anchors at the ends of lines. Others are words of the page.
func lineEnds(text string) []link {
	return slices.DeleteFunc(anchors(text), func(l link) bool {
		rest, _, _ := strings.Cut(text[l.end:], "\n")
		return strings.TrimSpace(rest) != ""
	})
}

// Settled is a citation with its anchor where it belongs, whole: whoever copies
// a line of an answer has it at the end of the words, or apart from the address.
func (c Cited) Settled() Cited {
	if strings.ContainsAny(strings.TrimSpace(c.URL), " \t\n") {
		if all := links(c.URL, nil); len(all) == 1 {
			c.URL = all[0].url
		}
	}
	found := lineEnds(c.Quote)
	if len(found) == 0 {
		return c
	}
	if !strings.Contains(c.URL, "#") {
		c.URL += found[0].url
	}
	b := []byte(c.Quote)
	for _, l := range found {
		copy(b[l.start:l.end], blank(c.Quote[l.start:l.end]))
	}
	c.Quote = strings.TrimSpace(string(b))
	return c
}

// lines are the pieces of a quotation of several lines, each of which ends with
// the anchor of its own block.
func lines(text string) []string {
	found := lineEnds(text)
	var pieces []string
	from := 0
	for i := range found {
		end := found[i].end
		if i == len(found)-1 {
			end = len(text)
		}
		pieces = append(pieces, text[from:end])
		from = end
	}
	return pieces
}
