package retrieval

import (
	"math"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Line is what an answer shows of one block, or of one part of a long one.
type Line struct {
	Block notion.ID     // what opens it in Notion; the page's own id for properties
	Text  markdown.Text // whole
	Leads bool          // a heading or the header of a table: announces other lines, and proves nothing itself
	Near  bool          // Block is only the nearest above whose address is known yet
	After bool          // something of the passage between the line before and this one is left out

	passage, at int // where it stands: which passage of the page, and which of its spans
}

// shows says whether the line is of what a span has of its block; of text whose
// block is not known yet, whether it is that.
func (l Line) shows(p passage.Passage, at int) bool {
	if at < 0 {
		return false
	}
	s := p.Spans[at]
	return l.Block == s.Block && l.Near == s.Near && (!s.Near || l.passage == p.Ordinal && l.at == at)
}

// What is shown around what answers. The shares compare with that of the block
// which has most of the query, whose share is 1. doc/measurements.md says
// how much they matter.
const (
	fade   = 5    // power of a passage's score, as a share of the best one's
	nearby = 0.75 // share that the block next to the best one would have without a word of the query, halved two blocks away

	anchorTokens = 21  // what the address of a block adds to its line
	pageTokens   = 60  // what title, path, address and date of a page take
	frameTokens  = 120 // what is said around the passages
	moreTokens   = 36  // what naming a page takes that is not shown
	headTokens   = 9   // what naming a heading takes, of a page of which other passages are shown
)

// MaxMore is how many pages an answer names that it has no room for.
const MaxMore = 5

// extract is the choice of lines for an answer, in the order of the passages
// and of their blocks.
type extract struct {
	lines  []candidate
	shown  []bool
	pages  map[notion.ID]int // passages of each, and 0 once it is shown
	groups map[*group]bool   // that are shown
	unseen int               // pages that are not shown
	budget int
}

// candidate is a block that may be shown.
type candidate struct {
	Line
	group *group
	shape passage.Shape
	cost  int // in tokens
	gain  float64
}

// extracts picks, of the passages chosen, the blocks that answer, with the
// headings and headers of tables that they need to be understood, until the
// budget of model tokens is used. The best block is shown whatever it takes.
// Whatever of them, and of the twins, is not shown has to be named.
func extracts(chosen, twins []*group, budget int) map[*group][]Line {
	x := extract{pages: map[notion.ID]int{}, groups: map[*group]bool{}, budget: budget - frameTokens}
	for _, g := range slices.Concat(chosen, twins) {
		x.pages[g.page.ID]++
	}
	x.unseen = len(x.pages)
	x.budget -= moreTokens * min(MaxMore, x.unseen)
	for _, g := range chosen {
		x.add(g, worth(g.best.Score, chosen[0].best.Score))
	}
	x.shown = make([]bool, len(x.lines))
	for _, i := range x.order() {
		x.take(i)
	}
	return x.taken()
}

// add makes the blocks of a group candidates.
func (x *extract) add(g *group, share float64) {
	for _, h := range g.hits {
		scores := blockScores(h)
		top := slices.Max(append(scores, 1e-9))
		best := slices.Index(scores, top)
		weight := share * worth(h.Score, g.best.Score)
		for i, s := range h.Passage.Spans {
			c := candidate{group: g, Line: Line{Block: s.Block, Near: s.Near, Text: h.Passage.Text[s.Start:s.End].Unlinked(), passage: h.Passage.Ordinal, at: i}}
			c.shape = passage.ShapeOf(c.Text)
			c.Leads = c.shape.Leads()
			c.cost = c.tokens()
			block := scores[i]/top + nearby/(1+math.Abs(float64(i-best))/2)
			c.gain = weight * block / float64(c.cost)
			x.lines = append(x.lines, c)
		}
	}
}

// worth is what a score is worth beside the best one. Without a best score,
// which passages found by their meaning may lack, all are worth the same.
func worth(score, best float64) float64 {
	if best <= 0 {
		return 1
	}
	return math.Pow(score/best, fade)
}

func (c *candidate) tokens() int {
	n := passage.Tokens(string(c.Text))
	if !c.Leads && c.Block != c.group.page.ID {
		n += anchorTokens
	}
	return n
}

// order is that of the candidates which can answer, best first.
func (x *extract) order() []int {
	var order []int
	for i, c := range x.lines {
		if !c.Leads {
			order = append(order, i)
		}
	}
	if order == nil { // headings alone
		for i := range x.lines {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch d := x.lines[b].gain - x.lines[a].gain; {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return order
}

// take shows a block with what announces it, if there is room.
func (x *extract) take(i int) {
	if x.shown[i] {
		return
	}
	need := append(x.leads(i), i)
	g := x.lines[i].group
	cost := x.first(g)
	for _, k := range need {
		if !x.shown[k] {
			cost += x.lines[k].cost
		}
	}
	if cost > x.budget && len(x.groups) > 0 {
		return
	}
	x.budget -= cost
	if x.pages[g.page.ID] > 0 {
		x.pages[g.page.ID], x.unseen = 0, x.unseen-1
	}
	x.groups[g] = true
	for _, k := range need {
		x.shown[k] = true
	}
}

// first is what it takes to show anything of a passage, beside its lines: the
// head of its page, and the headings of what else was found there, where before
// the page had to be named, or else its heading.
func (x *extract) first(g *group) int {
	switch n := x.pages[g.page.ID]; {
	case x.groups[g]:
		return 0
	case n == 0:
		return -headTokens
	case x.unseen > MaxMore:
		return pageTokens + (n-1)*headTokens
	default:
		return pageTokens + (n-1)*headTokens - moreTokens
	}
}

// leads are the lines that announce a block: the header of its table, the line
// above a list that ends in a colon, or else the heading above it.
func (x *extract) leads(i int) []int {
	c := x.lines[i]
	for k := i - 1; k >= 0 && i-k <= c.at; k-- {
		up := x.lines[k]
		switch {
		case c.shape.Row && up.shape.Columns, up.shape.Heading > 0:
			return []int{k}
		case listed(c.Text) && !listed(up.Text):
			if announces(up.Text) {
				return []int{k}
			}
			return nil
		case c.shape.Row && !up.shape.Row:
			return nil
		}
	}
	return nil
}

func listed(shown markdown.Text) bool {
	text := strings.TrimLeft(string(shown), " >")
	if strings.HasPrefix(text, "- ") {
		return true
	}
	rest := strings.TrimLeft(text, "0123456789")
	return len(rest) < len(text) && strings.HasPrefix(rest, ". ")
}

func announces(shown markdown.Text) bool {
	text := strings.TrimRight(string(shown), " *_~")
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")
}

// taken are the lines shown of each group.
func (x *extract) taken() map[*group][]Line {
	out := map[*group][]Line{}
	last := -1
	for i, c := range x.lines {
		if x.shown[i] {
			l := c.Line
			l.After = i != last+1 || i == 0 && c.at > 0
			out[c.group] = append(out[c.group], l)
			last = i
		}
	}
	return out
}

// textOf is what the lines say, one below the other.
func textOf(lines []Line) markdown.Text {
	var b markdown.Builder
	for i, l := range lines {
		b.Put(before(lines, i), l.Text, "\n")
	}
	return b.Text().TrimRight("\n")
}

// before is what stands before a line in the text.
func before(lines []Line, i int) markdown.Text {
	switch {
	case lines[i].After && i > 0 && row(lines[i]) && !row(lines[i-1]):
		return "…\n\n" // a list above would take the table for a sentence of its last item
	case lines[i].After:
		return "…\n"
	case i > 0:
		return Between(lines[i-1], lines[i])
	}
	return ""
}

// CitedLines are the lines of Text, counted from 1, that the cited block takes;
// none if it is not in the text.
func (f Found) CitedLines() (first, last int) {
	n := 0
	for i, l := range f.Lines {
		n += strings.Count(string(before(f.Lines, i)), "\n")
		height := 1 + strings.Count(string(l.Text), "\n")
		if l.Block == f.Citation.BlockID {
			if first == 0 {
				first = n + 1
			}
			last = n + height
		}
		n += height
	}
	return first, last
}

// Between is what keeps two lines apart that follow each other: rows of a table
// and items of a list stand close, all else is a block of its own.
func Between(a, b Line) markdown.Text {
	if row(a) && row(b) || listed(a.Text) && listed(b.Text) {
		return ""
	}
	return "\n"
}

// row says whether a line is one of a table.
func row(l Line) bool {
	s := passage.ShapeOf(l.Text)
	return s.Row || s.Columns
}
