package web

import (
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// passages turns the Markdown of passages into HTML.
type passages struct{ goldmark.Markdown }

// newPassages has what our Markdown has. Raw HTML is left out by goldmark, and
// pictures and links that do not lead to Notion by tame.
func newPassages() passages {
	return passages{goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{}, 1))),
	)}
}

// show is a passage as a person reads it. A passage that cannot be turned into
// HTML is shown as it is written.
func (p passages) show(t markdown.Text) template.HTML {
	var b strings.Builder
	if err := p.Convert([]byte(t), &b); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(t.Plain()) + "</p>")
	}
	return template.HTML(b.String())
}

// tame makes text of what would load something or lead elsewhere, and bold
// lines of headings, which are those of the page and not of this one.
type tame struct{}

func (tame) Transform(doc *ast.Document, from text.Reader, _ parser.Context) {
	var unwanted []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && (n.Kind() == ast.KindHeading || strays(n)) {
			unwanted = append(unwanted, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range unwanted {
		switch n := n.(type) {
		case *ast.Heading:
			n.Parent().ReplaceChild(n.Parent(), n, bold(n))
		case *ast.AutoLink:
			n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(n.Label(from.Source())))
		default:
			unwrap(n)
		}
	}
}

// strays reports whether a node would load something, or leads elsewhere than to
// Notion.
func strays(n ast.Node) bool {
	link, ok := n.(*ast.Link)
	return ok && notion(string(link.Destination)) == "" || n.Kind() == ast.KindImage || n.Kind() == ast.KindAutoLink
}

// bold is a line with the words of a heading.
func bold(heading ast.Node) ast.Node {
	line, strong := ast.NewParagraph(), ast.NewEmphasis(2)
	line.AppendChild(line, strong)
	for c := heading.FirstChild(); c != nil; c = heading.FirstChild() {
		strong.AppendChild(strong, c)
	}
	return line
}

// unwrap leaves what is in a node, without the node.
func unwrap(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		n.Parent().InsertBefore(n.Parent(), n, c)
	}
	n.Parent().RemoveChild(n.Parent(), n)
}
