// Package workspace holds pages, databases and people as a Notion workspace
// has them, and loads them from a folder of Markdown and CSV or from a Notion
// export. The same files give the same ids in every run.
package workspace

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
)

// Workspace is everything that was loaded. It is not safe for concurrent use.
type Workspace struct {
	ID        string
	Name      string
	Pages     []*Page // rows too, parents before children
	Databases []*Database
	Users     []User
	cache     *lookup
}

// Parent is where a page or database hangs. ID is empty for the workspace.
type Parent struct {
	Kind string // workspace, page or database
	ID   string
}

// Page is a page or a row of a database. Values is by column name and empty
// for pages that are not rows.
type Page struct {
	ID, Path, Title, Icon string
	Parent                Parent
	Created, Edited       time.Time
	CreatedBy, EditedBy   string
	InTrash, Archived     bool
	Body                  []*block.Block
	Values                map[string]Value
	Source                block.Source // where its title stands
}

// Database is a table with one data source. Columns[0] need not be the title.
type Database struct {
	ID, DataSourceID, Path, Title string
	Parent                        Parent
	Columns                       []Column
	Created, Edited               time.Time
	CreatedBy, EditedBy           string
	InTrash, Inline               bool
	Source                        block.Source
}

// Column is one property of a database.
type Column struct {
	ID, Name, Type string
	Options        []string // select, status, multi_select
	Relation       string   // id of the database that a relation points to
}

// Value is the value of one property; Column.Type says which field counts.
type Value struct {
	Text       []block.Text // rich_text, url, email, phone_number
	Number     *float64
	Options    []string // select, status, multi_select
	Start, End string   // date
	Checked    bool
	IDs        []string // people, relation
}

// User is a person.
type User struct{ ID, Name, Email string }

// TitleColumn returns the column that holds the title of the rows.
func (d *Database) TitleColumn() *Column {
	for i := range d.Columns {
		if d.Columns[i].Type == "title" {
			return &d.Columns[i]
		}
	}
	return nil
}

// Column finds a column by name or id.
func (d *Database) Column(key string) *Column {
	for i := range d.Columns {
		if d.Columns[i].Name == key || d.Columns[i].ID == key {
			return &d.Columns[i]
		}
	}
	return nil
}

// URL is the address of an object with a title and an id, as the API gives it.
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

// DataSourceID is the id of the one data source of a database.
func DataSourceID(database string) string { return block.NewID("data source", database) }

// PersonID is the id of the person with a name.
func PersonID(name string) string {
	return block.NewID("user", strings.ToLower(strings.TrimSpace(name)))
}

// Owner is the person that made everything that was loaded.
func (w *Workspace) Owner() string { return PersonID("Workspace Owner") }

// person registers a person and returns the id.
func (w *Workspace) person(name string) string {
	name = strings.TrimSpace(name)
	id := PersonID(name)
	if !slices.ContainsFunc(w.Users, func(u User) bool { return u.ID == id }) {
		email := strings.ToLower(strings.Join(strings.Fields(name), ".")) + "@example.com"
		w.Users = append(w.Users, User{ID: id, Name: name, Email: email})
	}
	return id
}

// Clone copies the workspace so that changes to one do not show in the other.
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
		e.Columns = slices.Clone(d.Columns)
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
