// Package store keeps the workspace that an emulator serves: it finds things
// by id, knows what hangs below what, and changes it. It is not safe for
// concurrent use.
package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Store is a workspace in use. What writes to it moves times of edit and hides
// the object from search for a while.
type Store struct {
	// W is the workspace. Its lists and the maps below hold the same objects;
	// change both through the methods, or they disagree.
	W         *workspace.Workspace
	Pages     map[string]*workspace.Page
	Databases map[string]*workspace.Database
	// DataSources finds databases by the id of their data source, which is a
	// different one.
	DataSources map[string]*workspace.Database
	// Blocks are all blocks but those that stand for a child page or database:
	// these have the id of their page, which Pages finds.
	Blocks map[string]*block.Block
	// Rows are the rows of a database by its id, in the order of the table.
	Rows map[string][]*workspace.Page
	// Searchable is from when search finds an object. One that is missing is
	// always found.
	Searchable map[string]time.Time

	// Watch is told of every change: its type as webhooks have it, the id of the
	// page or database, and who made it, if that is known. nil is nobody.
	Watch func(kind, id, by string)

	now func() time.Time
	lag time.Duration
	// stubs are the blocks of child pages and databases in their parents.
	stubs  map[string]*block.Block
	serial int
}

// New puts a workspace to use and owns it from then on. now is the clock, and
// lag how long search does not find what was written.
func New(w *workspace.Workspace, now func() time.Time, lag time.Duration) *Store {
	st := &Store{
		W: w, now: now, lag: lag, Pages: map[string]*workspace.Page{}, Databases: map[string]*workspace.Database{},
		DataSources: map[string]*workspace.Database{}, Blocks: map[string]*block.Block{},
		stubs: map[string]*block.Block{}, Rows: map[string][]*workspace.Page{}, Searchable: map[string]time.Time{},
	}
	for _, d := range w.Databases {
		st.Databases[d.ID], st.DataSources[d.DataSourceID] = d, d
	}
	for _, p := range w.Pages {
		st.Pages[p.ID] = p
		if p.Parent.Kind == "database" {
			st.Rows[p.Parent.ID] = append(st.Rows[p.Parent.ID], p)
		}
	}
	// A second round, because a block of a child page is known as one only when
	// all pages are.
	for _, p := range w.Pages {
		st.AddBlocks(p.Body)
	}
	return st
}

// tell tells of a change.
func (st *Store) tell(kind, id, by string) {
	if st.Watch != nil {
		st.Watch(kind, id, by)
	}
}

// AddBlocks makes blocks found by their ids, on all levels.
func (st *Store) AddBlocks(blocks []*block.Block) {
	block.Walk(blocks, func(b *block.Block) {
		if st.IsChild(b) {
			st.stubs[b.ID] = b
		} else {
			st.Blocks[b.ID] = b
		}
	})
}

// removeBlocks undoes AddBlocks. Child pages stay: they live on without their
// block.
func (st *Store) removeBlocks(blocks []*block.Block) {
	block.Walk(blocks, func(b *block.Block) {
		if !st.IsChild(b) {
			delete(st.Blocks, b.ID)
		}
	})
}

// IsChild says whether a block stands for a page or database of its own. One of
// type child_page may not: the linked view of a database has an id that leads
// nowhere.
func (st *Store) IsChild(b *block.Block) bool {
	return st.Pages[b.ID] != nil || st.Databases[b.ID] != nil
}

// Above is the page or database that an object hangs below, or "" at the top
// level. Blocks in between do not count. A further data source of a database
// hangs below the database.
func (st *Store) Above(id string) string {
	if p := st.Pages[id]; p != nil {
		return p.Parent.ID
	}
	if d := st.Databases[id]; d != nil {
		return cmp.Or(d.Of, d.Parent.ID)
	}
	return ""
}

// Trashed says whether a page or database, or anything above it, is in the
// trash. Nothing is written down for what hangs below, so restoring the upper
// one brings all of it back.
func (st *Store) Trashed(id string) bool {
	for ; id != ""; id = st.Above(id) {
		if p := st.Pages[id]; p != nil && p.InTrash {
			return true
		}
		if d := st.Databases[id]; d != nil && d.InTrash {
			return true
		}
	}
	return false
}

// Children are the blocks of a list that are not in the trash, nor stand for
// something that is.
func (st *Store) Children(blocks []*block.Block) []*block.Block {
	var out []*block.Block
	for _, b := range blocks {
		if p := st.Pages[b.ID]; b.InTrash || p != nil && p.InTrash {
			continue
		}
		if d := st.Databases[b.ID]; d != nil && d.InTrash {
			continue
		}
		out = append(out, b)
	}
	return out
}

// ParentOf is where a page or database hangs, as the wire tells it. A page that
// stands inside a toggle or column has that block as parent, and a row its data
// source: Notion tells the nearest one, so the page above may take several
// steps to find.
func (st *Store) ParentOf(id string, p workspace.Parent) wire.Object {
	switch p.Kind {
	case "database":
		d := st.Databases[p.ID]
		return wire.Object{"type": "data_source_id", "data_source_id": d.DataSourceID, "database_id": d.Holder()}
	case "page":
		if b := st.stubs[id]; b != nil && b.Parent != nil {
			return wire.Object{"type": "block_id", "block_id": b.Parent.ID}
		}
		return wire.Object{"type": "page_id", "page_id": p.ID}
	}
	return wire.Object{"type": "workspace", "workspace": true}
}

// blockParent is what a block stands in: another block, or else its page.
func blockParent(b *block.Block) wire.Object {
	if b.Parent != nil {
		return wire.Object{"type": "block_id", "block_id": b.Parent.ID}
	}
	return wire.Object{"type": "page_id", "page_id": b.Page}
}

// Page writes a page as a caller sees it. Whether the caller may see it at all
// has been checked.
func (st *Store) Page(v wire.View, p *workspace.Page) wire.Object {
	return v.Page(p, st.Databases[p.Parent.ID], st.ParentOf(p.ID, p.Parent), st.Trashed(p.ID))
}

// SourcesOf are the data sources that a database holds, the one that began it
// first.
func (st *Store) SourcesOf(id string) []*workspace.Database {
	var out []*workspace.Database
	for _, d := range st.W.Databases {
		if d.Holder() == id {
			out = append(out, d)
		}
	}
	return out
}

// Database writes a database as a caller sees it.
func (st *Store) Database(v wire.View, d *workspace.Database) wire.Object {
	return v.Database(d, st.SourcesOf(d.ID), st.ParentOf(d.ID, d.Parent), st.Trashed(d.ID))
}

// DataSource writes the data source of a database as a caller sees it.
func (st *Store) DataSource(v wire.View, d *workspace.Database) wire.Object {
	return v.DataSource(d, st.ParentOf(d.Holder(), d.Parent), st.Trashed(d.ID))
}

// Block writes a block as a caller sees it. Those of child pages and databases
// are made afresh, so they have the title and the times of today.
func (st *Store) Block(v wire.View, b *block.Block) wire.Object {
	if p := st.Pages[b.ID]; p != nil {
		return v.Block(st.PageBlock(p), st.ParentOf(p.ID, p.Parent), len(st.Children(p.Body)) > 0)
	}
	if d := st.Databases[b.ID]; d != nil {
		return v.Block(DatabaseBlock(d), st.ParentOf(d.ID, d.Parent), false)
	}
	return v.Block(b, blockParent(b), st.hasChildren(b))
}

// PageBlock is the child_page block of a page. Every page has one, also at the
// top level, because Notion takes the id of a page wherever it takes that of a
// block.
func (st *Store) PageBlock(p *workspace.Page) *block.Block {
	b := workspace.ChildBlock("child_page", p.ID, p.Title)
	b.Created, b.Edited, b.CreatedBy, b.EditedBy = p.Created, p.Edited, p.CreatedBy, p.EditedBy
	b.InTrash = st.Trashed(p.ID)
	return b
}

// DatabaseBlock is the child_database block of a database.
func DatabaseBlock(d *workspace.Database) *block.Block {
	b := workspace.ChildBlock("child_database", d.ID, d.DatabaseTitle())
	b.Created, b.Edited, b.CreatedBy, b.EditedBy = d.Created, d.Edited, d.CreatedBy, d.EditedBy
	b.InTrash = d.InTrash
	return b
}

// hasChildren says what the wire tells, which is not always what can be listed:
// an opaque block refuses, and a copy of a synced block has the children of its
// original.
func (st *Store) hasChildren(b *block.Block) bool {
	if b.Opaque {
		return true
	}
	if from, ok := b.Content["synced_from"].(wire.Object); ok {
		original := st.Blocks[wire.String(from, "block_id")]
		return original != nil && len(st.Children(original.Children)) > 0
	}
	return len(st.Children(b.Children)) > 0
}

// siblings is the list that a block stands in.
func (st *Store) siblings(b *block.Block) *[]*block.Block {
	if b.Parent != nil {
		return &b.Parent.Children
	}
	return &st.Pages[b.Page].Body
}

// unlink takes the block of a child page or database out of its parent. Nothing
// happens if it has none, or if the parent is gone already.
func (st *Store) unlink(id string) {
	b := st.stubs[id]
	if b == nil {
		return
	}
	delete(st.stubs, id)
	if b.Parent == nil && st.Pages[b.Page] == nil {
		return
	}
	list := st.siblings(b)
	*list = slices.DeleteFunc(*list, func(x *block.Block) bool { return x == b })
}

// link puts a block for a child at the end of its parent page. Rows and
// top-level pages have no such block.
func (st *Store) link(typ, id, title string, parent workspace.Parent) {
	p := st.Pages[parent.ID]
	if p == nil {
		return
	}
	b := workspace.ChildBlock(typ, id, title)
	b.Page = p.ID
	p.Body = append(p.Body, b)
	st.stubs[id] = b
}
