package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathBlock is an expression between lines of two dollar signs, or between two
// on one line.
type mathBlock struct {
	ast.BaseBlock
	// closed is set when the expression ends on the line that it begins on.
	closed bool
}

var kindMathBlock = ast.NewNodeKind("MathBlock")

// Kind tells goldmark the kind of the node.
func (m *mathBlock) Kind() ast.NodeKind { return kindMathBlock }

// Dump is for goldmark's own debugging.
func (m *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// mathBlockParser finds equations that stand alone.
type mathBlockParser struct{}

// Trigger says on which character goldmark tries this parser.
func (mathBlockParser) Trigger() []byte { return []byte{'$'} }

// Open starts an equation. A line that begins with "$$" and has text behind the
// closing one is a paragraph.
func (mathBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, seg := reader.PeekLine()
	trimmed := bytes.TrimSpace(line)
	if !bytes.HasPrefix(trimmed, []byte("$$")) {
		return nil, parser.NoChildren
	}
	m := &mathBlock{}
	if len(trimmed) > 2 {
		if len(trimmed) < 5 || !bytes.HasSuffix(trimmed, []byte("$$")) {
			return nil, parser.NoChildren
		}
		start := seg.Start + bytes.Index(line, []byte("$$")) + 2
		m.Lines().Append(text.NewSegment(start, start+len(trimmed)-4))
		m.closed = true
	}
	reader.AdvanceToEOL()
	return m, parser.NoChildren
}

// Continue takes lines as they are until one that is just "$$".
func (mathBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	m := node.(*mathBlock)
	if m.closed {
		return parser.Close
	}
	line, seg := reader.PeekLine()
	if bytes.Equal(bytes.TrimSpace(line), []byte("$$")) {
		reader.AdvanceToEOL()
		return parser.Close
	}
	m.Lines().Append(seg)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

// Close has nothing to do: an equation without an end goes to the end of what
// is around it.
func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}

// CanInterruptParagraph lets "$$" end the paragraph above it.
func (mathBlockParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine leaves "$$" in indented code alone.
func (mathBlockParser) CanAcceptIndentedLine() bool { return false }

// mathSpan is an expression between single dollar signs.
type mathSpan struct {
	ast.BaseInline
	expression string
}

var kindMathSpan = ast.NewNodeKind("MathSpan")

// Kind tells goldmark the kind of the node.
func (m *mathSpan) Kind() ast.NodeKind { return kindMathSpan }

// Dump is for goldmark's own debugging.
func (m *mathSpan) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// mathSpanParser finds equations inside of text.
type mathSpanParser struct{}

// Trigger says on which character goldmark tries this parser.
func (mathSpanParser) Trigger() []byte { return []byte{'$'} }

// Parse takes "$x$" for an equation. Amounts of money are common in text, so
// an expression with spaces must also hold a sign that prices do not have.
func (mathSpanParser) Parse(_ ast.Node, reader text.Reader, _ parser.Context) ast.Node {
	line, _ := reader.PeekLine()
	end := bytes.IndexByte(line[1:], '$')
	if end <= 0 {
		return nil
	}
	body := line[1 : 1+end]
	after := byte(' ')
	if len(line) > end+2 {
		after = line[end+2]
	}
	// "$5 and $10" is money: an expression touches its signs, and no digit
	// follows it.
	if body[0] == ' ' || body[end-1] == ' ' || body[end-1] == '\\' || after >= '0' && after <= '9' {
		return nil
	}
	if bytes.ContainsAny(body, " \t") && !bytes.ContainsAny(body, `\^_{}=`) {
		return nil
	}
	reader.Advance(end + 2)
	// Enhanced Markdown has backticks around it.
	if len(body) > 2 && body[0] == '`' && body[len(body)-1] == '`' {
		body = body[1 : len(body)-1]
	}
	return &mathSpan{expression: string(body)}
}
