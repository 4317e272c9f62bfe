package api

import (
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/store"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// node is a block that the caller may see: one of its own, or the block of a
// page or database. In Notion a page is a block too, and its id works wherever
// that of a block does.
type node struct {
	block    *block.Block
	page     *workspace.Page     // set if the block is a page
	database *workspace.Database // set if the block is a database
}

// children is the list that holds the children of a node. A database has none:
// its rows are reached by a query.
func (n node) children() *[]*block.Block {
	switch {
	case n.page != nil:
		return &n.page.Body
	case n.database != nil:
		return nil
	}
	return &n.block.Children
}

// visibleBlock is the block with an id, or 404. A linked view of a database
// shows up in its page as a child_database whose id leads here, and nowhere:
// the API does not know such views.
func (a *API) visibleBlock(r *request, id string) (node, error) {
	if b := a.store.Blocks[id]; b != nil && a.store.Sees(r.caller.Roots, b.Page) {
		return node{block: b}, nil
	}
	if p := a.store.Pages[id]; p != nil && a.store.Sees(r.caller.Roots, id) {
		return node{block: a.store.PageBlock(p), page: p}, nil
	}
	if d := a.store.Databases[id]; d != nil && a.store.Sees(r.caller.Roots, id) {
		return node{block: store.DatabaseBlock(d), database: d}, nil
	}
	return node{}, notFound("block", id, r.caller)
}

// getBlock gives one block without its children.
func (a *API) getBlock(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil {
		return nil, err
	}
	return a.store.Block(a.view(r), n.block), nil
}

// getChildren lists the first level below a block or page, at most 100 at a
// time. The rest of the tree takes one request per block with has_children. A
// copy of a synced block says that it has children and lists none: they are
// read from the original.
func (a *API) getChildren(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil {
		return nil, err
	}
	// Some blocks of Notion's own say has_children and answer this. A reader
	// must skip them and go on.
	if n.block.Opaque {
		return nil, wire.Invalid("Block type %s is not supported via the API.", n.block.Content["block_type"])
	}
	var blocks []*block.Block
	if children := n.children(); children != nil {
		blocks = a.store.Children(*children)
	}
	cut, err := a.slice(r, len(blocks), func(i int) string { return blocks[i].ID })
	if err != nil {
		return nil, err
	}
	v := a.view(r)
	var results []any
	for _, b := range blocks[cut.from:cut.to] {
		results = append(results, a.store.Block(v, b))
	}
	return list("block", results, cut), nil
}

// maxBlocks is how many blocks one request may write, on all levels together.
const maxBlocks = 1000

// stamp makes blocks that a client wrote part of a page: ids, authors, times
// and parents.
func (a *API) stamp(r *request, page string, parent *block.Block, blocks []*block.Block) error {
	block.Adopt(page, parent, blocks)
	n := 0
	now := a.Now()
	block.Walk(blocks, func(b *block.Block) {
		n++
		if b.ID == "" {
			b.ID = a.store.FreshID()
		}
		b.Created, b.Edited, b.CreatedBy, b.EditedBy = now, now, r.caller.Bot, r.caller.Bot
	})
	// Counted over all levels, which the limit of 100 per list does not bound.
	if n > maxBlocks {
		return wire.Invalid("body failed validation: the number of blocks should be ≤ `%d`, instead was `%d`.", maxBlocks, n)
	}
	return nil
}

// appendChildren adds blocks below a block or page, at its end unless the
// caller says where. Nothing is added if any block of the request is wrong.
// Blocks that exist cannot be moved this way.
func (a *API) appendChildren(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil {
		return nil, err
	}
	if err := a.editable(n); err != nil {
		return nil, err
	}
	if err := r.only("children", "position", "after"); err != nil {
		return nil, err
	}
	list := n.children()
	if list == nil || !mayHold(n.block) {
		return nil, wire.Invalid("Block does not support children.")
	}
	if r.body["children"] == nil {
		return nil, wire.Invalid("body failed validation: body.children should be defined, instead was `undefined`.")
	}
	blocks, err := wire.ParseBlocks(r.body["children"], "body.children", 2)
	if err != nil {
		return nil, err
	}
	at, err := position(r, *list)
	if err != nil {
		return nil, err
	}
	// Blocks directly below a page have no parent block.
	page, parent := n.block.Page, n.block
	if n.page != nil {
		page, parent = n.page.ID, nil
	}
	if err := a.stamp(r, page, parent, blocks); err != nil {
		return nil, err
	}
	a.insert(list, at, blocks)
	a.store.Touch(a.store.Pages[page], r.caller.Bot)
	return a.written(r, blocks), nil
}

// mayHold says whether blocks of a type can have children. A heading can only
// if it was made as a toggle, which is why text under a heading is its sibling
// and not its child.
func mayHold(b *block.Block) bool {
	switch b.Type {
	case "heading_1", "heading_2", "heading_3", "heading_4":
		return b.Content["is_toggleable"] == true
	case "code", "divider", "equation", "image", "video", "audio", "pdf", "file", "bookmark", "embed",
		"breadcrumb", "table_of_contents", "link_to_page", "link_preview", "table_row", "unsupported":
		return false
	}
	return true
}

// position is where in a list a client wants its blocks. Version 2026-03-11
// dropped the old field "after" and refuses it, rather than put the blocks
// somewhere else.
func position(r *request, list []*block.Block) (int, error) {
	after := wire.String(r.body, "position", "after_block", "id")
	kind := wire.String(r.body, "position", "type")
	if old := wire.String(r.body, "after"); old != "" {
		if !r.legacy {
			return 0, wire.Invalid("body failed validation: body.after should be not present, instead was `%q`.", old)
		}
		after, kind = old, "after_block"
	}
	switch kind {
	case "", "end":
		return len(list), nil
	case "start":
		return 0, nil
	}
	id, _ := block.ParseID(after)
	for i, b := range list {
		if b.ID == id {
			return i + 1, nil
		}
	}
	return 0, wire.Invalid("Block to append children after (%s) is not a child of the parent.", after)
}

// insert puts blocks into a list at an index, and makes them found by their
// ids.
func (a *API) insert(list *[]*block.Block, at int, blocks []*block.Block) {
	out := make([]*block.Block, 0, len(*list)+len(blocks))
	out = append(append(append(out, (*list)[:at]...), blocks...), (*list)[at:]...)
	*list = out
	a.store.AddBlocks(blocks)
}

// written is the answer to an append: the new blocks of the first level, or
// their ids alone for a caller that may not read.
func (a *API) written(r *request, blocks []*block.Block) wire.Object {
	var results []any
	v := a.view(r)
	for _, b := range blocks {
		if r.caller.NoRead {
			results = append(results, wire.Object{"object": "block", "id": b.ID})
			continue
		}
		results = append(results, a.store.Block(v, b))
	}
	return list("block", results, slice{})
}

// editable says whether a block is outside the trash, with all that it stands
// in.
func (a *API) editable(n node) error {
	id := n.block.Page
	if n.page != nil || n.database != nil {
		id = n.block.ID
	}
	if a.store.Trashed(id) || inTrash(n.block) {
		return archived("block")
	}
	return nil
}

// inTrash says whether a block, or one that it stands in, was deleted.
func inTrash(b *block.Block) bool {
	for ; b != nil; b = b.Parent {
		if b.InTrash {
			return true
		}
	}
	return false
}

// updateBlock changes what a block says, or its place in the trash. The type of
// a block cannot be changed, so the payload must stand under the type that it
// has.
func (a *API) updateBlock(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil {
		return nil, err
	}
	trash, hasTrash := trashFlag(r.body)
	if err := a.editable(n); err != nil && !(hasTrash && !trash) {
		return nil, err
	}
	// Titles and properties are changed through the page itself.
	if n.page != nil || n.database != nil {
		if !hasTrash {
			return nil, wire.Invalid("Updating %s blocks is not supported via the API.", n.block.Type)
		}
		return a.trashBlock(r, n, trash)
	}
	if payload, ok := r.body[n.block.Type].(wire.Object); ok {
		if err := wire.Update(n.block, payload, "body."+n.block.Type); err != nil {
			return nil, err
		}
	} else if !hasTrash {
		return nil, wire.Invalid("body failed validation: body.%s should be defined, instead was `undefined`.", n.block.Type)
	}
	if hasTrash {
		return a.trashBlock(r, n, trash)
	}
	a.touchBlock(r, n.block)
	return a.store.Block(a.view(r), n.block), nil
}

// touchBlock marks a block and its page as edited. Whether Notion also moves
// the times of the blocks in between is not documented; here they stay, which
// is the case that a reader must be ready for.
func (a *API) touchBlock(r *request, b *block.Block) {
	b.Edited, b.EditedBy = a.Now(), r.caller.Bot
	a.store.Touch(a.store.Pages[b.Page], r.caller.Bot)
}

// deleteBlock moves a block or page to the trash. Nothing that the API does
// removes it for good.
func (a *API) deleteBlock(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil {
		return nil, err
	}
	if err := a.editable(n); err != nil {
		return nil, err
	}
	return a.trashBlock(r, n, true)
}

// trashBlock moves any kind of node to the trash or back and answers with its
// block. A deleted block is still found by its id, and no longer among the
// children.
func (a *API) trashBlock(r *request, n node, trash bool) (any, error) {
	switch {
	case n.page != nil:
		a.store.Trash(n.page, trash, r.caller.Bot)
		n.block = a.store.PageBlock(n.page)
	case n.database != nil:
		a.store.TrashDatabase(n.database, trash, r.caller.Bot)
		n.block = store.DatabaseBlock(n.database)
	default:
		n.block.InTrash = trash
		a.touchBlock(r, n.block)
	}
	return a.store.Block(a.view(r), n.block), nil
}
