package emulator

import (
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// store finds everything in a workspace by id.
type store struct {
	w           *workspace.Workspace
	pages       map[string]*workspace.Page
	databases   map[string]*workspace.Database
	dataSources map[string]*workspace.Database
	blocks      map[string]*block.Block // children that are pages or databases not
	stubs       map[string]*block.Block // the block of a child page or database in its parent
	rows        map[string][]*workspace.Page
	searchable  map[string]time.Time // from when search finds an object; missing is always
	comments    []*comment
}

func newStore(w *workspace.Workspace) *store {
	st := &store{
		w: w, pages: map[string]*workspace.Page{}, databases: map[string]*workspace.Database{},
		dataSources: map[string]*workspace.Database{}, blocks: map[string]*block.Block{},
		stubs: map[string]*block.Block{}, rows: map[string][]*workspace.Page{}, searchable: map[string]time.Time{},
	}
	for _, d := range w.Databases {
		st.databases[d.ID], st.dataSources[d.DataSourceID] = d, d
	}
	for _, p := range w.Pages {
		st.pages[p.ID] = p
		if p.Parent.Kind == "database" {
			st.rows[p.Parent.ID] = append(st.rows[p.Parent.ID], p)
		}
	}
	for _, p := range w.Pages {
		st.addBlocks(p.Body)
	}
	return st
}

func (st *store) addBlocks(blocks []*block.Block) {
	block.Walk(blocks, func(b *block.Block) {
		if st.isChild(b) {
			st.stubs[b.ID] = b
		} else {
			st.blocks[b.ID] = b
		}
	})
}

func (st *store) removeBlocks(blocks []*block.Block) {
	block.Walk(blocks, func(b *block.Block) {
		if !st.isChild(b) {
			delete(st.blocks, b.ID)
		}
	})
}

// isChild says whether a block stands for a page or database of its own.
func (st *store) isChild(b *block.Block) bool {
	return st.pages[b.ID] != nil || st.databases[b.ID] != nil
}

// above is the page or database that an object hangs below, or "".
func (st *store) above(id string) string {
	if p := st.pages[id]; p != nil {
		return p.Parent.ID
	}
	if d := st.databases[id]; d != nil {
		return d.Parent.ID
	}
	return ""
}

// trashed says whether a page or database, or anything above it, is in the
// trash.
func (st *store) trashed(id string) bool {
	for ; id != ""; id = st.above(id) {
		if p := st.pages[id]; p != nil && p.InTrash {
			return true
		}
		if d := st.databases[id]; d != nil && d.InTrash {
			return true
		}
	}
	return false
}

// children are the blocks of a list that are not in the trash.
func (st *store) children(blocks []*block.Block) []*block.Block {
	var out []*block.Block
	for _, b := range blocks {
		if p := st.pages[b.ID]; b.InTrash || p != nil && p.InTrash {
			continue
		}
		if d := st.databases[b.ID]; d != nil && d.InTrash {
			continue
		}
		out = append(out, b)
	}
	return out
}

// parentOf is where a page or database hangs, as the wire tells it.
func (st *store) parentOf(id string, p workspace.Parent) wire.Object {
	switch p.Kind {
	case "database":
		source := st.databases[p.ID].DataSourceID
		return wire.Object{"type": "data_source_id", "data_source_id": source, "database_id": p.ID}
	case "page":
		if b := st.stubs[id]; b != nil && b.Parent != nil {
			return wire.Object{"type": "block_id", "block_id": b.Parent.ID}
		}
		return wire.Object{"type": "page_id", "page_id": p.ID}
	}
	return wire.Object{"type": "workspace", "workspace": true}
}

func blockParent(b *block.Block) wire.Object {
	if b.Parent != nil {
		return wire.Object{"type": "block_id", "block_id": b.Parent.ID}
	}
	return wire.Object{"type": "page_id", "page_id": b.Page}
}

// page writes a page as a caller sees it.
func (st *store) page(v wire.View, p *workspace.Page) wire.Object {
	return v.Page(p, st.databases[p.Parent.ID], st.parentOf(p.ID, p.Parent), st.trashed(p.ID))
}

func (st *store) database(v wire.View, d *workspace.Database) wire.Object {
	return v.Database(d, st.parentOf(d.ID, d.Parent), st.trashed(d.ID))
}

func (st *store) dataSource(v wire.View, d *workspace.Database) wire.Object {
	return v.DataSource(d, st.parentOf(d.ID, d.Parent), st.trashed(d.ID))
}

// block writes a block as a caller sees it.
func (st *store) block(v wire.View, b *block.Block) wire.Object {
	if p := st.pages[b.ID]; p != nil {
		return v.Block(st.pageBlock(p), st.parentOf(p.ID, p.Parent), len(st.children(p.Body)) > 0)
	}
	if d := st.databases[b.ID]; d != nil {
		return v.Block(databaseBlock(d), st.parentOf(d.ID, d.Parent), false)
	}
	return v.Block(b, blockParent(b), st.hasChildren(b))
}

// pageBlock is the child_page block of a page.
func (st *store) pageBlock(p *workspace.Page) *block.Block {
	b := workspace.ChildBlock("child_page", p.ID, p.Title)
	b.Created, b.Edited, b.CreatedBy, b.EditedBy = p.Created, p.Edited, p.CreatedBy, p.EditedBy
	b.InTrash = st.trashed(p.ID)
	return b
}

func databaseBlock(d *workspace.Database) *block.Block {
	b := workspace.ChildBlock("child_database", d.ID, d.Title)
	b.Created, b.Edited, b.InTrash = d.Created, d.Edited, d.InTrash
	return b
}

func (st *store) hasChildren(b *block.Block) bool {
	if b.Opaque {
		return true
	}
	if from, ok := b.Content["synced_from"].(wire.Object); ok {
		original := st.blocks[wire.String(from, "block_id")]
		return original != nil && len(st.children(original.Children)) > 0
	}
	return len(st.children(b.Children)) > 0
}

// siblings is the list that a block stands in.
func (st *store) siblings(b *block.Block) *[]*block.Block {
	if b.Parent != nil {
		return &b.Parent.Children
	}
	return &st.pages[b.Page].Body
}

// unlink takes the block of a child page or database out of its parent.
func (st *store) unlink(id string) {
	b := st.stubs[id]
	if b == nil {
		return
	}
	delete(st.stubs, id)
	if b.Parent == nil && st.pages[b.Page] == nil {
		return
	}
	list := st.siblings(b)
	*list = slices.DeleteFunc(*list, func(x *block.Block) bool { return x == b })
}

// link puts a block for a child at the end of its parent page.
func (st *store) link(typ, id, title string, parent workspace.Parent) {
	p := st.pages[parent.ID]
	if p == nil {
		return
	}
	b := workspace.ChildBlock(typ, id, title)
	b.Page = p.ID
	p.Body = append(p.Body, b)
	st.stubs[id] = b
}
