package tools

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
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

// run is a row of parts.
type run struct{ first, end int }

// window is what one answer shows of a book.
type window struct {
	shown   []part // in the order of the page
	outline []entry
	cut     int // headings left out of the outline
	notes   []markdown.Text
	next    string // cursor; "" at the end
	section string // what was asked for, until its end is shown
	ended   bool   // its end is shown
	within  bool   // the end is within a passage

	finding  string // words that parts were found by, instead of a row of parts
	places   places
	comments []ReadComment
}

// budget is what is left for the text, after all that stands around it.
func (b *book) budget(in ReadIn, w window) int {
	w.section, w.places, w.within = in.Section, places{1, 2}, true
	if len(b.parts) > 0 {
		w.next = b.cursor(0)
	}
	p := b.page(w)
	p.Parts = append(p.Parts, "")
	return in.MaxTokens - passage.Tokens(string(prompts.ReadText(p)))
}

// run is where to read: from the top or from where the caller says, to the end
// of the page or of the section.
func (b *book) run(in ReadIn, ref notion.Ref) (r run, notes []markdown.Text, err error) {
	r = run{0, len(b.parts)}
	if in.Section != "" {
		if r, err = b.section(in.Section); err != nil {
			return r, nil, err
		}
	}
	switch start := b.startBlock(ref); {
	case in.Cursor != "":
		r.first, notes, err = b.resume(in.Cursor)
	case start != "" && in.Section == "" && in.Find == "":
		r.first, notes = b.at(start)
	}
	if r.first >= r.end {
		r.end = len(b.parts) // a section that the cursor is behind
	}
	return r, notes, err
}

// window fits as many parts of a run as the budget takes, but at least one, so
// that every call gets further.
func (b *book) window(r run, in ReadIn, w window) window {
	budget := b.budget(in, w)
	if r == (run{0, len(b.parts)}) && len(w.notes) == 0 && b.longer(budget) {
		w.outline, w.cut = shorten(b.outline, budget/3)
		budget -= outlineTokens(w.outline)
	}
	last := b.fit(r, budget)
	w.shown = b.parts[r.first:last]
	if last < len(b.parts) {
		w.next, w.within = b.cursor(last), !b.parts[last].begins()
	}
	if w.ended = in.Section != "" && last == r.end; !w.ended {
		w.section = in.Section
	}
	return w
}

// fit is how far a run goes within a budget: whole passages, or of one that has
// no room, what fits of it; but further than headings alone.
func (b *book) fit(r run, budget int) int {
	last, said := r.first, false
	for ; last < r.end; last++ {
		p := b.parts[last]
		if last == r.first {
			budget -= p.before()
		}
		if budget -= p.tokens(); budget < 0 && said {
			break
		}
		said = said || !p.leads()
	}
	if last == r.end {
		return last
	}
	for back := last; back > r.first; back-- {
		if b.parts[back].begins() {
			return back
		}
	}
	for b.parts[last-1].leads() {
		last--
	}
	return last
}

// at finds the heading or the passage that a block stands below.
func (b *book) at(block notion.ID) (first int, notes []markdown.Text) {
	i := slices.IndexFunc(b.parts, func(p part) bool { return p.holds(block) })
	if i < 0 {
		return 0, []markdown.Text{"The block of this link has no text of its own on the page, or is gone; this starts at the top."}
	}
	for !b.parts[i].begins() && !b.parts[i].heads() {
		i--
	}
	if i > 0 {
		notes = []markdown.Text{"This starts at the heading or passage that holds the block of the link; leave the anchor off to read from the top."}
	}
	return i, notes
}

func (b *book) longer(budget int) bool {
	for _, p := range b.parts {
		if budget -= p.tokens(); budget < 0 {
			return true
		}
	}
	return false
}

// page is what the answer shows to a model.
func (b *book) page(w window) prompts.Page {
	p := prompts.Page{
		Kind: b.kind(), Title: b.Page.Title, Path: b.path, URL: markdown.NotionURL(notion.BlockURL(b.Page.URL, "")),
		LastEdited: b.Page.LastEdited, Live: b.live(), Stale: b.Stale,
		Notes: slices.Concat(b.warnings(), w.notes), More: w.cut,
		Total: b.total(), Section: w.ended, Cut: w.within, Finding: w.finding, Places: w.places.words(),
	}
	p.First, p.Last = w.numbers()
	for _, c := range w.comments {
		p.Comments = append(p.Comments, prompts.Comment{CommentID: c.CommentID, DiscussionID: c.DiscussionID, Created: c.Created, Author: c.Author, Text: markdown.Indent(c.Text, 2)})
	}
	if b.Stale == "" {
		p.RowsAsOf = b.rows.asOf
	}
	for _, e := range w.outline {
		p.Outline = append(p.Outline, prompts.Heading{Level: e.level, Text: e.text, Block: e.block})
	}
	for _, part := range w.shown {
		if part.row != nil {
			p.Rows = append(p.Rows, prompts.Row{Title: part.row.Title, URL: rowURL(*part.row), LastEdited: part.row.LastEdited})
		}
	}
	p.Parts = append(quoted(w.shown), b.lists(w)...)
	if w.next != "" {
		p.Next = w.call(b.Page.ID)
	}
	return p
}

// numbers are those of the first and the last passage or row shown.
func (w window) numbers() (first, last int) {
	if n := len(w.shown); n > 0 {
		return w.shown[0].number, w.shown[n-1].number
	}
	return 1, 0
}

// call is the call that goes on, as JSON.
func (w window) call(page notion.ID) markdown.Text {
	section := markdown.Text("")
	if w.section != "" {
		section = markdown.Sprintf(`"section":%q,`, w.section)
	}
	return markdown.Sprintf(`{"page":%q,%s"cursor":%q}`, page.Compact(), section, markdown.Word(w.next))
}

// total is how many passages and rows there are.
func (b *book) total() int { return len(b.Passages) + len(b.rows.list) }

// warnings say what is missing from the page.
func (b *book) warnings() []markdown.Text {
	var notes []markdown.Text
	switch {
	case b.Page.Level == index.Listed && len(b.Passages) == 0:
		notes = append(notes, "Only the title of this page is known so far; its text is still to be read.")
	case b.Page.Level != index.Complete && b.Page.Pending > 0:
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
		Passages: passages(w.shown, url), Total: b.total(), NextCursor: w.next, Places: w.places.all,
		Notes: slices.Concat(b.warnings(), w.notes), Comments: w.comments,
	}
	if w.finding == "" {
		out.First, out.Last = w.numbers()
	}
	if b.live() {
		out.Source = "live"
	}
	for _, e := range w.outline {
		out.Outline = append(out.Outline, Section{Level: e.level, Heading: markdown.Line(e.text), BlockID: string(e.block)})
	}
	for _, part := range w.shown {
		if r := part.row; r != nil {
			out.Rows = append(out.Rows, RowLink{PageID: string(r.ID), Title: markdown.Line(r.Title), URL: rowURL(*r), LastEdited: stamp(r.LastEdited)})
		}
	}
	for _, line := range b.lists(w) {
		out.Passages = append(out.Passages, ReadPassage{Headings: []markdown.Text{}, URL: url, BlockID: string(b.Page.ID), Text: line})
	}
	return out
}

// lists are shown once, with the beginning of the row.
func (b *book) lists(w window) []markdown.Text {
	if first, _ := w.numbers(); first > 1 || w.finding != "" {
		return nil
	}
	return b.whole
}
