// Package enhanced reads Notion's enhanced Markdown, the form in which the API
// gives a whole page with one request, as the blocks that it was made of. They
// have no ids, except where the Markdown names some. What it does not have, or
// does not tell exactly, is marked as a gap, and never guessed.
package enhanced

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Parse gives the blocks of a page, or of a block, in the order of reading.
// Each node with a gap, in itself or below it, has Gap set. A child page that is
// not known is one: nothing but its block may make it known. nil knows all.
func Parse(src string, known func(notion.ID) bool) []*passage.Node {
	p := &parser{lines: strings.Split(src, "\n"), root: &passage.Node{}, known: known}
	p.stack = []frame{{node: p.root}}
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		p.at++
		text := strings.TrimLeft(line, "\t")
		if strings.TrimSpace(text) != "" {
			p.line(len(line)-len(text), text)
		}
	}
	p.unwind(0)
	return p.root.Children
}

// frame is a block that may have more below it.
type frame struct {
	node  *passage.Node
	depth int    // tabs before the block
	tag   string // that closes it; "" where the next line that is not indented does
}

// parser reads lines. It keeps its own stack, because people nest blocks deeper
// than a stack of calls may grow.
type parser struct {
	lines []string
	at    int // the next line
	root  *passage.Node
	stack []frame // the first is the root
	known func(notion.ID) bool
}

func (p *parser) top() *frame { return &p.stack[len(p.stack)-1] }

// line reads one block, or one end of a block.
func (p *parser) line(depth int, text string) {
	for f := p.top(); len(p.stack) > 1 && (depth < f.depth || depth == f.depth && f.tag == ""); f = p.top() {
		p.pop()
	}
	if p.closes(depth, text) {
		return
	}
	n, tag := p.block(depth, text)
	if n == nil {
		return
	}
	p.add(n)
	p.stack = append(p.stack, frame{node: n, depth: depth, tag: tag})
}

func (p *parser) add(n *passage.Node) {
	up := p.top().node
	up.Children = append(up.Children, n)
	if up != p.root {
		up.Block.HasChildren = true
	}
}

// pop ends the innermost block. A gap below a block is one of the block.
func (p *parser) pop() {
	f := p.top()
	p.stack = p.stack[:len(p.stack)-1]
	p.top().node.Gap = p.top().node.Gap || f.node.Gap
}

// unwind ends blocks until so many frames are left above the root.
func (p *parser) unwind(left int) {
	for len(p.stack) > left+1 {
		p.pop()
	}
}

// doubt marks what was read last as not certain, where a line shows that it may
// have ended too early.
func (p *parser) doubt() {
	n := p.top().node
	for ; len(n.Children) > 0; n = n.Children[len(n.Children)-1] {
		n.Gap = true
	}
	n.Gap = true
}

// closes ends the block whose closing tag the line is. Colons could be text, too,
// and are none only as far in as those that they close.
func (p *parser) closes(depth int, text string) bool {
	tag := strings.TrimRight(text, " ")
	if tag != ":::" && !strings.HasPrefix(tag, "</") {
		return false
	}
	for i := len(p.stack) - 1; i > 0; i-- {
		if p.stack[i].tag == tag && (tag != ":::" || p.stack[i].depth == depth) {
			p.unwind(i - 1)
			return true
		}
	}
	p.doubt()
	return strings.HasPrefix(tag, "</") // of something that was never opened
}

// block reads the block that a line begins, with as many lines as it has. tag is
// what ends it. It is nil for a line that belongs to the block above it.
func (p *parser) block(depth int, text string) (n *passage.Node, tag string) {
	switch {
	case strings.HasPrefix(text, "```"):
		return p.code(depth, text), ""
	case strings.HasPrefix(text, "$$"):
		return p.equation(text), ""
	case strings.HasPrefix(text, "<"), strings.HasPrefix(text, "::: "):
		if n, tag, ok := p.tagged(text); ok {
			return n, tag
		}
	case strings.HasPrefix(text, "!["):
		if n, ok := image(text); ok {
			return n, ""
		}
	case strings.TrimRight(text, " ") == "---":
		return node("divider"), ""
	}
	if f := p.top(); f.node.Block.Type == "callout" && len(f.node.Children) == 0 && f.node.Block.Content.RichText == nil && mark(text) == "" {
		return p.calloutText(f.node, text), ""
	}
	return textBlock(text), ""
}

// calloutText takes the first line of a callout for its own text, which is what
// it nearly always is.
func (p *parser) calloutText(n *passage.Node, text string) *passage.Node {
	own := textBlock(text)
	n.Block.Content.RichText, n.Gap = own.Block.Content.RichText, n.Gap || own.Gap
	return nil
}

func node(blockType string) *passage.Node {
	return &passage.Node{Block: notion.Block{Type: blockType}}
}

// marks are what the lines of some blocks begin with, longer ones first.
var marks = []struct{ mark, blockType string }{
	{"#### ", "heading_4"}, {"### ", "heading_3"}, {"## ", "heading_2"}, {"# ", "heading_1"},
	{"- [ ] ", "to_do"}, {"- [x] ", "to_do"}, {"- ", "bulleted_list_item"}, {"> ", "quote"},
}

// mark is what a line begins with that is not of its text.
func mark(text string) string {
	for _, m := range marks {
		if text == m.mark[:len(m.mark)-1] { // no text, and no blank
			return text
		}
		if strings.HasPrefix(text, m.mark) {
			return m.mark
		}
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && digits < 10 && (strings.HasPrefix(text[digits:], ". ") || text[digits:] == ".") {
		return text[:min(digits+2, len(text))]
	}
	return ""
}

// textBlock reads a block that is a line of text.
func textBlock(line string) *passage.Node {
	begin := mark(line)
	text, attrs := cutAttributes(line[len(begin):])
	n := node("paragraph")
	for _, m := range marks {
		if begin != "" && strings.TrimSuffix(m.mark, " ") == strings.TrimSuffix(begin, " ") {
			n.Block.Type = m.blockType
		}
	}
	c := &n.Block.Content
	switch {
	case n.Block.Type == "to_do":
		c.Checked = strings.Contains(begin, "x")
	case attrs["toggle"] == "true":
		c.IsToggleable = true
	case begin != "" && n.Block.Type == "paragraph":
		n.Block.Type = "numbered_list_item"
		c.ListStartIndex, _ = strconv.Atoi(strings.TrimRight(begin, ". "))
	}
	c.RichText, n.Gap = inline(text)
	return n
}

// code reads a fenced block, whose lines are as far in as its fences. A fence
// within the code ends it too early, and its last one then seems to begin another,
// of no language.
func (p *parser) code(depth int, text string) *passage.Node {
	fence := text[:len(text)-len(strings.TrimLeft(text, "`"))]
	indent := strings.Repeat("\t", depth)
	var lines []string
	whole, indented := false, true
	for ; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if strings.TrimRight(line, " ") == indent+fence {
			p.at++
			whole = true
			break
		}
		lines = append(lines, line)
		indented = indented && (strings.HasPrefix(line, indent) || strings.TrimSpace(line) == "")
	}
	for i := range lines {
		if indented {
			lines[i] = strings.TrimPrefix(lines[i], indent)
		}
	}
	n := node("code")
	n.Block.Content.Language = text[len(fence):]
	n.Block.Content.RichText = plainRuns(strings.Join(lines, "\n"))
	isCode := func(n *passage.Node) bool { return n.Block.Type == "code" }
	n.Gap = !whole || strings.TrimSpace(n.Block.Content.Language) == "" && slices.ContainsFunc(p.top().node.Children, isCode)
	return n
}

// equation reads a block of it, on one line or several.
func (p *parser) equation(text string) *passage.Node {
	n := node("equation")
	if rest := strings.TrimRight(text[2:], " "); rest != "" {
		expression, closed := strings.CutSuffix(rest, "$$")
		n.Block.Content.Expression, n.Gap = expression, !closed
		return n
	}
	var lines []string
	for ; p.at < len(p.lines); p.at++ {
		line := strings.TrimLeft(p.lines[p.at], "\t")
		if strings.TrimRight(line, " ") == "$$" {
			p.at++
			n.Block.Content.Expression = strings.Join(lines, "\n")
			return n
		}
		lines = append(lines, line)
	}
	n.Gap = true
	return n
}

func plainRuns(s string) []notion.RichText {
	if s == "" {
		return nil
	}
	return []notion.RichText{textRun(s, style{})}
}
