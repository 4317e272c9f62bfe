package database

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// RowsIn are the rows in Notion's answer; wikis hold tables beside pages.
func RowsIn(r *notion.QueryResult) []index.Page {
	var list []index.Page
	for _, p := range r.Pages {
		if !p.InTrash {
			list = append(list, index.Page{ID: p.ID, Kind: index.KindPage, Title: p.Title(), URL: notion.Address(p.URL, p.ID), LastEdited: p.LastEditedTime})
		}
	}
	for _, d := range r.DataSources {
		list = append(list, index.Page{ID: d.ID, Kind: index.KindDataSource, Title: notion.PlainText(d.Title), LastEdited: d.LastEditedTime})
	}
	return list
}

// RowsOf finds the rows of a table, or the tables of a database, in the index.
func RowsOf(x *index.Index, table index.Page) []index.Page {
	return ByTitle(x.Select(func(p *index.Page) bool {
		row := table.Kind == index.KindDataSource && p.Kind == index.KindPage && p.Parent.DataSourceID == table.ID
		part := table.Kind == index.KindDatabase && p.Kind == index.KindDataSource && p.Parent.DatabaseID == table.ID
		return row || part
	}))
}

// ByTitle sorts by title, whatever its case.
func ByTitle(list []index.Page) []index.Page {
	slices.SortFunc(list, func(a, b index.Page) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), cmp.Compare(a.ID, b.ID))
	})
	return list
}
