package prompts

import (
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// Page is a reading of one page, or of one part of it.
type Page struct {
	ID         string
	Kind       string // page, database or data source
	Title      string
	Path       []string // titles above, outermost first
	URL        string
	LastEdited time.Time
	Live       bool   // read from Notion just now, or confirmed to be the newest version
	Stale      string // why Notion could not be asked
	RowsAsOf   string // of a table that is not Live because of its rows alone: how old they are
	Notes      []markdown.Text
	Outline    []Heading
	More       int // headings that the outline leaves out
	Parts      []markdown.Text
	Rows       []Row
	First      int // the number of the first part or row shown, from 1
	Last       int
	Total      int
	Next       string // the exact call that goes on; "" at the end
	Finding    string // words that Parts were found by, instead of from First to Last
	Found      int
	Comments   []Comment
}

// Comment is a comment on a page.
type Comment struct {
	CommentID, DiscussionID, Created string
	Author, Text                     markdown.Text
}

// Heading is a line of an outline.
type Heading struct {
	Level int // from 0
	Text  string
	Block string // anchor: the block's id without hyphens
}

// Row is a row of a database, shown as a link.
type Row struct {
	Title      string
	URL        string
	LastEdited time.Time
}

// Indent is the space before the heading in an outline.
func (h Heading) Indent() string {
	const spaces = "            "
	return spaces[:min(2*h.Level, len(spaces))]
}

// ReadText shows a page to a model.
func ReadText(p Page) string { return render("read.md", p) }

// Anchor is how a text names one of its blocks.
func Anchor(block string) markdown.Text { return "{#" + markdown.Line(block) + "}" }
