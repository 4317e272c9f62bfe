// Package corpus is the folder that questions are about: the workspace made of
// it, and the way back from what a server returned, be it the id of a block, the
// address of a page or a stretch of text, to lines of the files.
package corpus

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Corpus is a folder of Markdown and CSV as a workspace. It is read-only and
// safe for concurrent use.
type Corpus struct {
	Workspace *emulator.Workspace

	files  map[string][]string           // lines, by path
	units  map[string][]unit             // lines with words, by path
	blocks map[notion.ID]questions.Lines // also pages and databases: where their title stands
	paths  map[notion.ID]string          // of pages, databases and data sources
	pages  map[string][]notion.ID        // by the file that holds their text
	rows   map[string][]row              // by the file of the table
	parts  map[notion.ID]*pageParts      // how to find text on a page
}

// row is a page that is a line of a table.
type row struct {
	page  notion.ID
	lines questions.Lines
}

// pageParts are the files that the text of a page came from.
type pageParts struct {
	file   string          // "" for a row without text
	record questions.Lines // of a row: its line in the table
	words  []string        // of the record, without the title, which properties do not repeat
	links  [][]string      // words of the addresses that its text links to
}

// Load reads a folder.
func Load(fsys fs.FS) (*Corpus, error) {
	w, err := emulator.Load(fsys)
	if err != nil {
		return nil, fmt.Errorf("load corpus: %w", err)
	}
	c := &Corpus{
		Workspace: w, files: map[string][]string{}, units: map[string][]unit{},
		blocks: map[notion.ID]questions.Lines{}, paths: map[notion.ID]string{},
		pages: map[string][]notion.ID{}, rows: map[string][]row{}, parts: map[notion.ID]*pageParts{},
	}
	if err := c.readFiles(fsys); err != nil {
		return nil, fmt.Errorf("load corpus: %w", err)
	}
	c.mapWorkspace()
	return c, nil
}

func (c *Corpus) readFiles(fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".md") && !strings.HasSuffix(name, ".csv") {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		raw = bytes.ReplaceAll(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
		lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
		c.files[name] = lines
		c.units[name] = unitsOf(lines)
		return nil
	})
}

func (c *Corpus) mapWorkspace() {
	for _, d := range c.Workspace.Databases {
		for _, id := range []notion.ID{notion.ID(d.ID), notion.ID(d.DataSourceID)} {
			c.paths[id] = d.Path
			c.blocks[id] = lines(d.Source)
			c.parts[id] = &pageParts{}
		}
	}
	for _, p := range c.Workspace.Pages {
		id := notion.ID(p.ID)
		c.paths[id] = p.Path
		c.blocks[id] = lines(p.Source)
		c.pages[p.Path] = append(c.pages[p.Path], id)
		parts := &pageParts{links: linksOf(p.Body)}
		if _, ok := c.files[p.Path]; ok {
			parts.file = p.Path
		}
		if p.Parent.Kind == "database" && p.Source.Path != "" && p.Source.Path != p.Path {
			parts.record, parts.words = lines(p.Source), without(words(p.Source.Text), words(p.Title))
			c.rows[p.Source.Path] = append(c.rows[p.Source.Path], row{id, parts.record})
		}
		c.parts[id] = parts
		c.mapBlocks(p.Body)
	}
}

// mapBlocks notes where blocks stand. Child pages and databases are known by
// their own files.
func (c *Corpus) mapBlocks(body []*block.Block) {
	block.Walk(body, func(b *block.Block) {
		id := notion.ID(b.ID)
		if _, known := c.blocks[id]; !known && b.Source.Path != "" {
			c.blocks[id] = lines(b.Source)
		}
	})
}

func lines(s block.Source) questions.Lines {
	return questions.Lines{Path: s.Path, Start: s.LineStart, End: s.LineEnd}
}

// Path is the file of a page, database or data source, "" for what is none.
func (c *Corpus) Path(page notion.ID) string { return c.paths[page] }

// Block says where a block stands in the files. For the id of a row it is the
// row's line in its table.
func (c *Corpus) Block(id notion.ID) (questions.Lines, bool) {
	l, ok := c.blocks[id]
	return l, ok && l.Path != ""
}

// PagesOf are the pages that hold a gold passage: the page of the file, or the
// row on a line of a table, or the table itself for a line that is no row.
func (c *Corpus) PagesOf(g questions.Gold) []notion.ID {
	ids := slices.Clone(c.pages[g.Path])
	for _, r := range c.rows[g.Path] {
		if r.lines.Holds(g) {
			ids = append(ids, r.page)
		}
	}
	if len(ids) > 0 {
		return ids
	}
	for id, path := range c.paths {
		if path == g.Path {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Text is what stands on the lines of a gold passage.
func (c *Corpus) Text(g questions.Gold) string {
	all := c.files[g.Path]
	if g.LineStart > len(all) {
		return ""
	}
	return strings.Join(all[g.LineStart-1:min(g.LineEnd, len(all))], "\n")
}

// Check finds questions whose gold is not in the folder: their scores would
// say nothing.
func (c *Corpus) Check(all []questions.Question) error {
	for _, q := range all {
		for _, g := range q.Gold {
			if len(c.PagesOf(g)) == 0 {
				return fmt.Errorf("question %s: there is no page for %s in the folder", q.ID, g.Path)
			}
			if n := len(c.files[g.Path]); g.LineEnd > n {
				return fmt.Errorf("question %s: %s has %d lines, not %d", q.ID, g.Path, n, g.LineEnd)
			}
		}
	}
	return nil
}
