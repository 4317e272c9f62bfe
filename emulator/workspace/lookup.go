package workspace

import (
	"path"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// lookup finds pages and databases by name, id and parent. It is made anew
// after a change, which is simpler than keeping it right and fast enough for
// any folder.
type lookup struct {
	// pages is by path, path without ending, and id.
	pages map[string]*Page
	// databases is by path, path without ending, and the ids of both database
	// and data source.
	databases      map[string]*Database
	pagesBelow     map[Parent][]*Page
	databasesBelow map[Parent][]*Database
}

// Changed must be called after pages or databases were added, removed or
// moved, so that they are found where they are now.
func (w *Workspace) Changed() { w.cache = nil }

// find gives the lookup of the workspace as it is.
func (w *Workspace) find() *lookup {
	if w.cache != nil {
		return w.cache
	}
	l := &lookup{
		pages: map[string]*Page{}, databases: map[string]*Database{},
		pagesBelow: map[Parent][]*Page{}, databasesBelow: map[Parent][]*Database{},
	}
	for _, p := range w.Pages {
		l.pages[p.Path], l.pages[p.ID] = p, p
		l.pagesBelow[p.Parent] = append(l.pagesBelow[p.Parent], p)
	}
	// Short names come last, so they never hide the real path of another page.
	for _, p := range w.Pages {
		l.shorten(p)
	}
	for _, d := range w.Databases {
		short := TableName(d.Path)
		for _, key := range []string{d.Path, short, short + ".csv", d.ID, d.DataSourceID} {
			l.databases[key] = d
		}
		l.databasesBelow[d.Parent] = append(l.databasesBelow[d.Parent], d)
	}
	w.cache = l
	return l
}

// TableName is the path of a table without its ending, and without what an
// export puts at the end of the one with all rows.
func TableName(name string) string {
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".csv", ".tsv":
		name = strings.TrimSuffix(name, ext)
	}
	return strings.TrimSuffix(name, "_all")
}

// shorten lets a page be found without the ending of its path, unless another
// one is called that.
func (l *lookup) shorten(p *Page) {
	if short := strings.TrimSuffix(p.Path, ".md"); l.pages[short] == nil {
		l.pages[short] = p
	}
}

// Add makes a page part of the workspace. It is cheaper than a change that has
// to be told by Changed.
func (w *Workspace) Add(p *Page) {
	w.Pages = append(w.Pages, p)
	if l := w.cache; l != nil {
		l.pages[p.Path], l.pages[p.ID] = p, p
		l.pagesBelow[p.Parent] = append(l.pagesBelow[p.Parent], p)
		l.shorten(p)
	}
}

// FindPage finds a page by path, with or without its ending, or by id, with or
// without dashes; nil if there is none.
func (w *Workspace) FindPage(name string) *Page {
	name = strings.Trim(name, "/")
	if id, ok := block.ParseID(name); ok {
		name = id
	}
	if p := w.find().pages[name]; p != nil {
		return p
	}
	return w.find().pages[strings.TrimSuffix(name, ".md")]
}

// FindDatabase finds a database by path, with or without its ending, or by its
// id or that of its data source; nil if there is none.
func (w *Workspace) FindDatabase(name string) *Database {
	name = strings.Trim(name, "/")
	if id, ok := block.ParseID(name); ok {
		name = id
	}
	return w.find().databases[name]
}

// Person finds a person by id; nil if there is none.
func (w *Workspace) Person(id string) *User {
	for i := range w.Users {
		if w.Users[i].ID == id {
			return &w.Users[i]
		}
	}
	return nil
}
