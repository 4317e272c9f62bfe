// Package passage defines what can be quoted: the Passage, a run of
// consecutive blocks under one heading that remembers which bytes came from
// which block, and the Citation derived from it; and how a page is split into
// passages. Splitting is pure and deterministic, loses no text, and reports
// what it cannot read.
package passage

import (
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Passage is the unit that is retrieved and quoted.
type Passage struct {
	Page     notion.ID     `json:"page"`
	Ordinal  int           `json:"ordinal"`            // position within the page, from 0, without gaps
	Headings []string      `json:"headings,omitempty"` // headings above and at the passage, outermost first, plain text, without the page's title
	Text     markdown.Text `json:"text"`               // what is indexed, quoted and read. Passages of a page joined by "\n\n" are the page
	Spans    []Span        `json:"spans"`              // ascending, not overlapping, covering every byte that came from a block
}

// Named is the passage with the titles put in of the pages that it refers to;
// title gives "" for a page that is not known. What Split makes is not to be
// shown without it.
func (p Passage) Named(title func(notion.ID) string) Passage {
	if !p.Text.Refers() {
		return p
	}
	old, spans := p.Text, p.Spans
	p.Text, p.Spans = "", slices.Clone(spans)
	at := 0
	for i, s := range spans {
		p.Text += old[at:s.Start].Named(title)
		p.Spans[i].Start = len(p.Text)
		p.Text += old[s.Start:s.End].Named(title)
		p.Spans[i].End = len(p.Text)
		at = s.End
	}
	p.Text += old[at:].Named(title)
	return p
}

// Span says that Text[Start:End] came from Block. For the properties of a
// database row, and the title of a page without text, Block is the page's own
// id.
type Span struct {
	Start int       `json:"s"`
	End   int       `json:"e"`
	Block notion.ID `json:"b"`
	Near  bool      `json:"n,omitempty"` // the text is of a block below Block, whose own id is not known yet
}

// Source is what a citation needs to know of a page beyond the passage.
type Source struct {
	ID         notion.ID
	Title      string
	Path       []string // titles of the pages and databases above, outermost first
	URL        string   // as Notion gave it
	LastEdited time.Time
}

// Citation points at the block that a statement can be checked against. It is
// derived from a Passage and never stored.
type Citation struct {
	PageID     notion.ID
	BlockID    notion.ID // the page's id where the text is the page's properties
	Title      string
	Path       []string // pages above, then headings, without the title itself
	URL        string   // opens the block in Notion
	LastEdited time.Time
}

// Node is a block with what hangs below it, as far as it has been read.
type Node struct {
	Block    notion.Block
	Children []*Node
	Read     bool   // Children is complete; meaningless unless the block has children to read
	Skip     string // why the children, or the block itself, cannot be read; "" if they can

	// Rough says that Children, while they have not been read, are what the
	// Markdown of the page tells of them: their text, without their ids. Gap says
	// that this is not all of their text, or not exactly. With Skip and Read, Rough
	// says that there will be nothing else.
	Rough, Gap bool
}

// Skip counts blocks whose text is missing from the passages for one reason.
type Skip struct {
	Type   string `json:"type"`   // block type, or the real type behind "unsupported"
	Reason string `json:"reason"` // in the user's words
	Count  int    `json:"count"`
}

// Split is the result of splitting one page.
type Split struct {
	Passages []Passage
	Blocks   int    // blocks seen
	Pending  int    // blocks whose children have not been read yet
	Skipped  []Skip // sorted by type and reason
}
