// Package bundle reads the files of a workspace from a folder, a zip file or an
// export of several zip files into one tree. Nothing outside of it is read,
// names and texts come in one form whatever system wrote them, and what a small
// file can cost in memory and time is bounded. A file that cannot be read is
// left out and noted, and the others are not affected.
package bundle

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// The bounds are far above what people and exports write.
const (
	maxFiles = 200_000  // files of a tree
	maxDepth = 64       // folders inside one another
	maxName  = 4096     // bytes of a path
	maxText  = 32 << 20 // bytes of one text
	// maxWeight is for all texts together; see weight.
	maxWeight = 512 << 20
	// A zip file of text is a tenth of it. One that claims to hold more than
	// this for each of its bytes, and then some, was made to fill memory.
	maxRatio, freeWeight = 50, 4 << 20
)

// Bundle is a tree of files. Names are paths with slashes, as in package fs.
type Bundle struct {
	Notes Notes
	texts map[string]*text
	dirs  map[string]*dir
	// files counts the names, weight what may still be read.
	files, weight int
}

// text is a file that is read. Other files are known by their names alone.
type text struct {
	data     []byte
	modified time.Time
}

// dir has the names in a folder.
type dir struct {
	dirs, files []string
	modified    time.Time // of the newest text below
	texts       int       // pages and tables below
}

// entry is one file of a folder or zip file.
type entry struct {
	name     string
	modified time.Time
	size     int64
	read     func(limit int64) ([]byte, error)
}

func newBundle() *Bundle {
	return &Bundle{texts: map[string]*text{}, dirs: map[string]*dir{".": {}}, weight: maxWeight}
}

// Reasons that have several causes.
const (
	tooMuch = "not read, too large or too much text in all"
	broken  = "not read, broken or not readable"
)

// textEndings are the endings of the files that are read.
var textEndings = []string{".md", ".markdown", ".csv", ".tsv", ".schema.yaml"}

func isText(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(textEndings, func(e string) bool { return strings.HasSuffix(name, e) })
}

// Page says whether a file is a page.
func Page(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".md" || ext == ".markdown"
}

// Table says whether a file is a table.
func Table(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".csv" || ext == ".tsv"
}

// add puts the entries into the tree, in the order of their names, so that the
// same files give the same tree wherever they came from.
func (b *Bundle) add(entries []entry) {
	for i := range entries {
		entries[i].name = cleanPath(entries[i].name)
	}
	slices.SortStableFunc(entries, func(x, y entry) int { return strings.Compare(x.name, y.name) })
	strip := wrapper(entries)
	last := "."
	for _, e := range entries {
		e.name = strings.TrimPrefix(e.name, strip)
		if reason := b.refuses(e.name, last); reason != "" {
			b.Notes.Add(reason, e.name)
			continue
		}
		last = e.name
		b.files++
		b.place(e.name)
		b.take(e)
	}
}

// wrapper is the one folder that an export puts around everything. It is taken
// off, so that paths do not depend on when the export was made.
func wrapper(entries []entry) string {
	if len(entries) == 0 {
		return ""
	}
	first, _, ok := strings.Cut(entries[0].name, "/")
	if !ok || !strings.HasPrefix(first, "Export-") && !strings.HasPrefix(first, "ExportBlock-") {
		return ""
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.name, first+"/") {
			return ""
		}
	}
	return first + "/"
}

// refuses says why a name cannot be part of the tree, or "".
func (b *Bundle) refuses(name, last string) string {
	switch {
	case hidden(name):
		return "not read, hidden"
	case !fs.ValidPath(name) || name == "." || strings.Contains(name, ":/"):
		return "not read, a name that leads out of the folder"
	case strings.Count(name, "/") > maxDepth || len(name) > maxName:
		return "not read, too deep or with too long a name"
	case name == last:
		return "not read, a name that another file has too"
	case b.files >= maxFiles:
		return "not read, too many files"
	}
	return ""
}

// hidden says whether a file or a folder that it is in is hidden, or is what
// macOS puts into zip files.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "__MACOSX" || strings.HasPrefix(part, ".") && part != "." && part != ".." {
			return true
		}
	}
	return false
}

// place lists a file in its folder, and that in those above.
func (b *Bundle) place(name string) {
	at := path.Dir(name)
	known := b.dirs[at] != nil
	if !known {
		b.dirs[at] = &dir{}
	}
	b.dirs[at].files = append(b.dirs[at].files, name)
	for d := at; !known && d != "."; d = path.Dir(d) {
		up := path.Dir(d)
		known = b.dirs[up] != nil
		if !known {
			b.dirs[up] = &dir{}
		}
		b.dirs[up].dirs = append(b.dirs[up].dirs, d)
	}
}

// take reads a file if it is a text.
func (b *Bundle) take(e entry) {
	if !isText(e.name) {
		b.Notes.Add("not read, no Markdown or CSV", e.name)
		return
	}
	if e.size > maxText || e.size > int64(b.weight) {
		b.Notes.Add(tooMuch, e.name)
		return
	}
	raw, err := e.read(e.size)
	if err != nil {
		b.Notes.Add(broken, e.name)
		return
	}
	raw, was := decode(raw)
	if was != "" {
		b.Notes.Add(was, e.name)
	}
	if raw == nil {
		return
	}
	w := weight(raw)
	if w > b.weight {
		b.Notes.Add(tooMuch, e.name)
		return
	}
	b.weight -= w
	b.texts[e.name] = &text{raw, e.modified}
	b.count(e)
}

// count tells the folders above a text of it.
func (b *Bundle) count(e entry) {
	for at := path.Dir(e.name); ; at = path.Dir(at) {
		d := b.dirs[at]
		if Page(e.name) || Table(e.name) {
			d.texts++
		}
		if e.modified.After(d.modified) {
			d.modified = e.modified
		}
		if at == "." {
			return
		}
	}
}

// weight is what a text costs: a byte for each of its own, and more for what
// becomes a block, a field or a run of its own.
func weight(raw []byte) int {
	n := len(raw)
	for _, c := range raw {
		switch c {
		case '\n', '\r':
			n += 64
		case ',', ';', '\t', '|', '*', '_', '`', '[', '<', '~', '$':
			n += 16
		}
	}
	return n
}

// cleanPath gives a path one form: slashes, composed letters, and none that
// cannot be seen.
func cleanPath(name string) string {
	if !utf8.ValidString(name) {
		name = dosName(name)
	}
	return strings.TrimPrefix(block.PathName(strings.ReplaceAll(name, `\`, "/")), "./")
}

// Folders and Files list what a folder holds, by path and in order.
func (b *Bundle) Folders(name string) []string { return b.dir(name).dirs }

// Files lists the files of a folder, also those that are not read.
func (b *Bundle) Files(name string) []string { return b.dir(name).files }

func (b *Bundle) dir(name string) *dir {
	if d := b.dirs[name]; d != nil {
		return d
	}
	return &dir{}
}

// Text is what a file says, in UTF-8; ok is false if there is no such file or
// it is no text.
func (b *Bundle) Text(name string) (data []byte, ok bool) {
	t := b.texts[name]
	if t == nil {
		return nil, false
	}
	return t.data, true
}

// Modified is the time of a file that is read, or of the newest one in a
// folder; zero if nothing tells.
func (b *Bundle) Modified(name string) time.Time {
	if t := b.texts[name]; t != nil {
		return t.modified
	}
	return b.dir(name).modified
}

// HoldsText says whether there is any page or table below a folder.
func (b *Bundle) HoldsText(name string) bool { return b.dir(name).texts > 0 }

// Has says whether there is a file of a name, also one that is not read.
func (b *Bundle) Has(name string) bool {
	_, ok := slices.BinarySearch(b.dir(path.Dir(name)).files, name)
	return ok
}

// Unread is how many files there are that are not read, by their endings.
func (b *Bundle) Unread() map[string]int {
	out := map[string]int{}
	for _, d := range b.dirs {
		for _, name := range d.files {
			if b.texts[name] == nil {
				out[strings.ToLower(path.Ext(name))]++
			}
		}
	}
	return out
}

// Names are the names of all pages and tables, in order.
func (b *Bundle) Names() []string {
	var out []string
	for name := range b.texts {
		if Page(name) || Table(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
