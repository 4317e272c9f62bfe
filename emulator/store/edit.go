package store

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Shared is the event of an object that others may see now, with what hangs below
// it.
const Shared = "page.permissions_updated"

// FreshID is an id for something written through the API. The first one is the
// same in every run, the second one too, and so on: a test that writes in a
// fixed order sees fixed ids.
func (st *Store) FreshID() string {
	st.serial++
	return block.NewID("written", st.W.ID, strconv.Itoa(st.serial))
}

// CloneValues copies the values of a page, so that a change can be refused
// halfway. The copy of a nil map can be written to.
func CloneValues(v map[string]column.Value) map[string]column.Value {
	if v == nil {
		return map[string]column.Value{}
	}
	return maps.Clone(v)
}

// Touch marks a page as edited now, by somebody if by is not "", and hides it
// from search until the lag is over. nil does nothing.
func (st *Store) Touch(p *workspace.Page, by string) {
	st.touch("page.content_updated", p, by)
}

// TouchProperties is like Touch, where properties changed and not the text.
func (st *Store) TouchProperties(p *workspace.Page, by string) {
	st.touch("page.properties_updated", p, by)
}

func (st *Store) touch(kind string, p *workspace.Page, by string) {
	if p == nil {
		return
	}
	st.tell(kind, p.ID, by)
	p.Edited = st.now()
	if by != "" {
		p.EditedBy = by
	}
	st.Searchable[p.ID] = p.Edited.Add(st.lag)
}

// TrashDatabase moves a database to the trash or back, which counts as an edit
// and hides it from search until the lag is over. Changes of its rows are no
// edits of the database.
func (st *Store) TrashDatabase(d *workspace.Database, trash bool, by string) {
	kind := "database.undeleted"
	if d.InTrash = trash; trash {
		kind = "database.deleted"
	}
	st.tell(kind, d.ID, by)
	d.Edited, d.EditedBy = st.now(), by
	st.Searchable[d.ID] = d.Edited.Add(st.lag)
}

// touchParent marks the page that a page hangs below as edited, because its
// list of blocks changed.
func (st *Store) touchParent(p *workspace.Page) {
	if parent := st.Pages[p.Parent.ID]; parent != nil {
		st.Touch(parent, "")
	}
}

// PathFor makes up the path of a page that has no file: below its parent, with
// a number if the name is taken.
func (st *Store) PathFor(p *workspace.Page) string {
	dir := ""
	if parent := st.Pages[p.Parent.ID]; parent != nil {
		dir = strings.TrimSuffix(parent.Path, ".md")
	} else if d := st.Databases[p.Parent.ID]; d != nil {
		dir = workspace.TableName(d.Path)
	}
	name := strings.NewReplacer("/", "-", "\n", " ").Replace(p.Title)
	if name == "" {
		name = "Untitled"
	}
	out := path.Join(dir, name+".md")
	for n := 2; st.W.FindPage(out) != nil; n++ {
		out = path.Join(dir, name+" "+strconv.Itoa(n)+".md")
	}
	return out
}

// AddPage makes a page part of the workspace, with the block that stands for it
// at the end of its parent.
func (st *Store) AddPage(p *workspace.Page) {
	st.W.Add(p)
	st.Pages[p.ID] = p
	if p.Parent.Kind == "database" {
		st.Rows[p.Parent.ID] = append(st.Rows[p.Parent.ID], p)
	}
	st.AddBlocks(p.Body)
	st.link("child_page", p.ID, p.Title, p.Parent)
	st.touch("page.created", p, "")
	st.touchParent(p)
}

// SetBody replaces the text of a page by Markdown. Child pages stay, also where
// the text does not mention them.
func (st *Store) SetBody(p *workspace.Page, text []byte) {
	st.ReplaceBody(p, func() { st.W.SetBody(p, text) })
}

// ReplaceBody lets replace change the text of a page. Blocks that stay the same
// keep their ids and times, so only what really changed looks edited.
func (st *Store) ReplaceBody(p *workspace.Page, replace func()) {
	old := map[string]*block.Block{}
	block.Walk(p.Body, func(b *block.Block) { old[b.ID] = b })
	st.removeBlocks(p.Body)
	replace()
	now := st.now()
	block.Walk(p.Body, func(b *block.Block) {
		b.Created, b.Edited, b.CreatedBy, b.EditedBy = now, now, p.EditedBy, p.EditedBy
		if o := old[b.ID]; o != nil {
			b.Created, b.Edited, b.CreatedBy, b.EditedBy = o.Created, o.Edited, o.CreatedBy, o.EditedBy
		}
	})
	st.AddBlocks(p.Body)
}

// Trash moves a page to the trash or back. It counts as an edit of the page and
// of its parent.
func (st *Store) Trash(p *workspace.Page, trash bool, by string) {
	kind := "page.undeleted"
	if p.InTrash = trash; trash {
		kind = "page.deleted"
	}
	st.touch(kind, p, by)
	st.touchParent(p)
}

// Move hangs a page below another page, a database or the workspace, with all
// below it. Both parents count as edited. Below itself is an error.
func (st *Store) Move(p *workspace.Page, parent workspace.Parent) error {
	for id := parent.ID; id != ""; id = st.Above(id) {
		if id == p.ID {
			return fmt.Errorf("cannot move a page below itself")
		}
	}
	st.touchParent(p)
	st.unlink(p.ID)
	if rows := st.Rows[p.Parent.ID]; rows != nil {
		st.Rows[p.Parent.ID] = slices.DeleteFunc(slices.Clone(rows), func(q *workspace.Page) bool { return q == p })
	}
	p.Parent = parent
	if parent.Kind == "database" {
		st.Rows[parent.ID] = append(st.Rows[parent.ID], p)
	}
	st.link("child_page", p.ID, p.Title, parent)
	st.W.Changed()
	st.tell("page.moved", p.ID, "")
	st.tell(Shared, p.ID, "") // by what is above it now
	st.touchParent(p)
	return nil
}

// ParentAt is the page or database at a path, as something to hang a page
// below; the empty path is the workspace. A database is found before it is
// taken for a page, so its folder makes rows.
func (st *Store) ParentAt(name string) (workspace.Parent, error) {
	if name == "" || name == "." || name == "/" {
		return workspace.Parent{Kind: "workspace"}, nil
	}
	id, err := st.Find(name)
	if err != nil {
		return workspace.Parent{}, err
	}
	if st.Databases[id] != nil {
		return workspace.Parent{Kind: "database", ID: id}, nil
	}
	return workspace.Parent{Kind: "page", ID: id}, nil
}

// Delete removes a page and all below it for good. What is gone is collected
// first: taking things out changes what hangs below what.
func (st *Store) Delete(p *workspace.Page) {
	st.tell("page.deleted", p.ID, "")
	st.touchParent(p)
	gone := map[string]bool{}
	for id := range st.Pages {
		gone[id] = st.below(id, p.ID)
	}
	for id := range st.Databases {
		gone[id] = st.below(id, p.ID)
	}
	for id := range gone {
		if gone[id] {
			st.drop(id)
		}
	}
	st.W.Pages = slices.DeleteFunc(st.W.Pages, func(q *workspace.Page) bool { return gone[q.ID] })
	st.W.Databases = slices.DeleteFunc(st.W.Databases, func(d *workspace.Database) bool { return gone[d.ID] })
	st.W.Changed()
}

// below says whether an object is another one or hangs below it.
func (st *Store) below(id, top string) bool {
	for ; id != ""; id = st.Above(id) {
		if id == top {
			return true
		}
	}
	return false
}

// drop forgets one page or database and its blocks.
func (st *Store) drop(id string) {
	st.unlink(id)
	if p := st.Pages[id]; p != nil {
		st.removeBlocks(p.Body)
		if rows := st.Rows[p.Parent.ID]; rows != nil {
			st.Rows[p.Parent.ID] = slices.DeleteFunc(slices.Clone(rows), func(q *workspace.Page) bool { return q == p })
		}
		delete(st.Pages, id)
	}
	if d := st.Databases[id]; d != nil {
		delete(st.DataSources, d.DataSourceID)
		delete(st.Databases, id)
	}
}
