// Package richtext turns inline Markdown into the rich text of Notion, within the
// limits of the API: what has no partner, and everything that is no inline mark,
// stays as it was typed.
package richtext

import (
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/rivo/uniseg"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Notion's limits on rich text. The documentation counts characters; UTF-16
// units are what its own JavaScript counts, and never fewer.
const (
	maxContent    = 2000 // units of one run
	maxExpression = 1000 // units of one equation
	maxRuns       = 100  // of one comment
	maxLink       = 2000
)

// Parse turns inline Markdown into the rich text of as many comments as it
// takes: one, unless there are very many changes of style. People whom it names
// behind an @ are mentioned.
func Parse(markdown string, people ...Named) [][]notion.RichText {
	markdown = strings.ReplaceAll(markdown, "\r\n", "\n")
	var runs []notion.RichText
	for _, s := range parseInline(strings.TrimSpace(markdown)) {
		for _, piece := range s.apart(people) {
			runs = append(runs, piece.runs()...)
		}
	}
	if strings.TrimSpace(Text(runs)) == "" {
		return nil
	}
	return slices.Collect(slices.Chunk(runs, maxRuns))
}

// Text is the text of runs as a reader, and Notion's plain_text, has it.
func Text(runs []notion.RichText) string {
	var b strings.Builder
	for _, r := range runs {
		switch {
		case r.Equation != nil:
			b.WriteString(r.Equation.Expression)
		case r.Text != nil:
			b.WriteString(r.Text.Content)
		case r.Mention != nil:
			b.WriteString(r.PlainText)
		}
	}
	return b.String()
}

// runs writes a span within the limits of one run.
func (s span) runs() []notion.RichText {
	var marks *notion.Annotations
	if s.marks != (notion.Annotations{}) {
		marks = &s.marks
	}
	if s.who != "" {
		mention := &notion.Mention{Type: "user", User: &notion.User{ID: s.who}}
		return []notion.RichText{{Type: "mention", Mention: mention, PlainText: s.text, Annotations: marks}}
	}
	if s.math && units(s.text) <= maxExpression {
		return []notion.RichText{{Type: "equation", Equation: &notion.Equation{Expression: s.text}, Annotations: marks}}
	}
	if s.math {
		s.text = "$" + s.text + "$"
	}
	var out []notion.RichText
	for _, piece := range cut(s.text, maxContent) {
		t := &notion.Text{Content: piece}
		if s.link != "" {
			t.Link = &notion.Link{URL: s.link}
		}
		out = append(out, notion.RichText{Type: "text", Text: t, Annotations: marks})
	}
	return out
}

// cut splits text into pieces of at most most UTF-16 units. What a reader sees
// as one character stays whole, unless it alone is longer.
func cut(text string, most int) []string {
	var pieces []string
	start, size := 0, 0
	flush := func(end int) {
		if end > start {
			pieces = append(pieces, text[start:end])
		}
		start, size = end, 0
	}
	add := func(at, n int) {
		if size+n > most {
			flush(at)
		}
		size += n
	}
	at, state := 0, -1
	for rest := text; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n := units(cluster); n <= most {
			add(at, n)
		} else {
			for i, r := range cluster {
				add(at+i, utf16.RuneLen(r))
			}
		}
		at += len(cluster)
	}
	flush(len(text))
	return pieces
}

// units is the length in UTF-16, as JavaScript counts it.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
