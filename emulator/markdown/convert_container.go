package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// container makes the block of a pair of tags. Blocks that have no text of
// their own, such as columns, stand on the line of their opening tag.
func (c *converter) container(n *container) []*block.Block {
	var b *block.Block
	switch n.tag {
	case "details":
		return []*block.Block{c.toggle(n)}
	case "aside", "callout":
		b = c.aside(n)
	case "columns":
		b = block.New("column_list", nil)
		b.Children = c.wrapStray(c.children(n), "column")
	case "column":
		b = block.New("column", nil)
		b.Children = c.children(n)
	case "tabs":
		b = block.New("tab", nil)
		b.Children = c.wrapStray(c.children(n), "paragraph")
	// The label is the text of a paragraph, and the content its children.
	case "tab":
		b = textBlock("paragraph", block.PlainRuns(n.attrs["title"]))
		b.Children = c.children(n)
	case "synced_block":
		b = c.synced(n)
	case "meeting-notes":
		b = c.meeting(n)
	default: // summary, notes, transcript outside of what they belong to
		return c.children(n)
	}
	if b.Source.LineStart == 0 {
		b.Source = c.source(n.start, n.start)
	}
	return []*block.Block{b}
}

// wrapStray puts blocks that are not of the wanted type into one that is. A
// list of columns can hold nothing but columns in Notion, and tabs nothing but
// paragraphs, each of which is a label with its content as children.
func (c *converter) wrapStray(blocks []*block.Block, typ string) []*block.Block {
	var out []*block.Block
	for _, b := range blocks {
		if b.Type != typ {
			w := block.New(typ, nil)
			if typ == "paragraph" {
				w = textBlock(typ, nil)
			}
			w.Source, w.Children = b.Source, []*block.Block{b}
			b = w
		}
		out = append(out, b)
	}
	return out
}

// toggle makes a toggle, or a toggle heading where the summary is a heading.
// Only toggle headings can have children in Notion; under a plain heading the
// text is its sibling.
func (c *converter) toggle(n *container) *block.Block {
	b := textBlock("toggle", nil)
	b.Source = c.source(n.start, n.start)
	first := n.FirstChild()
	// A toggle without a summary has no text of its own.
	summary, ok := first.(*container)
	if !ok || summary.tag != "summary" {
		b.Children = c.children(n)
		return b
	}
	b.Children = c.rest(summary.NextSibling())
	head := summary.FirstChild()
	if head == nil {
		return b
	}
	_, end := extent(head)
	b.Source = c.source(n.start, max(end, n.start))
	h, isHeading := head.(*ast.Heading)
	switch {
	// The heading becomes the block, and what the toggle held becomes its
	// children.
	case isHeading:
		children := b.Children
		b = c.heading(h)
		b.Content["is_toggleable"] = true
		b.Children, b.Source = children, c.source(n.start, end)
	case isText(head):
		b.Content["rich_text"] = c.inline(head)
	default:
		b.Children = append(c.node(head), b.Children...)
	}
	// The text of a block is one paragraph: what else the summary holds comes
	// first below it.
	b.Children = append(c.rest(head.NextSibling()), b.Children...)
	return b
}

// aside makes a callout. An export writes its icon as the first word of the
// text, enhanced Markdown as an attribute.
func (c *converter) aside(n *container) *block.Block {
	b := textBlock("callout", nil)
	c.fill(b, n)
	if !isText(n.FirstChild()) {
		b.Source = c.source(n.start, n.start)
	}
	icon := n.attrs["icon"]
	runs := b.Content["rich_text"].([]block.Text)
	// An icon that stands as an attribute leaves the text alone.
	if icon == "" && len(runs) > 0 {
		icon = leadingEmoji(runs[0].Plain)
		runs[0].Plain = strings.TrimLeft(strings.TrimPrefix(runs[0].Plain, icon), " \n")
		b.Content["rich_text"] = block.Split(runs)
	}
	b.Content["icon"] = emoji(icon)
	return b
}

// leadingEmoji is the first word of s if it holds no letter, digit or ASCII.
// Notion has the icon apart from the text, so it must be taken out of it.
func leadingEmoji(s string) string {
	word, _, _ := strings.Cut(s, " ")
	for _, r := range word {
		if r < 0x2000 || r > 0x2fff && r < 0x1f000 && r != 0xfe0f {
			return ""
		}
	}
	return word
}

// synced makes the original of a synced block, or a copy if it names another
// block. An original holds the children, a copy only points to it.
func (c *converter) synced(n *container) *block.Block {
	b := block.New("synced_block", map[string]any{"synced_from": nil})
	b.SyncName = n.attrs["id"]
	if ref := n.attrs["ref"] + n.attrs["url"]; ref != "" {
		return syncedCopy(ref)
	}
	b.Children = c.children(n)
	return b
}

// syncedCopy makes a copy of the original that ref names: a name, or an address
// with the block's id behind "#". The loader fills in the id. A copy has no
// children of its own on the wire, though it says that it has.
func syncedCopy(ref string) *block.Block {
	b := block.New("synced_block", map[string]any{"synced_from": map[string]any{"block_id": ""}})
	b.SyncName = ref
	if _, anchor, ok := strings.Cut(ref, "#"); ok {
		if id, ok := block.ParseID(anchor); ok {
			b.Content["synced_from"] = map[string]any{"type": "block_id", "block_id": id}
		}
	}
	return b
}

// meeting makes meeting notes; each of its parts is an empty paragraph that
// holds the part's blocks. A reader that stops at blocks without text misses
// all of it.
func (c *converter) meeting(n *container) *block.Block {
	b := block.New("meeting_notes", map[string]any{
		"title": block.PlainRuns(n.attrs["title"]), "status": "notes_ready",
	})
	// Blocks outside of the parts are kept, behind them.
	var loose []*block.Block
	for ch := n.FirstChild(); ch != nil; ch = ch.NextSibling() {
		part, ok := ch.(*container)
		if !ok || part.tag != "summary" && part.tag != "notes" && part.tag != "transcript" {
			loose = append(loose, c.node(ch)...)
			continue
		}
		p := textBlock("paragraph", nil)
		p.Source = c.source(part.start, part.start)
		// The loader names the parts by this, when they have ids.
		p.SyncName = part.tag
		p.Children = c.children(part)
		b.Children = append(b.Children, p)
	}
	b.Children = append(b.Children, loose...)
	return b
}
