package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// Sort orders rows in place by a list of sorts, the first of which weighs most;
// nil leaves them as they are. Rows without a value come last, whatever the
// direction. Rows that are equal keep their order, so pages of one query fit
// together.
func (t Table) Sort(rows []*workspace.Page, sorts any) error {
	if sorts == nil {
		return nil
	}
	list, ok := sorts.([]any)
	if !ok {
		return wrong("body.sorts", "an array", sorts)
	}
	var by []func(a, b *workspace.Page) int
	for i, item := range list {
		f, err := t.order(item, fmt.Sprintf("body.sorts[%d]", i))
		if err != nil {
			return err
		}
		by = append(by, f)
	}
	slices.SortStableFunc(rows, func(a, b *workspace.Page) int {
		for _, f := range by {
			if n := f(a, b); n != 0 {
				return n
			}
		}
		return 0
	})
	return nil
}

// order reads one sort as a comparison of rows.
func (t Table) order(item any, at string) (func(a, b *workspace.Page) int, error) {
	o, _ := item.(wire.Object)
	col := &column.Column{Type: wire.String(o, "timestamp")}
	if name := wire.String(o, "property"); name != "" {
		if col = t.D.Column(name); col == nil {
			return nil, wire.Invalid("Could not find sort property with name or id: %s", name)
		}
	} else if col.Type != "created_time" && col.Type != "last_edited_time" {
		return nil, wrong(at, "an object with a property or timestamp", item)
	}
	sign := 1
	switch wire.String(o, "direction") {
	case "ascending":
	case "descending":
		sign = -1
	default:
		return nil, wrong(at+".direction", "`\"ascending\"` or `\"descending\"`", o["direction"])
	}
	value, as := t.sortable(col)
	return func(a, b *workspace.Page) int {
		va, vb := value(a), value(b)
		// Before the sign: an empty row is last in both directions.
		if ea, eb := as.Empty(va), as.Empty(vb); ea || eb {
			return boolOrder(ea, eb)
		}
		return sign * t.compare(as, va, vb)
	}, nil
}

// sortable is how to get at the value of a column by which rows are ordered,
// and the column that such values belong to. Of the several values of a rollup
// the first one decides.
func (t Table) sortable(col *column.Column) (value func(*workspace.Page) column.Value, as *column.Column) {
	if col.Type != "rollup" {
		return func(p *workspace.Page) column.Value { return p.Value(col) }, col
	}
	as = &column.Column{Type: column.RolledType(col.Rollup.Function)}
	if as.Type == "array" {
		as = cmp.Or(t.W.RolledUp(t.D, col), &column.Column{Type: "rich_text"})
	}
	return func(p *workspace.Page) column.Value {
		r := t.W.Rollup(p, t.D, col, t.Seen)
		if len(r.Items) > 0 {
			return r.Items[0]
		}
		return column.Value{Number: r.Number, Start: r.Start, End: r.End}
	}, as
}

// boolOrder puts false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compare compares two values that are not empty. Choices come in the order of
// the schema and not of the alphabet, which is how people arrange a status
// column; people and rows come by their names.
func (t Table) compare(col *column.Column, a, b column.Value) int {
	switch families[col.ValueType()] {
	case "number":
		return cmp.Compare(*a.Number, *b.Number)
	case "checkbox":
		return boolOrder(a.Checked, b.Checked)
	case "date":
		ta, _ := column.Moment(a.Start)
		tb, _ := column.Moment(b.Start)
		return ta.Compare(tb)
	case "choice", "choices":
		// Several choices in one row: the first one decides.
		return cmp.Compare(slices.Index(col.Options, a.Options[0]), slices.Index(col.Options, b.Options[0]))
	}
	return strings.Compare(t.label(col, a), t.label(col, b))
}

// label is a text by which a value is ordered.
func (t Table) label(col *column.Column, v column.Value) string {
	switch families[col.ValueType()] {
	case "text":
		return strings.ToLower(block.Plain(v.Text))
	case "person":
		if u := t.W.Person(v.IDs[0]); u != nil {
			return strings.ToLower(u.Name)
		}
	case "relation":
		if p := t.W.FindPage(v.IDs[0]); p != nil {
			return strings.ToLower(p.Title)
		}
	case "verified":
		return v.Verified(t.Now)
	}
	return strings.Join(v.Keys(col), "\n")
}
