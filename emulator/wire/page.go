package wire

import (
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
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
		title := column.Column{ID: "title", Type: "title"}
		return Object{"title": v.Property(p, &title)}
	}
	out := Object{}
	for i := range d.Columns {
		if c := &d.Columns[i]; v.Shows(d, c) {
			out[c.Name] = v.Property(p, c)
		}
	}
	return out
}

// Shows says whether the caller is told of a column. Relations to tables that
// it may not see are left out, and so is what is rolled up through them.
func (v View) Shows(d *workspace.Database, c *column.Column) bool {
	if c.Type == "rollup" {
		c = d.Column(c.Rollup.Via)
	}
	if c == nil || c.Type != "relation" {
		return true
	}
	_, ok := v.Title(c.Relation)
	return ok
}

// Property writes one property of a page, with the first 25 references.
func (v View) Property(p *workspace.Page, c *column.Column) Object {
	o := Object{"id": c.ID, "type": c.Type}
	if c.Type == "rollup" {
		o["rollup"] = v.rolled(c, v.Rollup(p, c), MaxReferences)
		return o
	}
	value := v.Value(c, p.Value(c))
	items, list := value.([]any)
	if c.Type == "relation" {
		o["has_more"] = len(items) > MaxReferences
	}
	// Titles and texts are not cut, however many runs they have.
	if list && len(items) > MaxReferences && (c.Type == "relation" || c.Type == "people") {
		value = items[:MaxReferences]
	}
	o[c.Type] = value
	return o
}
