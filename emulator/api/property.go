package api

import (
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// getProperty pages through one property, also past the 25 references that a
// page object holds. Notion lists title, text, people, relations and rollups,
// even with one value, and gives every other type as a single item.
func (a *API) getProperty(r *request) (any, error) {
	p, err := a.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	v := a.view(r)
	c := a.column(p, r.path["property"])
	if c == nil || !v.Shows(a.store.Databases[p.Parent.ID], c) {
		return nil, notFound("property", r.path["property"], r.caller)
	}
	items, paged := v.Items(p, c)
	// Single values come in another envelope than lists.
	if !paged {
		o := v.Property(p, c)
		o["object"] = "property_item"
		return o, nil
	}
	cut, err := a.offsetSlice(r, len(items.Results))
	if err != nil {
		return nil, err
	}
	out := list("property_item", items.Results[cut.from:cut.to], cut)
	next, summary := any(nil), items.Summary
	if cut.next != nil {
		// Some clients follow this address, others pass the cursor themselves.
		next = a.BaseURL + "/v1/pages/" + p.ID + "/properties/" + c.ID + "?start_cursor=" + cut.next.(string)
		summary = items.Partial
	}
	out["property_item"] = wire.Object{"id": c.ID, "type": items.Type, items.Type: summary, "next_url": next}
	return out, nil
}

// column finds a property of a page by id or name. Pages that are no rows have
// a title and nothing else.
func (a *API) column(p *workspace.Page, key string) *column.Column {
	if d := a.store.Databases[p.Parent.ID]; d != nil {
		return d.Column(key)
	}
	// The one property of a page that is no row, whose id and name are both
	// "title".
	if key == "title" {
		return &column.Column{ID: "title", Name: "title", Type: "title"}
	}
	return nil
}
