package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/tools"
)

// passageLines is about how much is shown of a passage where not all is wanted.
const passageLines = 10

// passages shows what a search found to a person. tall is about how many lines
// of one passage are shown; 0 means all. It says whether any were left out.
func (t Terminal) passages(out tools.SearchOut, asked words, tall int) (cut bool) {
	for _, r := range out.Respelled {
		asked[stem(r.Meant.Plain())] = true
		t.note(fmt.Sprintf("No page has %q: searched for %q.", r.Said.Plain(), r.Meant.Plain()))
	}
	if len(out.Respelled) > 0 {
		t.say("")
	}
	for _, p := range out.Passages {
		cut = t.passage(p, asked, tall) || cut
	}
	for _, n := range out.Notes {
		t.note("Note: " + Spoken(tools.SearchNotion, string(n)))
	}
	return cut
}

// passage shows one passage: what page, where on it, the text, the link.
func (t Terminal) passage(p tools.FoundPassage, asked words, tall int) (cut bool) {
	const margin = "    "
	room := t.width() - len(margin)
	number := pad(fmt.Sprintf("%2d", p.N), len(margin))
	for i, l := range wrap(printable(strings.Join(spot(p), " › ")), room) {
		if i > 0 {
			number = margin
		}
		t.say("%s%s", t.style(dim, number), t.style(bold, l))
	}
	for _, l := range wrap(source(p), room) {
		t.say("%s%s", margin, t.style(dim, l))
	}
	t.say("")
	h := hit{asked: asked}
	if c := p.CitedLines; len(c) == 2 {
		h.cited = extent{c[0], c[1]}
	}
	lines := clip(lay(body(p), room-2), h, tall)
	for _, l := range lines {
		t.say("%s%s%s", margin, t.style(dim, "│"), t.paint(l, asked))
	}
	t.say("")
	t.say("%s%s", margin, t.style(dim, visibleLine(p.URL)))
	t.say("")
	return tall > 0 && clipped(lines)
}

// spot is the page and the headings that a passage stands under.
func spot(p tools.FoundPassage) []string {
	if len(p.Headings) > 0 && p.Headings[0] == p.Title {
		return unmarked(p.Headings)
	}
	return append([]string{p.Title.Plain()}, unmarked(p.Headings)...)
}

// unmarked is Markdown as a reader sees it.
func unmarked(all []markdown.Text) []string {
	var out []string
	for _, t := range all {
		out = append(out, t.Plain())
	}
	return out
}

// source says where the page is and how old it is.
func source(p tools.FoundPassage) string {
	var parts []string
	if len(p.Path) > 0 {
		parts = append(parts, strings.Join(unmarked(p.Path), " › "))
	}
	if at, err := time.Parse(time.RFC3339, p.LastEdited); err == nil {
		parts = append(parts, "edited "+at.Format("2 Jan 2006"))
	}
	if p.TitleOnly {
		parts = append(parts, "known by title only, not read yet")
	}
	if p.Unchecked {
		parts = append(parts, "not checked with Notion just now")
	}
	return printable(strings.Join(parts, " · "))
}

// body is the text with a blank in place of the heading that has been shown
// above it, so that its lines keep their numbers.
func body(p tools.FoundPassage) string {
	blank := len(p.Text) - len(strings.TrimLeft(string(p.Text), "\n"))
	first, rest, more := strings.Cut(string(p.Text[blank:]), "\n")
	mark := heading.FindString(first)
	if !more || mark == "" || len(p.Headings) == 0 || inline(first[len(mark):]) != p.Headings[len(p.Headings)-1].Plain() {
		return string(p.Text)
	}
	return string(p.Text[:blank]) + "\n" + rest
}

func (t Terminal) paint(l line, asked words) string {
	switch {
	case l.text == "":
		return ""
	case l.strong && t.Color:
		return " " + t.style(bold, l.text)
	case l.strong:
		return " " + l.mark + l.text
	}
	return " " + t.mark(l.text, asked)
}

// note writes a remark below the passages.
func (t Terminal) note(s string) {
	if s == "" {
		return
	}
	for _, part := range strings.Split(s, "\n") {
		for _, l := range wrap(printable(part), t.width()) {
			t.say("%s", t.style(dim, l))
		}
	}
}

// visibleText is text of several lines without what a terminal could obey.
func visibleText(s string) string { return strings.Map(visible, s) }

// visibleLine is for text that must stay on its line as it is, such as links.
func visibleLine(s string) string { return strings.Map(visible, strings.ReplaceAll(s, "\n", " ")) }

func counted(n int, noun string) string { return thousands(n) + " " + plural(n, noun, noun+"s") }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// thousands writes 12345 as 12,345.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes a duration for people: 42 ms, 1.2 s, 12 s, 3 min 05 s.
func span(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}
