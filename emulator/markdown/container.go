package markdown

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// container is a pair of tags that holds blocks. goldmark takes such tags for
// raw HTML and drops the structure inside, while enhanced Markdown writes
// columns, toggles and tabs with them.
type container struct {
	ast.BaseBlock
	tag   string
	attrs map[string]string
	// start is the offset of the opening tag, which is where a container
	// without text of its own stands.
	start int
	// depth counts pairs of the same tag that are open inside.
	depth int
	// closed is set when the closing tag stands at the end of the line just
	// read.
	closed bool
}

var kindContainer = ast.NewNodeKind("Container")

// Kind tells goldmark the kind of the node.
func (c *container) Kind() ast.NodeKind { return kindContainer }

// Dump is for goldmark's own debugging.
func (c *container) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }

var (
	// Tags count only at the start of a line, so those in a sentence are text.
	openTag  = regexp.MustCompile(`^<(details|summary|aside|callout|columns|column|tabs|tab|synced_block|meeting-notes|notes|transcript)((?:\s[^<>]*)?)>`)
	attrPair = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

// containerParser finds containers before goldmark takes them for raw HTML.
type containerParser struct{}

// Trigger says on which character goldmark tries this parser.
func (containerParser) Trigger() []byte { return []byte{'<'} }

// Open starts a container at its opening tag. The rest of that line belongs to
// it: "<summary>Text</summary>" is one line.
func (containerParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, seg := reader.PeekLine()
	pos := pc.BlockOffset()
	if pos < 0 {
		return nil, parser.NoChildren
	}
	m := openTag.FindSubmatch(line[pos:])
	if m == nil || bytes.HasSuffix(bytes.TrimSpace(m[2]), []byte("/")) {
		return nil, parser.NoChildren
	}
	c := &container{tag: string(m[1]), attrs: map[string]string{}, start: seg.Start + pos}
	for _, a := range attrPair.FindAllStringSubmatch(string(m[2]), -1) {
		c.attrs[a[1]] = html.UnescapeString(a[2])
	}
	rest := line[pos+len(m[0]):]
	c.count(rest)
	reader.Advance(pos + len(m[0]))
	return c, parser.HasChildren
}

// count follows the tags of the container's own kind in a line and notices
// where the container ends.
func (c *container) count(line []byte) {
	low := strings.ToLower(string(line))
	c.depth += strings.Count(low, "<"+c.tag+">") + strings.Count(low, "<"+c.tag+" ")
	c.depth -= strings.Count(low, "</"+c.tag+">")
	c.closed = c.depth < 0
}

// Continue decides whether a line still belongs to a container. The tags inside
// are counted, so that a container ends with its own closing tag and not with
// that of one of the same kind in it.
func (containerParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	c := node.(*container)
	if c.closed {
		return parser.Close
	}
	if line, _ := reader.PeekLine(); len(line) > 0 && line[0] == '\t' {
		reader.Advance(1) // enhanced Markdown indents the content of a tag by a tab
	}
	// Tags in a code block are code.
	if inCode(pc) {
		return parser.Continue | parser.HasChildren
	}
	line, _ := reader.PeekLine()
	c.count(line)
	if c.closed && strings.EqualFold(strings.TrimSpace(string(line)), "</"+c.tag+">") {
		reader.AdvanceToEOL()
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

// inCode says whether a fenced code block is open.
func inCode(pc parser.Context) bool {
	open := pc.OpenedBlocks()
	return len(open) > 0 && open[len(open)-1].Node.Kind() == ast.KindFencedCodeBlock
}

// Close has nothing to do: a container that never sees its closing tag ends
// with what is around it.
func (containerParser) Close(ast.Node, text.Reader, parser.Context) {}

// CanInterruptParagraph lets a tag end the paragraph above it without an empty
// line.
func (containerParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine keeps tags in indented code from opening containers.
func (containerParser) CanAcceptIndentedLine() bool { return false }

// paragraphParser ends a paragraph with the container around it, where
// goldmark would let the next line continue it.
type paragraphParser struct{ parser.BlockParser }

// CanInterruptParagraph has goldmark ask Open where a paragraph may go on; Open
// then decides.
func (p paragraphParser) CanInterruptParagraph() bool { return true }

// Open starts a paragraph unless the line belongs to one that is open.
func (p paragraphParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if last := pc.LastOpenedBlock().Node; last != nil && ast.IsParagraph(last) && !ended(last) {
		return nil, parser.NoChildren
	}
	if line, seg := reader.PeekLine(); len(line) > maxLine {
		node := &longText{}
		node.Lines().Append(seg.TrimLeftSpace(reader.Source()))
		reader.AdvanceToEOL()
		return node, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// Continue ends the paragraph when a container around it has ended.
func (p paragraphParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if ended(node) || node.Kind() == kindLongText {
		return parser.Close
	}
	return p.BlockParser.Continue(node, reader, pc)
}

// maxLine is how many bytes a line may have in which marks are looked for. What
// they cost grows with the square of it.
const maxLine = 16 << 10

// longText is a line that is too long to look for marks in. It is text as it is.
type longText struct{ ast.BaseBlock }

var kindLongText = ast.NewNodeKind("LongText")

// Kind tells goldmark the kind of the node.
func (*longText) Kind() ast.NodeKind { return kindLongText }

// IsRaw keeps goldmark from looking for marks.
func (*longText) IsRaw() bool { return true }

// Dump is for goldmark's own debugging.
func (l *longText) Dump(source []byte, level int) { ast.DumpHelper(l, source, level, nil, nil) }

// Close leaves a long line as it is.
func (p paragraphParser) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	if node.Kind() != kindLongText {
		p.BlockParser.Close(node, reader, pc)
	}
}

// ended says whether a container around a node has seen its closing tag.
func ended(node ast.Node) bool {
	for n := node.Parent(); n != nil; n = n.Parent() {
		if c, ok := n.(*container); ok && c.closed {
			return true
		}
	}
	return false
}
