// Package markdowntest says what a reader of Markdown makes of a text.
package markdowntest

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	rendered "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// parse reads Markdown with all that readers have beside CommonMark, and more.
func parse(source string, more ...goldmark.Extender) ast.Node {
	md := goldmark.New(goldmark.WithExtensions(append(more, extension.GFM, extension.Footnote, extension.DefinitionList)...),
		goldmark.WithParserOptions(parser.WithAttribute(), parser.WithAutoHeadingID()))
	return md.Parser().Parse(text.NewReader([]byte(source)))
}

// own matches the addresses of Notion that are made of ids.
var own = regexp.MustCompile(`^https://app\.notion\.com/(?:p/)?[\w-]*[0-9a-f]{32}(?:#[0-9a-f]{32})?$`)

// taken matches what readers that know more of addresses than the parser here
// make links of within a text.
var taken = regexp.MustCompile(`(?i)(?:^|[\s\pP<>])(?:https?|ftp)://` + letter + `\S*` +
	`|(?:^|[^\pL\pM\pN\pS:/_])//` + letter + `+\.` + letter +
	`|mailto:[^\s@<>]+@` + letter + `|` + letter + `@(?:` + letter + `+(?:\.` + letter + `+)+|\[IPv6:)`)

const letter = `[^\s\pZ\pP\p{Cc}<>]`

// Live lists what a text must not have: images, HTML, and links that are not to
// places in Notion.
func Live(source string) []string {
	if found := live(parse(source), source); found != nil {
		return found
	}
	return live(parse(source, extension.Typographer, extension.CJK), source) // whose marks part texts
}

func live(document ast.Node, source string) []string {
	var found []string
	walk(document, func(n ast.Node) {
		for _, address := range taken.FindAllString(run(n, []byte(source)), -1) {
			if !own.MatchString(strings.TrimLeft(address, "( \n\t")) {
				found = append(found, "address "+address)
			}
		}
		switch n := n.(type) {
		case *ast.Image:
			found = append(found, "image "+string(n.Destination))
		case *ast.RawHTML, *ast.HTMLBlock:
			found = append(found, "HTML")
		case *ast.Link:
			if !own.Match(n.Destination) {
				found = append(found, "link "+string(n.Destination))
			}
		case *ast.AutoLink:
			if url := string(n.URL([]byte(source))); !own.MatchString(url) {
				found = append(found, "address "+url)
			}
		case *extast.FootnoteLink:
			found = append(found, fmt.Sprint("footnote ", n.Index))
		}
	})
	return found
}

// run is the text that begins with a node, whatever marks of the parser part it;
// "" where none begins.
func run(n ast.Node, source []byte) string {
	t, ok := n.(*ast.Text)
	if !ok || t.Parent().Kind() == ast.KindCodeSpan {
		return ""
	}
	if _, ok := t.PreviousSibling().(*ast.Text); ok {
		return ""
	}
	var b strings.Builder
	for next := t; ok; next, ok = next.NextSibling().(*ast.Text) {
		b.Write(value(next, source))
		if next.SoftLineBreak() || next.HardLineBreak() {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Parts counts what a text is made of, by kind, but for paragraphs, lines and
// code within them.
func Parts(source string) map[string]int {
	counts := map[string]int{}
	walk(parse(source), func(n ast.Node) {
		switch n.Kind() {
		case ast.KindDocument, ast.KindParagraph, ast.KindTextBlock, ast.KindText, ast.KindString, ast.KindCodeSpan:
		default:
			counts[n.Kind().String()]++
		}
	})
	return counts
}

// Visible is the text that a reader sees, without white space.
func Visible(source string) string {
	var b strings.Builder
	src := []byte(source)
	walk(parse(source), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(value(n, src))
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(src))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				at := n.Lines().At(i)
				b.Write(at.Value(src))
			}
		}
	})
	return strings.Join(strings.Fields(b.String()), "")
}

func walk(n ast.Node, use func(ast.Node)) {
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			use(n)
		}
		return ast.WalkContinue, nil
	})
}

// value is a text without escapes, which code does not have.
func value(n *ast.Text, source []byte) []byte {
	raw := n.Segment.Value(source)
	if n.Parent().Kind() == ast.KindCodeSpan || n.IsRaw() {
		return raw
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	rendered.DefaultWriter.Write(w, raw)
	_ = w.Flush()
	return []byte(html.UnescapeString(b.String()))
}
