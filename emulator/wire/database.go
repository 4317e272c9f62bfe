package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Database writes a database with the data sources that it holds. Since version
// 2025-09-03 that is only the container: neither columns nor authors are in it,
// but its data sources by name.
func (v View) Database(d *workspace.Database, sources []*workspace.Database, parent Object, inTrash bool) Object {
	title := d.DatabaseTitle()
	o := Object{
		"object": "database", "id": d.ID, "parent": parent,
		"title": v.Text(block.PlainRuns(title)), "description": v.Text(block.PlainRuns(d.Description)),
		"created_time": Time(d.Created), "last_edited_time": Time(d.Edited),
		"icon": nil, "cover": nil, "is_inline": d.Inline, "is_locked": false,
		"url": workspace.URL(title, d.ID), "public_url": nil,
		"data_sources": each(sources, func(s *workspace.Database) any {
			return Object{"id": s.DataSourceID, "name": s.Title}
		}),
	}
	v.trash(o, inTrash)
	return o
}

// DataSource writes a data source. parent is where its database hangs. Its own
// parent is always the database, so database_parent is needed to find the page.
func (v View) DataSource(d *workspace.Database, parent Object, inTrash bool) Object {
	o := Object{
		"object": "data_source", "id": d.DataSourceID,
		"parent":          Object{"type": "database_id", "database_id": d.Holder()},
		"database_parent": parent,
		"title":           v.Text(block.PlainRuns(d.Title)), "description": v.Text(block.PlainRuns(d.Description)),
		"created_time": Time(d.Created), "last_edited_time": Time(d.Edited),
		"created_by": PartialUser(d.CreatedBy), "last_edited_by": PartialUser(d.EditedBy),
		"icon": nil, "cover": nil, "is_inline": d.Inline,
		"url": workspace.URL(d.Title, d.Holder()), "public_url": nil,
		"properties": v.schema(d),
	}
	v.trash(o, inTrash)
	return o
}

// Ordered is an object whose names keep their order in JSON.
type Ordered struct {
	Names []string
	By    Object
}

// MarshalJSON writes the names in their order.
func (o Ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, name := range o.Names {
		one, err := json.Marshal(Object{name: o.By[name]})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(one[1 : len(one)-1])
	}
	return fmt.Appendf(nil, "{%s}", b.Bytes()), nil
}

// schema writes the columns by name, in their order.
func (v View) schema(d *workspace.Database) Ordered {
	out := Ordered{By: Object{}}
	for i := range d.Columns {
		if c := &d.Columns[i]; v.Shows(d, c) {
			out.Names = append(out.Names, c.Name)
			out.By[c.Name] = Object{
				"id": c.ID, "name": c.Name, "type": c.Type, "description": nullable(c.Description), c.Type: v.config(d, c),
			}
		}
	}
	return out
}

// config is what a schema says about a column under its type; empty for most
// types.
func (v View) config(d *workspace.Database, c *column.Column) Object {
	switch c.Type {
	case "number":
		return Object{"format": cmp.Or(c.Format, "number")}
	case "select", "multi_select":
		return Object{"options": choices(c.Options)}
	case "status":
		groups := each(c.StatusGroups(), func(g column.Group) any {
			ids := each(g.Options, func(name string) any { return optionID(name) })
			return Object{"id": block.NewID("group", g.Name), "name": g.Name, "color": g.Color, "option_ids": ids}
		})
		return Object{"options": choices(c.Options), "groups": groups}
	case "relation":
		return v.relation(c)
	case "rollup":
		return v.rollup(d, c)
	case "formula":
		return Object{"expression": c.Expression}
	case "unique_id":
		return Object{"prefix": nullable(c.Prefix)}
	}
	return Object{}
}

// choices are the options of a column. Only here do they have a description,
// which is null where nobody wrote one: in the value of a row the same option
// has none at all.
func choices(names []string) []any {
	return each(names, func(name string) any {
		o := option(name)
		o["description"] = nil
		return o
	})
}

// relation points to a data source. The id of its database is told too, for
// clients that still know relations by that.
func (v View) relation(c *column.Column) Object {
	o := Object{"data_source_id": workspace.DataSourceID(c.Relation), "database_id": c.Relation}
	if other := v.Table(c.Relation); other != nil {
		o["data_source_id"], o["database_id"] = other.DataSourceID, other.Holder()
		if back := other.Column(c.Synced); c.Synced != "" && back != nil {
			o["type"], o["dual_property"] = "dual_property", Object{"synced_property_id": back.ID, "synced_property_name": back.Name}
			return o
		}
	}
	o["type"], o["single_property"] = "single_property", Object{}
	return o
}

// rollup names both columns that a rollup looks at, by name and by id.
func (v View) rollup(d *workspace.Database, c *column.Column) Object {
	o := Object{
		"function": c.Rollup.Function, "relation_property_name": c.Rollup.Via, "rollup_property_name": c.Rollup.Of,
		"relation_property_id": "", "rollup_property_id": "",
	}
	via := d.Column(c.Rollup.Via)
	if via == nil {
		return o
	}
	o["relation_property_id"] = via.ID
	if other := v.Table(via.Relation); other != nil {
		if of := other.Column(c.Rollup.Of); of != nil {
			o["rollup_property_id"] = of.ID
		}
	}
	return o
}
