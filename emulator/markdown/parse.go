package markdown

import (
	"bytes"
	"regexp"
	"sort"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Options say where a text comes from. The zero value works.
type Options struct {
	// Path is put into the Source of every block.
	Path string
	// Resolve tells what a link inside the workspace points to; ok is false for
	// all other links. nil resolves nothing.
	Resolve func(dest string) (Target, bool)
	// FileURL is the signed address of a file beside the page. nil makes one up
	// that looks like Notion's: long, and with a signature in its query.
	FileURL func(dest string) string
}

// Target is the page or database that a link points to.
type Target struct {
	// Kind is page or database.
	Kind string // page or database
	ID   string
	// Title decides whether a link is a mention: one with other words stays a
	// link.
	Title string
	URL   string
	// Child is set for what hangs directly below the page that is being read.
	// Only such a page can be a block of it.
	Child bool
}

// Parse turns Markdown into blocks, without losing a word of it. It never
// fails: what it has no block for becomes text. The blocks have no ids and no
// page yet; those of child pages have the id of the page.
func Parse(src []byte, o Options) []*block.Block {
	src = clean(src)
	c := &converter{src: src, options: o, starts: lineStarts(src)}
	doc := newParser().Parse(text.NewReader(src))
	return c.children(doc)
}

// clean makes every line end in one newline and replaces what goldmark does not
// expect to see in text. The numbers of lines stay those of the file.
func clean(src []byte) []byte {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
	src = bytes.ReplaceAll(bytes.ToValidUTF8(src, []byte("\uFFFD")), []byte{0}, []byte("\uFFFD"))
	if !bytes.HasSuffix(src, []byte("\n")) {
		src = append(src[:len(src):len(src)], '\n')
	}
	return src
}

// lineStarts are the offsets at which lines begin; behind the last newline
// begins an empty one.
func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, b := range src {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// converter turns the syntax tree of one text into blocks.
type converter struct {
	src     []byte
	starts  []int // offset of each line
	options Options
	// keepLines makes a line break of the text one of the rich text. On a page
	// a single one is a blank, as Markdown has it; in a comment people mean it.
	keepLines bool
}

// line is the number of the line that holds an offset, from 1.
func (c *converter) line(offset int) int {
	return sort.SearchInts(c.starts, offset+1)
}

// source describes the lines from one offset to another, both included. Offsets
// outside of the text are moved to its ends, because goldmark has positions of
// -1.
func (c *converter) source(from, to int) block.Source {
	from = min(max(from, 0), len(c.src)-1)
	to = min(max(to, from), len(c.src)-1)
	s := block.Source{Path: c.options.Path, LineStart: c.line(from), LineEnd: c.line(to)}
	end := len(c.src)
	if s.LineEnd < len(c.starts) {
		end = c.starts[s.LineEnd] - 1
	}
	s.Text = string(c.src[c.starts[s.LineStart-1]:end])
	return s
}

// extent is the first and last offset of a node's own lines. Inline nodes and
// some blocks have no lines, and then both are the position.
func extent(n ast.Node) (from, to int) {
	if n.Type() == ast.TypeInline || n.Lines() == nil || n.Lines().Len() == 0 {
		return n.Pos(), n.Pos()
	}
	lines := n.Lines()
	return lines.At(0).Start, max(lines.At(lines.Len()-1).Stop-1, lines.At(0).Start)
}

// alertMark is the mark of a callout as GitHub and Obsidian write it; the
// latter puts + or - behind it.
var alertMark = regexp.MustCompile(`^\[!([A-Za-z]+)\][+-]?`)

// alertTransformer takes the line "[!NOTE]" off the first paragraph of a quote
// and notes on the quote that it is a callout.
type alertTransformer struct{}

// Transform changes the lines of the paragraph; its inline marks are read
// later.
func (alertTransformer) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	quote, ok := node.Parent().(*ast.Blockquote)
	if !ok || quote.FirstChild() != node || node.Lines().Len() == 0 {
		return
	}
	first := node.Lines().At(0)
	value := first.Value(reader.Source())
	m := alertMark.FindSubmatch(value)
	if m == nil {
		return
	}
	quote.SetAttributeString("callout", string(bytes.ToLower(m[1])))
	quote.SetAttributeString("mark", first.Start)
	rest := first.WithStart(first.Start + len(m[0]))
	rest = rest.TrimLeftSpace(reader.Source())
	if len(bytes.TrimSpace(rest.Value(reader.Source()))) > 0 {
		node.Lines().Set(0, rest)
		return
	}
	node.Lines().SetSliced(1, node.Lines().Len())
	if node.Lines().Len() == 0 {
		quote.RemoveChild(quote, node)
	}
}

// Inline reads a text in which only inline Markdown counts, as in comments:
// lines stay lines, and the marks of lists and headings stay text. Notion reads
// the Markdown of comments in this way, so a list in a comment stays lines with
// dashes.
func Inline(src []byte) []block.Text {
	src = clean(src)
	c := &converter{src: src, starts: lineStarts(src), keepLines: true}
	p := parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 100)),
		parser.WithInlineParsers(append(parser.DefaultInlineParsers(),
			util.Prioritized(mathSpanParser{}, 150),
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewLinkifyParser(), 999))...))
	var out []block.Text
	doc := p.Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if len(out) > 0 {
			out = append(out, block.Text{Kind: "text", Plain: "\n\n"})
		}
		out = append(out, c.inline(n)...)
	}
	return block.Split(out)
}
