package tools

import (
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
)

// part is what is shown whole or not at all: what a passage has of one block, a
// line whose own block is not known yet, or a row of the table.
type part struct {
	passage  *passage.Passage
	from, to int // its spans
	row      *index.Page
	number   int // of the passage, or of the row, which are counted after those, from 1
}

// partsOf takes passages apart.
func partsOf(passages []passage.Passage) []part {
	var all []part
	for n := range passages {
		spans := passages[n].Spans
		for from := 0; from < len(spans); {
			to := from + 1
			for to < len(spans) && spans[to].Block == spans[from].Block && !spans[to].Near {
				to++
			}
			all = append(all, part{passage: &passages[n], from: from, to: to, number: n + 1})
			from = to
		}
	}
	return all
}

// block is the block that the part is of, or its row. It names a part across
// versions of the page.
func (p part) block() notion.ID {
	if p.row != nil {
		return p.row.ID
	}
	return p.passage.Spans[p.from].Block
}

// anchor is the block to link to; "" where the text is the page's own
// properties, which have no anchor.
func (p part) anchor() notion.ID {
	if block := p.block(); block != p.passage.Page {
		return block
	}
	return ""
}

func (p part) holds(block notion.ID) bool { return p.row == nil && p.block() == block }

// span is what the passage has of the block.
func (p part) span() markdown.Text {
	return p.passage.Text[p.passage.Spans[p.from].Start:p.passage.Spans[p.to-1].End]
}

// begins says whether a passage or row begins here.
func (p part) begins() bool { return p.from == 0 }

// follows says whether nothing stands between two parts.
func (p part) follows(last part) bool {
	if p.begins() {
		return p.number == last.number+1 && (last.row != nil || last.to == len(last.passage.Spans))
	}
	return p.number == last.number && p.from == last.to
}

// lead is what the passage has before the part and after the one before.
func (p part) lead() markdown.Text {
	end := 0
	if p.from > 0 {
		end = p.passage.Spans[p.from-1].End
	}
	return p.passage.Text[end:p.passage.Spans[p.from].Start]
}

// text is what the part adds to an answer.
func (p part) text() markdown.Text {
	if p.row != nil {
		return "- " + markdown.Link(p.row.Title, rowURL(*p.row)) + " · edited 2006-01-02\n"
	}
	return prompts.Cited(p.span(), p.block(), p.passage.Page)
}

// tokens is what the part adds to an answer, with the line ends around it.
func (p part) tokens() int {
	const ends = 1
	if p.row != nil {
		return passage.Tokens(string(p.text()))
	}
	return passage.Tokens(string(p.lead()+p.text())) + ends
}

// opening is what a piece of the page needs that begins with this part: the
// headings that it stands under, and the header of its table.
func (p part) opening() markdown.Text {
	var b markdown.Builder
	shape := passage.ShapeOf(p.span())
	if above := p.passage.HeadingsAt(p.from); len(above) > 0 && shape.Heading == 0 {
		b.Put(prompts.Under(above), "\n")
	}
	switch {
	case p.begins():
		b.Put(p.lead())
	case shape.Row:
		b.Put(p.columns())
	}
	return b.Text()
}

// before is what the opening adds to an answer, in tokens.
func (p part) before() int {
	if p.row != nil {
		return 0
	}
	return passage.Tokens("\n\n…\n\n" + string(p.opening()))
}

// leads says whether the part announces what others say.
func (p part) leads() bool { return p.row == nil && passage.ShapeOf(p.span()).Leads() }

// heads says whether the part is a heading.
func (p part) heads() bool { return p.row == nil && passage.ShapeOf(p.span()).Heading > 0 }

// columns is the header of the table that a row stands in.
func (p part) columns() markdown.Text {
	for i := p.from - 1; i >= 0; i-- {
		s := p.passage.Spans[i]
		text := p.passage.Text[s.Start:s.End]
		switch shape := passage.ShapeOf(text); {
		case shape.Columns:
			return text + "\n"
		case !shape.Row:
			return ""
		}
	}
	return ""
}

// quoted are parts as a model reads them, in the order of the page, apart where
// a blank line parts them. "…" stands for what is left out between two pieces.
func quoted(parts []part) []markdown.Text {
	var all []markdown.Text
	var b markdown.Builder
	for i, p := range parts {
		if p.row != nil {
			continue
		}
		gap, lead := i > 0 && !p.follows(parts[i-1]), p.lead()
		apart := gap || i > 0 && (p.begins() || lead == "\n\n")
		if apart && b.Len() > 0 {
			all, b = append(all, b.Text()), markdown.Builder{}
		}
		switch {
		case gap:
			all, lead = append(all, "…"), p.opening()
		case i == 0:
			lead = p.opening()
		case apart && !p.begins():
			lead = ""
		}
		b.Put(lead, p.text())
	}
	if b.Len() > 0 {
		all = append(all, b.Text())
	}
	return all
}

// passages are parts for programs: what is shown of each passage.
func passages(parts []part, url string) []ReadPassage {
	all := []ReadPassage{}
	for from := 0; from < len(parts); {
		p, to := parts[from], from+1
		for to < len(parts) && !parts[to].begins() && parts[to].follows(parts[to-1]) {
			to++
		}
		if p.row == nil {
			all = append(all, ReadPassage{
				Headings: markdown.Lines(p.headings()), URL: notion.BlockURL(url, p.anchor()), BlockID: string(p.block()), Text: joined(parts[from:to]),
			})
		}
		from = to
	}
	return all
}

// headings are those of the piece that begins with the part.
func (p part) headings() []string {
	if p.begins() {
		return p.passage.Headings
	}
	return p.passage.HeadingsAt(p.from)
}

// joined is the text of parts of one passage that follow each other.
func joined(parts []part) markdown.Text {
	p, last := parts[0], parts[len(parts)-1]
	start, end := p.passage.Spans[p.from].Start, p.passage.Spans[last.to-1].End
	if p.begins() {
		start = 0
	}
	if last.to == len(p.passage.Spans) {
		end = len(p.passage.Text)
	}
	return p.passage.Text[start:end]
}
