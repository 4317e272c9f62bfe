package passage

import (
	"cmp"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// block writes one block, without what is below it, and sets the prefix of the
// lines below.
func (w *walker) block(f *frame, n *Node, below *frame) {
	b := &n.Block
	numbered := b.Type == "numbered_list_item"
	if !numbered {
		f.number = 0
	}
	if level := headingLevel(b.Type); level > 0 {
		w.heading(f, b, level)
		return
	}
	switch b.Type {
	case "bulleted_list_item", "toggle":
		w.item(n, below, "- ")
	case "numbered_list_item":
		f.number = nextNumber(f.number, b.Content.ListStartIndex)
		w.item(n, below, markdown.Number(float64(f.number))+". ")
	case "to_do":
		w.item(n, below, checkbox(b.Content.Checked))
	case "quote", "callout":
		w.quote(f, n, below)
	case "code":
		w.code(f, b)
	case "equation":
		w.equation(f, b)
	case "table":
		below.table = newTable(n, f.prefix)
	case "table_row":
		w.row(f, n)
	case "child_page", "child_database", "link_to_page":
		w.reference(f, b)
	case "image", "video", "pdf", "file", "audio":
		w.text(f.prefix, b.ID, media(b))
	case "bookmark", "embed", "link_preview":
		w.text(f.prefix, b.ID, bookmark(b))
	case "meeting_notes", "transcription":
		w.text(f.prefix, b.ID, bold(b.Content.Title))
	case "column_list", "column", "synced_block", "tab", "divider", "breadcrumb", "table_of_contents":
		w.meetingPart(f, b)
	default:
		w.paragraph(f, b, below)
	}
}

// known are the block types whose text block writes, or that have none.
func known(blockType string) bool {
	switch blockType {
	case "paragraph", "template", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout",
		"code", "equation", "table", "table_row", "child_page", "child_database", "link_to_page",
		"image", "video", "pdf", "file", "audio", "bookmark", "embed", "link_preview",
		"meeting_notes", "transcription", "column_list", "column", "synced_block", "tab",
		"divider", "breadcrumb", "table_of_contents":
		return true
	}
	return headingLevel(blockType) > 0
}

// unreadable says whether a block may have text that the API does not give.
func unreadable(b *notion.Block) bool {
	return b.Type == "unsupported" || !known(b.Type) && otherText(b) == ""
}

// text appends a text that is not cut.
func (w *walker) text(prefix markdown.Text, block notion.ID, text markdown.Text) {
	if text = text.Trim(); text == "" {
		return
	}
	w.add(unit{block: block, text: indented(text, prefix, prefix), outer: prefix, inner: prefix})
}

// paragraph writes paragraphs, and what text there is in types that are not
// known.
func (w *walker) paragraph(f *frame, b *notion.Block, below *frame) {
	if f.owner != nil && f.owner.Block.Type == "tab" {
		w.text(f.prefix, b.ID, emoji(b)+" "+bold(b.Content.RichText))
		return
	}
	w.meetingPart(f, b)
	if known(b.Type) {
		w.prose(b, f.prefix, f.prefix, "")
	} else {
		w.text(f.prefix, b.ID, otherText(b))
	}
	if plain(b.Content.RichText) != "" && !f.indented { // four columns would make code of it
		below.prefix, below.indented = indent(f.prefix, "  "), true
	}
}

// otherText is the text of a block whose type is not known.
func otherText(b *notion.Block) markdown.Text {
	c := &b.Content
	parts := []markdown.Text{markdown.Inline(c.Title), markdown.Start(c.Name), markdown.Inline(c.RichText), markdown.Equation(c.Expression), markdown.Inline(c.Caption)}
	for _, cell := range c.Cells {
		parts = append(parts, markdown.Inline(cell))
	}
	parts = append(parts, markdown.Address(c.URL))
	var text []markdown.Text
	for _, s := range parts {
		if s = s.Trim(); s != "" {
			text = append(text, s)
		}
	}
	return markdown.Join(text, "\n")
}

// prose writes text that may be cut at the ends of sentences when it is long.
// outer is the prefix of the lines of the container, inner that of the block's
// own, lead what stands before its first word.
func (w *walker) prose(b *notion.Block, outer, inner, lead markdown.Text) {
	parts := cutProse(b.Content.RichText, w.opt.Words)
	for i, part := range parts {
		text := markdown.Inline(part).Trim()
		if len(parts) > 1 {
			text = markdown.Part(part).Trim()
		}
		if i == 0 && lead != "" {
			text = (lead + " " + text).Trim()
		}
		if text == "" {
			continue
		}
		u := unit{block: b.ID, text: indented(text, inner, inner), outer: outer, inner: inner}
		if len(parts) > 1 {
			u.tight = paragraphPart
		}
		w.add(u)
	}
}

func (w *walker) quote(f *frame, n *Node, below *frame) {
	below.prefix = indent(f.prefix, "> ")
	var lead markdown.Text
	if n.Block.Type == "callout" {
		lead = emoji(&n.Block)
	}
	w.prose(&n.Block, f.prefix, below.prefix, lead)
}

func (w *walker) item(n *Node, below *frame, marker markdown.Text) {
	prefix := below.prefix
	below.prefix = indent(prefix, spaces(marker))
	text := markdown.Inline(n.Block.Content.RichText).Trim()
	if text == "" && len(n.Children) == 0 {
		return
	}
	if text == "" && marker != checkbox(n.Block.Content.Checked) { // a mark alone is one of other things too
		below.prefix = prefix
		return
	}
	u := unit{block: n.Block.ID, tight: listItem, outer: prefix, inner: below.prefix}
	u.text = indented(text, prefix+marker, below.prefix).TrimRight(" ")
	u.late = n.Block.Type == "numbered_list_item" && marker != "1. "
	w.add(u)
}

// hashes begin a heading of the deepest level.
const hashes markdown.Text = "######"

// heading writes a heading on one line and begins a section.
func (w *walker) heading(f *frame, b *notion.Block, level int) {
	title := oneLine(plain(b.Content.RichText))
	if title == "" {
		return
	}
	w.startSection(under(w.path, heading{level, title}), true)
	text := markdown.Heading(b.Content.RichText)
	w.add(unit{
		block: b.ID, text: f.prefix + hashes[:level] + " " + text,
		level: level, outer: f.prefix, inner: f.prefix,
	})
}

// under is the path of a heading that follows those of path.
func under(path []heading, h heading) []heading {
	for len(path) > 0 && path[len(path)-1].level >= h.level {
		path = path[:len(path)-1]
	}
	return append(path[:len(path):len(path)], h)
}

func (w *walker) equation(f *frame, b *notion.Block) {
	w.text(f.prefix, b.ID, markdown.Equation(b.Content.Expression))
}

func (w *walker) reference(f *frame, b *notion.Block) {
	title := plain(b.Content.Title)
	var text markdown.Text
	switch {
	case b.Type == "child_page":
		text = "📄 " + markdown.Title(title, "Untitled", b.ID)
	case b.Type == "child_database":
		text = "🗃 " + markdown.Title(title, "Untitled", b.ID)
	case b.Content.PageID != "":
		text = "🔗 " + markdown.Reference("Page", b.Content.PageID)
	case b.Content.DatabaseID != "" || b.Content.DataSourceID != "":
		text = "🔗 " + markdown.Reference("Database", cmp.Or(b.Content.DatabaseID, b.Content.DataSourceID))
	}
	w.text(f.prefix, b.ID, text)
}

// meetingPart writes the name of a part of meeting notes before it.
func (w *walker) meetingPart(f *frame, b *notion.Block) {
	if f.owner == nil || f.owner.Block.Content.Children == nil || b.ID == "" {
		return
	}
	switch parts := f.owner.Block.Content.Children; b.ID {
	case parts.Summary:
		w.text(f.prefix, b.ID, "**Summary**")
	case parts.Notes:
		w.text(f.prefix, b.ID, "**Notes**")
	case parts.Transcript:
		w.text(f.prefix, b.ID, "**Transcript**")
	}
}

func nextNumber(last, start int) int {
	if start > 0 {
		return start
	}
	return last + 1
}

func checkbox(checked bool) markdown.Text {
	if checked {
		return "- [x] "
	}
	return "- [ ] "
}

// spaces are as wide as the mark of a list item, so that what is below it
// belongs to it.
func spaces(marker markdown.Text) markdown.Text {
	if strings.HasPrefix(string(marker), "- ") {
		return "  "
	}
	return markdown.Text.Repeat(" ", len(marker))
}

// bold is a title in bold, whatever its own marks.
func bold(title []notion.RichText) markdown.Text {
	return markdown.Inner([]notion.RichText{{PlainText: oneLine(plain(title)), Annotations: &notion.Annotations{Bold: true}}})
}

func emoji(b *notion.Block) markdown.Text {
	if b.Content.Icon == nil {
		return ""
	}
	return markdown.Start(b.Content.Icon.Emoji)
}
