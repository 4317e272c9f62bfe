// Package query filters and sorts the rows of a data source as Notion's API
// does.
package query

import (
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// Match says whether a row passes a filter.
type Match func(*workspace.Page) bool

// Filter reads a filter: a condition, or and/or down to two levels. now is what
// relative dates such as past_week start from. Notion takes filters two levels
// deep and no deeper. Errors are of type *wire.Error.
func Filter(filter any, d *workspace.Database, now time.Time) (Match, error) {
	return compile(filter, compiler{d: d, now: now}, 0)
}

// compiler has what all parts of one filter need.
type compiler struct {
	d   *workspace.Database
	now time.Time
}

// compile reads a filter, of which depth levels of and/or stand above.
func compile(filter any, c compiler, depth int) (Match, error) {
	o, ok := filter.(wire.Object)
	if !ok {
		return nil, wire.Invalid("body failed validation: body.filter should be an object, instead was `%s`.", wire.Brief(filter))
	}
	for _, op := range []string{"and", "or"} {
		if list, ok := o[op].([]any); ok {
			if depth == 2 {
				return nil, wire.Invalid("body failed validation: body.filter is nested too deep; compound filters may be nested up to two levels.")
			}
			return compound(list, c, depth, op == "and")
		}
	}
	return condition(o, c)
}

// compound joins filters: all of them must match for and, one for or. No parts
// at all match every row for and, and none for or.
func compound(list []any, c compiler, depth int, every bool) (Match, error) {
	var parts []Match
	for _, item := range list {
		m, err := compile(item, c, depth+1)
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

// condition reads a filter on one property or timestamp. The operators stand
// under the type of the column, and naming another type than it has is an
// error.
func condition(o wire.Object, c compiler) (Match, error) {
	col := &column.Column{Type: wire.String(o, "timestamp")}
	if name := wire.String(o, "property"); name != "" {
		if col = c.d.Column(name); col == nil {
			return nil, wire.Invalid("Could not find property with name or id: %s", name)
		}
	} else if col.Type != "created_time" && col.Type != "last_edited_time" {
		return nil, wire.Invalid("body failed validation: body.filter should have a property, timestamp, and or or, instead was `%s`.", wire.Brief(o))
	}
	ops, ok := o[col.Type].(wire.Object)
	if !ok {
		return nil, wire.Invalid("body failed validation: body.filter.%s should be an object, instead was `%s`.", col.Type, wire.Brief(o[col.Type]))
	}
	var parts []Match
	// Several operators in one condition must all match.
	for op, arg := range ops {
		m := match(col, op, arg, c.now)
		if m == nil {
			return nil, wire.Invalid("body failed validation: body.filter.%s.%s should be not present, instead was `%s`.", col.Type, op, wire.Brief(arg))
		}
		parts = append(parts, m)
	}
	return func(p *workspace.Page) bool {
		return !slices.ContainsFunc(parts, func(m Match) bool { return !m(p) })
	}, nil
}

// match is one comparison, or nil if the type of the column has none such. Text
// is compared without regard to case.
//
//	all but checkboxes and times of the row   is_empty, is_not_empty
//	title, rich_text, url, email, phone       equals, contains, their opposites, starts_with, ends_with
//	number                                    equals, does_not_equal, greater_than and so on
//	checkbox                                  equals, does_not_equal
//	select, status                            equals, does_not_equal
//	multi_select, people, relation            contains, does_not_contain
//	date, created_time, last_edited_time      equals, before, after, on_or_…, past_week and so on
func match(col *column.Column, op string, arg any, now time.Time) Match {
	switch op {
	case "is_empty":
		return func(p *workspace.Page) bool { return empty(p, col) }
	case "is_not_empty":
		return func(p *workspace.Page) bool { return !empty(p, col) }
	}
	switch col.Type {
	case "title", "rich_text", "url", "email", "phone_number":
		return matchText(col, op, arg)
	case "number":
		return matchNumber(col, op, arg)
	case "checkbox":
		want, ok := arg.(bool)
		if !ok || op != "equals" && op != "does_not_equal" {
			return nil
		}
		return func(p *workspace.Page) bool { return (p.Values[col.Name].Checked == want) == (op == "equals") }
	case "select", "status", "multi_select", "people", "relation":
		return matchList(col, op, arg)
	case "date", "created_time", "last_edited_time":
		return matchDate(col, op, arg, now)
	}
	return nil
}

// text is what a row says in a column of text.
func text(p *workspace.Page, col *column.Column) string {
	if col.Type == "title" {
		return p.Title
	}
	return block.Plain(p.Values[col.Name].Text)
}

// empty says whether a row has nothing in a column. A checkbox is never empty:
// without a tick it is false.
func empty(p *workspace.Page, col *column.Column) bool {
	v := p.Values[col.Name]
	switch col.Type {
	case "created_time", "last_edited_time", "checkbox":
		return false
	}
	return text(p, col) == "" && v.Number == nil && len(v.Options) == 0 && v.Start == "" && len(v.IDs) == 0
}

func matchText(col *column.Column, op string, arg any) Match {
	want, ok := arg.(string)
	// Notion does not mind the case of letters here.
	want = strings.ToLower(want)
	tests := map[string]func(have string) bool{
		"equals":           func(have string) bool { return have == want },
		"does_not_equal":   func(have string) bool { return have != want },
		"contains":         func(have string) bool { return strings.Contains(have, want) },
		"does_not_contain": func(have string) bool { return !strings.Contains(have, want) },
		"starts_with":      func(have string) bool { return strings.HasPrefix(have, want) },
		"ends_with":        func(have string) bool { return strings.HasSuffix(have, want) },
	}
	test := tests[op]
	if test == nil || !ok {
		return nil
	}
	return func(p *workspace.Page) bool { return test(strings.ToLower(text(p, col))) }
}

func matchNumber(col *column.Column, op string, arg any) Match {
	want, ok := arg.(float64)
	tests := map[string]func(have float64) bool{
		"equals":                   func(have float64) bool { return have == want },
		"does_not_equal":           func(have float64) bool { return have != want },
		"greater_than":             func(have float64) bool { return have > want },
		"less_than":                func(have float64) bool { return have < want },
		"greater_than_or_equal_to": func(have float64) bool { return have >= want },
		"less_than_or_equal_to":    func(have float64) bool { return have <= want },
	}
	test := tests[op]
	if test == nil || !ok {
		return nil
	}
	return func(p *workspace.Page) bool {
		have := p.Values[col.Name].Number
		if have == nil {
			// No number is unequal to every number and neither less nor more.
			return op == "does_not_equal"
		}
		return test(*have)
	}
}

// matchList compares with a choice, or with the id of a person or row. Columns
// with one choice have equals, those with several have contains, and one in the
// place of the other is refused.
func matchList(col *column.Column, op string, arg any) Match {
	want, ok := arg.(string)
	// People and rows are named by id, with or without dashes; choices by name.
	if id, isID := block.ParseID(want); isID {
		want = id
	}
	// These have one choice, and the words for it are equals and
	// does_not_equal.
	single := col.Type == "select" || col.Type == "status"
	positive := op == "contains" && !single || op == "equals" && single
	negative := op == "does_not_contain" && !single || op == "does_not_equal" && single
	if !ok || !positive && !negative {
		return nil
	}
	return func(p *workspace.Page) bool {
		v := p.Values[col.Name]
		return (slices.Contains(v.Options, want) || slices.Contains(v.IDs, want)) == positive
	}
}
