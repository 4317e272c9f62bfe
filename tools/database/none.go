package database

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/suggest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// sayNone says of an answer without rows how many there are, which of several
// conditions keeps them out, and what is written nearly so. It looks at the rows
// of the index alone, and says nothing where it may not show all of them.
func (q *query) sayNone(ctx context.Context) error {
	if len(q.Rows) > 0 || q.Before > 0 || q.where.API() == nil || !q.Syncer.Coverage().Settled() {
		return nil
	}
	all := q.rowsOfTable(q.table.ID)
	if len(all) > mostCounted {
		return nil
	}
	rows, missing, err := q.stored(ctx, all)
	if err != nil || missing > 0 {
		return err
	}
	q.note(markdown.Sprintf("0 of %s that the index has.", markdown.Count(len(rows), "row")))
	for i, alone := range q.where.Alone() {
		met := count(rows, alone)
		said := condition(q.asked[i])
		if len(q.asked) > 1 {
			q.note(markdown.Sprintf("%s, alone: %s.", said, markdown.Count(met, "row")))
		}
		if near := q.nearest(rows, q.asked[i]); met == 0 && near != "" {
			q.note(markdown.Sprintf("%s: no row; the nearest that is written there is %q.", said, near))
		}
	}
	return nil
}

func count(rows []notion.Page, where property.Where) (n int) {
	for i := range rows {
		if where.Match(&rows[i]) {
			n++
		}
	}
	return n
}

// condition is a condition in words.
func condition(c property.Condition) markdown.Text {
	said := markdown.Sprintf("%s %s", markdown.Short(c.Property), markdown.Short(cmp.Or(c.Operator, "is")))
	if c.Value == nil {
		return said
	}
	return said + markdown.Sprintf(" %q", markdown.Short(fmt.Sprint(c.Value)))
}

// nearest is what some row has in a column of text that is nearest to the value
// of a condition; "" if none is near.
func (q *query) nearest(rows []notion.Page, c property.Condition) markdown.Text {
	value, ok := c.Value.(string)
	s, err := property.Find(q.table.Properties, c.Property)
	if !ok || err != nil || !slices.Contains([]string{"title", "rich_text", "email", "url", "phone_number"}, s.Type) {
		return ""
	}
	var written []string
	for _, r := range rows {
		if text := q.cell(r.Properties[s.Name]).Plain(); text != "" {
			written = append(written, text)
		}
	}
	return markdown.Short(suggest.Meant(value, written))
}
