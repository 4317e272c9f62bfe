package markdown

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// table makes a table with a row for each line. The table itself has no text;
// its source is the header with the line of dashes below it.
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

var (
	htmlRow  = regexp.MustCompile(`(?is)<tr\b[^>]*>(.*?)</tr>`)
	htmlCell = regexp.MustCompile(`(?is)<t[dh]\b[^>]*>(.*?)</t[dh]>`)
)

// htmlTable makes a table of HTML, as enhanced Markdown and exports write it,
// or nil if there is text outside the cells, which a table could not keep.
func (c *converter) htmlTable(raw string, from int) *block.Block {
	t := block.New("table", map[string]any{
		"has_column_header": strings.Contains(raw, "<th") || strings.Contains(raw, `header-row="true"`),
		"has_row_header":    false,
	})
	if stripTags(htmlCell.ReplaceAllString(raw, "")) != "" {
		return nil
	}
	width := 0
	for _, at := range htmlRow.FindAllStringSubmatchIndex(raw, -1) {
		cells := [][]block.Text{}
		for _, m := range htmlCell.FindAllStringSubmatch(raw[at[2]:at[3]], -1) {
			cells = append(cells, c.cell(m[1]))
		}
		row := block.New("table_row", map[string]any{"cells": cells})
		row.Source = c.source(from+at[0], from+at[1]-1)
		t.Children = append(t.Children, row)
		width = max(width, len(cells))
	}
	if width == 0 {
		return nil
	}
	for _, row := range t.Children {
		cells := row.Content["cells"].([][]block.Text)
		// Notion refuses a table whose rows have different numbers of cells.
		for len(cells) < width {
			cells = append(cells, []block.Text{})
		}
		row.Content["cells"] = cells
	}
	t.Content["table_width"] = width
	t.Source = c.source(from, from)
	return t
}

// cell reads the inside of a cell: inline Markdown if it is one paragraph, else
// its text.
func (c *converter) cell(s string) []block.Text {
	inner := &converter{src: clean([]byte(strings.TrimSpace(s))), options: c.options}
	var out []block.Text
	doc := newParser().Parse(text.NewReader(inner.src))
	// A cell in Notion is one rich text and cannot hold blocks.
	if only := doc.FirstChild(); isText(only) && only.NextSibling() == nil {
		return inner.inline(only)
	}
	return append(out, block.PlainRuns(stripTags(s))...)
}

// nextLine is the offset of the line below the one that holds offset.
func (c *converter) nextLine(offset int) int {
	return c.starts[min(c.line(offset), len(c.starts)-1)]
}

// tableRow makes a row. One without a position of its own takes that of its
// first cell.
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
	// No word may be lost, also where the table is wrong.
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
