package markdown

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// newParser reads GitHub's Markdown with our additions. The numbers are
// goldmark's priorities, where a smaller one goes first: containers and
// equations before raw HTML. Whatever holds blocks is bounded.
func newParser() parser.Parser {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(parser.NewSetextHeadingParser(), 100),
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(bounded{parser.NewListParser()}, 300),
				util.Prioritized(parser.NewListItemParser(), 400),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(parser.NewATXHeadingParser(), 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(bounded{parser.NewBlockquoteParser()}, 800),
				util.Prioritized(bounded{containerParser{}}, 850),
				util.Prioritized(mathBlockParser{}, 850),
				util.Prioritized(parser.NewHTMLBlockParser(), 900),
				util.Prioritized(paragraphParser{parser.NewParagraphParser()}, 1000)),
			parser.WithInlineParsers(append(parser.DefaultInlineParsers(), util.Prioritized(mathSpanParser{}, 150))...),
			parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(), util.Prioritized(alertTransformer{}, 50))...),
		)),
		goldmark.WithExtensions(
			extension.Linkify, extension.Strikethrough, extension.TaskList, boundedTables{}),
	).Parser()
}

// maxNesting is how many nodes may stand inside one another, of which a level of
// a list is two. Each line is held against all that are open, so what they cost
// grows with lines times levels.
const maxNesting = 128

// bounded is a parser of blocks that hold others. Where too many are open it
// lets the line be text.
type bounded struct{ parser.BlockParser }

// Open opens a block unless it would stand too deep.
func (b bounded) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > maxNesting {
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// maxCells is how many cells one table may have. A short line is filled up to
// the width of the header, so that few bytes can make very many.
const maxCells = 100_000

// boundedTables reads tables that are not too large; others stay text.
type boundedTables struct{}

// Extend adds tables to a parser.
func (boundedTables) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithParagraphTransformers(util.Prioritized(boundedTable{extension.NewTableParagraphTransformer()}, 200)),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)))
}

type boundedTable struct{ parser.ParagraphTransformer }

// Transform makes a table of a paragraph that is one.
func (b boundedTable) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, widest := node.Lines(), 0
	for i := range lines.Len() {
		seg := lines.At(i)
		line := seg.Value(reader.Source())
		if bytes.ContainsRune(line, '-') { // only a line of dashes sets the width
			widest = max(widest, bytes.Count(line, []byte("|"))+1)
		}
	}
	if widest*lines.Len() <= maxCells {
		b.ParagraphTransformer.Transform(node, reader, pc)
	}
}
