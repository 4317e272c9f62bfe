package workspace

import (
	"cmp"
	"io/fs"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
)

// page adds the page of a file, or of a folder that has no file. Its id is, in
// this order, that of the front matter, that of the file name, or one made from
// the path.
func (l *loader) page(it *item, parent Parent) (*Page, error) {
	p := &Page{Path: cmp.Or(it.md, it.sub), Parent: parent, Title: it.title, CreatedBy: l.owner, EditedBy: l.owner}
	p.Edited = l.modified(p.Path)
	p.Created = p.Edited
	wanted := it.id
	if it.md != "" {
		front, err := l.read(p, it.md)
		if err != nil {
			return nil, err
		}
		if id, ok := block.ParseID(front.ID); ok {
			wanted = id
		}
	}
	p.ID = l.newID(wanted, "page", p.Path)
	l.w.Pages = append(l.w.Pages, p)
	return p, nil
}

// read fills a page from its file, without the body: links in it may point to
// pages that are not loaded yet.
func (l *loader) read(p *Page, name string) (frontMatter, error) {
	raw, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return frontMatter{}, err
	}
	f := readFile(raw)
	p.apply(f, name)
	p.Edited = l.modified(name)
	// A file system knows when a file changed and not when it was made.
	p.Created = p.Edited
	// A page that was edited in the past cannot have been made today.
	if t, ok := parseTime(f.front.LastEdited); ok {
		p.Edited = t
		p.Created = t
	}
	if t, ok := parseTime(f.front.Created); ok {
		p.Created = t
	}
	l.sources[p] = source{path: name, text: f}
	return f.front, nil
}

// apply takes over what a file says about its page. A heading in the text wins
// over the front matter, and that over the name of the file.
func (p *Page) apply(f file, name string) {
	p.Title = cmp.Or(f.title, f.front.Title, p.Title)
	p.Icon = cmp.Or(f.front.Icon, p.Icon)
	if f.titleLine > 0 {
		p.Source = block.Source{Path: name, LineStart: f.titleLine, LineEnd: f.titleLine, Text: f.title}
	}
}

// body parses the text of a page and adds its children. All blocks have the
// times of the page: a file has one time for all of its lines.
func (l *loader) body(p *Page) {
	src := l.sources[p]
	l.w.parseBody(p, src.text.body, cmp.Or(src.path, p.Path))
	block.Walk(p.Body, func(b *block.Block) {
		b.Created, b.Edited = p.Created, p.Edited
		b.CreatedBy, b.EditedBy = p.CreatedBy, p.EditedBy
	})
}
