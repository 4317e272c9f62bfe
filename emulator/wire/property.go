package wire

import (
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Value writes a value of a column other than a rollup: null where it is empty,
// a list for the types that have several. Rows that the caller may not see are
// missing from a relation.
func (v View) Value(c *column.Column, value column.Value) any {
	switch c.Type {
	case "title", "rich_text":
		return v.Text(value.Text)
	case "people":
		return each(value.IDs, func(id string) any { return v.User(id) })
	case "relation":
		seen := []any{}
		for _, id := range value.IDs {
			if _, ok := v.Title(id); ok {
				seen = append(seen, Object{"id": id})
			}
		}
		return seen
	case "multi_select":
		return each(value.Options, func(name string) any { return option(name) })
	case "files":
		return each(value.Files, func(f column.File) any { return v.file(c, f) })
	case "formula":
		return formula(c, value)
	case "verification":
		return v.verification(value)
	}
	return v.single(c, value)
}

func each[T any](list []T, write func(T) any) []any {
	out := make([]any, 0, len(list))
	for _, item := range list {
		out = append(out, write(item))
	}
	return out
}

// single is the value of a property that holds one.
func (v View) single(c *column.Column, value column.Value) any {
	switch c.Type {
	case "number":
		return number(value.Number)
	case "unique_id":
		return Object{"prefix": nullable(c.Prefix), "number": number(value.Number)}
	case "checkbox":
		return value.Checked
	case "date":
		return date(value)
	case "select", "status":
		if len(value.Options) == 0 {
			return nil
		}
		return option(value.Options[0])
	case "created_time", "last_edited_time":
		return value.Start
	case "created_by", "last_edited_by":
		return v.User(value.IDs[0])
	case "button":
		return Object{}
	}
	return nullable(block.Plain(value.Text))
}

func number(n *float64) any {
	if n == nil {
		return nil
	}
	return *n
}

func date(value column.Value) any {
	if value.Start == "" {
		return nil
	}
	return Object{"start": value.Start, "end": nullable(value.End), "time_zone": nullable(value.Zone)}
}

// file writes a file of a property. The address of one that Notion hosts is
// signed anew with every answer.
func (v View) file(c *column.Column, f column.File) Object {
	if f.URL != "" {
		return Object{"name": f.Name, "type": "external", "external": Object{"url": f.URL}}
	}
	hosted := Object{"url": block.SignedURL(f.Name, c.Name), "expiry_time": expiry(v.Now)}
	return Object{"name": f.Name, "type": "file", "file": hosted}
}

// formula writes the result of a formula under its type.
func formula(c *column.Column, value column.Value) Object {
	o := Object{"type": c.Result}
	switch c.Result {
	case "number":
		o["number"] = number(value.Number)
	case "boolean":
		o["boolean"] = value.Checked
	case "date":
		o["date"] = date(value)
	default:
		o["type"], o["string"] = "string", nullable(block.Plain(value.Text))
	}
	return o
}

// verification writes whether a page is verified. What has expired still tells
// who verified it.
func (v View) verification(value column.Value) Object {
	state := value.Verified(v.Now)
	if state == "none" {
		return Object{"state": "unverified", "date": nil, "verified_by": nil}
	}
	var by any
	if len(value.IDs) > 0 {
		by = v.User(value.IDs[0])
	}
	return Object{"state": state, "date": date(value), "verified_by": by}
}

// rolled writes a rollup with at most so many items; 0 leaves them out, since
// an endpoint of its own lists them.
func (v View) rolled(c *column.Column, r column.Rolled, limit int) Object {
	o := Object{"type": r.Type, "function": c.Rollup.Function}
	switch r.Type {
	case "number":
		o["number"] = number(r.Number)
	case "date":
		o["date"] = date(column.Value{Start: r.Start, End: r.End})
	case "array":
		items := r.Items[:min(len(r.Items), limit)]
		o["array"] = each(items, func(value column.Value) any {
			return Object{"type": r.Of.Type, r.Of.Type: v.Value(r.Of, value)}
		})
	default:
		o["unsupported"] = Object{}
	}
	return o
}

// Items is the list of a property that the API pages through.
type Items struct {
	// Results are property items. Type is that of the property, and Summary what
	// stands beside the results under that type.
	Results []any
	Type    string
	Summary any
	// Partial is what takes the place of Summary until the last results.
	Partial any
}

// Items are the values of a property that the API pages through; list is false
// for properties that it does not.
func (v View) Items(p *workspace.Page, c *column.Column) (items Items, list bool) {
	switch c.Type {
	case "title", "rich_text", "people", "relation":
		values, _ := v.Value(c, p.Value(c)).([]any)
		return Items{Results: propertyItems(c, values), Type: c.Type, Summary: Object{}, Partial: Object{}}, true
	case "rollup":
		return v.rollupItems(p, c), true
	}
	return Items{}, false
}

func propertyItems(c *column.Column, values []any) []any {
	return each(values, func(value any) any { return propertyItem(c.ID, c.Type, value) })
}

func propertyItem(id, typ string, value any) Object {
	return Object{"object": "property_item", "id": id, "type": typ, typ: value}
}

// rollupItems are what a rollup was computed from: the items of all values for
// one that shows them, else the related rows. The result is whole only when all
// of these have been read.
func (v View) rollupItems(p *workspace.Page, c *column.Column) Items {
	r := v.Rollup(p, c)
	out := Items{Type: "rollup", Summary: v.rolled(c, r, 0), Partial: v.rolled(c, r, 0)}
	if r.Type != "array" {
		out.Partial = Object{"type": "incomplete", "incomplete": Object{}, "function": c.Rollup.Function}
		for _, id := range p.Values[c.Rollup.Via].IDs {
			if _, ok := v.Title(id); ok {
				out.Results = append(out.Results, propertyItem(c.ID, "relation", Object{"id": id}))
			}
		}
		return out
	}
	for _, value := range r.Items {
		written := v.Value(r.Of, value)
		switch r.Of.Type {
		case "title", "rich_text", "people", "relation":
			out.Results = append(out.Results, propertyItems(&column.Column{ID: c.ID, Type: r.Of.Type}, written.([]any))...)
		default:
			out.Results = append(out.Results, propertyItem(c.ID, r.Of.Type, written))
		}
	}
	return out
}

// User writes a person in full where the caller may know people, and the
// caller's own bot; others by id alone.
func (v View) User(id string) Object {
	if v.Bot["id"] == id {
		return v.Bot
	}
	o := PartialUser(id)
	if name, mail, ok := v.Person(id); ok {
		o["type"], o["name"], o["avatar_url"] = "person", name, nil
		o["person"] = Object{"email": mail}
	}
	return o
}

// option is one choice. Its id comes from the name alone, so that the schema
// and the values of all rows agree.
func option(name string) Object {
	return Object{"id": optionID(name), "name": name, "color": "default"}
}

func optionID(name string) string { return block.NewID("option", name)[:8] }
