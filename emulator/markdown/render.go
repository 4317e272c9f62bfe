package markdown

import (
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// RenderOptions say how blocks become enhanced Markdown.
type RenderOptions struct {
	// Limit is how many blocks are written out; 0 is all. The others become
	// <unknown> tags, and their text is missing.
	Limit int
	// Transcript asks for the transcripts of meetings, which Notion leaves out
	// unless asked.
	Transcript bool
	// Children is what is shown below a block; nil is what the block holds.
	Children func(*block.Block) []*block.Block
	// URL is the address and title of a page or database; nil makes an address
	// of the id. An empty title leaves the one in the block.
	URL func(id string) (url, title string)
	// PageURL is the page that the anchors of unknown blocks belong to.
	PageURL string
}

// Rendered is the Markdown of blocks. There are no block ids in it, as in
// Notion's, except in the tags of what is missing.
type Rendered struct {
	Markdown string
	// Truncated says that the limit was reached.
	Truncated bool
	// Unknown are the ids of blocks that stand there only as a tag: those
	// beyond the limit, and those that Markdown has no words for. Notion tells
	// at most 100 and not why.
	Unknown []string
}

// Render writes blocks as enhanced Markdown, the form in which Notion's API
// gives whole pages: a block is a line, without empty lines between; what is
// below it is indented by a tab more; line breaks inside are <br>; and tags stand
// for what Markdown lacks.
func Render(blocks []*block.Block, o RenderOptions) Rendered {
	if o.Children == nil {
		o.Children = func(b *block.Block) []*block.Block { return b.Children }
	}
	if o.URL == nil {
		o.URL = func(id string) (string, string) { return "https://app.notion.com/p/" + block.Compact(id), "" }
	}
	r := &renderer{options: o}
	r.blocks(blocks, 0)
	r.out.Markdown = strings.TrimSuffix(r.text.String(), "\n")
	return r.out
}

// renderer writes one text.
type renderer struct {
	options RenderOptions
	text    strings.Builder
	out     Rendered
	// written counts blocks against the limit.
	written int
}

// line writes text at a depth. Only code, equations and tables have several
// lines.
func (r *renderer) line(depth int, s string) {
	indent := strings.Repeat("\t", depth)
	r.text.WriteString(indent + strings.ReplaceAll(s, "\n", "\n"+indent) + "\n")
}

// blocks writes a list of blocks. Numbers of items are counted here: the wire
// has only the number of the first one.
func (r *renderer) blocks(blocks []*block.Block, depth int) {
	number := 0
	for _, b := range blocks {
		number++
		if b.Type != "numbered_list_item" {
			number = 0
		} else if start, ok := b.Content["list_start_index"].(int); ok && start > 0 {
			number = start
		}
		r.block(b, depth, number)
	}
}

// block writes a block with all below it, or a tag once the limit is reached.
func (r *renderer) block(b *block.Block, depth, number int) {
	r.written++
	if r.options.Limit > 0 && r.written > r.options.Limit {
		r.out.Truncated = true
		r.unknown(b, depth)
		return
	}
	// First the blocks that are only a frame, then those that are one text,
	// then all others.
	if wrap, ok := wrappers[b.Type]; ok {
		r.wrapped(b, depth, wrap)
		return
	}
	if s, ok := r.plain(b, number); ok {
		r.line(depth, s)
		r.blocks(r.options.Children(b), depth+1)
		return
	}
	r.special(b, depth)
}

// unknown writes the tag of a block that is not written out, with an address
// that leads to it.
func (r *renderer) unknown(b *block.Block, depth int) {
	if len(r.out.Unknown) < 100 {
		r.out.Unknown = append(r.out.Unknown, b.ID)
	}
	// A block that the API does not support tells its real type inside, and a
	// link to a page is called an alias.
	kind := b.Type
	if t, ok := b.Content["block_type"].(string); ok {
		kind = t
	}
	if kind == "link_to_page" {
		kind = "alias"
	}
	r.line(depth, `<unknown url="`+r.anchor(b.ID)+`" alt="`+kind+`"/>`)
}

// anchor is the address of a block in the page.
func (r *renderer) anchor(id string) string { return r.options.PageURL + "#" + block.Compact(id) }

// plain is the text of the blocks that have only text; ok is false for the
// others.
func (r *renderer) plain(b *block.Block, number int) (string, bool) {
	s := r.rich(b, "rich_text")
	switch b.Type {
	case "paragraph":
		if s == "" {
			s = "<empty-block/>" // empty lines are left out
		}
		return notMark(s) + attributes(b), true
	case "heading_1", "heading_2", "heading_3", "heading_4":
		return strings.Repeat("#", int(b.Type[8]-'0')) + " " + s + attributes(b), true
	case "bulleted_list_item":
		return "- " + s + attributes(b), true
	case "numbered_list_item":
		return itoa(max(number, 1)) + ". " + s + attributes(b), true
	case "to_do":
		if b.Content["checked"] == true {
			return "- [x] " + s + attributes(b), true
		}
		return "- [ ] " + s + attributes(b), true
	case "quote":
		return "> " + s + attributes(b), true
	case "divider":
		return "---", true
	case "equation":
		expression, _ := b.Content["expression"].(string)
		return "$$\n" + expression + "\n$$", true
	case "code":
		language, _ := b.Content["language"].(string)
		runs, _ := b.Content["rich_text"].([]block.Text)
		return fence(language, block.Plain(runs)), true
	}
	return "", false
}

// looksMarked matches a text that would be read as another block.
var looksMarked = regexp.MustCompile(`^(\d*)((?:-|\.|#{1,4})(?: |$)|---|:::)`)

// notMark keeps a text that looks like another block from being read as one.
// Notion does not say how it does so; a backslash is what its readers take.
func notMark(s string) string { return looksMarked.ReplaceAllString(s, `$1\$2`) }

// attributes are what stands behind the text of a block to tell its color, and
// that a heading opens.
func attributes(b *block.Block) string {
	var all []string
	if b.Content["is_toggleable"] == true {
		all = append(all, `toggle="true"`)
	}
	if c := color(b.Content["color"]); c != "" {
		all = append(all, `color="`+c+`"`)
	}
	if all == nil {
		return ""
	}
	return " {" + strings.Join(all, " ") + "}"
}

// colored is the attribute of a tag for the color of a block.
func colored(b *block.Block) string {
	if c := color(b.Content["color"]); c != "" {
		return ` color="` + c + `"`
	}
	return ""
}

// color is a color as Markdown names it; "" for the default. Its backgrounds
// are called otherwise than those of blocks.
func color(value any) string {
	c, _ := value.(string)
	if c == "default" {
		return ""
	}
	return strings.Replace(c, "_background", "_bg", 1)
}

// fence puts code between fences that do not occur in it.
func fence(language, code string) string {
	marks := "```"
	for strings.Contains(code, marks) {
		marks += "`"
	}
	return marks + language + "\n" + code + "\n" + marks
}
