package property

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Condition is one test on the rows of a table, in plain words.
type Condition struct {
	Property string
	Operator string // see the errors for those that a property has; "" means is
	Value    any    // text, number, bool, or a list of these, one of which must fit
}

// Config says how conditions are read.
type Config struct {
	Any  bool                      // one condition is enough
	Now  time.Time                 // what relative dates start from
	Find Lookup                    // nil where people and pages are named by id alone
	Me   func() (notion.ID, error) // who "me" is; nil where nobody is
	Read func(string, Period)      // is told what words such as "last week" are taken as; nil for nobody
	Rows []notion.Page             // some rows, that show what formulas and rollups give; without them it is guessed from the values
}

// Where is what rows have to fulfil. The zero value lets every row through.
type Where struct {
	root  node
	parts []node // by condition
}

// Alone are the conditions one by one, in the order in which they were given.
func (w Where) Alone() []Where {
	var all []Where
	for _, p := range w.parts {
		all = append(all, Where{root: p})
	}
	return all
}

// Compile holds conditions against a schema. The error is a Misfit, or what
// Config.Find returned.
func Compile(schema map[string]notion.Schema, all []Condition, cfg Config) (Where, error) {
	root := node{join: "and"}
	if cfg.Any {
		root.join = "or"
	}
	var wrong []error
	for _, c := range all {
		n, err := compile(schema, c, cfg)
		wrong, root.parts = append(wrong, err), append(root.parts, n)
	}
	if err := Misfits(wrong...); err != nil {
		return Where{}, err
	}
	parts := root.parts
	root, ok := root.flat().shallow()
	if !ok {
		return Where{}, misfit("These conditions have too many values for Notion to take together. Ask for some of them at a time.")
	}
	return Where{root, parts}, nil
}

// Since is the same for rows that were made at t or later.
func (w Where) Since(t time.Time) Where {
	made := node{test: test{kind: "created_time", family: day, op: "on_or_after", value: t.UTC().Format(time.RFC3339)}}
	if w.API() == nil {
		return Where{root: made}
	}
	both := node{join: "and", parts: []node{made, w.root}}.flat()
	if flat, ok := both.shallow(); ok {
		both = flat
	}
	return Where{root: both}
}

// API is the filter as the API takes it; nil if every row is wanted.
func (w Where) API() any {
	if w.root.join != "" && len(w.root.parts) == 0 {
		return nil
	}
	if w.root.join == "" && w.root.test.op == "" {
		return nil
	}
	return w.root.api()
}

// Match says whether a row passes.
func (w Where) Match(row *notion.Page) bool {
	if w.API() == nil {
		return true
	}
	return w.root.match(row)
}

// compile reads one condition.
func compile(schema map[string]notion.Schema, c Condition, cfg Config) (node, error) {
	s, err := column(schema, c.Property)
	if err != nil {
		return node{}, err
	}
	t := test{name: s.Name, kind: s.Type, family: familyOf(s.Type)}
	c.Value = texts(unquoted(s.Type, c.Value))
	if t.family == computed {
		t.give(resultOf(s, c, cfg))
	}
	op, ok := canonical(t.family, c.Operator)
	switch {
	case ok && t.family == yesNo && strings.HasSuffix(op, "checked"):
		c.Value = op == "is checked"
		op = "is"
	case !ok && t.family == day:
		c.Value, ok = spokenOperator(c, cfg.Now)
		op = "is"
	}
	if !ok {
		return node{}, misfit("%q does not go with %q, which is a %s. Operators for it: %s.", clip(c.Operator), s.Name, kindWords(s.Type), operators(t.family))
	}
	if op == "is empty" || op == "is not empty" {
		t.op, t.value = strings.ReplaceAll(op, " ", "_"), true
		return node{test: t}, nil
	}
	if op == "between" {
		return t.between(s, c.Value, cfg)
	}
	return t.valued(s, op, values(c.Value), cfg)
}

// spokenOperator reads operators that name a period, such as "past week", or
// the beginning of one, such as "in the last" with the value "30 days".
func spokenOperator(c Condition, now time.Time) (any, bool) {
	said := strings.TrimPrefix(spaced(c.Operator), "is ")
	if v := word(c.Value); v != "" && v != "true" {
		said += " " + v
	}
	for _, prefix := range []string{"", "within ", "in ", "during "} {
		if _, ok := ParsePeriod(strings.TrimPrefix(said, prefix), now); ok {
			return strings.TrimPrefix(said, prefix), true
		}
	}
	return nil, false
}

// between takes both ends in.
func (t test) between(s notion.Schema, v any, cfg Config) (node, error) {
	ends := values(v)
	if t.family == day && len(ends) == 1 {
		return t.valued(s, "is", ends, cfg)
	}
	if len(ends) == 1 { // "10 to 20", "10 and 20"
		if m := span.FindStringSubmatch(strings.Replace(word(v), " and ", " to ", 1)); m != nil {
			ends = []any{m[1], m[2]}
		}
	}
	if len(ends) != 2 {
		return node{}, misfit("The operator \"between\" on %q takes a list of two values, the lowest and the highest.", s.Name)
	}
	low, high := ">=", "<="
	if t.family == day {
		low, high = "on or after", "on or before"
	}
	from, err := t.one(s, low, ends[0], cfg)
	if err != nil {
		return node{}, err
	}
	to, err := t.one(s, high, ends[1], cfg)
	return node{join: "and", parts: []node{from, to}}, err
}

func operators(f family) string {
	if len(words[f]) == 0 {
		return "none; Notion cannot filter by it"
	}
	return strings.Join(words[f], ", ")
}

// column finds a property; the times of a row can be asked for in any table.
func column(schema map[string]notion.Schema, name string) (notion.Schema, error) {
	s, err := Find(schema, name)
	if err == nil {
		return s, nil
	}
	switch suggest.Plain(name) {
	case "created", "createdtime", "createdat", "createdon":
		return notion.Schema{Type: "created_time"}, nil
	case "edited", "editedat", "lastedited", "lasteditedtime", "lastupdated", "updated", "updatedat", "modified", "lastmodified":
		return notion.Schema{Type: "last_edited_time"}, nil
	}
	return s, err
}

// values are the values of a condition: one, or the items of a list.
func values(v any) []any {
	if many, ok := v.([]any); ok {
		return many
	}
	return []any{v}
}

// unquoted is a list or an object that a client sent as text. What is a text
// itself, as the values of some columns are, stays one: "[1]" may stand in it.
func unquoted(kind string, v any) any {
	s, ok := v.(string)
	if s = strings.TrimSpace(s); !ok || !strings.HasPrefix(s, "[") && !strings.HasPrefix(s, "{") || familyOf(kind) == text {
		return v
	}
	var inner any
	if json.Unmarshal([]byte(s), &inner) != nil {
		return v
	}
	return inner
}

// texts is a list of several texts that a client sent as one.
func texts(v any) any {
	var many []string
	if s, ok := v.(string); !ok || json.Unmarshal([]byte(s), &many) != nil || len(many) < 2 {
		return v
	}
	list := make([]any, len(many))
	for i := range many {
		list[i] = many[i]
	}
	return list
}

// valued makes a test for each value. Of several values one must fit, or none
// where the operator says not.
func (t test) valued(s notion.Schema, op string, given []any, cfg Config) (node, error) {
	n := node{join: "or"}
	if negative(op) {
		n.join = "and"
	}
	var wrong []error
	for _, v := range given {
		one, err := t.one(s, op, v, cfg)
		wrong, n.parts = append(wrong, err), append(n.parts, one)
	}
	if err := Misfits(wrong...); err != nil {
		return node{}, err
	}
	if len(n.parts) == 0 {
		return node{}, misfit("The condition on %q has no value. To find rows without one, use the operator \"is empty\".", s.Name)
	}
	return n, nil
}

func negative(op string) bool { return op == "is not" || op == "does not contain" }
