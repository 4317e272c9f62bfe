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

// wrapped writes a tag with the children inside. The original of a synced block
// names itself; a copy has a tag of its own, which names the original.
func (r *renderer) wrapped(b *block.Block, depth int, tag string) {
	open := tag
	if b.Type == "synced_block" {
		open += ` url="` + r.anchor(b.ID) + `"`
	}
	if from, ok := b.Content["synced_from"].(map[string]any); ok {
		id, _ := from["block_id"].(string)
		open, tag = `synced_block_reference url="`+r.anchor(id)+`"`, "synced_block_reference"
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
	case "toggle":
		r.toggle(b, depth)
	case "callout":
		r.callout(b, depth)
	case "table":
		r.table(b, depth)
	case "meeting_notes":
		r.meeting(b, depth)
	case "image", "video", "audio", "pdf", "file":
		r.media(b, depth)
	case "child_page":
		r.reference("page", b, depth)
	case "child_database":
		r.reference("database", b, depth)
	case "table_of_contents":
		r.line(depth, "<table_of_contents"+colored(b)+"/>")
	default:
		r.unknown(b, depth)
	}
}

// toggle writes a toggle.
func (r *renderer) toggle(b *block.Block, depth int) {
	r.line(depth, "<details"+colored(b)+">")
	r.line(depth, "<summary>"+r.rich(b, "rich_text")+"</summary>")
	r.blocks(r.options.Children(b), depth+1)
	r.line(depth, "</details>")
}

// callout writes a callout with its icon as an attribute. Its own text is its
// first line, if it has some.
func (r *renderer) callout(b *block.Block, depth int) {
	open := "<callout"
	if icon, ok := b.Content["icon"].(map[string]any); ok {
		if s, _ := icon["emoji"].(string); s != "" {
			open += ` icon="` + html.EscapeString(s) + `"`
		}
	}
	r.line(depth, open+colored(b)+">")
	if s := r.rich(b, "rich_text"); s != "" {
		r.line(depth+1, notMark(s))
	}
	r.blocks(r.options.Children(b), depth+1)
	r.line(depth, "</callout>")
}

// table writes a table in HTML, as Notion does: cells can hold what a table of
// Markdown cannot. Only the tags around the rows are indented. Rows count
// against the limit and are never cut off one by one.
func (r *renderer) table(b *block.Block, depth int) {
	// The first row is a header only if the block says so; tables of Notion
	// need not have one.
	open := "<table"
	for _, a := range [][2]string{{"has_column_header", "header-row"}, {"has_row_header", "header-column"}} {
		if b.Content[a[0]] == true {
			open += " " + a[1] + `="true"`
		}
	}
	r.line(depth, open+">")
	for _, row := range r.options.Children(b) {
		cells, _ := row.Content["cells"].([][]block.Text)
		r.line(0, "<tr>")
		for _, cell := range cells {
			r.line(0, "<td>"+breaks(r.inline(cell))+"</td>")
		}
		r.line(0, "</tr>")
		// The rows are children, and count like all blocks.
		r.written++
	}
	r.line(depth, "</table>")
}

// meeting writes the parts of meeting notes, without the transcript unless it
// is wanted.
func (r *renderer) meeting(b *block.Block, depth int) {
	r.line(depth, "<meeting-notes>")
	if title := r.rich(b, "title"); title != "" {
		r.line(depth+1, title)
	}
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
	caption, url := r.rich(b, "caption"), ""
	// A file is either somewhere on the web or hosted by Notion, and the key
	// tells which.
	for _, key := range []string{"external", "file"} {
		if o, ok := b.Content[key].(map[string]any); ok {
			url, _ = o["url"].(string)
		}
	}
	if b.Type == "image" {
		r.line(depth, "!["+caption+"]("+address(url)+")"+attributes(b))
		return
	}
	r.line(depth, "<"+b.Type+` src="`+html.EscapeString(url)+`"`+colored(b)+">"+caption+"</"+b.Type+">")
}

// reference writes a child page or database as a tag with its address and title.
func (r *renderer) reference(kind string, b *block.Block, depth int) {
	url, title := r.options.URL(b.ID)
	// A page that the caller may not see has no title here; its block or its
	// words may still have one.
	if title == "" {
		title, _ = b.Content["title"].(string)
	}
	r.line(depth, "<"+kind+` url="`+url+`">`+breaks(escape(title))+"</"+kind+">")
}

// breaks keeps a text on its line.
func breaks(s string) string { return strings.ReplaceAll(s, "\n", "<br>") }

// rich is a text of a block on one line.
func (r *renderer) rich(b *block.Block, key string) string {
	runs, _ := b.Content[key].([]block.Text)
	return breaks(r.inline(runs))
}

// inline writes rich text with its marks.
func (r *renderer) inline(runs []block.Text) string {
	var s strings.Builder
	for _, t := range runs {
		s.WriteString(r.run(t))
	}
	return s.String()
}

// run writes one run between its marks, with the blanks at its ends, as Notion
// does.
func (r *renderer) run(t block.Text) string {
	switch {
	case t.Kind == "equation":
		return "$`" + t.Plain + "`$"
	case t.Plain == "" && t.Mention == nil:
		return ""
	}
	core := escape(t.Plain)
	switch {
	case t.Mention != nil:
		core = r.mention(t)
	case t.Style.Code: // nothing is escaped inside of code
		core = codeSpan(t.Plain)
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
		core = "[" + core + "](" + address(t.Link) + ")"
	}
	span := ""
	if t.Style.Underline {
		span += ` underline="true"`
	}
	if c := color(t.Style.Color); c != "" {
		span += ` color="` + c + `"`
	}
	if span != "" {
		core = "<span" + span + ">" + core + "</span>"
	}
	return core
}

// address is an address within parentheses.
func address(url string) string {
	if strings.Count(url, "(") == strings.Count(url, ")") {
		return url
	}
	return strings.NewReplacer("(", `\(`, ")", `\)`).Replace(url)
}

// codeSpan puts code between more backticks than it has in a row.
func codeSpan(code string) string {
	marks := "`"
	for strings.Contains(code, marks) {
		marks += "`"
	}
	if len(marks) > 1 {
		code = " " + code + " "
	}
	return marks + code + marks
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
		if m.End != "" {
			return `<mention-date start="` + m.Start + `" end="` + m.End + `"/>`
		}
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
