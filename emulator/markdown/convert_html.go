package markdown

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

var (
	// A comment that stands alone and has a word or "word: argument" in it.
	directive   = regexp.MustCompile(`^<!--\s*([a-z_]+)(?::\s*(.*?))?\s*-->$`)
	htmlComment = regexp.MustCompile(`(?s)<!--.*?(-->|$)`)
	htmlHidden  = regexp.MustCompile(`(?is)<(script|style)\b.*?(</(script|style)>|$)`)
	htmlBreak   = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|tr|h[1-6]|td|th|dt|dd)>`)
	htmlTag     = regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9_-]*)(\s[^<>]*)?/?>`)
	htmlImage   = regexp.MustCompile(`(?is)^<(img|iframe|video|audio|embed)\b[^<>]*>(\s*</(iframe|video|audio|embed)>)?$`)
	htmlAttr    = regexp.MustCompile(`(?i)\b(src|alt|title)\s*=\s*"([^"]*)"`)
	// All tags of HTML and of enhanced Markdown. Others, such as <your-name>,
	// are placeholders that somebody wrote as text.
	tagNames = regexp.MustCompile(`(?i)^(a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite|code|col|colgroup|columns?|dd|del|details|dfn|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|mark|mention-[a-z-]+|meeting-notes|meta|nav|notes|object|ol|option|p|page|database|param|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|synced_block|synced_block_reference|table|tbody|td|textarea|tfoot|th|thead|time|title|tabs?|tr|transcript|tt|u|ul|unknown|var|video|callout|empty-block)$`)
)

// htmlBlock makes a block of a directive, of an image, or of the text that is
// left without the tags.
func (c *converter) htmlBlock(n *ast.HTMLBlock) []*block.Block {
	var s strings.Builder
	from, to := extent(n)
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		s.Write(seg.Value(c.src))
	}
	// goldmark keeps the line that ends a comment or script apart from the
	// others.
	if n.HasClosure() {
		s.Write(n.ClosureLine.Value(c.src))
		to = max(to, n.ClosureLine.Stop-1)
		if n.Lines().Len() == 0 {
			from = n.ClosureLine.Start
		}
	}
	raw := strings.TrimSpace(s.String())
	// Tables of enhanced Markdown arrive here as raw HTML.
	if strings.HasPrefix(strings.ToLower(raw), "<table") {
		if t := c.htmlTable(raw, from); t != nil {
			return []*block.Block{t}
		}
	}
	b := c.directive(raw)
	if b == nil && htmlImage.MatchString(raw) {
		b = c.htmlMedia(raw)
	}
	if b == nil {
		runs := block.PlainRuns(stripTags(raw))
		if len(runs) == 0 {
			return nil
		}
		b = textBlock("paragraph", runs)
	}
	b.Source = c.source(from, to)
	return []*block.Block{b}
}

// htmlMedia makes the block of an image, video or frame written in HTML.
func (c *converter) htmlMedia(raw string) *block.Block {
	attrs := map[string]string{}
	for _, m := range htmlAttr.FindAllStringSubmatch(raw, -1) {
		attrs[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	if strings.HasPrefix(strings.ToLower(raw), "<iframe") {
		return block.New("embed", map[string]any{"url": attrs["src"], "caption": block.PlainRuns(attrs["title"])})
	}
	return c.file(attrs["src"], block.PlainRuns(strings.TrimSpace(attrs["alt"]+" "+attrs["title"])))
}

// stripTags is the text of HTML, line by line. It removes the tags that are
// known, comments, scripts and styles, and keeps everything else, such as a
// placeholder in pointed brackets.
func stripTags(s string) string {
	s = htmlComment.ReplaceAllString(s, "")
	s = htmlHidden.ReplaceAllString(s, "")
	// Before the tags go, those that end a line become a line break.
	s = htmlBreak.ReplaceAllString(s, "\n")
	s = htmlTag.ReplaceAllStringFunc(s, func(tag string) string {
		if known(tag) {
			return ""
		}
		return tag
	})
	var lines []string
	for line := range strings.Lines(html.UnescapeString(s)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// known says whether a tag is one of HTML's or Notion's, and not text that
// looks like one.
func known(tag string) bool {
	m := htmlTag.FindStringSubmatch(tag)
	return m == nil || tagNames.MatchString(m[1])
}

// directive makes the block that a comment asks for, or nil for a plain
// comment. The package comment lists them. They are how a folder can hold what
// Notion has and Markdown has not: mostly the blocks that ingesters stumble
// over.
func (c *converter) directive(raw string) *block.Block {
	m := directive.FindStringSubmatch(raw)
	if m == nil {
		return nil
	}
	name, arg := m[1], html.UnescapeString(m[2])
	switch name {
	case "unsupported":
		b := block.New(name, map[string]any{"block_type": arg})
		// Of the types that the API does not support, these two say that they
		// have children and answer 400 when asked for them.
		b.Opaque = arg == "ai_block" || arg == "external_object_instance_page"
		return b
	// Its id is made from its title like that of any block, and no database has
	// it: the API answers 404 for the linked view of a database.
	case "linked_database":
		return block.New("child_database", map[string]any{"title": arg})
	case "synced_copy":
		return syncedCopy(arg)
	case "link_to_page":
		return c.linkToPage(arg)
	case "link_preview":
		return block.New(name, map[string]any{"url": arg})
	case "embed":
		return block.New(name, map[string]any{"url": arg, "caption": []block.Text{}})
	case "template":
		return block.New(name, map[string]any{"rich_text": block.PlainRuns(arg)})
	case "breadcrumb":
		return block.New(name, nil)
	case "table_of_contents":
		return block.New(name, map[string]any{"color": "gray"})
	}
	return nil
}

// linkToPage points to a page or database by link or id. What does not exist
// gets an id that answers 404.
func (c *converter) linkToPage(arg string) *block.Block {
	kind, id := "page", ""
	if t, ok := c.resolve(arg); ok {
		kind, id = t.Kind, t.ID
	} else if parsed, ok := block.ParseID(arg); ok {
		id = parsed
	} else {
		id = block.NewID("absent", arg)
	}
	return block.New("link_to_page", map[string]any{"type": kind + "_id", kind + "_id": id})
}
