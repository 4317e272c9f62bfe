package quote

import (
	"regexp"
	"strings"
)

var (
	// bareLink is an address that stands by itself.
	bareLink = regexp.MustCompile(`(?i)(?:https?|notion)://[^\s()<>\[\]"'”“»|]+`)
	// inlineLink is [label](address "title"), or an image.
	inlineLink = regexp.MustCompile(`(?i)\]\(\s*<?((?:https?|notion)://[^\s()<>]+)>?(?:\s+"[^"\n]*")?\s*\)`)
	// label is the use of a footnote or reference: [1] or [^1] or [text][1].
	label = regexp.MustCompile(`\[\^?([\w-]{1,20})\]`)
)

// link is a link of an answer: text[start:end], of which text[target:end] is
// the address and its marks.
type link struct {
	start, target, end int
	url                string
}

// last says whether nothing but marks follows the link.
func (l link) last(text string) bool {
	return strings.TrimLeft(text[min(l.end, len(text)):], " \n\t)].,;:*_") == ""
}

// Links are the addresses in a text, in their order.
func Links(text string) []string {
	var all []string
	for _, l := range links(text, nil) {
		if !strings.HasPrefix(l.url, "#") {
			all = append(all, l.url)
		}
	}
	return all
}

// links finds the links of a text, and anchors that stand for some. notes says
// what labels stand for.
func links(text string, notes map[string]string) []link {
	var all []link
	inline := inlineLink.FindAllStringSubmatchIndex(text, -1)
	bare := bareLink.FindAllStringIndex(text, -1)
	labels := labelStarts{text: text, last: -1}
	for len(inline)+len(bare) > 0 {
		if len(inline) == 0 || len(bare) > 0 && bare[0][0] < inline[0][0] {
			url := trimmed(text[bare[0][0]:bare[0][1]])
			all = append(all, link{bare[0][0], bare[0][0], bare[0][0] + len(url), url})
			bare = bare[1:]
			continue
		}
		m := inline[0]
		bracket := labels.before(m[0])
		start := max(bracket, 0)
		if n := len(all); n > 0 && start < all[n-1].end {
			start = m[0]
			if bracket <= all[n-1].start && all[n-1].url == text[m[2]:m[3]] {
				all = all[:n-1] // a label that is the address itself
			}
		}
		all = append(all, link{start, m[0] + 1, m[1], text[m[2]:m[3]]})
		inline = inline[1:]
		for len(bare) > 0 && bare[0][0] < m[1] {
			bare = bare[1:]
		}
	}
	return withNotes(text, withAnchors(text, all), notes)
}

// labelStarts finds the brackets that open labels, for places further and
// further on, so that no part of a text is looked at twice.
type labelStarts struct {
	text       string
	seen, last int
}

// before is the last bracket before i; -1 if there is none.
func (l *labelStarts) before(i int) int {
	if at := strings.LastIndexByte(l.text[l.seen:i], '['); at >= 0 {
		l.last = l.seen + at
	}
	l.seen = i
	return l.last
}

// withNotes adds the footnotes that a text refers to.
func withNotes(text string, all []link, notes map[string]string) []link {
	if len(notes) == 0 {
		return all
	}
	var out []link
	for _, m := range label.FindAllStringSubmatchIndex(text, -1) {
		url := notes[text[m[2]:m[3]]]
		if url == "" || strings.HasPrefix(text[m[1]:], "(") {
			continue
		}
		for len(all) > 0 && all[0].start < m[0] {
			out, all = append(out, all[0]), all[1:]
		}
		out = append(out, link{m[0], m[0], m[1], url})
	}
	return append(out, all...)
}

// trimmed is an address without the punctuation of the sentence around it.
func trimmed(url string) string { return strings.TrimRight(url, ".,;:!?*`_~") }
