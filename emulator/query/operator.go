package query

import (
	"maps"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// test says whether a value passes a condition.
type test func(column.Value) bool

// families are the types of columns that take the same operators. A button has
// none.
//
//	text      equals, contains, their opposites, starts_with, ends_with
//	number    equals, does_not_equal, greater_than and so on
//	checkbox  equals, does_not_equal
//	choice    equals, does_not_equal: an option, or a list of which one fits
//	choices   contains, does_not_contain: the same
//	date      equals, before, after, on_or_…, past_week and so on
//	person    contains, does_not_contain: an id, or me
//	relation  contains, does_not_contain: an id
//	verified  status, does_not_equal: verified, expired or none
//	all but checkbox and verified  is_empty, is_not_empty; files have nothing else
var families = map[string]string{
	"title": "text", "rich_text": "text", "url": "text", "email": "text", "phone_number": "text",
	"number": "number", "unique_id": "number", "checkbox": "checkbox",
	"select": "choice", "status": "choice", "multi_select": "choices",
	"date": "date", "created_time": "date", "last_edited_time": "date",
	"people": "person", "created_by": "person", "last_edited_by": "person", "relation": "relation",
	"files": "files", "verification": "verified", "formula": "formula", "rollup": "rollup",
}

// operator takes a condition apart, which is an object with one key.
func operator(arg any, at string) (op string, value any, err error) {
	o, ok := arg.(wire.Object)
	if !ok {
		return "", nil, wrong(at, "an object", arg)
	}
	if len(o) != 1 {
		return "", nil, wrong(at, "an object with one operator", arg)
	}
	op = slices.Collect(maps.Keys(o))[0]
	return op, o[op], nil
}

// unknown is the error for an operator that a kind of condition does not have.
func unknown(at string, value any) error { return wrong(at, "not present", value) }

// test reads a condition of some kind on the values of a column.
func (t Table) test(col *column.Column, kind string, arg any, at string) (test, error) {
	op, value, err := operator(arg, at)
	if err != nil {
		return nil, err
	}
	at += "." + op
	family := families[kind]
	if (op == "is_empty" || op == "is_not_empty") && family != "checkbox" && family != "verified" {
		return func(v column.Value) bool { return col.Empty(v) == (op == "is_empty") }, exists(value, at)
	}
	switch family {
	case "text":
		return texts(op, value, at)
	case "number":
		return numbers(op, value, at)
	case "checkbox":
		return checkboxes(op, value, at)
	case "choice":
		return choices(col, op, value, at)
	case "choices":
		return choices(col, op, value, at)
	case "person", "relation":
		return t.references(family, op, value, at)
	case "date":
		return t.dates(op, value, at)
	case "verified":
		return t.verifications(op, value, at)
	}
	return nil, unknown(at, value)
}

// exists is the error for is_empty and is_not_empty that are not true.
func exists(value any, at string) error {
	if value != true {
		return wrong(at, "`true`", value)
	}
	return nil
}

// texts compares texts without regard to case, as Notion does.
func texts(op string, value any, at string) (test, error) {
	compare := map[string]func(have, want string) bool{
		"equals":           func(have, want string) bool { return have == want },
		"does_not_equal":   func(have, want string) bool { return have != want },
		"contains":         strings.Contains,
		"does_not_contain": func(have, want string) bool { return !strings.Contains(have, want) },
		"starts_with":      strings.HasPrefix,
		"ends_with":        strings.HasSuffix,
	}[op]
	want, ok := value.(string)
	switch {
	case compare == nil:
		return nil, unknown(at, value)
	case !ok:
		return nil, wrong(at, "a string", value)
	}
	want = strings.ToLower(want)
	return func(v column.Value) bool { return compare(strings.ToLower(block.Plain(v.Text)), want) }, nil
}

// numbers compares numbers. No number is unequal to every number and neither
// less nor more.
func numbers(op string, value any, at string) (test, error) {
	compare := map[string]func(have, want float64) bool{
		"equals":                   func(have, want float64) bool { return have == want },
		"does_not_equal":           func(have, want float64) bool { return have != want },
		"greater_than":             func(have, want float64) bool { return have > want },
		"less_than":                func(have, want float64) bool { return have < want },
		"greater_than_or_equal_to": func(have, want float64) bool { return have >= want },
		"less_than_or_equal_to":    func(have, want float64) bool { return have <= want },
	}[op]
	want, ok := value.(float64)
	switch {
	case compare == nil:
		return nil, unknown(at, value)
	case !ok:
		return nil, wrong(at, "a number", value)
	}
	return func(v column.Value) bool {
		if v.Number == nil {
			return op == "does_not_equal"
		}
		return compare(*v.Number, want)
	}, nil
}

func checkboxes(op string, value any, at string) (test, error) {
	want, ok := value.(bool)
	switch {
	case op != "equals" && op != "does_not_equal":
		return nil, unknown(at, value)
	case !ok:
		return nil, wrong(at, "a boolean", value)
	}
	return func(v column.Value) bool { return (v.Checked == want) == (op == "equals") }, nil
}

// choices compares with an option, or with several of which one is enough.
// Options that the column does not have are refused.
func choices(col *column.Column, op string, value any, at string) (test, error) {
	yes, no := "equals", "does_not_equal"
	if col.Type == "multi_select" {
		yes, no = "contains", "does_not_contain"
	}
	if op != yes && op != no {
		return nil, unknown(at, value)
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var wanted []string
	for _, item := range list {
		name, ok := item.(string)
		if !ok {
			return nil, wrong(at, "a string or an array of strings", value)
		}
		if !slices.Contains(col.Options, name) {
			return nil, wire.Invalid(`%s option "%s" not found for property "%s". Available options: "%s".`, col.Type, name, col.Name, strings.Join(col.Options, `", "`))
		}
		wanted = append(wanted, name)
	}
	return func(v column.Value) bool {
		has := slices.ContainsFunc(v.Options, func(o string) bool { return slices.Contains(wanted, o) })
		return has == (op == yes)
	}, nil
}

// references compares with the id of a person or row, with dashes or without.
func (t Table) references(family, op string, value any, at string) (test, error) {
	given, _ := value.(string)
	id, ok := block.ParseID(given)
	if given == "me" && family == "person" {
		id, ok = t.Me, true
	}
	switch {
	case op != "contains" && op != "does_not_contain":
		return nil, unknown(at, value)
	case !ok:
		return nil, wrong(at, "a valid uuid", value)
	}
	return func(v column.Value) bool { return slices.Contains(v.IDs, id) == (op == "contains") }, nil
}

func (t Table) verifications(op string, value any, at string) (test, error) {
	want, _ := value.(string)
	switch {
	case op != "status" && op != "does_not_equal":
		return nil, unknown(at, value)
	case want != "verified" && want != "expired" && want != "none":
		return nil, wrong(at, "`\"verified\"`, `\"expired\"`, or `\"none\"`", value)
	}
	return func(v column.Value) bool { return (v.Verified(t.Now) == want) == (op == "status") }, nil
}
