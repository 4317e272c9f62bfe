package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// children converts all nodes below parent.
func (c *converter) children(parent ast.Node) []*block.Block {
	var out []*block.Block
	if parent == nil {
		return nil
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		out = append(out, c.node(n)...)
	}
	return out
}

// rest converts the siblings from n on.
func (c *converter) rest(n ast.Node) []*block.Block {
	var out []*block.Block
	for ; n != nil; n = n.NextSibling() {
		out = append(out, c.node(n)...)
	}
	return out
}

// node converts one node. Most become one block; a paragraph of images becomes
// several, and a link definition none.
func (c *converter) node(n ast.Node) []*block.Block {
	switch n := n.(type) {
	case *ast.Heading:
		return []*block.Block{c.heading(n)}
	case *ast.Paragraph, *ast.TextBlock:
		return c.paragraph(n)
	case *ast.Blockquote:
		return []*block.Block{c.quote(n)}
	case *ast.List:
		return c.list(n)
	case *ast.FencedCodeBlock:
		return []*block.Block{c.fencedCode(n)}
	// Four blanks make code without a language.
	case *ast.CodeBlock:
		from, to := extent(n)
		return []*block.Block{c.code(n, "plain text", "", c.source(from, to))}
	case *ast.ThematicBreak:
		return []*block.Block{c.at(block.New("divider", nil), n)}
	case *ast.HTMLBlock:
		return c.htmlBlock(n)
	case *east.Table:
		return []*block.Block{c.table(n)}
	case *longText:
		seg := n.Lines().At(0)
		return []*block.Block{c.at(textBlock("paragraph", block.PlainRuns(strings.TrimSpace(string(seg.Value(c.src))))), n)}
	case *mathBlock:
		return c.equation(n)
	case *container:
		return c.container(n)
	}
	return nil
}

// at sets the source of a block to the lines of a node.
func (c *converter) at(b *block.Block, n ast.Node) *block.Block {
	from, to := extent(n)
	b.Source = c.source(from, to)
	return b
}

// textBlock makes a block whose payload is rich text. Notion names the colour
// always, and an empty text is an empty array.
func textBlock(typ string, runs []block.Text) *block.Block {
	if runs == nil {
		runs = []block.Text{}
	}
	return block.New(typ, map[string]any{"rich_text": runs, "color": "default"})
}

func (c *converter) heading(n *ast.Heading) *block.Block {
	// Notion has four levels since 2026; deeper ones become the fourth.
	level := min(n.Level, 4)
	b := textBlock("heading_"+string(rune('0'+level)), c.inline(n))
	b.Content["is_toggleable"] = false
	return c.at(b, n)
}

// paragraph makes a paragraph, or what stands for a line of its own: media, a
// bookmark, a child page.
func (c *converter) paragraph(n ast.Node) []*block.Block {
	if blocks := c.media(n); blocks != nil {
		return blocks
	}
	// A line of its own is how Markdown can tell a block from a link inside of
	// a text.
	if b := c.standalone(n); b != nil {
		return []*block.Block{c.at(b, n)}
	}
	runs := c.inline(n)
	if len(runs) == 0 {
		return nil
	}
	return []*block.Block{c.at(textBlock("paragraph", runs), n)}
}

// calloutIcons are the icons of callouts written as "> [!NOTE]".
var calloutIcons = map[string]string{
	"note": "📝", "tip": "💡", "important": "❗", "warning": "⚠️", "caution": "🛑", "info": "ℹ️",
}

// quote makes a quote, or a callout if it began with a mark such as "[!NOTE]".
func (c *converter) quote(n *ast.Blockquote) *block.Block {
	b := textBlock("quote", nil)
	c.fill(b, n)
	kind, ok := n.AttributeString("callout")
	if !ok {
		return b
	}
	b.Type = "callout"
	b.Content["icon"] = emoji(calloutIcons[kind.(string)])
	// The line of the mark counts as the callout's own, so a citation of it
	// begins there.
	mark, _ := n.AttributeString("mark")
	_, end := c.ownExtent(n, mark.(int))
	b.Source = c.source(mark.(int), end)
	return b
}

// emoji is an icon, Notion's usual light bulb if s is "".
func emoji(s string) any {
	if s == "" {
		s = "💡"
	}
	return map[string]any{"type": "emoji", "emoji": s}
}

// fill gives a block the first paragraph below n as its text and the rest as
// its children. Markdown has paragraphs inside of list items and quotes;
// Notion's blocks have a text and then children.
func (c *converter) fill(b *block.Block, n ast.Node) {
	first := n.FirstChild()
	from, to := c.ownExtent(n, n.Pos())
	b.Source = c.source(from, to)
	if isText(first) {
		b.Content["rich_text"] = c.inline(first)
		first = first.NextSibling()
	}
	b.Children = c.rest(first)
}

// ownExtent is where the own text of a block with children stands: its first
// paragraph, or else the mark that opens it.
func (c *converter) ownExtent(n ast.Node, mark int) (from, to int) {
	if first := n.FirstChild(); isText(first) {
		return extent(first)
	}
	return mark, mark
}

// isText says whether a node holds inline text. Items of tight lists have text
// blocks where loose ones have paragraphs.
func isText(n ast.Node) bool {
	switch n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		return true
	}
	return false
}

// list makes one block per item: Notion has no block for a list. Only the first
// item of a numbered one tells where counting starts, and the others follow
// from standing next to it.
func (c *converter) list(n *ast.List) []*block.Block {
	var out []*block.Block
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		b := textBlock("bulleted_list_item", nil)
		if n.IsOrdered() {
			b.Type = "numbered_list_item"
			// Only where it differs from what a reader would count anyway.
			if len(out) == 0 && n.Start != 1 {
				b.Content["list_start_index"] = n.Start
			}
		}
		if box := checkbox(item); box != nil {
			b.Type = "to_do"
			b.Content["checked"] = box.IsChecked
			delete(b.Content, "list_start_index")
		}
		c.fill(b, item)
		out = append(out, b)
	}
	return out
}

// checkbox is the box of a task, or nil. In Notion a task is a kind of block
// and not a mark in its text, and it has no number.
func checkbox(item ast.Node) *east.TaskCheckBox {
	if !isText(item.FirstChild()) {
		return nil
	}
	box, _ := item.FirstChild().FirstChild().(*east.TaskCheckBox)
	return box
}

// fencedCode makes a block of code. Its source includes both fences, so that
// somebody who looks up the lines finds the whole block.
func (c *converter) fencedCode(n *ast.FencedCodeBlock) *block.Block {
	from, to := extent(n)
	info := ""
	if n.Info != nil {
		info = string(n.Info.Segment.Value(c.src))
	}
	if n.Pos() >= 0 {
		from = n.Pos()
	}
	src := c.source(from, max(to, from))
	// The closing fence is not part of the node; it may also be missing at the
	// end of the text.
	if next := src.LineEnd + 1; n.Lines().Len() > 0 && next < len(c.starts) && isFence(c.src[c.starts[next-1]:]) {
		src = c.source(from, c.starts[next-1])
	}
	language, caption := language(info)
	return c.code(n, language, caption, src)
}

// isFence says whether a line closes a code block, also inside of a quote.
func isFence(line []byte) bool {
	s := strings.TrimLeft(string(line[:min(len(line), 64)]), " \t>")
	return strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~")
}

// code makes a block of code with the text as it is. The last line break
// belongs to the fence and not to the code.
func (c *converter) code(n ast.Node, language, caption string, src block.Source) *block.Block {
	var s strings.Builder
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		s.Write(seg.Value(c.src))
	}
	b := block.New("code", map[string]any{
		"rich_text": block.PlainRuns(strings.TrimSuffix(s.String(), "\n")),
		"caption":   block.PlainRuns(caption),
		"language":  language,
	})
	b.Source = src
	return b
}

// equation makes a block of the expression between "$$"; without one there is
// nothing to show.
func (c *converter) equation(n *mathBlock) []*block.Block {
	var s strings.Builder
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		s.Write(seg.Value(c.src))
	}
	expression := strings.TrimSpace(s.String())
	if expression == "" {
		return nil
	}
	return []*block.Block{c.at(block.New("equation", map[string]any{"expression": expression}), n)}
}
