package emulator

import (
	"fmt"
	"path"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// withPage runs f on the page at a path or with an id. No request is answered
// meanwhile, so a caller sees the page before the change or after it.
func (s *Server) withPage(verb, path string, f func(*workspace.Page) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.store.W.FindPage(path)
	if p == nil {
		return fmt.Errorf("%s: no page at %q", verb, path)
	}
	if err := f(p); err != nil {
		return fmt.Errorf("%s %q: %w", verb, path, err)
	}
	return nil
}

// Edit replaces the text of a page by Markdown, which may begin with a title
// line. Blocks whose content is unchanged keep their ids. The page counts as
// edited now, and search leaves it out until SearchLag has passed.
func (s *Server) Edit(path string, markdown string) error {
	return s.withPage("edit", path, func(p *workspace.Page) error {
		s.store.ReplaceBody(p, func() { s.store.W.SetText(p, []byte(markdown)) })
		s.store.Touch(p, "")
		return nil
	})
}

// Trash moves a page to the trash. As in Notion, it and all below it can still
// be read by their ids, with in_trash set; search, queries and lists of
// children hide them.
func (s *Server) Trash(path string) error {
	return s.withPage("trash", path, func(p *workspace.Page) error { s.store.Trash(p, true, ""); return nil })
}

// Restore takes a page out of the trash. What hangs below it comes back too,
// unless it was put into the trash itself.
func (s *Server) Restore(path string) error {
	return s.withPage("restore", path, func(p *workspace.Page) error { s.store.Trash(p, false, ""); return nil })
}

// Rename changes the title of a page. Its id and path stay, its url does not:
// Notion writes the title into it, so an address is no key.
func (s *Server) Rename(path, title string) error {
	return s.withPage("rename", path, func(p *workspace.Page) error { p.Title = title; s.store.Touch(p, ""); return nil })
}

// Move hangs a page below the page or database at another path; the empty
// path is the workspace. The page keeps its own path.
func (s *Server) Move(path, newParent string) error {
	return s.withPage("move", path, func(p *workspace.Page) error {
		parent, err := s.store.ParentAt(newParent)
		if err != nil {
			return err
		}
		if err := s.store.Move(p, parent); err != nil {
			return err
		}
		s.store.Touch(p, "")
		return nil
	})
}

// AddPage adds a page at a path that has none. Its folder, if there is one,
// is the parent.
func (s *Server) AddPage(name, markdown string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store.W.FindPage(name) != nil {
		return fmt.Errorf("add page: there is one at %q", name)
	}
	parent, err := s.store.ParentAt(path.Dir(name))
	if err != nil {
		return fmt.Errorf("add page %q: %w", name, err)
	}
	now := s.cfg.Now()
	p := &workspace.Page{
		ID: block.NewID("page", name), Path: name, Parent: parent, Created: now, Edited: now,
		Title: strings.TrimSuffix(path.Base(name), ".md"), Values: map[string]column.Value{},
		CreatedBy: s.store.W.Owner(), EditedBy: s.store.W.Owner(),
	}
	// A page that was loaded from this path and moved or deleted since may
	// still own the id.
	if s.store.Pages[p.ID] != nil {
		p.ID = s.store.FreshID()
	}
	s.store.ReplaceBody(p, func() { s.store.W.SetText(p, []byte(markdown)) })
	s.store.AddPage(p)
	return nil
}

// Delete removes a page and all below it for good: from then on they are
// answered 404, which is also what a caller sees of pages that are no longer
// shared.
func (s *Server) Delete(path string) error {
	return s.withPage("delete", path, func(p *workspace.Page) error { s.store.Delete(p); return nil })
}

// Resolve closes a discussion: its comments are listed no more. Notion has no
// endpoint for it; people do it in the app.
func (s *Server) Resolve(discussion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.api.Resolve(discussion)
}
