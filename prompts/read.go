package prompts

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Page is a reading of one page, or of one part of it.
type Page struct {
	ID         string
	Kind       string // page, database or data source
	Title      string
	Path       []string // titles above, outermost first
	URL        markdown.Text
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
	Next       markdown.Text // the exact call that goes on; "" at the end
	Section    bool          // the last part is the end of the section that was asked for
	Cut        bool          // there is more of the last part
	Finding    string        // words that Parts were found by, instead of from First to Last
	Places     markdown.Text // how many of those there are, and are shown
	Comments   []Comment
}

// Comment is a comment on a page.
type Comment struct {
	CommentID, DiscussionID, Created string
	Author, Text                     markdown.Text
}

// Line is the comment as it is shown.
func (c Comment) Line() markdown.Text {
	return markdown.Sprintf("%s, %s (discussion %s): %s", c.Author, c.Created, c.DiscussionID, c.Text)
}

// Heading is a line of an outline.
type Heading struct {
	Level int // from 0
	Text  string
	Block notion.ID
}

// Row is a row of a database, shown as a link.
type Row struct {
	Title      string
	URL        string
	LastEdited time.Time
}

// Indent is the space before the heading in an outline.
func (h Heading) Indent() markdown.Text {
	const spaces markdown.Text = "            "
	return spaces[:min(2*h.Level, len(spaces))]
}

// Anchor opens the heading.
func (h Heading) Anchor() markdown.Text { return Anchor(h.Block) }

// Span says which parts these are; "" if they are all, or not in a row.
func (p Page) Span() string {
	if p.Finding != "" || p.Last-p.First+1 == p.Total {
		return ""
	}
	return fmt.Sprintf("%d to %d of %d", p.First, p.Last, p.Total)
}

// Which names the parts that these are.
func (p Page) Which() markdown.Text {
	if p.First == p.Last {
		return markdown.Sprintf("part %d", p.Last)
	}
	return markdown.Sprintf("parts %d to %d", p.First, p.Last)
}

// ReadText shows a page to a model.
func ReadText(p Page) markdown.Text { return texts.Fill("read.md", p) }

// Cited is the text of a block with the anchor at its end that opens it on its
// page. A heading and the header of a table have none, since they announce what
// other blocks say, neither have the page's own properties, nor what has its id
// in its text: the link to a page below. What ends in a fence gets it on the next
// line, since nothing may follow a fence.
func Cited(text markdown.Text, block, page notion.ID) markdown.Text {
	last := text[strings.LastIndexByte(string(text), '\n')+1:]
	switch {
	case block == page, passage.ShapeOf(text).Leads(), strings.Contains(string(text), "/"+block.Compact()):
		return text
	case endsWith(last, "```"), endsWith(last, "~~~"), endsWith(last, "$$"):
		prefix := len(last) - len(strings.TrimLeft(string(last), " >"))
		return text + "\n" + last[:prefix] + Anchor(block)
	}
	return text + " " + Anchor(block)
}

func endsWith(text markdown.Text, end string) bool { return strings.HasSuffix(string(text), end) }

// Anchor is how a text names one of the blocks of its page.
func Anchor(block notion.ID) markdown.Text { return "#" + markdown.Line(block.Compact()) }

// Under says which headings the lines below it stand under.
func Under(headings []string) markdown.Text { return "§ " + trail(headings) }
