package markdown

import (
	"html"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

func itoa(n int) string { return strconv.Itoa(n) }

// wrappers are the tags around the children of blocks without text. All that is
// in them is in their children.
var wrappers = map[string]string{
	"column_list": "columns", "column": "column", "tab": "tabs", "synced_block": "synced_block",
}

// wrapped writes a tag with the children inside. A copy of a synced block has a
// tag of its own, which names the original.
func (r *renderer) wrapped(b *block.Block, depth int, tag string) {
	open := tag
	if from, ok := b.Content["synced_from"].(map[string]any); ok {
		id, _ := from["block_id"].(string)
		open, tag = `synced_block_reference url="https://app.notion.com/p/`+block.Compact(id)+`"`, "synced_block_reference"
	}
	r.line(depth, "<"+open+">")
	for _, c := range r.options.Children(b) {
		// The children of a tab block are paragraphs, and each of them is one
		// tab.
		if b.Type == "tab" && c.Type == "paragraph" {
			r.tab(c, depth+1)
			continue
		}
		r.blocks([]*block.Block{c}, depth+1)
		// Keeps a paragraph apart from the next one, which would be read as its
		// second line.
		if b.Type == "synced_block" {
			r.text.WriteString("\n")
		}
	}
	r.line(depth, "</"+tag+">")
}

// tab writes one tab: the paragraph is its label.
func (r *renderer) tab(b *block.Block, depth int) {
	runs, _ := b.Content["rich_text"].([]block.Text)
	r.line(depth, `<tab title="`+html.EscapeString(block.Plain(runs))+`">`)
	r.blocks(r.options.Children(b), depth+1)
	r.line(depth, "</tab>")
}

// special writes all blocks that are more than a line of text.
func (r *renderer) special(b *block.Block, depth int) {
	switch b.Type {
	case "toggle", "heading_1", "heading_2", "heading_3", "heading_4":
		r.toggle(b, depth)
	case "callout":
		r.callout(b, depth)
	case "table":
		r.table(b, depth)
	case "meeting_notes":
		r.meeting(b, depth)
	case "image", "video", "audio", "pdf", "file":
		r.media(b, depth)
	case "child_page", "link_to_page":
		id, _ := b.Content["page_id"].(string)
		r.reference("page", id, b, depth)
	case "child_database":
		r.reference("database", "", b, depth)
	case "table_of_contents":
		r.line(depth, "<table_of_contents/>")
	default:
		r.unknown(b, depth)
	}
}

// toggle writes a toggle, or a heading that is one.
func (r *renderer) toggle(b *block.Block, depth int) {
	runs, _ := b.Content["rich_text"].([]block.Text)
	// A toggle heading is a toggle whose summary begins with the marks of a
	// heading.
	mark := ""
	if b.Type != "toggle" {
		mark = strings.Repeat("#", int(b.Type[8]-'0')) + " "
	}
	r.line(depth, "<details>")
	r.line(depth, "<summary>"+mark+r.inline(runs)+"</summary>")
	r.blocks(r.options.Children(b), depth+1)
	r.line(depth, "</details>")
}

// callout writes a callout with its icon as an attribute.
func (r *renderer) callout(b *block.Block, depth int) {
	runs, _ := b.Content["rich_text"].([]block.Text)
	open := "<callout>"
	if icon, ok := b.Content["icon"].(map[string]any); ok {
		if s, _ := icon["emoji"].(string); s != "" {
			open = `<callout icon="` + html.EscapeString(s) + `">`
		}
	}
	r.line(depth, open)
	if len(runs) > 0 {
		r.line(depth+1, r.inline(runs))
	}
	// The empty line keeps the first child from being read as more of the
	// callout's own text.
	if children := r.options.Children(b); len(children) > 0 {
		r.text.WriteString("\n")
		r.blocks(children, depth+1)
	}
	r.line(depth, "</callout>")
}

// table writes a table in HTML, as Notion does: cells can hold what a table of
// Markdown cannot. Rows count against the limit and are never cut off one by
// one.
func (r *renderer) table(b *block.Block, depth int) {
	// The first row is a header only if the block says so; tables of Notion
	// need not have one.
	open := "<table>"
	if b.Content["has_column_header"] == true {
		open = `<table header-row="true">`
	}
	r.line(depth, open)
	for _, row := range r.options.Children(b) {
		cells, _ := row.Content["cells"].([][]block.Text)
		r.line(depth, "<tr>")
		for _, cell := range cells {
			r.line(depth, "<td>"+strings.ReplaceAll(r.inline(cell), "\n", "<br>")+"</td>")
		}
		r.line(depth, "</tr>")
		// The rows are children, and count like all blocks.
		r.written++
	}
	r.line(depth, "</table>")
}

// meeting writes the parts of meeting notes, without the transcript unless it
// is wanted.
func (r *renderer) meeting(b *block.Block, depth int) {
	title, _ := b.Content["title"].([]block.Text)
	r.line(depth, `<meeting-notes title="`+html.EscapeString(block.Plain(title))+`">`)
	for _, part := range r.options.Children(b) {
		tag := part.SyncName
		// The parts are told apart by name. Blocks outside of the three parts
		// have no place in the tag.
		if tag == "" || tag == "transcript" && !r.options.Transcript {
			continue
		}
		r.line(depth+1, "<"+tag+">")
		r.blocks(r.options.Children(part), depth+2)
		r.line(depth+1, "</"+tag+">")
	}
	r.line(depth, "</meeting-notes>")
}

// media writes the address of a file and its caption. Only images have a mark
// in Markdown.
func (r *renderer) media(b *block.Block, depth int) {
	caption, _ := b.Content["caption"].([]block.Text)
	url := ""
	// A file is either somewhere on the web or hosted by Notion, and the key
	// tells which.
	for _, key := range []string{"external", "file"} {
		if o, ok := b.Content[key].(map[string]any); ok {
			url, _ = o["url"].(string)
		}
	}
	if b.Type == "image" {
		r.line(depth, "!["+r.inline(caption)+"]("+url+")")
		return
	}
	r.line(depth, "<"+b.Type+` src="`+html.EscapeString(url)+`">`+r.inline(caption)+"</"+b.Type+">")
}

// reference writes a page or database as a tag with its address and title.
func (r *renderer) reference(kind, id string, b *block.Block, depth int) {
	if id == "" {
		id = b.ID
	}
	url, title := r.options.URL(id)
	// A page that the caller may not see has no title here; its block or its
	// words may still have one.
	if title == "" {
		title, _ = b.Content["title"].(string)
	}
	r.line(depth, "<"+kind+` url="`+url+`">`+escape(title)+"</"+kind+">")
}

// inline writes rich text with its marks.
func (r *renderer) inline(runs []block.Text) string {
	var s strings.Builder
	for _, t := range runs {
		s.WriteString(r.run(t))
	}
	return s.String()
}

// run writes one run. Blanks at its ends stay outside of the marks, or Markdown
// would not read them as marks.
func (r *renderer) run(t block.Text) string {
	switch {
	case t.Kind == "equation":
		return "$" + t.Plain + "$"
	case t.Mention != nil:
		return r.mention(t)
	}
	// Marks must touch the text that they belong to: "**bold **" is no bold
	// text in Markdown.
	core := strings.TrimSpace(t.Plain)
	if core == "" {
		return t.Plain
	}
	left := t.Plain[:strings.Index(t.Plain, core)]
	right := t.Plain[len(left)+len(core):]
	// Backslashes do not count inside of code, so there is nothing to escape.
	if t.Style.Code {
		core = "`" + core + "`"
	} else {
		core = escape(core)
	}
	for _, m := range []struct {
		on   bool
		mark string
	}{{t.Style.Italic, "*"}, {t.Style.Bold, "**"}, {t.Style.Strikethrough, "~~"}} {
		if m.on {
			core = m.mark + core + m.mark
		}
	}
	if t.Link != "" {
		core = "[" + core + "](" + t.Link + ")"
	}
	return left + core + right
}

// mention writes a tag for what Notion has tags for, and the words for the
// rest.
func (r *renderer) mention(t block.Text) string {
	m := t.Mention
	switch m.Type {
	case "user":
		return `<mention-user url="user://` + m.ID + `">` + escape(strings.TrimPrefix(t.Plain, "@")) + "</mention-user>"
	case "page", "database":
		url, title := r.options.URL(m.ID)
		if title == "" {
			title = t.Plain
		}
		return "<mention-" + m.Type + ` url="` + url + `">` + escape(title) + "</mention-" + m.Type + ">"
	case "date":
		return `<mention-date start="` + m.Start + `"/>`
	}
	return escape(t.Plain)
}

// escape puts backslashes before the signs that enhanced Markdown reads.
func escape(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "*", `\*`, "~", `\~`, "`", "\\`", "$", `\$`, "[", `\[`, "]", `\]`,
		"<", `\<`, ">", `\>`, "{", `\{`, "}", `\}`, "|", `\|`, "^", `\^`).Replace(s)
}
