package wire

import (
	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// MaxReferences is how many references of one property come with a page. Notion
// cuts off the rest without an error; has_more tells it for relations, and
// nothing does for people. The whole list has an endpoint of its own.
const MaxReferences = 25

// Page writes a page without its text. d is its database if it is a row, else
// nil. The url is Notion's, made of the title and the id, so it changes when
// the page is renamed.
func (v View) Page(p *workspace.Page, d *workspace.Database, parent Object, inTrash bool) Object {
	o := Object{
		"object": "page", "id": p.ID, "parent": parent,
		"created_time": Time(p.Created), "last_edited_time": Time(p.Edited),
		"created_by": PartialUser(p.CreatedBy), "last_edited_by": PartialUser(p.EditedBy),
		"icon": icon(p.Icon), "cover": nil, "is_archived": p.Archived, "is_locked": false,
		"url": workspace.URL(p.Title, p.ID), "public_url": nil,
		"properties": v.properties(p, d),
	}
	v.trash(o, inTrash)
	return o
}

// properties are those of a page by name. A page that is no row has a title and
// nothing else.
func (v View) properties(p *workspace.Page, d *workspace.Database) Object {
	if d == nil {
		title := workspace.Column{ID: "title", Type: "title"}
		return Object{"title": v.Property(p, &title)}
	}
	out := Object{}
	for i := range d.Columns {
		out[d.Columns[i].Name] = v.Property(p, &d.Columns[i])
	}
	return out
}

// Property writes one property of a page, with the first 25 references.
func (v View) Property(p *workspace.Page, c *workspace.Column) Object {
	o := Object{"id": c.ID, "type": c.Type}
	items, list := v.Items(p, c)
	if !list {
		o[c.Type] = v.single(p, c)
		return o
	}
	if c.Type == "relation" {
		o["has_more"] = len(items) > MaxReferences
	}
	// Titles and texts are not cut, however many runs they have.
	if len(items) > MaxReferences && (c.Type == "relation" || c.Type == "people") {
		items = items[:MaxReferences]
	}
	o[c.Type] = items
	return o
}

// Items are the values of a property that the API pages through; list is false
// for properties that it does not. Rows that the caller may not see are missing
// from a relation.
func (v View) Items(p *workspace.Page, c *workspace.Column) (items []any, list bool) {
	value := p.Values[c.Name]
	switch c.Type {
	case "title":
		return v.Text(block.PlainRuns(p.Title)), true
	case "rich_text":
		return v.Text(value.Text), true
	case "people":
		items = []any{}
		for _, id := range value.IDs {
			items = append(items, v.User(id))
		}
		return items, true
	case "relation":
		items = []any{}
		for _, id := range value.IDs {
			if _, ok := v.Title(id); ok {
				items = append(items, Object{"id": id})
			}
		}
		return items, true
	}
	return nil, false
}

// single is the value of a property that holds one; null where the row has
// none. Times of the row itself are rounded like all others.
func (v View) single(p *workspace.Page, c *workspace.Column) any {
	value := p.Values[c.Name]
	switch c.Type {
	case "number":
		if value.Number == nil {
			return nil
		}
		return *value.Number
	case "checkbox":
		return value.Checked
	case "date":
		if value.Start == "" {
			return nil
		}
		return Object{"start": value.Start, "end": nullable(value.End), "time_zone": nil}
	case "select", "status":
		if len(value.Options) == 0 {
			return nil
		}
		return option(value.Options[0])
	case "multi_select":
		return options(value.Options)
	case "created_time":
		return Time(p.Created)
	case "last_edited_time":
		return Time(p.Edited)
	}
	return nullable(block.Plain(value.Text))
}

// User writes a person, in full where the caller may know people, else by id
// alone.
func (v View) User(id string) Object {
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
	return Object{"id": block.NewID("option", name)[:8], "name": name, "color": "default"}
}

func options(names []string) []any {
	out := make([]any, 0, len(names))
	for _, n := range names {
		out = append(out, option(n))
	}
	return out
}
