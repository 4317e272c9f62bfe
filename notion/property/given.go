package property

import (
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

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
		return t.options(s, op, word(v), cfg)
	case day:
		return t.days(s, op, v, cfg)
	case reference:
		return t.references(s, op, v, cfg)
	case verified:
		t.value, err = verifiedValue(s, v)
	default:
		if t.value = word(v); t.value == "" {
			err = misfit("The condition on %q has no value. To find rows without one, use the operator \"is empty\".", s.Name)
		}
	}
	return node{test: t}, err
}

// options makes tests of an option, or of the options in a group of a status.
// A rollup's options stand in the rows alone.
func (t test) options(s notion.Schema, op, name string, cfg Config) (node, error) {
	n := node{join: "or"}
	if negative(op) {
		n.join = "and"
	}
	all := group(s, name)
	if t.kind == "rollup" {
		all = []string{asShown(cfg.Rows, t.name, name)}
	} else if found, err := Option(s, name); err == nil {
		all = []string{found}
	} else if len(all) == 0 {
		return node{}, err
	}
	for _, option := range all {
		t := t
		t.value = option
		n.parts = append(n.parts, node{test: t})
	}
	return n.flat(), nil
}

// days makes tests of a period: a month or a quarter has a beginning and an
// end.
func (t test) days(s notion.Schema, op string, v any, cfg Config) (node, error) {
	p, ok := ParsePeriod(word(v), cfg.Now)
	if ahead.MatchString(spelled(word(v))) && op != "is" {
		p.Start = p.End.AddDate(0, 0, -1) // before "in 30 days" means that day
	}
	if ok && !Written(word(v)) && cfg.Read != nil {
		cfg.Read(word(v), p)
	}
	if !ok {
		return node{}, fitting(misfit("%q is a date, and %q is none.", s.Name, clip(word(v))), "Write %s.", Times)
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
	if p.Start.Equal(p.End) || !t.Equal(dayOf(t)) {
		return t.Format(time.RFC3339)
	}
	return t.Format(time.DateOnly)
}

// references makes tests of people or pages that are named by id, link or name.
func (t test) references(s notion.Schema, op string, v any, cfg Config) (node, error) {
	name := word(v)
	ids, err := lookUp(s, name, cfg)
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

// lookUp finds ids for a name. What Notion takes for "me" is the integration
// where it has no owner, so it is not asked.
func lookUp(s notion.Schema, name string, cfg Config) ([]notion.ID, error) {
	if s.Type != "relation" && strings.EqualFold(name, "me") {
		if cfg.Me == nil {
			return nil, nil
		}
		id, err := cfg.Me()
		return []notion.ID{id}, err
	}
	find := cfg.Find
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
