// Package workspace holds pages, databases and people as a Notion workspace
// has them, with the texts of pages as Markdown gives them.
package workspace

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
)

// Workspace is everything that was loaded. It is not safe for concurrent use.
type Workspace struct {
	ID   string
	Name string
	// Pages holds rows too, parents before children. Whoever changes it or
	// Databases must call Changed.
	Pages     []*Page // rows too, parents before children
	Databases []*Database
	Users     []User
	// Notes are what whoever serves the workspace should know about its files.
	Notes []string
	// cache finds pages and databases; nil until it is needed.
	cache *lookup
}

// Parent is where a page or database hangs. It is comparable.
type Parent struct {
	// Kind is workspace, page or database.
	Kind string
	// ID is empty for the workspace.
	ID string
}

// Page is a page or a row of a database.
type Page struct {
	// Path is the file that the page came from, or would have. It stays when
	// the page is moved or renamed, so tests can go on naming the page by it.
	ID, Path, Title, Icon string
	Parent                Parent
	Created, Edited       time.Time
	CreatedBy, EditedBy   string
	InTrash, Archived     bool
	Body                  []*block.Block
	// Values is by column name, and empty for pages that are not rows.
	Values map[string]column.Value
	// Source is where the title stands.
	Source block.Source
}

// Database is a data source with its rows, and the database that holds it. The
// further data sources of a database are Databases too, which stand in the tree
// where the first one does.
type Database struct {
	// The database and its data source are two objects with two ids: one has
	// the place in the tree, the other schema and rows. Title is that of the
	// data source.
	ID, DataSourceID, Path, Title string
	// Name is the title of the database where it is another, Of the id of the
	// Database that began it; both are "" for a table by itself.
	Name, Of    string
	Description string
	Parent      Parent
	// Columns are in the order of the file; the title need not be the first.
	Columns             []column.Column
	Created, Edited     time.Time
	CreatedBy, EditedBy string
	InTrash, Inline     bool
	Source              block.Source
}

// User is a person. The address is made up from the name.
type User struct{ ID, Name, Email string }

// TitleColumn returns the column that holds the title of the rows. Every
// database has exactly one.
func (d *Database) TitleColumn() *column.Column {
	for i := range d.Columns {
		if d.Columns[i].Type == "title" {
			return &d.Columns[i]
		}
	}
	return nil
}

// Holder is the id of the database that holds the data source of d: its own,
// unless another table began the database.
func (d *Database) Holder() string { return cmp.Or(d.Of, d.ID) }

// DatabaseTitle is the title of the database that holds the data source of d.
func (d *Database) DatabaseTitle() string { return cmp.Or(d.Name, d.Title) }

// Column finds a column by name or id, or returns nil. It points into d.
func (d *Database) Column(key string) *column.Column {
	for i := range d.Columns {
		if d.Columns[i].Name == key || d.Columns[i].ID == key {
			return &d.Columns[i]
		}
	}
	return nil
}

// URL is the address of an object with a title and an id, as the API gives it
// since the spring of 2026: on app.notion.com, with the title as words and the
// id without dashes at the end. Only the id counts.
func URL(title, id string) string {
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return ' '
	}, title)
	parts := append(strings.Fields(slug), block.Compact(id))
	return "https://app.notion.com/p/" + strings.Join(parts, "-")
}

// DataSourceID is the id of the one data source of a database. It differs from
// that of the database, so that nobody can mix the two up unnoticed.
func DataSourceID(database string) string { return block.NewID("data source", database) }

// PersonID is the id of the person with a name, whatever its case: names are
// all that files tell about people.
func PersonID(name string) string {
	return block.NewID("user", strings.ToLower(strings.TrimSpace(name)))
}

// Owner is the person that made everything that was loaded.
func (w *Workspace) Owner() string { return PersonID("Workspace Owner") }

// AddPerson registers a person and returns the id.
func (w *Workspace) AddPerson(name string) string {
	name = strings.TrimSpace(name)
	id := PersonID(name)
	if !slices.ContainsFunc(w.Users, func(u User) bool { return u.ID == id }) {
		email := strings.ToLower(strings.Join(strings.Fields(name), ".")) + "@example.com"
		w.Users = append(w.Users, User{ID: id, Name: name, Email: email})
	}
	return id
}

// Clone copies the workspace so that changes to one do not show in the other.
// Rich text and the JSON inside a payload are shared: they are replaced and
// never written to.
func (w *Workspace) Clone() *Workspace {
	c := *w
	c.cache = nil
	c.Users = slices.Clone(w.Users)
	c.Pages, c.Databases = nil, nil
	for _, p := range w.Pages {
		q := *p
		q.Values = maps.Clone(p.Values)
		q.Body = cloneBlocks(p.Body, nil)
		c.Pages = append(c.Pages, &q)
	}
	for _, d := range w.Databases {
		e := *d
		e.Columns = nil
		for _, col := range d.Columns {
			e.Columns = append(e.Columns, col.Clone())
		}
		c.Databases = append(c.Databases, &e)
	}
	return &c
}

func cloneBlocks(blocks []*block.Block, parent *block.Block) []*block.Block {
	var out []*block.Block
	for _, b := range blocks {
		c := *b
		c.Content = maps.Clone(b.Content)
		c.Parent = parent
		c.Children = cloneBlocks(b.Children, &c)
		out = append(out, &c)
	}
	return out
}
