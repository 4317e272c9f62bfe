package markdown

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// inline turns the inline children of a node into rich text. Blanks at its ends
// are not part of it, though styles inside may have some.
func (c *converter) inline(n ast.Node) []block.Text {
	w := inlineWriter{c: c}
	w.children(n, block.Text{Kind: "text"})
	runs := block.Split(w.runs)
	trimEnds(runs)
	return block.Split(runs)
}

// trimEnds removes blanks and line breaks at both ends. Mentions and equations
// there are left alone.
func trimEnds(runs []block.Text) {
	if len(runs) == 0 {
		return
	}
	last := len(runs) - 1
	if runs[0].Kind == "text" {
		runs[0].Plain = strings.TrimLeft(runs[0].Plain, " \n")
	}
	if runs[last].Kind == "text" {
		runs[last].Plain = strings.TrimRight(runs[last].Plain, " \n")
	}
}

// inlineWriter collects the runs of one text.
type inlineWriter struct {
	c    *converter
	runs []block.Text
}

// add appends text in the style of the run like.
func (w *inlineWriter) add(s string, like block.Text) {
	like.Plain = s
	w.runs = append(w.runs, like)
}

// children writes what is inside n, in the style of like.
func (w *inlineWriter) children(n ast.Node, like block.Text) {
	for ch := n.FirstChild(); ch != nil; ch = ch.NextSibling() {
		w.node(ch, like)
	}
}

// node writes one inline node. Marks add to the style that they stand in; a
// node of an unknown kind writes what is inside it.
func (w *inlineWriter) node(n ast.Node, like block.Text) {
	switch n := n.(type) {
	case *ast.Text:
		w.text(n, like)
	case *ast.String:
		w.add(string(n.Value), like)
	case *ast.CodeSpan:
		like.Style.Code = true
		w.codeSpan(n, like)
	case *ast.Emphasis:
		if n.Level >= 2 {
			like.Style.Bold = true
		} else {
			like.Style.Italic = true
		}
		w.children(n, like)
	case *east.Strikethrough:
		like.Style.Strikethrough = true
		w.children(n, like)
	case *ast.Link:
		w.link(n, string(n.Destination), like)
	case *ast.Image:
		w.image(n, like)
	case *ast.AutoLink:
		like.Link = string(n.URL(w.c.src))
		w.add(string(n.Label(w.c.src)), like)
	case *ast.RawHTML:
		w.rawHTML(n, like)
	case *mathSpan:
		like.Kind = "equation"
		w.add(n.expression, like)
	// The list item has made a to_do of it.
	case *east.TaskCheckBox:
	default:
		w.children(n, like)
	}
}

// text writes plain text and the line break behind it.
func (w *inlineWriter) text(n *ast.Text, like block.Text) {
	value := n.Segment.Value(w.c.src)
	// Raw text has no backslashes to resolve, such as that of a bare address.
	if n.IsRaw() {
		w.add(string(value), like)
	} else {
		w.add(unescape(value), like)
	}
	switch {
	case n.HardLineBreak():
		w.add("\n", like)
	case n.SoftLineBreak() && w.c.keepLines:
		w.add("\n", like)
	case n.SoftLineBreak():
		w.add(" ", like)
	}
}

// unescape resolves backslashes before punctuation, and entities. goldmark does
// so only when it renders, and we do not render.
func unescape(s []byte) string {
	if !bytes.ContainsAny(s, `\&`) {
		return string(s)
	}
	var out, run []byte
	flush := func() {
		out = append(out, util.ResolveEntityNames(util.ResolveNumericReferences(run))...)
		run = run[:0]
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]) {
			flush()
			i++
			out = append(out, s[i])
			continue
		}
		run = append(run, s[i])
	}
	flush()
	return string(out)
}

// codeSpan writes code as it is: neither backslashes nor entities count in it.
func (w *inlineWriter) codeSpan(n ast.Node, like block.Text) {
	for ch := n.FirstChild(); ch != nil; ch = ch.NextSibling() {
		if t, ok := ch.(*ast.Text); ok {
			w.add(strings.ReplaceAll(string(t.Segment.Value(w.c.src)), "\n", " "), like)
		}
	}
}

// rawHTML writes a line break for one, nothing for other tags that are known,
// and what looks like a tag and is none as text.
func (w *inlineWriter) rawHTML(n *ast.RawHTML, like block.Text) {
	raw := string(n.Segments.Value(w.c.src))
	switch {
	case htmlBreak.MatchString(raw):
		w.add("\n", like)
	case strings.HasPrefix(raw, "<!") || strings.HasPrefix(raw, "<?") || known(raw):
	default:
		w.add(raw, like)
	}
}

// image writes the description of an image inside of a text, linked to the
// image: Notion has images only as blocks.
func (w *inlineWriter) image(n *ast.Image, like block.Text) {
	// An image inside of a link leads where the link leads.
	if like.Link == "" {
		like.Link = w.c.href(string(n.Destination))
	}
	w.label(n, string(n.Destination), like)
}

// dateLink is a day or a range of two.
var dateLink = regexp.MustCompile(`^date:(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?$`)

// link makes linked text; or a mention, where the text is just the title of the
// page it points to. A mention shows the title of today, so nothing else may
// become one.
func (w *inlineWriter) link(n ast.Node, dest string, like block.Text) {
	label := plainOf(w.c, n)
	if name, ok := strings.CutPrefix(dest, "user://"); ok {
		// The wire tells the name of today if a person has this id, and these
		// words if not.
		like.Kind, like.Mention = "mention", &block.Mention{Type: "user", ID: name}
		w.add("@"+strings.TrimPrefix(label, "@"), like)
		return
	}
	if m := dateLink.FindStringSubmatch(dest); m != nil {
		like.Kind, like.Mention = "mention", &block.Mention{Type: "date", Start: m[1], End: m[2]}
		w.add(label, like)
		return
	}
	if t, ok := w.c.resolve(dest); ok && t.Title == label {
		like.Kind, like.Mention = "mention", &block.Mention{Type: t.Kind, ID: t.ID}
		w.add(label, like)
		return
	}
	if href := w.c.href(dest); href != "" {
		like.Link = href
	}
	w.label(n, dest, like)
}

// label writes the words of a link or image, and the name of a file for a path.
func (w *inlineWriter) label(n ast.Node, dest string, like block.Text) {
	if name := pathLabel(plainOf(w.c, n), dest); name != "" {
		w.add(name, like)
		return
	}
	w.children(n, like)
}

// plainOf is the text of a node without any style.
func plainOf(c *converter, n ast.Node) string {
	w := inlineWriter{c: c}
	w.children(n, block.Text{Kind: "text"})
	return strings.TrimSpace(block.Plain(w.runs))
}

// href is the address that a rich text may link to, or "". Notion refuses
// relative addresses and those that are too long; their text stays without a
// link.
func (c *converter) href(dest string) string {
	if t, ok := c.resolve(dest); ok {
		return t.URL
	}
	for _, scheme := range []string{"http://", "https://", "mailto:", "tel:", "notion://"} {
		if strings.HasPrefix(dest, scheme) && len(dest) <= block.MaxText {
			return dest
		}
	}
	return ""
}

// resolve asks the options what a link points to.
func (c *converter) resolve(dest string) (Target, bool) {
	if c.options.Resolve == nil || dest == "" {
		return Target{}, false
	}
	return c.options.Resolve(dest)
}
