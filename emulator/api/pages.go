package api

import (
	"net/url"
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// visiblePage is a page that the caller may see, or 404. One in the trash is
// visible: Notion still shows it to whoever knows the id.
func (a *API) visiblePage(r *request, id string) (*workspace.Page, error) {
	p := a.store.Pages[id]
	if p == nil || !a.store.Sees(r.caller.Roots, id) {
		return nil, notFound("page", id, r.caller)
	}
	return p, nil
}

// getPage gives the properties of a page. Its text is another endpoint's.
func (a *API) getPage(r *request) (any, error) {
	p, err := a.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	o := a.store.Page(a.view(r), p)
	filterProperties(o, r.query)
	return o, nil
}

// filterProperties keeps only the properties that the caller named, by id or
// name; naming none keeps all. Some clients repeat the parameter, others write
// it with brackets.
func filterProperties(page wire.Object, query url.Values) {
	wanted := append(query["filter_properties"], query["filter_properties[]"]...)
	if len(wanted) == 0 {
		return
	}
	properties := page["properties"].(wire.Object)
	for name, value := range properties {
		// Ids are what Notion documents; it takes names as well.
		id := wire.String(value.(wire.Object), "id")
		if !slices.Contains(wanted, id) && !slices.Contains(wanted, name) {
			delete(properties, name)
		}
	}
}

// reader reads the properties that a caller sends. It can name whom and what it
// sees: people of the workspace, and rows of the table that a relation leads to.
func (a *API) reader(r *request) wire.Reader {
	return wire.Reader{
		Me: r.caller.Bot,
		Person: func(id string) error {
			if a.store.W.Person(id) == nil && id != r.caller.Bot {
				return notFound("user", id, r.caller)
			}
			return nil
		},
		Row: func(id, table string) error {
			p, err := a.visiblePage(r, id)
			if err == nil && p.Parent.ID != table {
				err = wire.Invalid("Page %s is not in the data source that the relation is to.", id)
			}
			return err
		},
	}
}

// icon reads the icon of a page; given is false if there is none in the
// request. Only emojis and addresses are emulated.
func icon(body wire.Object) (icon string, given bool, err error) {
	raw, given := body["icon"]
	if raw == nil {
		return "", given, nil
	}
	o, _ := raw.(wire.Object)
	icon = wire.String(o, "emoji") + wire.String(o, "external", "url")
	if icon == "" {
		err = wire.Invalid("body failed validation: body.icon should have emoji or external, instead was `%s`.", wire.Brief(raw))
	}
	return icon, given, err
}

// createPage makes a page below a page, or a row of a data source. A token that
// may insert and not read is told the id alone. Covers, templates and positions
// are not emulated.
func (a *API) createPage(r *request) (any, error) {
	if err := r.only("parent", "properties", "icon", "children", "markdown"); err != nil {
		return nil, err
	}
	parent, err := a.readParent(r)
	if err != nil {
		return nil, err
	}
	change, err := a.reader(r).Properties(a.store.Databases[parent.ID], r.body["properties"])
	if err != nil {
		return nil, err
	}
	icon, _, err := icon(r.body)
	if err != nil {
		return nil, err
	}
	now := a.Now()
	p := &workspace.Page{
		ID: a.store.FreshID(), Parent: parent, Created: now, Edited: now,
		CreatedBy: r.caller.Bot, EditedBy: r.caller.Bot, Icon: icon,
	}
	if err := a.firstBody(r, p); err != nil {
		return nil, err
	}
	a.store.Apply(p, change)
	a.store.Number(p)
	p.Path = a.store.PathFor(p)
	a.store.AddPage(p)
	if r.caller.NoRead {
		return wire.Object{"object": "page", "id": p.ID}, nil
	}
	return a.store.Page(a.view(r), p), nil
}

// firstBody fills a new page with the children or the Markdown that came with
// it. Notion takes one or the other, and two levels of children below the
// first.
func (a *API) firstBody(r *request, p *workspace.Page) error {
	text, hasText := r.body["markdown"].(string)
	if r.body["children"] != nil && hasText {
		return wire.Invalid("body failed validation: body.children and body.markdown should not both be present.")
	}
	if hasText {
		p.Body = a.store.W.ParseBlocks(p, []byte(text))
	} else if r.body["children"] != nil {
		blocks, err := wire.ParseBlocks(r.body["children"], "body.children", 2)
		if err != nil {
			return err
		}
		p.Body = blocks
	}
	return a.stamp(r, p.ID, nil, p.Body)
}

// readParent reads the parent of a new or moved page and checks that the caller
// may see it. The id of a database is taken too: databases had rows before they
// had data sources, and Notion goes on accepting it.
func (a *API) readParent(r *request) (workspace.Parent, error) {
	o, ok := r.body["parent"].(wire.Object)
	if !ok {
		return workspace.Parent{}, wire.Invalid("body failed validation: body.parent should be defined, instead was `undefined`.")
	}
	// Only some kinds of token may do this in Notion; here all may.
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
		// Inside, rows hang below the database; only the wire tells its data
		// source.
		if d := a.store.DataSources[id]; d != nil && kind == "data_source" {
			id = d.ID
		}
		found := kind == "page" && a.store.Pages[id] != nil || kind != "page" && a.store.Databases[id] != nil
		if !found || !a.store.Sees(r.caller.Roots, id) {
			return workspace.Parent{}, notFound(kind, id, r.caller)
		}
		if a.store.Trashed(id) {
			return workspace.Parent{}, archived(kind)
		}
		if n := len(a.store.SourcesOf(id)); kind == "database" && n > 1 {
			return workspace.Parent{}, wire.Invalid("Databases with multiple data sources are not supported as the parent of a page; database %s has %d. Use data_source_id.", id, n)
		}
		if kind == "data_source" {
			kind = "database"
		}
		return workspace.Parent{Kind: kind, ID: id}, nil
	}
	return workspace.Parent{}, wire.Invalid("body failed validation: body.parent should have page_id, data_source_id or database_id, instead was `%s`.", wire.Brief(o))
}

// updatePage changes properties, icon or place in the trash. All of the request
// is checked before anything is changed, so a refused one leaves no half of it
// behind. A page in the trash can be restored and nothing else.
func (a *API) updatePage(r *request) (any, error) {
	p, err := a.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	if err := r.only("properties", "icon", "in_trash", "archived", "is_archived", "erase_content"); err != nil {
		return nil, err
	}
	trash, hasTrash := trashFlag(r.body)
	// Restoring is the one change that a page in the trash takes.
	if a.store.Trashed(p.ID) && !(hasTrash && !trash) {
		return nil, archived("page")
	}
	change, err := a.reader(r).Properties(a.store.Databases[p.Parent.ID], r.body["properties"])
	if err != nil {
		return nil, err
	}
	icon, hasIcon, err := icon(r.body)
	if err != nil {
		return nil, err
	}
	a.store.Apply(p, change)
	if archive, ok := r.body["is_archived"].(bool); ok {
		p.Archived = archive
	}
	if hasIcon {
		p.Icon = icon
	}
	switch {
	case hasTrash:
		a.store.Trash(p, trash, r.caller.Bot)
	case r.body["erase_content"] == true:
		a.store.SetBody(p, nil)
		a.store.Touch(p, r.caller.Bot)
	default:
		a.store.TouchProperties(p, r.caller.Bot)
	}
	return a.store.Page(a.view(r), p), nil
}

// trashFlag reads in_trash under its new or old name. Version 2026-03-11
// documents only the new one; here the old one is taken from every caller.
func trashFlag(body wire.Object) (value, given bool) {
	if v, ok := body["in_trash"].(bool); ok {
		return v, true
	}
	v, ok := body["archived"].(bool)
	return v, ok
}

// movePage hangs a page elsewhere. Its id and its blocks stay as they are.
func (a *API) movePage(r *request) (any, error) {
	p, err := a.visiblePage(r, r.id)
	if err != nil {
		return nil, err
	}
	parent, err := a.readParent(r)
	if err != nil {
		return nil, err
	}
	if err := a.store.Move(p, parent); err != nil {
		return nil, wire.Invalid("%s", err.Error())
	}
	a.store.Touch(p, r.caller.Bot)
	return a.store.Page(a.view(r), p), nil
}
