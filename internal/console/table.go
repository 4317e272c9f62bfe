package console

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// Markdown tables are drawn in columns of equal width; cells that are too long
// are broken.
const (
	columnGap    = "  "
	narrowColumn = 8 // columns are not made narrower than this
)

// layTable draws the lines of a Markdown table within width columns.
func layTable(source []string, width int) []line {
	rows, at, ruled := tableRows(source)
	if len(rows) == 0 {
		return nil
	}
	widths, fits := columnWidths(rows, width)
	var lines []line
	for i, row := range rows {
		header := i == 0 && ruled && strings.Join(row, "") != ""
		number := headerRow + 1 + i
		if header {
			number = headerRow
		}
		for _, text := range drawRow(row, widths, fits, width) {
			lines = append(lines, line{text: text, strong: header && fits, row: number, at: at[i]})
		}
		if header && fits {
			lines = append(lines, line{text: rule(widths), row: headerRow})
		}
	}
	return lines
}

// drawRow writes a row in columns or, where there are too many of them, one
// cell after the other.
func drawRow(row []string, widths []int, fits bool, width int) []string {
	if !fits {
		return hang("- "+strings.Join(row, " | "), width)
	}
	return layRow(row, widths)
}

// tableRows are the cells of a table, the lines that they stand on, and whether
// the first row is set off as the header. A header without text is left out.
func tableRows(source []string) (rows [][]string, at []int, ruled bool) {
	for i, line := range source {
		cells := tableCells(line)
		if i == 1 && isRule(cells) {
			ruled = true
			if strings.Join(rows[0], "") == "" {
				rows, at, ruled = nil, nil, false
			}
			continue
		}
		for j := range cells {
			cells[j] = inline(cells[j])
		}
		rows, at = append(rows, cells), append(at, i)
	}
	return rows, at, ruled
}

func tableCells(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	line = strings.ReplaceAll(line, `\|`, "\x00")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
	}
	return cells
}

func isRule(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return c == "" || strings.Trim(c, "-:") != "" })
}

// columnWidths gives each column what it needs, and takes from the widest while
// that is more than there is. Where that makes them too narrow they do not fit.
func columnWidths(rows [][]string, width int) (widths []int, fits bool) {
	for _, row := range rows {
		for len(widths) < len(row) {
			widths = append(widths, 1)
		}
		for j, cell := range row {
			widths[j] = max(widths[j], uniseg.StringWidth(cell))
		}
	}
	over := len(columnGap) * (len(widths) - 1)
	for _, w := range widths {
		over += w
	}
	for over -= width; over > 0; over-- {
		widest := 0
		for j := range widths {
			if widths[j] > widths[widest] {
				widest = j
			}
		}
		if widths[widest] <= narrowColumn {
			return nil, false
		}
		widths[widest]--
	}
	return widths, true
}

func layRow(row []string, widths []int) []string {
	var cells [][]string
	height := 0
	for j, w := range widths {
		cell := ""
		if j < len(row) {
			cell = row[j]
		}
		cells = append(cells, wrap(cell, w))
		height = max(height, len(cells[j]))
	}
	lines := make([]string, height)
	for i := range lines {
		var parts []string
		for j, w := range widths {
			part := ""
			if i < len(cells[j]) {
				part = cells[j][i]
			}
			parts = append(parts, pad(part, w))
		}
		lines[i] = strings.TrimRight(strings.Join(parts, columnGap), " ")
	}
	return lines
}

func rule(widths []int) string {
	var parts []string
	for _, w := range widths {
		parts = append(parts, strings.Repeat("─", w))
	}
	return strings.Join(parts, columnGap)
}
