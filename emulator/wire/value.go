package wire

import (
	"maps"
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Change is what a request does to the properties of a page.
type Change struct {
	// Title is nil if it stays.
	Title *string
	// Values are by the name of the column.
	Values map[string]column.Value
}

// Reader reads the properties that a client sends.
type Reader struct {
	// Person and Row give the error for an id that the client may not name: that
	// of somebody, or of a row of a table.
	Person func(id string) error
	Row    func(id, table string) error
	// Me is who verifies a page.
	Me string
}

// Properties reads the properties that a client sent for a page: by name or id
// of the column, the value under the type of that. d is its table if it is a
// row; other pages have a title only.
func (r Reader) Properties(d *workspace.Database, raw any) (Change, error) {
	change := Change{Values: map[string]column.Value{}}
	properties, ok := raw.(Object)
	if raw != nil && !ok {
		return change, wrong("body.properties", "an object", raw)
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		// A page that is no row has this one property.
		c := &column.Column{ID: "title", Name: "title", Type: "title"}
		if d != nil {
			c = d.Column(name)
		} else if name != "title" {
			c = nil
		}
		if c == nil {
			return change, Invalid("%s is not a property that exists.", name)
		}
		if err := r.property(&change, c, properties[name]); err != nil {
			return change, err
		}
	}
	return change, nil
}

// property reads one property. A title may come as the bare array of its runs:
// Notion takes that for pages that are no rows.
func (r Reader) property(change *Change, c *column.Column, value any) error {
	where := "body.properties." + c.Name
	o, ok := value.(Object)
	// The value stands under the type of the property; "type" beside it is not
	// needed.
	raw, given := o[c.Type]
	if list, isList := value.([]any); isList && c.Type == "title" {
		raw, given, ok = list, true, true
	}
	if !ok || !given {
		return Invalid("%s is expected to be %s.", c.Name, c.Type)
	}
	where += "." + c.Type
	if c.Type == "title" {
		if raw == nil {
			return wrong(where, "an array", raw)
		}
		runs, err := ParseText(raw, where)
		title := block.Plain(runs)
		change.Title = &title
		return err
	}
	v, err := r.value(c, raw, where)
	change.Values[c.Name] = v
	return err
}

// value reads the value of a property other than the title. null empties those
// with a single value; lists are emptied by an empty one. Times and other
// computed values cannot be set.
func (r Reader) value(c *column.Column, raw any, where string) (v column.Value, err error) {
	switch c.Type {
	case "number", "date", "select", "status", "url", "email", "phone_number":
		if raw == nil {
			return v, nil
		}
	}
	switch c.Type {
	case "rich_text":
		if raw == nil {
			return v, wrong(where, "an array", raw)
		}
		v.Text, err = ParseText(raw, where)
	case "number":
		v.Number, err = parseNumber(raw, where)
	case "checkbox":
		var ok bool
		if v.Checked, ok = raw.(bool); !ok {
			err = wrong(where, "a boolean", raw)
		}
	case "date":
		v, err = parseDate(raw, where)
	case "select", "status":
		var name string
		name, err = parseOption(c, raw, where)
		v.Options = []string{name}
	case "multi_select":
		v.Options, err = list(raw, where, func(item any, where string) (string, error) { return parseOption(c, item, where) })
	case "people":
		v.IDs, err = list(raw, where, r.person)
	case "relation":
		v.IDs, err = list(raw, where, func(item any, where string) (string, error) { return r.row(c, item, where) })
	case "files":
		v.Files, err = list(raw, where, parseFile)
	case "url", "email", "phone_number":
		v.Text, err = parseContact(c.Type, raw, where)
	case "verification":
		v, err = r.verification(raw, where)
	default:
		err = Invalid("%s is of type %s, which cannot be set through the API.", c.Name, c.Type)
	}
	return v, err
}

// wrong is the error for something that is of the wrong kind.
func wrong(where, want string, got any) error {
	return Invalid("body failed validation: %s should be %s, instead was `%s`.", where, want, Brief(got))
}
