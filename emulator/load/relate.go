package load

import (
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// linkColumns joins what two tables share: relations that show on both sides,
// and the columns that rollups look at.
func (l *loader) linkColumns(byID map[string]*workspace.Database, rows rowsOf) error {
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
func mirror(d *workspace.Database, c column.Column, other *workspace.Database, rows rowsOf) {
	back := other.Column(c.Synced)
	if back == nil {
		other.Columns = append(other.Columns, column.Column{Name: c.Synced, ID: propertyID(c.Synced)})
		back = other.Column(c.Synced)
	}
	back.Type, back.Relation, back.Synced = "relation", d.ID, c.Name
	pairs := map[string][]string{}
	for _, from := range rows[d] {
		for _, to := range from.Values[c.Name].IDs {
			pairs[to] = append(pairs[to], from.ID)
		}
	}
	for _, to := range rows[other] {
		if ids := unique(slices.Concat(to.Values[back.Name].IDs, pairs[to.ID])); len(ids) > 0 {
			to.Values[back.Name] = column.Value{IDs: ids}
		}
	}
}

// unique drops what was there before.
func unique(ids []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// checkRollup checks that what a rollup looks at is there. A rollup of a rollup
// is refused: Notion shows none.
func checkRollup(d *workspace.Database, r column.Rollup, byID map[string]*workspace.Database) error {
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
