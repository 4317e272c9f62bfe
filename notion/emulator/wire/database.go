package wire

import (
	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// Database writes a database. Since version 2025-09-03 that is only the
// container: neither columns nor authors are in it, but its data sources by
// name.
func (v View) Database(d *workspace.Database, parent Object, inTrash bool) Object {
	o := Object{
		"object": "database", "id": d.ID, "parent": parent,
		"title": v.Text(block.PlainRuns(d.Title)), "description": []any{},
		"created_time": Time(d.Created), "last_edited_time": Time(d.Edited),
		"icon": nil, "cover": nil, "is_inline": d.Inline, "is_locked": false,
		"url": workspace.URL(d.Title, d.ID), "public_url": nil,
		"data_sources": []any{Object{"id": d.DataSourceID, "name": d.Title}},
	}
	v.trash(o, inTrash)
	return o
}

// DataSource writes the data source of a database. parent is where the database
// hangs. Its own parent is always the database, so database_parent is needed to
// find the page.
func (v View) DataSource(d *workspace.Database, parent Object, inTrash bool) Object {
	o := Object{
		"object": "data_source", "id": d.DataSourceID,
		"parent":          Object{"type": "database_id", "database_id": d.ID},
		"database_parent": parent,
		"title":           v.Text(block.PlainRuns(d.Title)), "description": []any{},
		"created_time": Time(d.Created), "last_edited_time": Time(d.Edited),
		"created_by": PartialUser(d.CreatedBy), "last_edited_by": PartialUser(d.EditedBy),
		"icon": nil, "cover": nil, "is_inline": d.Inline,
		"url": workspace.URL(d.Title, d.ID), "public_url": nil,
		"properties": v.schema(d),
	}
	v.trash(o, inTrash)
	return o
}

// schema writes the columns by name. Each has its type as a key of its own,
// also where there is nothing to say about it.
func (v View) schema(d *workspace.Database) Object {
	out := Object{}
	for _, c := range d.Columns {
		o := Object{"id": c.ID, "name": c.Name, "type": c.Type, "description": nil, c.Type: Object{}}
		switch c.Type {
		case "number":
			o["number"] = Object{"format": "number"}
		case "select", "multi_select":
			o[c.Type] = Object{"options": choices(c.Options)}
		case "status":
			o["status"] = Object{"options": choices(c.Options), "groups": []any{}}
		case "relation":
			o["relation"] = v.relation(c)
		}
		out[c.Name] = o
	}
	return out
}

// choices are the options of a column. Only here do they have a description,
// which is null where nobody wrote one: in the value of a row the same option
// has none at all.
func choices(names []string) []any {
	out := make([]any, 0, len(names))
	for _, n := range names {
		o := option(n)
		o["description"] = nil
		out = append(out, o)
	}
	return out
}

// relation points to a data source. The id of its database is told too, for
// clients that still know relations by that.
func (v View) relation(c workspace.Column) Object {
	return Object{
		"database_id": c.Relation, "data_source_id": workspace.DataSourceID(c.Relation),
		"type": "single_property", "single_property": Object{},
	}
}
