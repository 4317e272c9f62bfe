// Package load reads a workspace from a folder of Markdown and CSV or from a
// Notion export. The same files give the same ids in every run.
package load

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/bundle"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// FS reads a folder of Markdown and CSV files.
//
// Every .md file is a page and every .csv or .tsv file a database. A folder holds the
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
	files, err := bundle.Read(fsys)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	return read(files)
}

// Dir loads a folder or a zip file. Notion splits an export that is too
// large into several zip files inside one; they are read as one.
func Dir(name string) (*workspace.Workspace, error) {
	files, err := bundle.Open(name)
	if err != nil {
		return nil, err
	}
	return read(files)
}

// read makes a workspace of files. What was left out, or had to be guessed, is
// in its notes.
func read(files *bundle.Bundle) (*workspace.Workspace, error) {
	if err := readable(files); err != nil {
		return nil, err
	}
	l := &loader{
		files:   files,
		short:   shortDigits(files),
		w:       &workspace.Workspace{ID: block.NewID("workspace"), Name: "Emulated workspace"},
		sources: map[*workspace.Page]source{},
		records: map[*workspace.Page]map[string]string{},
		ids:     map[string]bool{},
		cut:     map[*workspace.Database]bool{},
		titles:  map[*workspace.Database]map[string]string{},
	}
	l.owner = l.w.AddPerson("Workspace Owner")
	if err := l.folder(".", workspace.Parent{Kind: "workspace"}); err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	if err := l.typeColumns(); err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	l.w.Changed()
	l.nameTables()
	for _, p := range l.w.Pages {
		l.body(p)
	}
	l.w.LinkSynced()
	l.w.Notes = files.Notes.Lines()
	return l.w, nil
}

// loader reads a folder in two rounds: pages, databases and rows first, their
// texts when every link can be resolved.
type loader struct {
	files *bundle.Bundle
	// short is how many digits the ids in names have that were cut, or 0.
	short int
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
	// cut are the tables whose names an export may have cut.
	cut map[*workspace.Database]bool
	// titles are the ids of rows by title, of the tables that were asked.
	titles map[*workspace.Database]map[string]string
}

// source is the text of a page's file.
type source struct {
	path string
	text workspace.Text
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
	if at := l.files.Modified(name); at.Year() >= 1990 {
		return at.UTC()
	}
	return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
}
