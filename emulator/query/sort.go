package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
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
		f, err := t.order(rows, item, fmt.Sprintf("body.sorts[%d]", i))
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

// order reads one sort as a comparison of these rows.
func (t Table) order(rows []*workspace.Page, item any, at string) (func(a, b *workspace.Page) int, error) {
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
	keyOf := t.sortable(col)
	keys := make(map[*workspace.Page]key, len(rows))
	for _, p := range rows {
		keys[p] = keyOf(p)
	}
	return func(a, b *workspace.Page) int {
		ka, kb := keys[a], keys[b]
		// Before the sign: an empty row is last in both directions.
		if ka.empty || kb.empty {
			return boolOrder(ka.empty, kb.empty)
		}
		return sign * cmp.Or(cmp.Compare(ka.rank, kb.rank), strings.Compare(ka.label, kb.label))
	}, nil
}

// key is that by which a row is ordered: its rank, then its label.
type key struct {
	empty bool
	rank  float64
	label string
}

// sortable is how to get at the key of a row by a column. Of the several values
// of a rollup the first one decides.
func (t Table) sortable(col *column.Column) func(*workspace.Page) key {
	if isStamp(col) {
		return func(p *workspace.Page) key { return key{rank: float64(stamp(p, col).Unix())} }
	}
	if col.Type != "rollup" {
		return func(p *workspace.Page) key { return t.key(col, p.Value(col)) }
	}
	as := &column.Column{Type: column.RolledType(col.Rollup.Function)}
	if as.Type == "array" {
		as = cmp.Or(t.W.RolledUp(t.D, col), &column.Column{Type: "rich_text"})
	}
	return func(p *workspace.Page) key {
		r := t.W.Rollup(p, t.D, col, t.Seen)
		if len(r.Items) > 0 {
			return t.key(as, r.Items[0])
		}
		return t.key(as, column.Value{Number: r.Number, Start: r.Start, End: r.End})
	}
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

// key is the key of a value. Choices come in the order of the schema and not of
// the alphabet, which is how people arrange a status column, and of several
// choices the first one decides; people and rows come by their names.
func (t Table) key(col *column.Column, v column.Value) key {
	if col.Empty(v) {
		return key{empty: true}
	}
	switch families[col.ValueType()] {
	case "number":
		return key{rank: *v.Number}
	case "checkbox":
		if v.Checked {
			return key{rank: 1}
		}
		return key{}
	case "date":
		at, _ := column.Moment(v.Start)
		return key{rank: float64(at.Unix())}
	case "choice", "choices":
		return key{rank: float64(slices.Index(col.Options, v.Options[0]))}
	}
	return key{label: t.label(col, v)}
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
