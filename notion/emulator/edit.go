package emulator

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// freshID is an id for something written through the API. The caller holds
// the lock.
func (s *Server) freshID() string {
	s.serial++
	return block.NewID("written", s.store.w.ID, strconv.Itoa(s.serial))
}

func cloneValues(v map[string]workspace.Value) map[string]workspace.Value {
	if v == nil {
		return map[string]workspace.Value{}
	}
	return maps.Clone(v)
}

// touch marks a page as edited now.
func (s *Server) touch(p *workspace.Page, by string) {
	if p == nil {
		return
	}
	p.Edited = s.cfg.Now()
	if by != "" {
		p.EditedBy = by
	}
	s.store.searchable[p.ID] = p.Edited.Add(s.cfg.SearchLag)
}

func (s *Server) touchDatabase(d *workspace.Database) {
	d.Edited = s.cfg.Now()
	s.store.searchable[d.ID] = d.Edited.Add(s.cfg.SearchLag)
}

// touchParent marks the page that a page hangs below as edited, because its
// list of blocks changed.
func (s *Server) touchParent(p *workspace.Page) {
	if parent := s.store.pages[p.Parent.ID]; parent != nil {
		s.touch(parent, "")
	}
}

// pathFor makes up the path of a page that has no file.
func (s *Server) pathFor(p *workspace.Page) string {
	dir := ""
	if parent := s.store.pages[p.Parent.ID]; parent != nil {
		dir = strings.TrimSuffix(parent.Path, ".md")
	} else if d := s.store.databases[p.Parent.ID]; d != nil {
		dir = strings.TrimSuffix(d.Path, ".csv")
	}
	name := strings.NewReplacer("/", "-", "\n", " ").Replace(p.Title)
	if name == "" {
		name = "Untitled"
	}
	out := path.Join(dir, name+".md")
	for n := 2; s.store.w.FindPage(out) != nil; n++ {
		out = path.Join(dir, name+" "+strconv.Itoa(n)+".md")
	}
	return out
}

// addPage makes a page part of the workspace.
func (s *Server) addPage(p *workspace.Page) {
	st := s.store
	st.w.Pages = append(st.w.Pages, p)
	st.w.Changed()
	st.pages[p.ID] = p
	if p.Parent.Kind == "database" {
		st.rows[p.Parent.ID] = append(st.rows[p.Parent.ID], p)
	}
	st.addBlocks(p.Body)
	st.link("child_page", p.ID, p.Title, p.Parent)
	s.touch(p, "")
	s.touchParent(p)
}

// setBody replaces the text of a page. Blocks that stay the same keep their
// ids and times.
func (s *Server) setBody(p *workspace.Page, text []byte) {
	s.replaceBody(p, func() { s.store.w.SetBody(p, text) })
}

func (s *Server) replaceBody(p *workspace.Page, replace func()) {
	old := map[string]*block.Block{}
	block.Walk(p.Body, func(b *block.Block) { old[b.ID] = b })
	s.store.removeBlocks(p.Body)
	replace()
	now := s.cfg.Now()
	block.Walk(p.Body, func(b *block.Block) {
		b.Created, b.Edited, b.CreatedBy, b.EditedBy = now, now, p.EditedBy, p.EditedBy
		if o := old[b.ID]; o != nil {
			b.Created, b.Edited, b.CreatedBy, b.EditedBy = o.Created, o.Edited, o.CreatedBy, o.EditedBy
		}
	})
	s.store.addBlocks(p.Body)
}

// trash moves a page to the trash or back.
func (s *Server) trash(p *workspace.Page, trash bool, by string) {
	p.InTrash = trash
	s.touch(p, by)
	s.touchParent(p)
}

// move hangs a page below another page, a database or the workspace.
func (s *Server) move(p *workspace.Page, parent workspace.Parent) error {
	for id := parent.ID; id != ""; id = s.store.above(id) {
		if id == p.ID {
			return fmt.Errorf("cannot move a page below itself")
		}
	}
	st := s.store
	s.touchParent(p)
	st.unlink(p.ID)
	if rows := st.rows[p.Parent.ID]; rows != nil {
		st.rows[p.Parent.ID] = slices.DeleteFunc(slices.Clone(rows), func(q *workspace.Page) bool { return q == p })
	}
	p.Parent = parent
	if parent.Kind == "database" {
		st.rows[parent.ID] = append(st.rows[parent.ID], p)
	}
	st.link("child_page", p.ID, p.Title, parent)
	st.w.Changed()
	s.touchParent(p)
	return nil
}

// withPage runs f on the page at a path while the server waits.
func (s *Server) withPage(verb, path string, f func(*workspace.Page) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.store.w.FindPage(path)
	if p == nil {
		return fmt.Errorf("%s: no page at %q", verb, path)
	}
	if err := f(p); err != nil {
		return fmt.Errorf("%s %q: %w", verb, path, err)
	}
	return nil
}

// Edit replaces the text of a page by Markdown, which may begin with a title
// line. Blocks whose content is unchanged keep their ids.
func (s *Server) Edit(path string, markdown string) error {
	return s.withPage("edit", path, func(p *workspace.Page) error {
		s.replaceBody(p, func() { s.store.w.SetText(p, []byte(markdown)) })
		s.touch(p, "")
		return nil
	})
}

// Trash moves a page to the trash; it can still be read by its id.
func (s *Server) Trash(path string) error {
	return s.withPage("trash", path, func(p *workspace.Page) error { s.trash(p, true, ""); return nil })
}

// Restore takes a page out of the trash.
func (s *Server) Restore(path string) error {
	return s.withPage("restore", path, func(p *workspace.Page) error { s.trash(p, false, ""); return nil })
}

// Rename changes the title of a page.
func (s *Server) Rename(path, title string) error {
	return s.withPage("rename", path, func(p *workspace.Page) error { p.Title = title; s.touch(p, ""); return nil })
}

// Move hangs a page below the page or database at another path; the empty
// path is the workspace. The page keeps its own path.
func (s *Server) Move(path, newParent string) error {
	return s.withPage("move", path, func(p *workspace.Page) error {
		parent, err := s.parentAt(newParent)
		if err != nil {
			return err
		}
		if err := s.move(p, parent); err != nil {
			return err
		}
		s.touch(p, "")
		return nil
	})
}

func (s *Server) parentAt(name string) (workspace.Parent, error) {
	if name == "" || name == "." || name == "/" {
		return workspace.Parent{Kind: "workspace"}, nil
	}
	id, err := s.store.find(name)
	if err != nil {
		return workspace.Parent{}, err
	}
	if s.store.databases[id] != nil {
		return workspace.Parent{Kind: "database", ID: id}, nil
	}
	return workspace.Parent{Kind: "page", ID: id}, nil
}

// AddPage adds a page at a path that has none. Its folder, if there is one,
// is the parent.
func (s *Server) AddPage(name, markdown string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store.w.FindPage(name) != nil {
		return fmt.Errorf("add page: there is one at %q", name)
	}
	parent, err := s.parentAt(path.Dir(name))
	if err != nil {
		return fmt.Errorf("add page %q: %w", name, err)
	}
	now := s.cfg.Now()
	p := &workspace.Page{
		ID: block.NewID("page", name), Path: name, Parent: parent, Created: now, Edited: now,
		Title: strings.TrimSuffix(path.Base(name), ".md"), Values: map[string]workspace.Value{},
		CreatedBy: s.store.w.Owner(), EditedBy: s.store.w.Owner(),
	}
	if s.store.pages[p.ID] != nil {
		p.ID = s.freshID()
	}
	s.replaceBody(p, func() { s.store.w.SetText(p, []byte(markdown)) })
	s.addPage(p)
	return nil
}

// Delete removes a page and all below it for good: from then on it is not
// found.
func (s *Server) Delete(path string) error {
	return s.withPage("delete", path, func(p *workspace.Page) error { s.delete(p); return nil })
}

func (s *Server) delete(p *workspace.Page) {
	st := s.store
	s.touchParent(p)
	gone := map[string]bool{}
	for id := range st.pages {
		gone[id] = st.below(id, p.ID)
	}
	for id := range st.databases {
		gone[id] = st.below(id, p.ID)
	}
	for id := range gone {
		if gone[id] {
			st.drop(id)
		}
	}
	st.w.Pages = slices.DeleteFunc(st.w.Pages, func(q *workspace.Page) bool { return gone[q.ID] })
	st.w.Databases = slices.DeleteFunc(st.w.Databases, func(d *workspace.Database) bool { return gone[d.ID] })
	st.w.Changed()
}

// below says whether an object is another one or hangs below it.
func (st *store) below(id, top string) bool {
	for ; id != ""; id = st.above(id) {
		if id == top {
			return true
		}
	}
	return false
}

// drop forgets one page or database.
func (st *store) drop(id string) {
	st.unlink(id)
	if p := st.pages[id]; p != nil {
		st.removeBlocks(p.Body)
		if rows := st.rows[p.Parent.ID]; rows != nil {
			st.rows[p.Parent.ID] = slices.DeleteFunc(slices.Clone(rows), func(q *workspace.Page) bool { return q == p })
		}
		delete(st.pages, id)
	}
	if d := st.databases[id]; d != nil {
		delete(st.dataSources, d.DataSourceID)
		delete(st.databases, id)
	}
}
