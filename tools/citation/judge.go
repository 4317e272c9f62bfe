package citation

import (
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
)

// hold judges the words by the page as it is in Notion, and where they do not
// stand there, by what the tools show of it, which is what a model quotes.
func (o *Checked) hold(s *sheet, block notion.ID, words string) {
	shown := *o
	o.judge(s, block, words)
	if o.Verdict == Exact || strings.TrimSpace(words) == "" {
		return
	}
	shown.judge(s.shown, block, words)
	if shown.Verdict == Exact || shown.Verdict == Elsewhere && o.Verdict != Elsewhere {
		*o = shown
	}
}

// judge holds the words against the block, and then against the page.
func (o *Checked) judge(s *sheet, block notion.ID, words string) {
	at := s.span(block)
	switch {
	case block != "" && at == nil && strings.TrimSpace(words) == "":
		o.Verdict = BlockGone
		return
	case strings.TrimSpace(words) == "":
		o.Verdict = NoQuote
		if at != nil {
			o.Stands = standing(s.text[at.start:at.end])
		}
		return
	}
	if at != nil {
		if m := quote.Find(s.text[at.start:at.end], words); m.Kind == quote.Exact {
			o.found(s, at.start+m.Start, Exact)
			return
		}
	}
	m := s.words.Find(words)
	switch {
	case m.Kind == quote.Exact && (block == "" || at != nil && m.Start >= at.start && m.Start < at.end):
		o.found(s, m.Start, Exact) // it goes on into the next block
	case m.Kind == quote.Exact:
		o.found(s, m.Start, Elsewhere)
	case m.Kind == quote.Near:
		o.found(s, m.Start, Near)
		o.Stands, o.Serious = standing(s.text[m.Start:m.End]), m.Serious()
		for _, g := range m.Graves() {
			o.Grave = append(o.Grave, markdown.Line(string(g)))
		}
		for _, d := range m.Differences {
			o.Differences = append(o.Differences, differs(d))
		}
	case block != "" && at == nil:
		o.Verdict = BlockGone
	default:
		o.Verdict = None
		if at != nil {
			o.Stands = standing(s.text[at.start:at.end])
		}
	}
}

// found notes the verdict and the block where the words begin.
func (o *Checked) found(s *sheet, at int, v Verdict) {
	o.Verdict = v
	for _, b := range s.blocks {
		if b.start <= at && at < b.end {
			o.BlockID, o.Row = string(b.block), b.block == s.Page.ID && s.Page.Parent.DataSourceID != ""
			o.FoundURL = notion.BlockURL(notion.BlockURL(s.Page.URL, ""), b.block)
			return
		}
	}
	o.FoundURL = s.Page.URL
}
