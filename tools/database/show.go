package database

import (
	"cmp"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	maxTable  = 30_000 // characters of the values in an answer: below what clients show
	leastCell = 25     // characters that every value may have
	linkSize  = 90     // characters of a row beside its values
)

// cell is the value of a property, with related pages by their titles.
func (q *query) cell(p notion.Property) markdown.Text {
	if p.Type != "relation" {
		return passage.PropertyText(p, q.Title)
	}
	return markdown.Join(related(p, q.Title), ", ")
}

// related names pages by their titles, and those without by their addresses.
func related(p notion.Property, title func(notion.ID) string) (all []markdown.Text) {
	for _, r := range p.Relation {
		all = append(all, cmp.Or(markdown.Line(title(r.ID)), markdown.Page(r.ID)))
	}
	if p.HasMore {
		all = append(all, "and more: read_page")
	}
	return all
}

// fit lowers the number of rows so far that each value can be shown.
func (q *query) fit() {
	columns := len(q.Columns)
	if !q.named {
		columns = min(columns, mostColumns)
	}
	most := maxTable / (linkSize + leastCell*columns)
	if q.limit > most {
		q.limit = most
		q.Notes = append(q.Notes, markdown.Sprintf("With %d columns, %d rows are shown at a time.", columns, most))
	}
}

// lay makes the values of the rows, cut as far as it takes to keep the whole
// within bounds.
func (q *query) lay() {
	for _, most := range []int{2000, 400, 160, 60, leastCell} {
		q.Values = make([][]markdown.Text, len(q.Rows))
		size, cut := 0, false
		for i := range q.Rows {
			size += linkSize
			for _, c := range q.Columns {
				s, shorter := markdown.Clip(q.cell(q.Rows[i].Properties[c]), most)
				q.Values[i] = append(q.Values[i], s)
				size, cut = size+utf8.RuneCountInString(string(s)), cut || shorter
			}
		}
		if size > maxTable && most > leastCell {
			continue
		}
		if cut {
			q.Notes = append(q.Notes, "Values that end in ... are cut; read_page shows a row whole.")
		}
		return
	}
}
