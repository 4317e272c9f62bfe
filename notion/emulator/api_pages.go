package emulator

import (
	"net/url"
	"slices"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// visiblePage is a page that the caller may see, or 404.
func (s *Server) visiblePage(r *request, id string) (*workspace.Page, error) {
	p := s.store.pages[id]
	if p == nil || !s.store.sees(r.token, id) {
		return nil, notFound("page", id, r.token)
	}
	return p, nil
}

func (s *Server) getPage(r *request) (any, error) {
	p, err := s.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	o := s.store.page(s.view(r), p)
	filterProperties(o, r.query)
	return o, nil
}

// filterProperties keeps only the properties that the caller named.
func filterProperties(page wire.Object, query url.Values) {
	wanted := append(query["filter_properties"], query["filter_properties[]"]...)
	if len(wanted) == 0 {
		return
	}
	properties := page["properties"].(wire.Object)
	for name, value := range properties {
		id := wire.String(value.(wire.Object), "id")
		if !slices.Contains(wanted, id) && !slices.Contains(wanted, name) {
			delete(properties, name)
		}
	}
}

// getProperty pages through one property, also past the 25 references that a
// page object holds.
func (s *Server) getProperty(r *request) (any, error) {
	p, err := s.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	c := s.column(p, r.path["property"])
	if c == nil {
		return nil, notFound("property", r.path["property"], r.token)
	}
	v := s.view(r)
	items, paged := v.Items(p, c)
	if !paged {
		o := v.Property(p, c)
		o["object"] = "property_item"
		return o, nil
	}
	cut, err := s.offsetSlice(r, len(items))
	if err != nil {
		return nil, err
	}
	var results []any
	for _, item := range items[cut.from:cut.to] {
		results = append(results, wire.Object{"object": "property_item", "id": c.ID, "type": c.Type, c.Type: item})
	}
	out := list("property_item", results, cut)
	var next any
	if cut.next != nil {
		next = "https://api.notion.com/v1/pages/" + p.ID + "/properties/" + c.ID + "?start_cursor=" + cut.next.(string)
	}
	out["property_item"] = wire.Object{"id": c.ID, "type": c.Type, c.Type: wire.Object{}, "next_url": next}
	return out, nil
}

// column finds a property of a page by id or name.
func (s *Server) column(p *workspace.Page, key string) *workspace.Column {
	if d := s.store.databases[p.Parent.ID]; d != nil {
		return d.Column(key)
	}
	if key == "title" {
		return &workspace.Column{ID: "title", Name: "title", Type: "title"}
	}
	return nil
}

// createPage makes a page below a page, or a row of a data source.
func (s *Server) createPage(r *request) (any, error) {
	parent, err := s.readParent(r)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	p := &workspace.Page{
		ID: s.freshID(), Parent: parent, Created: now, Edited: now,
		CreatedBy: r.token.bot, EditedBy: r.token.bot, Icon: wire.String(r.body, "icon", "emoji"),
	}
	properties, _ := r.body["properties"].(wire.Object)
	if err := wire.SetProperties(p, s.store.databases[parent.ID], properties); err != nil {
		return nil, err
	}
	p.Path = s.pathFor(p)
	if err := s.firstBody(r, p); err != nil {
		return nil, err
	}
	s.addPage(p)
	if r.token.NoRead {
		return wire.Object{"object": "page", "id": p.ID}, nil
	}
	return s.store.page(s.view(r), p), nil
}

// firstBody fills a new page with the children or the Markdown that came with
// it.
func (s *Server) firstBody(r *request, p *workspace.Page) error {
	text, hasText := r.body["markdown"].(string)
	if r.body["children"] != nil && hasText {
		return wire.Invalid("body failed validation: body.children and body.markdown should not both be present.")
	}
	if hasText {
		p.Body = s.store.w.ParseBlocks(p, []byte(text))
	} else if r.body["children"] != nil {
		blocks, err := wire.ParseBlocks(r.body["children"], "body.children", 2)
		if err != nil {
			return err
		}
		p.Body = blocks
	}
	return s.stamp(r, p.ID, nil, p.Body)
}

// readParent reads the parent of a new or moved page and checks that the
// caller may see it.
func (s *Server) readParent(r *request) (workspace.Parent, error) {
	o, ok := r.body["parent"].(wire.Object)
	if !ok {
		return workspace.Parent{}, wire.Invalid("body failed validation: body.parent should be defined, instead was `undefined`.")
	}
	if o["workspace"] == true {
		return workspace.Parent{Kind: "workspace"}, nil
	}
	for _, kind := range []string{"page", "data_source", "database"} {
		raw := wire.String(o, kind+"_id")
		if raw == "" {
			continue
		}
		id, ok := block.ParseID(raw)
		if !ok {
			return workspace.Parent{}, wire.Invalid("body failed validation: body.parent.%s_id should be a valid uuid, instead was `%q`.", kind, raw)
		}
		if d := s.store.dataSources[id]; d != nil && kind == "data_source" {
			id = d.ID
		}
		found := kind == "page" && s.store.pages[id] != nil || kind != "page" && s.store.databases[id] != nil
		if !found || !s.store.sees(r.token, id) {
			return workspace.Parent{}, notFound(kind, id, r.token)
		}
		if s.store.trashed(id) {
			return workspace.Parent{}, archived(kind)
		}
		if kind == "data_source" {
			kind = "database"
		}
		return workspace.Parent{Kind: kind, ID: id}, nil
	}
	return workspace.Parent{}, wire.Invalid("body failed validation: body.parent should have page_id, data_source_id or database_id, instead was `%s`.", wire.Brief(o))
}

// updatePage changes properties, icon or place in the trash.
func (s *Server) updatePage(r *request) (any, error) {
	p, err := s.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	trash, hasTrash := trashFlag(r.body)
	if s.store.trashed(p.ID) && !(hasTrash && !trash) {
		return nil, archived("page")
	}
	changed := *p
	changed.Values = cloneValues(p.Values)
	properties, _ := r.body["properties"].(wire.Object)
	if err := wire.SetProperties(&changed, s.store.databases[p.Parent.ID], properties); err != nil {
		return nil, err
	}
	if hasTrash {
		changed.InTrash = trash
	}
	if archive, ok := r.body["is_archived"].(bool); ok {
		changed.Archived = archive
	}
	if o, ok := r.body["icon"].(wire.Object); ok {
		changed.Icon = wire.String(o, "emoji")
	}
	if r.body["erase_content"] == true {
		s.setBody(p, nil)
		changed.Body = p.Body
	}
	*p = changed
	s.touch(p, r.token.bot)
	return s.store.page(s.view(r), p), nil
}

// trashFlag reads in_trash under its new or old name.
func trashFlag(body wire.Object) (value, given bool) {
	if v, ok := body["in_trash"].(bool); ok {
		return v, true
	}
	v, ok := body["archived"].(bool)
	return v, ok
}

func (s *Server) movePage(r *request) (any, error) {
	p, err := s.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	parent, err := s.readParent(r)
	if err != nil {
		return nil, err
	}
	if err := s.move(p, parent); err != nil {
		return nil, wire.Invalid("%s", err.Error())
	}
	s.touch(p, r.token.bot)
	return s.store.page(s.view(r), p), nil
}
