package workspace

import (
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
)

// Value is what a page says in a column, also where that is not among its
// Values: the title, and who made and edited it and when. Rollups are computed
// by Rollup.
func (p *Page) Value(c *column.Column) column.Value {
	switch c.Type {
	case "title":
		return column.Value{Text: block.PlainRuns(p.Title)}
	case "created_time":
		return column.Value{Start: column.Stamp(p.Created)}
	case "last_edited_time":
		return column.Value{Start: column.Stamp(p.Edited)}
	case "created_by":
		return column.Value{IDs: []string{p.CreatedBy}}
	case "last_edited_by":
		return column.Value{IDs: []string{p.EditedBy}}
	}
	return p.Values[c.Name]
}

// Rollup computes what a page shows in a rollup of its table d, from the rows
// that it is related to and that are seen.
func (w *Workspace) Rollup(p *Page, d *Database, c *column.Column, seen func(id string) bool) column.Rolled {
	of := w.RolledUp(d, c)
	if of == nil {
		return column.Rolled{Type: "unsupported"}
	}
	var values []column.Value
	for _, id := range p.Values[d.Column(c.Rollup.Via).Name].IDs {
		if q := w.find().pages[id]; q != nil && seen(id) {
			values = append(values, q.Value(of))
		}
	}
	return column.Roll(c.Rollup.Function, of, values)
}

// RolledUp is the column of another table that a rollup of d looks at, or nil
// if it is gone.
func (w *Workspace) RolledUp(d *Database, c *column.Column) *column.Column {
	via := d.Column(c.Rollup.Via)
	if via == nil {
		return nil
	}
	other := w.find().databases[via.Relation]
	if other == nil {
		return nil
	}
	return other.Column(c.Rollup.Of)
}
