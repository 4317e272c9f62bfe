package property

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Order is what rows are sorted by, most important first.
type Order struct {
	schema map[string]notion.Schema
	Sorts  []notion.Sort // as the API takes it
}

// ParseOrder reads sorts such as "Renewal date", "Amount desc" and
// "last edited". The error is a Misfit.
func ParseOrder(schema map[string]notion.Schema, all []string) (Order, error) {
	o := Order{schema: schema}
	var wrong []error
	for _, s := range all {
		name, direction := directed(schema, strings.TrimSpace(s))
		found, err := column(schema, name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		one := notion.Sort{Property: found.Name, Direction: direction}
		if found.Name == "" {
			one.Timestamp = found.Type
		}
		o.Sorts = append(o.Sorts, one)
	}
	return o, Misfits(wrong...)
}

// directed takes the direction off the end of a sort, unless a property has a
// name like that.
func directed(schema map[string]notion.Schema, s string) (name, direction string) {
	if _, exact := schema[s]; exact {
		return s, "ascending"
	}
	if strings.HasPrefix(s, "-") {
		return strings.TrimSpace(s[1:]), "descending"
	}
	if _, err := Find(schema, s); err == nil {
		return s, "ascending"
	}
	i := strings.LastIndexAny(s, " :,")
	if i < 0 {
		return s, "ascending"
	}
	switch strings.ToLower(strings.Trim(s[i+1:], "()")) {
	case "desc", "descending", "down", "newest", "highest", "largest":
		return strings.Trim(s[:i], " :,"), "descending"
	case "asc", "ascending", "up", "oldest", "lowest", "smallest":
		return strings.Trim(s[:i], " :,"), "ascending"
	}
	return s, "ascending"
}

// Rows sorts rows at hand; rows that are equal keep their order.
func (o Order) Rows(rows []notion.Page) {
	slices.SortStableFunc(rows, func(a, b notion.Page) int {
		for _, s := range o.Sorts {
			if c := o.compare(s, &a, &b); c != 0 {
				return c
			}
		}
		return 0
	})
}

func (o Order) compare(s notion.Sort, a, b *notion.Page) int {
	t := test{name: s.Property, kind: cmp.Or(s.Timestamp, o.schema[s.Property].Type)}
	p, q := t.property(a), t.property(b)
	n, text, ok := sortKey(p)
	m, other, ok2 := sortKey(q)
	if !ok || !ok2 {
		return cmp.Compare(missing(ok), missing(ok2)) // last in either direction
	}
	c := cmp.Or(cmp.Compare(n, m), strings.Compare(strings.ToLower(unify.Text(text)), strings.ToLower(unify.Text(other))))
	if f := familyOf(t.kind); f == choice || f == choices {
		schema := o.schema[s.Property]
		c = cmp.Compare(position(schema, p), position(schema, q))
	}
	if s.Direction == "descending" {
		return -c
	}
	return c
}

func missing(ok bool) int {
	if ok {
		return 0
	}
	return 1
}
