package console

import (
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Everywhere the same is counted: pages, with the rows of tables, which are
// pages in Notion, and tables.

// pagesAndTables is a count of both.
func pagesAndTables(n int) string {
	if n == 1 {
		return "1 page or table"
	}
	return thousands(n) + " pages and tables"
}

// census is a count of each where they can be told apart.
type census struct{ pages, rows, tables int }

func (c census) all() int { return c.pages + c.rows + c.tables }

func (c census) String() string {
	if c.rows+c.tables == 0 {
		return counted(c.pages, "page")
	}
	var kinds []string
	for _, k := range []struct {
		n    int
		noun string
	}{{c.pages, "page"}, {c.rows, "row"}, {c.tables, "table"}} {
		if k.n > 0 {
			kinds = append(kinds, counted(k.n, k.noun))
		}
	}
	return fmt.Sprintf("%s (%s)", pagesAndTables(c.all()), strings.Join(kinds, ", "))
}

// served counts what an emulator serves.
func served(w *emulator.Workspace) census {
	c := census{tables: len(w.Databases)}
	for _, p := range w.Pages {
		if p.Parent.Kind == "database" {
			c.rows++
		} else {
			c.pages++
		}
	}
	return c
}

// listed counts what Notion's search has shown.
func listed(r *notion.SearchResult) census {
	c := census{tables: len(r.DataSources)}
	for _, p := range r.Pages {
		if p.Parent.Type == "data_source_id" {
			c.rows++
		} else {
			c.pages++
		}
	}
	return c
}
