package query

import (
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// rollup reads a condition on what a rollup shows: on its number or date, or on
// any, every or none of its several values. Of no values every and none hold.
//
//	{"property": "Total", "rollup": {"number": {"greater_than": 10}}}
//	{"property": "Regions", "rollup": {"any": {"select": {"equals": "North"}}}}
func (t Table) rollup(col *column.Column, arg any, at string) (Match, error) {
	op, sub, err := operator(arg, at)
	if err != nil {
		return nil, err
	}
	at += "." + op
	shown := column.RolledType(col.Rollup.Function)
	asked := map[string]string{"any": "array", "every": "array", "none": "array", "number": "number", "date": "date"}[op]
	switch {
	case asked == "":
		return nil, unknown(at, sub)
	case asked != shown:
		return nil, mismatch("rollup of type "+shown, "rollup."+op)
	case asked == "array":
		return t.ofEach(col, op, sub, at)
	}
	passes, err := t.test(&column.Column{Type: asked}, asked, sub, at)
	if err != nil {
		return nil, err
	}
	return func(p *workspace.Page) bool {
		r := t.W.Rollup(p, t.D, col, t.Seen)
		return passes(column.Value{Number: r.Number, Start: r.Start, End: r.End})
	}, nil
}

// ofEach reads a condition on the values of a rollup. The kinds of these are
// fewer than those of columns: all texts are rich_text, for example.
func (t Table) ofEach(col *column.Column, quantifier string, arg any, at string) (Match, error) {
	kind, sub, err := operator(arg, at)
	if err != nil {
		return nil, err
	}
	of := t.W.RolledUp(t.D, col)
	switch {
	case !rolledKinds[kind]:
		return nil, unknown(at+"."+kind, sub)
	case of == nil || families[of.ValueType()] != families[kind] || kind != of.Type && singles[of.Type]:
		return nil, mismatch("rollup of "+typeOf(of), "rollup."+quantifier+"."+kind)
	}
	passes, err := t.test(of, kind, sub, at+"."+kind)
	if err != nil {
		return nil, err
	}
	return func(p *workspace.Page) bool {
		some, all := false, true
		for _, v := range t.W.Rollup(p, t.D, col, t.Seen).Items {
			ok := passes(v)
			some, all = some || ok, all && ok
		}
		return map[string]bool{"any": some, "every": all, "none": !some}[quantifier]
	}, nil
}

var (
	// rolledKinds are the kinds of condition on the values of a rollup.
	rolledKinds = map[string]bool{
		"rich_text": true, "number": true, "checkbox": true, "select": true, "multi_select": true,
		"relation": true, "date": true, "people": true, "files": true, "status": true,
	}
	// singles share a family with another type and yet are not asked for by its
	// name.
	singles = map[string]bool{"select": true, "status": true}
)

func typeOf(c *column.Column) string {
	if c == nil {
		return "unsupported"
	}
	return c.Type
}
