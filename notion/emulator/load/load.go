// Package load reads a workspace from a folder of Markdown and CSV or from a
// Notion export. The same files give the same ids in every run.
package load

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// FS reads a folder of Markdown and CSV files.
//
// Every .md file is a page and every .csv file a database. A folder holds the
// children of the page beside it with the same name, the rows of the database
// with the same name, or else is a page of its own. Names that end in 32
// hexadecimal digits, as in exports, give the id.
//
//	Handbook.md             a page
//	Handbook/Leave.md       a page below it
//	Team/Rota.md            a page below Team, which is a page without text
//	Accounts.csv            a database
//	Accounts/Acme.md        the text of its row Acme
//	Accounts/Acme/Plan.md   a page below that row
//	Accounts.schema.yaml    what the fields of Accounts.csv cannot tell; see schema
//
// Ids, and so all addresses and anchors, depend on the files alone. Times are
// those of the files, or what a page says about itself above its text.
func FS(fsys fs.FS) (*workspace.Workspace, error) {
	fsys, err := unwrap(fsys)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	l := &loader{
		fsys:    fsys,
		w:       &workspace.Workspace{ID: block.NewID("workspace"), Name: "Emulated workspace"},
		sources: map[*workspace.Page]source{},
		records: map[*workspace.Page]map[string]string{},
		ids:     map[string]bool{},
	}
	l.owner = l.w.AddPerson("Workspace Owner")
	if err := l.folder(".", workspace.Parent{Kind: "workspace"}); err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	if err := l.typeColumns(); err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	l.w.Changed()
	for _, p := range l.w.Pages {
		l.body(p)
	}
	l.w.LinkSynced()
	return l.w, nil
}

// unwrap enters the one folder that an export puts around everything, so that
// paths do not depend on when the export was made.
func unwrap(fsys fs.FS) (fs.FS, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	if len(entries) == 1 && entries[0].IsDir() && strings.HasPrefix(entries[0].Name(), "Export-") {
		return fs.Sub(fsys, entries[0].Name())
	}
	return fsys, nil
}

// loader reads a folder in two rounds: pages, databases and rows first, their
// texts when every link can be resolved.
type loader struct {
	fsys  fs.FS
	w     *workspace.Workspace
	owner string
	// sources has the text of the pages that have a file, until the second
	// round.
	sources map[*workspace.Page]source
	// records has the raw values of the rows by column, until the types of the
	// columns are known.
	records map[*workspace.Page]map[string]string
	// ids are those given away. Copies of an export can hold one twice.
	ids map[string]bool
}

// source is the text of a page's file.
type source struct {
	path string
	text workspace.Text
}

// item is what a folder holds under one name: a page, a table, the folder of
// either, or several of these.
type item struct {
	// id is that of an export's file name, or "".
	title, id string
	// stem is the name with its id and without its ending, by which folders are
	// matched.
	stem string
	// md, csv and sub are paths, or "".
	md, csv, sub string
	// csvAll is set for the table of an export with all its rows. Notion writes
	// two, of which the other has only what one view shows.
	csvAll bool
}

var exportName = regexp.MustCompile(`^(.*?)[ _-]?([0-9a-f]{32})$`)

// splitName takes the id of an export off a name. Only lower-case digits count,
// as Notion writes them, so a name that happens to end in a number is left
// alone.
func splitName(stem string) (title, id string) {
	if m := exportName.FindStringSubmatch(stem); m != nil {
		return strings.TrimSpace(m[1]), block.Dash(m[2])
	}
	return stem, ""
}

// folder adds everything in a folder below parent.
func (l *loader) folder(dir string, parent workspace.Parent) error {
	items, err := l.items(dir)
	if err != nil {
		return err
	}
	for _, it := range items {
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
	if it.md == "" && sub == "" {
		return nil
	}
	if it.md == "" && !l.holdsText(sub) {
		return nil
	}
	p, err := l.page(it, parent)
	if err != nil || sub == "" {
		return err
	}
	return l.folder(sub, workspace.Parent{Kind: "page", ID: p.ID})
}

// items groups the entries of a folder by name, in the order of their titles.
// Hidden files and what macOS puts into zip files are left out.
func (l *loader) items(dir string) ([]*item, error) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return nil, err
	}
	var items []*item
	var dirs []fs.DirEntry
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" {
			continue
		}
		if e.IsDir() {
			dirs = append(dirs, e)
			continue
		}
		items = addFile(items, path.Join(dir, e.Name()))
	}
	// Folders come after all files, for they attach to one.
	for _, d := range dirs {
		items = addFolder(items, path.Join(dir, d.Name()))
	}
	slices.SortStableFunc(items, func(a, b *item) int {
		return strings.Compare(strings.ToLower(a.title), strings.ToLower(b.title))
	})
	return items, nil
}

// addFile adds a page or a table. Of the two tables that an export writes for
// one database, the complete one stays.
func addFile(items []*item, name string) []*item {
	ext := strings.ToLower(path.Ext(name))
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	it := &item{}
	switch ext {
	case ".md", ".markdown":
		it.md = name
	case ".csv":
		it.csv = name
		if s, ok := strings.CutSuffix(stem, "_all"); ok {
			stem, it.csvAll = s, true
		}
	default:
		return items
	}
	it.title, it.id = splitName(stem)
	it.stem = stem
	for _, other := range items {
		if it.csv != "" && other.csv != "" && other.stem == stem {
			if it.csvAll {
				other.csv, other.csvAll = name, true
			}
			return items
		}
	}
	return append(items, it)
}

// addFolder attaches a folder to the file of its name, or makes it an item of
// its own. The folder of an exported page may have the page's id in its name or
// not. Where a page and a table share the name, the table takes the folder.
func addFolder(items []*item, name string) []*item {
	stem := path.Base(name)
	title, id := splitName(stem)
	var found *item
	for _, it := range items {
		same := it.stem == stem || it.title == title && (id == "" || id == it.id)
		if !same || it.sub != "" {
			continue
		}
		if found == nil || it.csv != "" {
			found = it
		}
	}
	if found == nil {
		return append(items, &item{title: title, id: id, sub: name})
	}
	found.sub = name
	return items
}

// holdsText says whether there is any page or table below a folder.
func (l *loader) holdsText(dir string) bool {
	found := false
	_ = fs.WalkDir(l.fsys, dir, func(p string, d fs.DirEntry, err error) error {
		ext := strings.ToLower(path.Ext(p))
		if err == nil && !d.IsDir() && (ext == ".md" || ext == ".markdown" || ext == ".csv") {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// newID keeps a wanted id that nobody has yet, and derives one from the parts
// if not. It never gives an id twice.
func (l *loader) newID(wanted string, parts ...string) string {
	if wanted == "" || l.ids[wanted] {
		wanted = block.NewID(parts...)
	}
	for l.ids[wanted] {
		wanted = block.NewID(append(parts, wanted)...)
	}
	l.ids[wanted] = true
	return wanted
}

// modified is the time of a file, or a fixed one where the file system has
// none, such as an embedded one. A fixed one keeps answers the same in every
// run.
func (l *loader) modified(name string) time.Time {
	info, err := fs.Stat(l.fsys, name)
	if err != nil || info.ModTime().Year() < 1990 {
		return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	}
	return info.ModTime().UTC()
}
