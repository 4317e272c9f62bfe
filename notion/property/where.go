package property

import (
	"slices"
	"strings"
	"time"

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
	Any  bool      // one condition is enough
	Now  time.Time // what relative dates start from
	Find Lookup    // nil where people and pages are named by id alone
}

// Where is what rows have to fulfil. The zero value lets every row through.
type Where struct{ root node }

// node is a test, or several of which all or one must hold.
type node struct {
	join  string // "and", "or"; "" for a test
	parts []node
	test  test
}

// maxDepth is how deep the API takes and/or into each other.
const maxDepth = 2

// Compile holds conditions against a schema. The error is a Misfit, or what
// Config.Find returned.
func Compile(schema map[string]notion.Schema, all []Condition, cfg Config) (Where, error) {
	root := node{join: "and"}
	if cfg.Any {
		root.join = "or"
	}
	for _, c := range all {
		n, err := compile(schema, c, cfg)
		if err != nil {
			return Where{}, err
		}
		root.parts = append(root.parts, n)
	}
	root = root.flat()
	if root.depth() > maxDepth {
		return Where{}, misfit("These conditions are too deep for Notion: with `any`, give one value for each condition, or ask several times.")
	}
	return Where{root}, nil
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

func (n node) api() any {
	if n.join == "" {
		return n.test.api()
	}
	parts := []any{}
	for _, p := range n.parts {
		parts = append(parts, p.api())
	}
	return map[string]any{n.join: parts}
}

func (n node) match(row *notion.Page) bool {
	switch n.join {
	case "and":
		return !slices.ContainsFunc(n.parts, func(p node) bool { return !p.match(row) })
	case "or":
		return slices.ContainsFunc(n.parts, func(p node) bool { return p.match(row) })
	}
	return n.test.match(row)
}

// flat takes needless levels out.
func (n node) flat() node {
	if n.join == "" {
		return n
	}
	out := node{join: n.join}
	for _, p := range n.parts {
		p = p.flat()
		if p.join == n.join {
			out.parts = append(out.parts, p.parts...)
			continue
		}
		out.parts = append(out.parts, p)
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

func (n node) depth() int {
	if n.join == "" {
		return 0
	}
	deepest := 0
	for _, p := range n.parts {
		deepest = max(deepest, p.depth())
	}
	return deepest + 1
}

// compile reads one condition.
func compile(schema map[string]notion.Schema, c Condition, cfg Config) (node, error) {
	s, err := column(schema, c.Property)
	if err != nil {
		return node{}, err
	}
	t := test{name: s.Name, kind: s.Type, family: familyOf(s.Type)}
	if t.family == computed {
		t.result, t.family = resultOf(c, cfg.Now)
	}
	op, ok := canonical(t.family, c.Operator)
	if t.family == yesNo && strings.HasSuffix(op, "checked") {
		c.Value, ok = op == "is checked", true
		op = "is"
	}
	if !ok {
		return node{}, misfit("%q does not go with %q, which is a %s. Operators for it: %s.", clip(c.Operator), s.Name, kindWords(s.Type), operators(t.family))
	}
	if op == "is empty" || op == "is not empty" {
		t.op, t.value = strings.ReplaceAll(op, " ", "_"), true
		return node{test: t}, nil
	}
	return t.valued(s, op, values(c.Value), cfg)
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
	switch plain(name) {
	case "created", "createdtime", "createdat":
		return notion.Schema{Type: "created_time"}, nil
	case "edited", "lastedited", "lasteditedtime", "updated", "updatedat":
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

// valued makes a test for each value. Of several values one must fit, or none
// where the operator says not.
func (t test) valued(s notion.Schema, op string, given []any, cfg Config) (node, error) {
	n := node{join: "or"}
	if negative(op) {
		n.join = "and"
	}
	for _, v := range given {
		one, err := t.one(s, op, v, cfg)
		if err != nil {
			return node{}, err
		}
		n.parts = append(n.parts, one)
	}
	if len(n.parts) == 0 {
		return node{}, misfit("The condition on %q has no value. To find rows without one, use the operator \"is empty\".", s.Name)
	}
	return n, nil
}

func negative(op string) bool { return op == "is not" || op == "does not contain" }

// one makes the test for one value.
func (t test) one(s notion.Schema, op string, v any, cfg Config) (node, error) {
	t.op = api[t.family][op]
	var err error
	switch t.family {
	case number:
		t.value, err = numberValue(s, v)
	case yesNo:
		t.value, err = yesNoValue(s, v)
	case choice, choices:
		t.value, err = Option(s, word(v))
	case day:
		return t.days(s, op, v, cfg.Now)
	case reference:
		return t.references(s, op, v, cfg.Find)
	default:
		if t.value = word(v); t.value == "" {
			err = misfit("The condition on %q has no value. To find rows without one, use the operator \"is empty\".", s.Name)
		}
	}
	return node{test: t}, err
}

// days makes tests of a period: a month or a quarter has a beginning and an
// end.
func (t test) days(s notion.Schema, op string, v any, now time.Time) (node, error) {
	p, ok := ParsePeriod(word(v), now)
	if !ok {
		return node{}, misfit("%q is a date, and %q is none. Write a day (2026-07-01), a month (2026-07), a quarter (Q3 2026), a year, a span (2026-07-01 to 2026-07-15), or words such as today, next month, last 30 days.", s.Name, clip(word(v)))
	}
	at := func(op string, day time.Time) node {
		t := t
		t.op, t.value = op, stamp(day, p)
		return node{test: t}
	}
	single := p.Start.Equal(p.End) || p.Day()
	switch op {
	case "before":
		return at("before", p.Start), nil
	case "on or after":
		return at("on_or_after", p.Start), nil
	case "after":
		if single {
			return at("after", p.Start), nil
		}
		return at("on_or_after", p.End), nil
	case "on or before":
		if single {
			return at("on_or_before", p.Start), nil
		}
		return at("before", p.End), nil
	}
	if single {
		return at("equals", p.Start), nil
	}
	return node{join: "and", parts: []node{at("on_or_after", p.Start), at("before", p.End)}}, nil
}

// stamp is a day, or a moment where one was given.
func stamp(t time.Time, p Period) string {
	if p.Start.Equal(p.End) {
		return t.Format(time.RFC3339)
	}
	return t.Format(time.DateOnly)
}

// references makes tests of people or pages that are named by id, link or name.
func (t test) references(s notion.Schema, op string, v any, find Lookup) (node, error) {
	name := word(v)
	ids, err := lookUp(s, name, find)
	if err != nil {
		return node{}, err
	}
	if len(ids) == 0 {
		return node{}, misfit("Nothing named %q was found for %q. Use the full name%s, or an id.", clip(name), s.Name, map[bool]string{true: " of the page", false: " or mail address of the person"}[s.Type == "relation"])
	}
	n := node{join: "or"}
	if negative(op) {
		n.join = "and"
	}
	for _, id := range ids {
		t := t
		t.value = string(id)
		n.parts = append(n.parts, node{test: t})
	}
	return n.flat(), nil
}

// lookUp finds ids for a name. "me" is for Notion to understand.
func lookUp(s notion.Schema, name string, find Lookup) ([]notion.ID, error) {
	if s.Type != "relation" && strings.EqualFold(name, "me") {
		return []notion.ID{"me"}, nil
	}
	if ref, err := notion.ParseRef(name); err == nil {
		return []notion.ID{ref.Page}, nil
	}
	if find == nil || name == "" {
		return nil, nil
	}
	if s.Type != "relation" {
		return find("people", "", name)
	}
	if s.Relation == nil {
		return nil, nil
	}
	return find("relation", s.Relation.DataSourceID, name)
}
