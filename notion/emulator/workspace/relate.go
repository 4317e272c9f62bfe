package workspace

import (
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
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

// linkColumns joins what two tables share: relations that show on both sides,
// and the columns that rollups look at.
func (l *loader) linkColumns(byID map[string]*Database, rows rowsOf) error {
	for _, d := range l.w.Databases {
		for _, c := range slices.Clone(d.Columns) {
			if c.Type == "relation" && c.Synced != "" {
				mirror(d, c, byID[c.Relation], rows)
			}
		}
	}
	for _, d := range l.w.Databases {
		for _, c := range d.Columns {
			if c.Type != "rollup" {
				continue
			}
			if err := checkRollup(d, c.Rollup, byID); err != nil {
				return fmt.Errorf("table %s: column %q: %w", d.Path, c.Name, err)
			}
		}
	}
	return nil
}

// mirror gives the table that a relation points to a column with the same pairs
// seen from there.
func mirror(d *Database, c column.Column, other *Database, rows rowsOf) {
	back := other.Column(c.Synced)
	if back == nil {
		other.Columns = append(other.Columns, column.Column{Name: c.Synced, ID: propertyID(c.Synced)})
		back = other.Column(c.Synced)
	}
	back.Type, back.Relation, back.Synced = "relation", d.ID, c.Name
	for _, to := range rows[other] {
		v := to.Values[back.Name]
		for _, from := range rows[d] {
			if slices.Contains(from.Values[c.Name].IDs, to.ID) && !slices.Contains(v.IDs, from.ID) {
				v.IDs = append(v.IDs, from.ID)
			}
		}
		to.Values[back.Name] = column.Value{IDs: v.IDs}
	}
}

// checkRollup checks that what a rollup looks at is there. A rollup of a rollup
// is refused: Notion shows none.
func checkRollup(d *Database, r column.Rollup, byID map[string]*Database) error {
	via := d.Column(r.Via)
	if via == nil || via.Type != "relation" {
		return fmt.Errorf("%q is not a relation of this table", r.Via)
	}
	of := byID[via.Relation].Column(r.Of)
	if of == nil || of.Type == "rollup" || of.Type == "button" {
		return fmt.Errorf("the other table has no column %q that can be rolled up", r.Of)
	}
	if !slices.Contains(column.Functions, r.Function) {
		return fmt.Errorf("there is no function %q", r.Function)
	}
	return nil
}
