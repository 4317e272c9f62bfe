package load

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/bundle"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// item is what a folder holds under one name: a page, a table, the folder of
// either, or several of these.
type item struct {
	// title is the name without the tag that an export puts behind it, which is
	// an id or, where names were cut, some digits of one.
	title, tag string
	// stem is the name with its tag and without its ending, by which folders are
	// matched.
	stem string
	// md, csv and sub are paths, or "".
	md, csv, sub string
	// csvAll is set for the table of an export with all its rows. Notion writes
	// two, of which the other has only what one view shows.
	csvAll bool
}

// id is that of an export's file name, or "".
func (it *item) id() string {
	if len(it.tag) == 32 {
		return block.Dash(it.tag)
	}
	return ""
}

var exportName = regexp.MustCompile(`^(.*?)[ _-]?([0-9a-f]{32})$`)

// splitName takes the tag of an export off a name. Only lower-case digits count,
// as Notion writes them, so a name that happens to end in a number is left
// alone. short is how many digits a short tag has, or 0.
func splitName(stem string, short int) (title, tag string) {
	if m := exportName.FindStringSubmatch(stem); m != nil {
		return strings.TrimSpace(m[1]), m[2]
	}
	if m := shortName.FindStringSubmatch(stem); m != nil && len(m[2]) == short {
		return m[1], m[2]
	}
	return stem, ""
}

// folder adds everything in a folder below parent.
func (l *loader) folder(dir string, parent workspace.Parent) error {
	for _, it := range l.items(dir) {
		if err := l.item(it, parent); err != nil {
			return err
		}
	}
	return nil
}

// item adds the database, page or folder of one name. A folder without any text
// in it, such as one of pictures, is no page. A table takes the folder of its
// name for its rows.
func (l *loader) item(it *item, parent workspace.Parent) error {
	sub := it.sub
	if it.csv != "" {
		if err := l.database(it, parent); err != nil {
			return err
		}
		sub = ""
	}
	if it.md == "" && !l.files.HoldsText(sub) {
		return nil
	}
	p := l.page(it, parent)
	if sub == "" {
		return nil
	}
	return l.folder(sub, workspace.Parent{Kind: "page", ID: p.ID})
}

// shelf groups the entries of a folder by name.
type shelf struct {
	short  int
	items  []*item
	tables map[string]*item // by stem and ending
	names  map[string][]*item
}

// items groups the entries of a folder by name, in the order of their titles.
func (l *loader) items(dir string) []*item {
	s := &shelf{short: l.short, tables: map[string]*item{}, names: map[string][]*item{}}
	for _, name := range l.files.Files(dir) {
		if _, ok := l.files.Text(name); ok && (bundle.Page(name) || bundle.Table(name)) {
			s.addFile(name)
		}
	}
	// Folders come after all files, for they attach to one.
	for _, name := range l.files.Folders(dir) {
		s.addFolder(name)
	}
	slices.SortStableFunc(s.items, func(a, b *item) int {
		return strings.Compare(strings.ToLower(a.title), strings.ToLower(b.title))
	})
	return s.items
}

// addFile adds a page or a table. Of the two tables that an export writes for
// one database, the complete one stays.
func (s *shelf) addFile(name string) {
	it := &item{stem: strings.TrimSuffix(path.Base(name), path.Ext(name))}
	if bundle.Page(name) {
		it.md = name
	} else {
		it.csv = name
		it.stem, it.csvAll = strings.CutSuffix(it.stem, "_all")
		key := it.stem + path.Ext(name)
		if other := s.tables[key]; other != nil {
			if it.csvAll {
				other.csv, other.csvAll = name, true
			}
			return
		}
		s.tables[key] = it
	}
	it.title, it.tag = splitName(it.stem, s.short)
	s.items = append(s.items, it)
	s.names[it.stem] = append(s.names[it.stem], it)
	if it.title != it.stem {
		s.names[it.title] = append(s.names[it.title], it)
	}
}

// addFolder attaches a folder to the file of its name, or makes it an item of
// its own. The folder of an exported page may have the page's tag in its name or
// not. Where a page and a table share the name, the table takes the folder.
func (s *shelf) addFolder(name string) {
	stem := path.Base(name)
	title, tag := splitName(stem, s.short)
	var found *item
	for _, it := range slices.Concat(s.names[stem], s.names[title]) {
		same := it.stem == stem || it.title == title && (tag == "" || tag == it.tag)
		if same && it.sub == "" && (found == nil || it.csv != "") {
			found = it
		}
	}
	if found == nil {
		s.items = append(s.items, &item{title: title, tag: tag, sub: name})
		return
	}
	found.sub = name
}
