package store

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Apply changes the properties of a page. Options that a column does not have
// yet become part of it, as in Notion, where writing a row can change the
// schema; and a relation that shows on both sides changes on both.
func (st *Store) Apply(p *workspace.Page, change wire.Change) {
	if change.Title != nil {
		p.Title = *change.Title
	}
	p.Values = CloneValues(p.Values)
	d := st.Databases[p.Parent.ID]
	for name, v := range change.Values {
		c := d.Column(name)
		c.Add(v.Options...)
		if other := st.Databases[c.Relation]; other != nil && c.Synced != "" {
			st.mirror(p, other.Column(c.Synced), p.Values[name].IDs, v.IDs)
		}
		p.Values[name] = v
	}
}

// mirror changes the other side of a relation of p, which was to some rows and
// is to others now.
func (st *Store) mirror(p *workspace.Page, back *column.Column, was, is []string) {
	for _, id := range slices.Concat(was, is) {
		row := st.Pages[id]
		if back == nil || row == nil {
			continue
		}
		ids := slices.DeleteFunc(slices.Clone(row.Values[back.Name].IDs), func(x string) bool { return x == p.ID })
		if slices.Contains(is, id) {
			ids = append(ids, p.ID)
		}
		row.Values = CloneValues(row.Values)
		row.Values[back.Name] = column.Value{IDs: ids}
	}
}

// Number gives a new row its numbers: one more than any row of the table has.
func (st *Store) Number(p *workspace.Page) {
	d := st.Databases[p.Parent.ID]
	if d == nil {
		return
	}
	for _, c := range d.Columns {
		if c.Type != "unique_id" {
			continue
		}
		next := 1.0
		for _, row := range st.Rows[d.ID] {
			if n := row.Values[c.Name].Number; n != nil {
				next = max(next, *n+1)
			}
		}
		p.Values[c.Name] = column.Value{Number: &next}
	}
}
