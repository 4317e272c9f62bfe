package tools

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/passage"
	"github.com/mcp-notion/mcp-notion/prompts"
)

// book is one page laid out to be read part by part.
type book struct {
	*ingest.Reading
	path    []string
	rows    rows
	parts   []part
	outline []entry
	whole   []markdown.Text // lists of a row that its text shows the beginning of
}

// live says whether all of it is as it is in Notion now.
func (b *book) live() bool { return (b.Live || b.Checked) && b.rows.asOf == "" }

// part is a passage of the page, or a row of the table.
type part struct {
	passage *passage.Passage
	row     *index.Page
}

// key names a part across versions of the page: its first block, or its row.
func (p part) key() notion.ID {
	switch {
	case p.row != nil:
		return p.row.ID
	case len(p.passage.Spans) > 0:
		return p.passage.Spans[0].Block
	}
	return p.passage.Page
}

func (p part) holds(block notion.ID) bool {
	return p.passage != nil && slices.ContainsFunc(p.passage.Spans, func(s passage.Span) bool { return s.Block == block })
}

// text is what the part adds to an answer.
func (p part) text() markdown.Text {
	if p.row != nil {
		return markdown.Link(p.row.Title, rowURL(*p.row)) + " edited 2006-01-02"
	}
	return anchored(*p.passage)
}

// window is what one answer shows of a book.
type window struct {
	first, last int // parts[first:last]
	outline     []entry
	cut         int // headings left out of the outline
	notes       []markdown.Text
	next        string // cursor; "" at the end

	finding  string // words that parts were found by, instead of a row of parts
	found    []part // best first
	comments []ReadComment
}

// overhead is about what the lines around the text of a page cost, in tokens.
const overhead = 150

// window chooses where to start and fits as many parts as the budget takes,
// but at least one, so that every call gets further.
func (b *book) window(in ReadIn, ref notion.Ref) (window, error) {
	var w window
	var err error
	start, end := b.startBlock(ref), len(b.parts)
	switch {
	case in.Cursor != "":
		w.first, w.notes, err = b.resume(in.Cursor)
	case in.Section != "":
		w.first, end, err = b.section(in.Section)
	case start != "":
		w.first, w.notes = b.at(start)
	}
	if err != nil {
		return w, err
	}
	budget := in.MaxTokens - overhead
	if in.Cursor == "" && in.Section == "" && start == "" && b.longer(budget) {
		w.outline, w.cut = shorten(b.outline, budget/3)
		budget -= outlineTokens(w.outline)
	}
	w.last = w.first
	for ; w.last < end; w.last++ {
		budget -= passage.Tokens(string(b.parts[w.last].text()))
		if budget < 0 && w.last > w.first {
			break
		}
	}
	if w.last < len(b.parts) {
		w.next = b.cursor(w.last)
	}
	return w, nil
}

// at finds the part that holds a block.
func (b *book) at(block notion.ID) (first int, notes []markdown.Text) {
	i := slices.IndexFunc(b.parts, func(p part) bool { return p.holds(block) })
	if i < 0 {
		return 0, []markdown.Text{"The block of this link has no text of its own on the page, or is gone; this starts at the top."}
	}
	if i > 0 {
		notes = []markdown.Text{"This starts at the passage that holds the block of the link; leave the anchor off to read from the top."}
	}
	return i, notes
}

func (b *book) longer(budget int) bool {
	for _, p := range b.parts {
		if budget -= passage.Tokens(string(p.text())); budget < 0 {
			return true
		}
	}
	return false
}

// page is what the answer shows to a model.
func (b *book) page(w window) prompts.Page {
	p := prompts.Page{
		Kind: b.kind(), Title: b.Page.Title, Path: b.path, URL: notion.BlockURL(b.Page.URL, ""),
		LastEdited: b.Page.LastEdited, Live: b.live(), Stale: b.Stale,
		Notes: slices.Concat(b.warnings(), w.notes), More: w.cut,
		First: w.first + 1, Last: w.last, Total: len(b.parts), Finding: w.finding, Found: len(w.found),
	}
	for _, c := range w.comments {
		p.Comments = append(p.Comments, prompts.Comment{CommentID: c.CommentID, DiscussionID: c.DiscussionID, Created: c.Created, Author: c.Author, Text: markdown.Indent(c.Text, 2)})
	}
	if b.Stale == "" {
		p.RowsAsOf = b.rows.asOf
	}
	for _, e := range w.outline {
		p.Outline = append(p.Outline, prompts.Heading{Level: e.level, Text: e.text, Block: e.block.Compact()})
	}
	for _, part := range w.shown(b) {
		if part.row != nil {
			p.Rows = append(p.Rows, prompts.Row{Title: part.row.Title, URL: rowURL(*part.row), LastEdited: part.row.LastEdited})
			continue
		}
		p.Parts = append(p.Parts, part.text())
	}
	p.Parts = append(p.Parts, b.lists(w)...)
	if w.next != "" {
		p.Next = fmt.Sprintf(`{"page":%q,"cursor":%q}`, b.Page.ID.Compact(), w.next)
	}
	return p
}

// warnings say what is missing from the page.
func (b *book) warnings() []markdown.Text {
	var notes []markdown.Text
	switch {
	case b.Page.Level == index.Listed && len(b.Passages) == 0:
		notes = append(notes, "Only the title of this page is known so far; its text is still to be read.")
	case b.Page.Pending > 0:
		notes = append(notes, markdown.Sprintf("Nested text of %s is still to be read.", markdown.Count(b.Page.Pending, "block")))
	}
	if b.Page.Problem != "" {
		notes = append(notes, "Not complete: "+markdown.Line(b.Page.Problem)+".")
	}
	for _, s := range b.Page.Skipped {
		notes = append(notes, markdown.Sprintf("Not shown: %d %s, %s.", s.Count, s.Type, s.Reason))
	}
	return append(notes, b.rows.notes...)
}

func (b *book) kind() string {
	return strings.ReplaceAll(string(cmp.Or(b.Page.Kind, index.KindPage)), "_", " ")
}

// out is the same for programs.
func (b *book) out(w window) ReadOut {
	url := notion.BlockURL(b.Page.URL, "")
	out := ReadOut{
		PageID: string(b.Page.ID), Kind: string(cmp.Or(b.Page.Kind, index.KindPage)), Title: markdown.Line(b.Page.Title), URL: url,
		Path: markdown.Lines(b.path), LastEdited: stamp(b.Page.LastEdited), Source: "index", Stale: markdown.Line(b.Stale),
		Passages: []ReadPassage{}, First: w.first + 1, Last: w.last, Total: len(b.parts), NextCursor: w.next,
		Notes: slices.Concat(b.warnings(), w.notes), Comments: w.comments,
	}
	if w.finding != "" {
		out.First, out.Last = 0, 0
	}
	if b.live() {
		out.Source = "live"
	}
	for _, e := range w.outline {
		out.Outline = append(out.Outline, Section{Level: e.level, Heading: markdown.Line(e.text), BlockID: string(e.block)})
	}
	for _, part := range w.shown(b) {
		if r := part.row; r != nil {
			out.Rows = append(out.Rows, RowLink{PageID: string(r.ID), Title: markdown.Line(r.Title), URL: rowURL(*r), LastEdited: stamp(r.LastEdited)})
			continue
		}
		p := part.passage
		out.Passages = append(out.Passages, ReadPassage{
			Headings: markdown.Lines(p.Headings), URL: notion.BlockURL(url, part.anchor()),
			BlockID: string(part.key()), Text: p.Text,
		})
	}
	for _, line := range b.lists(w) {
		out.Passages = append(out.Passages, ReadPassage{Headings: []markdown.Text{}, URL: url, BlockID: string(b.Page.ID), Text: line})
	}
	return out
}

// lists are shown once, with the beginning of the row.
func (b *book) lists(w window) []markdown.Text {
	if w.first > 0 || w.finding != "" {
		return nil
	}
	return b.whole
}

// anchor is the block to link to; "" where the text is the page's own
// properties, which have no anchor.
func (p part) anchor() notion.ID {
	if key := p.key(); key != p.passage.Page {
		return key
	}
	return ""
}
