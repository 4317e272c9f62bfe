package load

import (
	"fmt"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// rowsOf are the rows of every table, in the order of the files.
type rowsOf map[*workspace.Database][]*workspace.Page

// typeColumns decides the type of every column from what was declared and from
// its values, and turns the values of all rows into properties. It runs when
// all tables are loaded, because a relation shows only beside the titles of
// another one.
func (l *loader) typeColumns() error {
	byID := map[string]*workspace.Database{}
	for _, d := range l.w.Databases {
		byID[d.ID] = d
	}
	rows := rowsOf{}
	for _, p := range l.w.Pages {
		if d := byID[p.Parent.ID]; d != nil {
			rows[d] = append(rows[d], p)
		}
	}
	for _, d := range l.w.Databases {
		filled := l.filled(rows[d])
		for i := range d.Columns {
			c := &d.Columns[i]
			if err := l.typeColumn(d, c, filled[c.Name], rows); err != nil {
				return fmt.Errorf("table %s: column %q: %w", d.Path, c.Name, err)
			}
			if c.Type == "unique_id" {
				number(rows[d], c.Name)
			}
		}
	}
	return l.linkColumns(byID, rows)
}

// filled are the rows that have something in a column, by the name of the
// column, in their order. Wide tables are mostly empty, so nothing visits every
// column of every row.
func (l *loader) filled(rows []*workspace.Page) map[string][]*workspace.Page {
	out := map[string][]*workspace.Page{}
	for _, p := range rows {
		for name, field := range l.records[p] {
			if field != "" {
				out[name] = append(out[name], p)
			}
		}
	}
	return out
}

// number gives every row a number that has none, which is its place.
func number(rows []*workspace.Page, name string) {
	for i, p := range rows {
		if p.Values[name].Number == nil {
			n := float64(i + 1)
			p.Values[name] = column.Value{Number: &n}
		}
	}
}

// typeColumn decides the type of one column and sets its value in the rows that
// have one. Choices come in the order in which the rows use them, after those
// that were declared.
func (l *loader) typeColumn(d *workspace.Database, c *column.Column, filled []*workspace.Page, rows rowsOf) error {
	var values []string
	for _, p := range filled {
		values = append(values, l.records[p][c.Name])
	}
	var titles map[string]string
	var sure bool
	c.Order, sure, _ = column.OrderOf(values)
	switch {
	case c.Type == "relation":
		other := l.tableAt(d, c.Relation)
		if other == nil {
			return fmt.Errorf("there is no table %q to relate to", c.Relation)
		}
		c.Relation, titles = other.ID, l.titlesOf(other, rows[other])
	case c.Type == "" && l.areFiles(d, c, values):
		c.Type = "files"
	case c.Type == "":
		c.Type = column.Infer(c.Name, values)
		// A relation looks like text or choices, so it is tried after them and
		// wins.
		if other, found := l.relation(d, c, values, rows); other != "" {
			c.Type, c.Relation, titles = "relation", other, found
		}
	case c.Type == "formula" && c.Result == "":
		c.Result = resultOf(values)
	}
	if !sure && slices.Contains([]string{"date", "created_time", "last_edited_time"}, c.Type) {
		l.files.Notes.Add(fmt.Sprintf("the month is taken to come first in the dates of the column %q, since no number in them is above 12", c.Name), d.Path)
	}
	for _, p := range filled {
		v, err := l.value(c, l.records[p][c.Name], titles)
		if err != nil {
			return err
		}
		c.Add(v.Options...)
		if !reflect.ValueOf(v).IsZero() {
			p.Values[c.Name] = v
		}
		l.own(p, c, l.records[p][c.Name])
	}
	return nil
}

// filesHeading matches the headings under which names of files are files.
var filesHeading = regexp.MustCompile(`(?i)^(files?|files & media|attachments?)$`)

// areFiles says whether all values of a column are files of the export or, among
// such, addresses: Notion writes a column of files as encoded paths from where
// the table is.
func (l *loader) areFiles(d *workspace.Database, c *column.Column, values []string) bool {
	found := false
	for _, v := range values {
		for _, part := range column.FileParts(v) {
			if strings.HasPrefix(part, "https://") || strings.HasPrefix(part, "http://") {
				continue
			}
			if path.Ext(part) == "" || !filesHeading.MatchString(c.Name) && !l.isExported(d, part) {
				return false
			}
			found = true
		}
	}
	return found
}

// isExported says whether a path is one of the export: it leads to a file, or
// into the folder of the table or of a page.
func (l *loader) isExported(d *workspace.Database, part string) bool {
	name, err := url.PathUnescape(part)
	if err != nil {
		return false
	}
	if l.files.Has(path.Join(path.Dir(d.Path), block.Name(name))) {
		return true
	}
	folder, _, ok := strings.Cut(block.Name(name), "/")
	return ok && (exportName.MatchString(folder) || folder == strings.TrimSuffix(path.Base(d.Path), path.Ext(d.Path)))
}

// resultOf guesses the result of a formula from its values.
func resultOf(values []string) string {
	switch t := column.Infer("", values); t {
	case "number", "date":
		return t
	case "checkbox":
		return "boolean"
	}
	return "string"
}

// own takes over what a table says about a row itself: who made and edited it
// and when.
func (l *loader) own(p *workspace.Page, c *column.Column, field string) {
	if field == "" {
		return
	}
	at, isTime := column.Time(field, c.Order)
	switch {
	case c.Type == "created_by":
		p.CreatedBy = l.w.AddPerson(field)
	case c.Type == "last_edited_by":
		p.EditedBy = l.w.AddPerson(field)
	case c.Type == "created_time" && isTime:
		p.Created = at
	case c.Type == "last_edited_time" && isTime:
		p.Edited = at
	}
}

// titlesOf are the ids of the rows of a table by title, and by path: links lead
// to files. They are kept, since every column of every other table may ask.
func (l *loader) titlesOf(d *workspace.Database, rows []*workspace.Page) map[string]string {
	if l.titles[d] == nil {
		ids := map[string]string{}
		for _, p := range rows {
			ids[p.Title], ids[p.Path] = p.ID, p.ID
		}
		l.titles[d] = ids
	}
	return l.titles[d]
}

// relation finds the other table whose rows all values of a column name, and
// the ids of those rows by title. An export writes relations as titles or as
// links, never as ids.
func (l *loader) relation(d *workspace.Database, c *column.Column, values []string, rows rowsOf) (string, map[string]string) {
	if len(values) == 0 || c.Type != "select" && c.Type != "multi_select" && c.Type != "rich_text" {
		return "", nil
	}
	for _, other := range l.w.Databases {
		// A column whose values all are titles of its own table is rather a
		// copy of the title.
		if other == d {
			continue
		}
		ids := l.titlesOf(other, rows[other])
		if !slices.ContainsFunc(values, func(v string) bool { return relationIDs(v, ids) == nil }) {
			return other.ID, ids
		}
	}
	return "", nil
}

var exportLink = regexp.MustCompile(`^(.*?) \(([^()]+\.md)\)$`)

// relationIDs are the ids of the rows that a value names, or nil if it names
// anything else. The whole value is tried first: a title may hold commas. An
// export's link has the id in its file name, which is surer than the title.
func relationIDs(v string, ids map[string]string) []string {
	if id, ok := ids[v]; ok {
		return []string{id}
	}
	var out []string
	for _, part := range column.List(v) {
		if m := exportLink.FindStringSubmatch(part); m != nil {
			part = m[1]
			if name, err := url.PathUnescape(path.Base(m[2])); err == nil {
				if _, tag := splitName(strings.TrimSuffix(name, ".md"), 0); tag != "" {
					out = append(out, block.Dash(tag))
					continue
				}
			}
		}
		id, ok := ids[part]
		if !ok {
			return nil
		}
		out = append(out, id)
	}
	return out
}

// value turns the text of a field into a property of the column's type. An
// inferred type fits all values; a declared relation may name a row that is
// missing.
func (l *loader) value(c *column.Column, s string, ids map[string]string) (v column.Value, err error) {
	switch {
	case c.Type == "people":
		for _, name := range column.List(s) {
			v.IDs = append(v.IDs, l.w.AddPerson(name))
		}
	case c.Type == "relation" && s != "":
		if v.IDs = relationIDs(s, ids); v.IDs == nil {
			err = fmt.Errorf("%q names no row of the other table", s)
		}
	case c.Type == "verification":
		if v = c.Parse(s); v.State != "" {
			v.IDs = []string{l.owner}
		}
	default:
		v = c.Parse(s)
	}
	return v, err
}
