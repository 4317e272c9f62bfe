package load

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// record is one row of a table with the lines of the file it stands on: a field
// in quotes can hold line breaks.
type record struct {
	fields     []string
	start, end int
}

// maxColumns is how many columns a table may have, as in Notion.
const maxColumns = 500

// database adds the database of a CSV file with its rows. An empty file is a
// database without rows.
//
//	Accounts.csv                               header: the columns; each line: a row
//	Accounts/Acme.md                           the text of the row whose title is Acme
//	Accounts 0c0f….csv, Accounts 0c0f…_all.csv  an export: the second has all the rows
func (l *loader) database(it *item, parent workspace.Parent) error {
	raw, _ := l.files.Text(it.csv)
	records := readCSV(it.csv, raw)
	d := &workspace.Database{Path: it.csv, Title: it.title, Parent: parent, CreatedBy: l.owner, EditedBy: l.owner}
	d.Edited = l.modified(it.csv)
	d.Created = d.Edited
	d.ID = l.newID(it.id(), "database", it.csv)
	d.DataSourceID = workspace.DataSourceID(d.ID)
	l.w.Databases = append(l.w.Databases, d)
	// Every database has a title, also the one of an empty file.
	if len(records) == 0 {
		records = []record{{fields: []string{"Name"}, start: 1, end: 1}}
	}
	l.cut[d] = it.tag != ""
	if len(records[0].fields) > maxColumns {
		l.files.Notes.Add(fmt.Sprintf("only the first %d columns are read", maxColumns), it.csv)
		records[0].fields = records[0].fields[:maxColumns]
	}
	d.Columns = columns(records[0].fields)
	schema, err := l.readSchema(it.csv)
	if err != nil {
		return err
	}
	schema.declare(d)
	l.join(d, schema.Database)
	d.Source = block.Source{Path: it.csv, LineStart: records[0].start, LineEnd: records[0].end}
	return l.rows(d, records[1:], it.sub)
}

// columns names the columns of a table; the first one holds the title unless
// another is called Name, as in an export. Names are made unique, since
// properties are found by them. All other types are found out later from the
// values.
func columns(header []string) []column.Column {
	var out []column.Column
	for i := range header {
		header[i] = block.Name(header[i])
	}
	title := max(slices.Index(header, "Name"), 0)
	for i, name := range header {
		for name == "" || slices.ContainsFunc(out, func(c column.Column) bool { return c.Name == name }) {
			name = strings.TrimSpace(name + " " + strconv.Itoa(i+1))
		}
		c := column.Column{Name: name, ID: propertyID(name)}
		if i == title {
			c.ID, c.Type = "title", "title"
		}
		out = append(out, c)
	}
	return out
}

// propertyID is a short id like Notion's. It need not be unique across
// databases.
func propertyID(name string) string {
	return strings.ReplaceAll(block.NewID("property", name)[:5], "-", "")[:4]
}

// rows adds the rows of a table and joins them with the pages in its folder.
// The id of a row without a page comes from its title and how many rows before
// it have the same, so sorting the file does not change it.
func (l *loader) rows(d *workspace.Database, records []record, sub string) error {
	files := l.rowFiles(sub)
	base := workspace.TableName(d.Path)
	title := d.TitleColumn().Name
	seen := map[string]int{}
	for _, rec := range records {
		values := map[string]string{}
		for i, field := range rec.fields {
			// Fields beyond the header belong to no column.
			if i < len(d.Columns) && field != "" {
				values[d.Columns[i].Name] = cleanField(field)
			}
		}
		name := block.Name(values[title])
		seen[name]++
		p := l.row(d, name)
		p.Source = block.Source{Path: d.Path, LineStart: rec.start, LineEnd: rec.end, Text: strings.Join(rec.fields, ",")}
		// A row without a page has a path too, by which tests and links name
		// it.
		p.Path = path.Join(base, fileName(name, seen[name])+".md")
		it := files.take(name)
		if err := l.finishRow(d, p, it, values); err != nil {
			return err
		}
		if p.ID == "" {
			p.ID = l.newID("", "row", d.ID, name, strconv.Itoa(seen[name]))
		}
	}
	return l.looseFiles(d, files.left())
}

// cleanField is the one form of a field.
func cleanField(s string) string { return strings.TrimSpace(block.Clean(s)) }

// fileName is the name that a row without a file would have; n counts the rows
// of that title.
func fileName(title string, n int) string {
	title = strings.NewReplacer("/", "-", "\\", "-", "\n", " ").Replace(title)
	if title == "" {
		title = "Untitled"
	}
	if n > 1 {
		title += " " + strconv.Itoa(n)
	}
	return title
}

// row adds a row that has a title and nothing else yet, not even an id.
func (l *loader) row(d *workspace.Database, title string) *workspace.Page {
	p := &workspace.Page{
		Title: title, Parent: workspace.Parent{Kind: "database", ID: d.ID}, Values: map[string]column.Value{},
		Created: d.Created, Edited: d.Edited, CreatedBy: l.owner, EditedBy: l.owner,
	}
	l.w.Pages = append(l.w.Pages, p)
	return p
}

// rowFiles are the pages in the folder of a table, each taken by one row.
type rowFiles struct {
	all     []*item
	byTitle map[string][]*item // by heading, and by name
	taken   map[*item]bool
}

// rowFiles lists the pages in the folder of a table. The heading of a page is a
// better key than its name, from which an export takes what a file system does
// not like.
func (l *loader) rowFiles(sub string) *rowFiles {
	f := &rowFiles{byTitle: map[string][]*item{}, taken: map[*item]bool{}}
	if sub == "" {
		return f
	}
	f.all = l.items(sub)
	for _, it := range f.all {
		if it.csv == "" {
			title := l.titleOf(it)
			f.byTitle[title] = append(f.byTitle[title], it)
		}
	}
	// Names come after all headings, so that a heading is tried first.
	for _, it := range f.all {
		if it.csv == "" {
			f.byTitle[it.title] = append(f.byTitle[it.title], it)
		}
	}
	return f
}

// take gives the page of the row with a title, or nil. Two rows of one title
// get two pages, in the order of the files.
func (f *rowFiles) take(title string) *item {
	for _, key := range []string{title, fileName(title, 1)} {
		for _, it := range f.byTitle[key] {
			if !f.taken[it] {
				f.taken[it] = true
				return it
			}
		}
	}
	return nil
}

// left are the pages that no row has taken.
func (f *rowFiles) left() []*item {
	return slices.DeleteFunc(f.all, func(it *item) bool { return f.taken[it] })
}

// titleOf is the heading of a page, or its title, or its name.
func (l *loader) titleOf(it *item) string {
	if it.md == "" {
		return it.title
	}
	raw, _ := l.files.Text(it.md)
	f := workspace.ReadText(raw)
	return cmp.Or(f.Title, f.Front.Title, it.title)
}

// finishRow reads the page of a row, if it has one, and what hangs below. The
// title of the table wins over that of the page, and so does its source: the
// row is where somebody would look it up.
func (l *loader) finishRow(d *workspace.Database, p *workspace.Page, it *item, values map[string]string) error {
	if values == nil {
		values = map[string]string{}
	}
	l.records[p] = values
	if it == nil {
		return nil
	}
	if it.md != "" {
		title, record := p.Title, p.Source
		front := l.read(p, it.md)
		if title != "" && record.Path != "" {
			p.Title, p.Source = title, record
		}
		p.Path = it.md
		id := it.id()
		if parsed, ok := block.ParseID(front.ID); ok {
			id = parsed
		}
		p.ID = l.newID(id, "page", it.md)
		l.mergeProperties(d, p, values)
	}
	if it.sub == "" {
		return nil
	}
	if p.ID == "" {
		p.ID = l.newID(it.id(), "page", it.sub)
	}
	return l.folder(it.sub, workspace.Parent{Kind: "page", ID: p.ID})
}

// mergeProperties takes the properties that the page of a row has in its front
// matter, or that an export writes at the top of its text; the table wins where both have a value. They are blanked, so that
// they are not read as text of the page too.
func (l *loader) mergeProperties(d *workspace.Database, p *workspace.Page, values map[string]string) {
	src := l.sources[p]
	src.text.Fields = slices.DeleteFunc(src.text.Fields, func(f workspace.Field) bool {
		return takeField(d, p, values, f)
	})
	known := func(key string) bool { return d.Column(key) != nil }
	for key, value := range src.text.TakeProperties(known) {
		// The page of a row may be older than the table.
		if values[key] == "" {
			values[key] = value
		}
	}
	l.sources[p] = src
}

// takeField makes a field of the front matter a property of a row. It stays text
// where no column is called that, or the row has something else there.
func takeField(d *workspace.Database, p *workspace.Page, values map[string]string, f workspace.Field) bool {
	i := slices.IndexFunc(d.Columns, func(c column.Column) bool { return strings.EqualFold(c.Name, f.Key) })
	if i < 0 {
		return false
	}
	c := d.Columns[i]
	if c.Type == "title" {
		return f.Value == p.Title
	}
	if values[c.Name] != "" && values[c.Name] != f.Property {
		return false
	}
	values[c.Name] = f.Property
	return true
}

// looseFiles makes rows of the pages in a table's folder that the table lacks,
// so that no text is lost. A table among them is a database of its own beside
// d.
func (l *loader) looseFiles(d *workspace.Database, files []*item) error {
	for _, it := range files {
		if it.csv != "" || it.md == "" && !l.files.HoldsText(it.sub) {
			if it.csv != "" {
				if err := l.item(it, d.Parent); err != nil {
					return err
				}
			}
			continue
		}
		p := l.row(d, it.title)
		p.Path = it.sub
		if err := l.finishRow(d, p, it, nil); err != nil {
			return err
		}
		l.records[p][d.TitleColumn().Name] = p.Title
	}
	return nil
}
