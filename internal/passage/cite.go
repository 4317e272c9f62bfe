package passage

import (
	"slices"
	"sort"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Cite makes the citation of a span of a passage. For text of the page itself, and
// for -1, it points at the page.
func Cite(src Source, p Passage, at int) Citation {
	block := src.ID
	if at >= 0 {
		block = p.Spans[at].Block
	}
	c := Citation{PageID: src.ID, BlockID: block, Title: src.Title, URL: src.URL, LastEdited: src.LastEdited}
	if c.URL == "" {
		c.URL = notion.PageURL(src.ID)
	}
	if block == src.ID {
		c.Path = slices.Clone(src.Path)
		return c
	}
	c.URL = notion.BlockURL(c.URL, block)
	c.Path = slices.Concat(src.Path, p.HeadingsAt(at))
	return c
}

// HeadingsAt are the headings above a span, outermost first, and the span
// itself if it is a heading. They differ from p.Headings where small sections
// share a passage; for -1 they are those. A block does not tell them: text whose
// own block is not known yet may stand under several headings of one block.
func (p Passage) HeadingsAt(at int) []string {
	if at < 0 {
		return slices.Clone(p.Headings)
	}
	var path, found []heading // within the passage
	base, anchored := len(p.Headings), false
	text := false // whether a block of text has been seen
	for i, s := range p.Spans {
		level, title := HeadingLine(p.Text[s.Start:s.End])
		if level > 0 {
			path = under(path, heading{level, title.Plain()})
		} else {
			text = true
		}
		if level == 0 && len(path) > 0 && !anchored { // p.Headings are the headings here
			base, anchored = len(p.Headings)-len(path), true
		}
		if i == at {
			found = path
		}
	}
	if !text {
		base -= len(path)
	}
	titles := slices.Clone(p.Headings[:max(0, base)])
	for _, h := range found {
		titles = append(titles, h.title)
	}
	return titles
}

// BlockAt is the block that the byte at offset came from. Between two blocks it
// is the one before; it is the page's id only if the passage has no spans.
func (p Passage) BlockAt(offset int) notion.ID {
	if len(p.Spans) == 0 {
		return p.Page
	}
	i := sort.Search(len(p.Spans), func(i int) bool { return p.Spans[i].Start > offset })
	return p.Spans[max(0, i-1)].Block
}

// BlockText is what the passage has of a block, as it stands in the text, ""
// if it has nothing of it.
func (p Passage) BlockText(block notion.ID) markdown.Text {
	var parts []markdown.Text
	for _, s := range p.Spans {
		if s.Block == block {
			parts = append(parts, p.Text[s.Start:s.End])
		}
	}
	return markdown.Join(parts, "\n")
}

// BestSpan is the span of the passage that should be cited, -1 if it has none,
// and its score, where scores says what the text of each is worth. Of those that score
// the same the first wins. Headings and the headers of tables are cited only
// where there is nothing else, since they announce what another block says.
func BestSpan(p Passage, scores []float64) (int, float64) {
	best, score, lead := -1, 0.0, true
	for i, s := range p.Spans {
		leads := ShapeOf(p.Text[s.Start:s.End]).Leads()
		first := i == 0 || lead && !leads
		if first || lead == leads && scores[i] > score {
			best, score, lead = i, scores[i], leads
		}
	}
	return best, score
}

// Shape is how the text of a span is written.
type Shape struct {
	Heading int  // level; 0 for all else
	Columns bool // the header of a table
	Row     bool // another row of a table
}

// Leads says whether the text announces what other blocks say.
func (s Shape) Leads() bool { return s.Heading > 0 || s.Columns }

// ShapeOf tells the shape from the text.
func ShapeOf(text markdown.Text) Shape {
	level, _ := HeadingLine(text)
	first, rule, two := strings.Cut(string(text), "\n")
	row := strings.HasPrefix(strings.TrimLeft(first, " >"), "|")
	columns := row && two && strings.HasPrefix(strings.TrimLeft(rule, " >"), "| --- |")
	return Shape{Heading: level, Columns: columns, Row: row && !columns}
}
