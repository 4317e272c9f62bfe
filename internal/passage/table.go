package passage

import (
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// table is what its rows need: how wide it is, and what stands above the first
// row of each part.
type table struct {
	width  int
	first  *Node         // the header row, nil if the table has none
	head   markdown.Text // header and rule; "" if it is too long to repeat
	header unit          // with the header row
	size   int           // of head
	prefix markdown.Text
}

func newTable(n *Node, prefix markdown.Text) *table {
	t := &table{width: n.Block.Content.TableWidth, prefix: prefix}
	const unlikely = 1000
	if t.width < 0 || t.width > unlikely {
		t.width = 0
	}
	for _, row := range n.Children {
		if row == nil || row.Block.Type != "table_row" {
			continue
		}
		if t.first == nil && n.Block.Content.HasColumnHeader {
			t.first = row
		}
		t.width = max(t.width, len(row.Block.Content.Cells))
	}
	if t.first == nil {
		t.head = t.rows(nil)
	}
	return t
}

// row writes a row. The header row is written like any other and repeated
// wherever the table is cut.
func (w *walker) row(f *frame, n *Node) {
	cells := n.Block.Content.Cells
	t := f.table
	if t == nil { // a row outside a table
		t = &table{width: len(cells), prefix: f.prefix}
	}
	if n == t.first {
		w.headerRow(t, n)
		return
	}
	if rowText(cells) == "" {
		return
	}
	w.add(unit{block: n.Block.ID, text: t.line(cells), tight: tableRow, table: f.table, outer: f.prefix, inner: f.prefix})
}

func (w *walker) headerRow(t *table, n *Node) {
	head := t.rows(n.Block.Content.Cells)
	w.add(unit{block: n.Block.ID, text: head, tight: tableRow, table: t, header: true, outer: t.prefix, inner: t.prefix})
	if n := size(string(head)); n <= w.opt.Words/3 {
		t.head, t.size = head, n
	}
	t.header = w.units[len(w.units)-1]
}

// rows is a header row and the rule below it.
func (t *table) rows(cells [][]notion.RichText) markdown.Text {
	return t.line(cells) + "\n" + t.prefix + "|" + markdown.Text.Repeat(" --- |", max(t.width, 1))
}

// line is one row. A cell stays on its line: line ends in it become spaces.
func (t *table) line(cells [][]notion.RichText) markdown.Text {
	var b markdown.Builder
	b.Put(t.prefix, "|")
	for i := range max(t.width, 1) {
		var text markdown.Text
		if i < len(cells) {
			text = markdown.Cell(markdown.Inner(cells[i]))
		}
		b.Put(" ", text, " |")
	}
	return b.Text()
}

func rowText(cells [][]notion.RichText) string {
	var b strings.Builder
	for _, cell := range cells {
		b.WriteString(strings.TrimSpace(plain(cell)))
	}
	return b.String()
}
