package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
)

func (c *converter) table(n *east.Table) *block.Block {
	width := len(n.Alignments)
	t := block.New("table", map[string]any{
		"table_width": width, "has_column_header": true, "has_row_header": false,
	})
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		t.Children = append(t.Children, c.tableRow(row, width))
	}
	header := c.starts[t.Children[0].Source.LineStart-1]
	t.Source = c.source(header, c.nextLine(header))
	return t
}

// nextLine is the offset of the line below the one that holds offset.
func (c *converter) nextLine(offset int) int {
	return c.starts[min(c.line(offset), len(c.starts)-1)]
}

func (c *converter) tableRow(row ast.Node, width int) *block.Block {
	cells := make([][]block.Text, 0, width)
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		cells = append(cells, c.inline(cell))
	}
	b := block.New("table_row", nil)
	at := row.Pos()
	if first := row.FirstChild(); at < 0 && first != nil {
		at, _ = extent(first)
	}
	b.Source = c.source(at, at)
	if extra := c.surplus(row); extra != "" && len(cells) > 0 {
		last := len(cells) - 1
		cells[last] = block.Split(append(cells[last], block.PlainRuns(" | "+extra)...))
	}
	b.Content["cells"] = cells
	return b
}

// surplus is the text of cells that stand right of the last column, which
// GitHub's Markdown drops and we keep in the last cell.
func (c *converter) surplus(row ast.Node) string {
	last := row.LastChild()
	if last == nil || last.Lines().Len() == 0 {
		return ""
	}
	stop := last.Lines().At(0).Stop
	end := bytes.IndexByte(c.src[stop:], '\n')
	if end < 0 {
		return ""
	}
	return strings.Trim(string(c.src[stop:stop+end]), " \t|")
}
