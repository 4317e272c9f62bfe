package query

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// Sort orders rows in place by a list of sorts, the first of which weighs most;
// nil leaves them as they are. Rows without a value come last, whatever the
// direction. Rows that are equal keep their order, so pages of one query fit
// together.
func Sort(rows []*workspace.Page, sorts any, d *workspace.Database) error {
	if sorts == nil {
		return nil
	}
	list, ok := sorts.([]any)
	if !ok {
		return wire.Invalid("body failed validation: body.sorts should be an array, instead was `%s`.", wire.Brief(sorts))
	}
	var by []func(a, b *workspace.Page) int
	for _, item := range list {
		f, err := order(item, d)
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
func order(item any, d *workspace.Database) (func(a, b *workspace.Page) int, error) {
	o, _ := item.(wire.Object)
	col := &column.Column{Type: wire.String(o, "timestamp")}
	if name := wire.String(o, "property"); name != "" {
		if col = d.Column(name); col == nil {
			return nil, wire.Invalid("Could not find sort property with name or id: %s", name)
		}
	} else if col.Type != "created_time" && col.Type != "last_edited_time" {
		return nil, wire.Invalid("body failed validation: body.sorts should have a property or timestamp, instead was `%s`.", wire.Brief(item))
	}
	sign := 1
	if wire.String(o, "direction") == "descending" {
		sign = -1
	}
	return func(a, b *workspace.Page) int {
		// Before the sign: an empty row is last in both directions.
		if ea, eb := empty(a, col), empty(b, col); ea || eb {
			return boolOrder(ea, eb)
		}
		return sign * compareRows(a, b, col)
	}, nil
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

// compareRows compares two rows that both have a value. Choices come in the
// order of the schema and not of the alphabet, which is how people arrange a
// status column.
func compareRows(a, b *workspace.Page, col *column.Column) int {
	va, vb := a.Values[col.Name], b.Values[col.Name]
	switch col.Type {
	case "number":
		return cmp.Compare(*va.Number, *vb.Number)
	case "checkbox":
		return boolOrder(va.Checked, vb.Checked)
	case "date", "created_time", "last_edited_time":
		ta, _ := when(a, col)
		tb, _ := when(b, col)
		return ta.Compare(tb)
	case "select", "status", "multi_select":
		// Several choices in one row: the first one decides.
		return cmp.Compare(slices.Index(col.Options, va.Options[0]), slices.Index(col.Options, vb.Options[0]))
	case "people", "relation":
		return cmp.Compare(va.IDs[0], vb.IDs[0])
	}
	return strings.Compare(strings.ToLower(text(a, col)), strings.ToLower(text(b, col)))
}
