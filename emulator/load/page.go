package load

import (
	"cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// page adds the page of a file, or of a folder that has no file. Its id is, in
// this order, that of the front matter, that of the file name, or one made from
// the path.
func (l *loader) page(it *item, parent workspace.Parent) *workspace.Page {
	p := &workspace.Page{Path: cmp.Or(it.md, it.sub), Parent: parent, Title: it.title, CreatedBy: l.owner, EditedBy: l.owner}
	p.Edited = l.modified(p.Path)
	p.Created = p.Edited
	wanted := it.id()
	if it.md != "" {
		front := l.read(p, it.md)
		if id, ok := block.ParseID(front.ID); ok {
			wanted = id
		}
	}
	p.ID = l.newID(wanted, "page", p.Path)
	l.w.Pages = append(l.w.Pages, p)
	return p
}

// read fills a page from its file, without the body: links in it may point to
// pages that are not loaded yet.
func (l *loader) read(p *workspace.Page, name string) workspace.FrontMatter {
	raw, _ := l.files.Text(name)
	f := workspace.ReadText(raw)
	p.Apply(f, name)
	if f.Broken {
		l.files.Notes.Add("front matter that is no YAML, kept as text", name)
	}
	p.Edited = l.modified(name)
	// A file system knows when a file changed and not when it was made.
	p.Created = p.Edited
	// A page that was edited in the past cannot have been made today.
	if t, ok := workspace.ParseTime(f.Front.LastEdited); ok {
		p.Edited = t
		p.Created = t
	}
	if t, ok := workspace.ParseTime(f.Front.Created); ok {
		p.Created = t
	}
	l.sources[p] = source{path: name, text: f}
	return f.Front
}

// body parses the text of a page and adds its children. All blocks have the
// times of the page: a file has one time for all of its lines.
func (l *loader) body(p *workspace.Page) {
	src := l.sources[p]
	l.w.ParseBody(p, src.text.Markdown(), cmp.Or(src.path, p.Path))
	block.Walk(p.Body, func(b *block.Block) {
		b.Created, b.Edited = p.Created, p.Edited
		b.CreatedBy, b.EditedBy = p.CreatedBy, p.EditedBy
	})
}
