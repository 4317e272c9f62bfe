package property

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// test is one comparison, as the API makes it.
type test struct {
	name   string // of the property; "" for the row's own times
	kind   string // type of the property
	result string // formula and rollup: the type of what they give, as the API calls it in filters
	each   bool   // rollup: of each of several values
	family family
	op     string // as the API calls it
	value  any
}

// api is the test as the API takes it.
// Source: the API reference, "Filter data source entries".
func (t test) api() any {
	condition := any(map[string]any{t.op: t.value})
	switch {
	case t.each:
		op, quantifier := t.ofEach()
		condition = map[string]any{quantifier: map[string]any{t.result: map[string]any{op: t.value}}}
	case t.result != "":
		condition = map[string]any{t.result: condition}
	}
	if t.name == "" {
		return map[string]any{"timestamp": t.kind, t.kind: condition}
	}
	return map[string]any{"property": t.name, t.kind: condition}
}

// opposites are the operators that hold where another does not.
var opposites = map[string]string{"does_not_equal": "equals", "does_not_contain": "contains", "is_empty": "is_not_empty"}

// ofEach is how several values are tested: one of them must pass, or none must
// where the operator says not.
func (t test) ofEach() (op, quantifier string) {
	if op, ok := opposites[t.op]; ok {
		return op, "none"
	}
	return t.op, "any"
}

// word is a value as a text.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// numberValue reads 1,250.50 and 15 % and $500; an id such as BUG-12 by its
// number.
func numberValue(s notion.Schema, v any) (any, error) {
	w := word(v)
	if s.Type == "unique_id" {
		w = w[strings.LastIndexByte(w, '-')+1:]
	}
	n, ok := ParseNumber(w)
	if !ok {
		return nil, misfit("%q is a number, and %q is none. Write digits, such as 1250.5.", s.Name, clip(word(v)))
	}
	return n, nil
}

var thousands = regexp.MustCompile(`^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$`)

// ParseNumber reads a number as people write it: with thousands separated by
// commas, a unit of money, in thousands or millions (50k, 1.2M), or as a
// percentage (15 % is 0.15, as Notion keeps it).
func ParseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(unify.Text(s)), "$€£¥ "))
	unit := 1.0
	if strings.HasSuffix(s, "%") {
		unit = 0.01
	}
	s = strings.TrimSpace(strings.TrimRight(s, "%$€£¥ "))
	if i := len(s) - 1; i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		if many, ok := map[byte]float64{'k': 1e3, 'K': 1e3, 'M': 1e6}[s[i]]; ok {
			s, unit = s[:i], unit*many
		}
	}
	if strings.Contains(s, ",") && !thousands.MatchString(s) {
		return 0, false // 1,5 may mean 1.5 or 15
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	if err != nil || n != n || n > 1e300 || n < -1e300 {
		return 0, false
	}
	if unit == 0.01 {
		return n / 100, true // exactly as it is written: 15 * 0.01 is not 0.15
	}
	return n * unit, true
}

func yesNoValue(s notion.Schema, v any) (any, error) {
	if b, ok := ParseYesNo(v); ok {
		return b, nil
	}
	return nil, misfit("%q is a checkbox: its value is true or false, not %q.", s.Name, clip(word(v)))
}

// ParseYesNo reads the value of a checkbox.
func ParseYesNo(v any) (bool, bool) {
	switch strings.ToLower(word(v)) {
	case "true", "yes", "checked", "on", "1", "x", "done":
		return true, true
	case "false", "no", "unchecked", "off", "0":
		return false, true
	}
	return false, false
}

// match makes the comparison on a row at hand.
func (t test) match(row *notion.Page) bool {
	p := t.property(row)
	if !t.each {
		return t.fits(p)
	}
	op, quantifier := t.ofEach()
	t.op = op
	return (quantifier == "any") == slices.ContainsFunc(gathered(p), t.fits)
}

// fits makes the comparison on one value.
func (t test) fits(p notion.Property) bool {
	if t.op == "is_empty" || t.op == "is_not_empty" {
		return empty(p) == (t.op == "is_empty")
	}
	switch t.family {
	case number:
		return matchNumber(t.op, numberOf(p), t.value)
	case yesNo:
		return (boolOf(p) == t.value) == (t.op == "equals")
	case day:
		return matchDay(t.op, dayIn(p), word(t.value))
	case verified:
		return stateOf(p) == t.value
	case choice, choices, reference:
		has := slices.Contains(keys(p), word(t.value))
		return has == (t.op == "equals" || t.op == "contains")
	}
	return matchText(t.op, strings.ToLower(unify.Text(textOf(p))), strings.ToLower(unify.Text(word(t.value))))
}

// property is the value in a row; the times of the row stand in no property.
func (t test) property(row *notion.Page) notion.Property {
	if t.name != "" {
		return row.Properties[t.name]
	}
	if t.kind == "created_time" {
		return notion.Property{Type: t.kind, CreatedTime: row.CreatedTime.Format(time.RFC3339)}
	}
	return notion.Property{Type: t.kind, LastEditedTime: row.LastEditedTime.Format(time.RFC3339)}
}

func matchText(op, have, want string) bool {
	switch op {
	case "equals":
		return have == want
	case "does_not_equal":
		return have != want
	case "contains":
		return strings.Contains(have, want)
	case "does_not_contain":
		return !strings.Contains(have, want)
	case "starts_with":
		return strings.HasPrefix(have, want)
	}
	return strings.HasSuffix(have, want)
}

// matchNumber compares; no number is unequal to every number.
func matchNumber(op string, have *float64, value any) bool {
	want, _ := value.(float64)
	if have == nil {
		return op == "does_not_equal"
	}
	switch op {
	case "equals":
		return *have == want
	case "does_not_equal":
		return *have != want
	case "greater_than":
		return *have > want
	case "greater_than_or_equal_to":
		return *have >= want
	case "less_than":
		return *have < want
	}
	return *have <= want
}

// matchDay compares the start of a date with a day or a moment.
func matchDay(op, have, want string) bool {
	at, ok := moment(have)
	wanted, _ := moment(want)
	if !ok {
		return false
	}
	until := wanted // the end of the day that was named
	if len(want) == len(time.DateOnly) {
		until = wanted.AddDate(0, 0, 1)
	}
	switch op {
	case "equals":
		return at.Equal(wanted) || !at.Before(wanted) && at.Before(until)
	case "before":
		return at.Before(wanted)
	case "after":
		return at.After(wanted) && !at.Before(until)
	case "on_or_before":
		return at.Equal(wanted) || at.Before(until)
	}
	return !at.Before(wanted)
}

func moment(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
