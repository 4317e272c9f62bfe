package wire

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// SetProperties puts the properties that a client sent into a page. d is its
// database if it is a row; other pages have a title only. An error leaves p
// half changed, so callers pass a copy.
func SetProperties(p *workspace.Page, d *workspace.Database, properties Object) error {
	for name, value := range properties {
		// A page that is no row has this one property.
		c := &column.Column{ID: "title", Name: "title", Type: "title"}
		if d != nil {
			c = d.Column(name)
		} else if name != "title" {
			c = nil
		}
		if c == nil {
			return Invalid("%s is not a property that exists.", name)
		}
		if err := setProperty(p, c, value); err != nil {
			return err
		}
	}
	return nil
}

// setProperty puts one property into a page. A title may come as the bare array
// of its runs: Notion takes that for pages that are no rows.
func setProperty(p *workspace.Page, c *column.Column, value any) error {
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
	if c.Type == "title" {
		runs, err := ParseText(raw, where+".title")
		if err == nil {
			p.Title = block.Plain(runs)
		}
		return err
	}
	v, err := ParseValue(c, raw, where+"."+c.Type)
	if err != nil {
		return err
	}
	if p.Values == nil {
		p.Values = map[string]column.Value{}
	}
	p.Values[c.Name] = v
	return nil
}

// ParseValue reads the value of a property other than the title. Choices that
// the column does not have yet become part of it, as in Notion, where writing a
// row can change the schema. null empties the property; times and other
// computed values cannot be set.
func ParseValue(c *column.Column, raw any, where string) (v column.Value, err error) {
	if raw == nil {
		return v, nil
	}
	bad := Invalid("body failed validation: %s should be a value of type %s, instead was `%s`.", where, c.Type, Brief(raw))
	ok := true
	switch c.Type {
	case "rich_text":
		v.Text, err = ParseText(raw, where)
		return v, err
	case "number":
		var n float64
		n, ok = raw.(float64)
		v.Number = &n
	case "checkbox":
		v.Checked, ok = raw.(bool)
	case "date":
		o, _ := raw.(Object)
		v.Start, v.End = String(o, "start"), String(o, "end")
		ok = v.Start != ""
	case "select", "status":
		o, _ := raw.(Object)
		// Choices are set by name. Their ids would do in Notion, and no client
		// needs them here.
		v.Options = []string{String(o, "name")}
		ok = v.Options[0] != ""
	case "multi_select":
		v.Options, ok = names(raw, "name", 100)
	case "people", "relation":
		v.IDs, ok = names(raw, "id", 100)
	case "url", "email", "phone_number":
		var s string
		s, ok = raw.(string)
		v.Text = block.PlainRuns(s)
	default:
		return v, Invalid("%s cannot be set through the API.", c.Name)
	}
	if !ok {
		return v, bad
	}
	for _, o := range v.Options {
		if !slices.Contains(c.Options, o) {
			c.Options = append(c.Options, o)
		}
	}
	return v, nil
}

// names collects the strings under a key of a list of objects. ok is false if
// anything in the list is of the wrong kind or there are more than limit.
func names(raw any, key string, limit int) ([]string, bool) {
	list, ok := raw.([]any)
	if !ok || len(list) > limit {
		return nil, false
	}
	var out []string
	for _, item := range list {
		o, _ := item.(Object)
		s := String(o, key)
		if s == "" {
			return nil, false
		}
		if key == "id" {
			if s, ok = block.ParseID(s); !ok {
				return nil, false
			}
		}
		out = append(out, s)
	}
	return out, true
}
