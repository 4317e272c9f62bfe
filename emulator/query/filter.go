// Package query filters and sorts the rows of a data source as Notion's API
// does, and refuses what the API refuses.
package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Table is a data source as somebody sees it who asks for its rows.
type Table struct {
	W *workspace.Workspace
	D *workspace.Database
	// Now is what relative dates such as past_week start from.
	Now time.Time
	// Me is the id of the user that "me" stands for.
	Me string
	// Seen says which related rows count in rollups.
	Seen func(id string) bool
}

// Match says whether a row passes a filter.
type Match func(*workspace.Page) bool

// Filter reads a filter: a condition, or and/or down to two levels. Errors are
// of type *wire.Error.
func (t Table) Filter(filter any) (Match, error) { return t.compile(filter, "body.filter", 0) }

// compile reads the filter at a place of the request, of which depth levels of
// and/or stand above.
func (t Table) compile(filter any, at string, depth int) (Match, error) {
	o, ok := filter.(wire.Object)
	if !ok {
		return nil, wrong(at, "an object", filter)
	}
	for _, op := range []string{"and", "or"} {
		if o[op] == nil {
			continue
		}
		list, isList := o[op].([]any)
		switch {
		case !isList:
			return nil, wrong(at+"."+op, "an array", o[op])
		case len(o) > 1:
			return nil, wire.Invalid("body failed validation: %s should have %s and nothing else, instead was `%s`.", at, op, wire.Brief(filter))
		case depth == 2:
			return nil, wire.Invalid("body failed validation: %s is nested too deep; compound filters may be nested up to two levels.", at)
		}
		return t.compound(list, at+"."+op, depth, op == "and")
	}
	return t.condition(o, at)
}

// compound joins filters: all of them must match for and, one for or. No parts
// at all match every row for and, and none for or.
func (t Table) compound(list []any, at string, depth int, every bool) (Match, error) {
	var parts []Match
	for i, item := range list {
		m, err := t.compile(item, fmt.Sprintf("%s[%d]", at, i), depth+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, m)
	}
	return func(p *workspace.Page) bool {
		for _, m := range parts {
			if m(p) != every {
				return !every
			}
		}
		return every
	}, nil
}

// condition reads a filter on one property or timestamp. Its operator stands
// under the type of the column.
//
//	{"property": "Stage", "status": {"equals": "Won"}}
//	{"timestamp": "created_time", "created_time": {"past_week": {}}}
func (t Table) condition(o wire.Object, at string) (Match, error) {
	kind, err := kindOf(o, at)
	if err != nil {
		return nil, err
	}
	col, err := t.column(o, kind, at)
	if err != nil {
		return nil, err
	}
	at += "." + kind
	switch kind {
	case "rollup":
		return t.rollup(col, o[kind], at)
	case "formula":
		return t.formula(col, o[kind], at)
	}
	if isStamp(col) {
		return t.stamps(col, o[kind], at)
	}
	passes, err := t.test(col, kind, o[kind], at)
	return func(p *workspace.Page) bool { return passes(p.Value(col)) }, err
}

// kindOf is the type that a condition names: the one key beside those that tell
// the column.
func kindOf(o wire.Object, at string) (string, error) {
	var kinds []string
	for _, key := range slices.Sorted(maps.Keys(o)) {
		switch {
		case key == "property" || key == "timestamp" || key == "type":
		case families[key] == "":
			return "", wire.Invalid("body failed validation: %s.%s should be not present, instead was `%s`.", at, key, wire.Brief(o[key]))
		default:
			kinds = append(kinds, key)
		}
	}
	switch typ := wire.String(o, "type"); {
	case o["property"] == nil && o["timestamp"] == nil:
		return "", wire.Invalid("body failed validation: %s should have a property, timestamp, and or or, instead was `%s`.", at, wire.Brief(o))
	case len(kinds) != 1:
		return "", wire.Invalid("body failed validation: %s should have one condition under the type of its property, instead was `%s`.", at, wire.Brief(o))
	case o["type"] != nil && typ != kinds[0]:
		return "", wire.Invalid("body failed validation: %s.type should be `%q` or `undefined`, instead was `%s`.", at, kinds[0], wire.Brief(o["type"]))
	}
	return kinds[0], nil
}

// column is the column that a condition of some kind is on. A text may be
// asked for as rich_text, whatever kind of text it is.
func (t Table) column(o wire.Object, kind, at string) (*column.Column, error) {
	name := wire.String(o, "property")
	if name == "" {
		stamp := wire.String(o, "timestamp")
		if stamp != "created_time" && stamp != "last_edited_time" {
			return nil, wire.Invalid("body failed validation: %s.timestamp should be `\"created_time\"` or `\"last_edited_time\"`, instead was `%s`.", at, wire.Brief(o["timestamp"]))
		}
		if kind != stamp {
			return nil, wire.Invalid("body failed validation: %s.%s should be defined, instead was `undefined`.", at, stamp)
		}
		return &column.Column{Type: stamp}, nil
	}
	col := t.D.Column(name)
	if col == nil {
		return nil, wire.Invalid("Could not find property with name or id: %s", name)
	}
	if kind != col.Type && !(kind == "rich_text" && families[col.Type] == "text") {
		return nil, mismatch(col.Type, kind)
	}
	return col, nil
}

// mismatch is the error for a condition that does not go with its column.
func mismatch(have, asked string) error {
	return wire.Invalid("The property type in the database does not match the property type of the filter provided: database property %s does not match filter %s", have, asked)
}

// wrong is the error for something that is of the wrong kind.
func wrong(at, want string, got any) error {
	return wire.Invalid("body failed validation: %s should be %s, instead was `%s`.", at, want, wire.Brief(got))
}

// formula reads a condition on the result of a formula, which stands under the
// type of that.
func (t Table) formula(col *column.Column, arg any, at string) (Match, error) {
	of, sub, err := operator(arg, at)
	if err != nil {
		return nil, err
	}
	kind := map[string]string{"string": "rich_text", "checkbox": "checkbox", "number": "number", "date": "date"}[of]
	switch {
	case kind == "":
		return nil, unknown(at+"."+of, sub)
	case kind != col.ValueType():
		return nil, mismatch("formula of type "+strings.Replace(col.Result, "boolean", "checkbox", 1), "formula."+of)
	}
	passes, err := t.test(col, kind, sub, at+"."+of)
	if err != nil {
		return nil, err
	}
	return func(p *workspace.Page) bool { return passes(p.Value(col)) }, nil
}
