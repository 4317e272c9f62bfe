package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
)

// Find finds the table that a link, an id or a title names, or the one that
// lies on a page so named.
func (s Source) Find(ctx context.Context, name string) (Table, error) {
	if name == "" {
		return Table{}, argument.Errorf("Say which database. %s", s.others(s.tables()))
	}
	ref, err := notion.ParseRef(name)
	if err != nil {
		return s.titled(ctx, name)
	}
	id := ref.Page
	p, known := s.Index.Page(id)
	if known && p.Kind == index.KindPage {
		return s.tableOn(ctx, p)
	}
	t, err := s.Table(ctx, id)
	if !known && (errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation)) {
		r, rerr := s.Syncer.Read(ctx, id) // a page that the index does not know yet
		if rerr == nil {
			return s.tableOn(ctx, r.Page)
		}
	}
	return t, err
}

// titled finds a table by its title or that of the page that it lies on, in
// the index or, if that knows none, in Notion. A title that is not exact will
// do if it fits one table alone.
func (s Source) titled(ctx context.Context, title string) (Table, error) {
	tables := s.tables()
	found := called(tables, title)
	if len(found) == 0 {
		if holds := called(s.kind(index.KindDatabase), title); len(holds) == 1 {
			return s.Table(ctx, holds[0].ID)
		}
		if on := called(s.kind(index.KindPage), title); len(on) == 1 {
			return s.tableOn(ctx, on[0])
		}
		found = nearly(tables, title)
	}
	if len(found) == 0 {
		live, err := s.Client.Search(ctx, notion.SearchRequest{Query: title, Kind: "data_source", PageSize: 20})
		if err != nil {
			return Table{}, fmt.Errorf("look for a database by its title: %w", err)
		}
		seen := RowsIn(&notion.QueryResult{DataSources: live.DataSources})
		if found = called(seen, title); len(found) == 0 {
			found = nearly(seen, title)
		}
	}
	switch len(found) {
	case 0:
		return Table{}, argument.Errorf("No database is called %q.%s %s", markdown.Short(title), meant(title, tables), s.others(tables))
	case 1:
		return s.schema(ctx, found[0].ID)
	}
	return Table{}, argument.Errorf("%d databases are called %q. Pass the id of the one you mean: %s.", len(found), markdown.Short(title), s.choices(found))
}

// tables are all that the index knows.
func (s Source) tables() []index.Page { return ByTitle(s.kind(index.KindDataSource)) }

func (s Source) kind(kind index.Kind) []index.Page {
	return s.Index.Select(func(p *index.Page) bool { return p.Kind == kind })
}

// meant asks whether a title that is spelled nearly so was meant.
func meant(title string, tables []index.Page) markdown.Text {
	var names []string
	for _, t := range tables {
		names = append(names, t.Title)
	}
	if best := suggest.Meant(title, names); best != "" {
		return markdown.Sprintf(" Did you mean %q?", markdown.Short(best))
	}
	return ""
}

// called are the objects of that title, whatever its case, punctuation and
// words such as "database".
func called(all []index.Page, title string) []index.Page {
	exact := func(p index.Page) bool {
		return same(p.Title) == same(title)
	}
	if slices.ContainsFunc(all, exact) {
		return chosen(all, exact)
	}
	wanted := bare(title)
	return chosen(all, func(p index.Page) bool { return wanted != "" && bare(p.Title) == wanted })
}

// nearly are the objects whose title has all the words.
func nearly(all []index.Page, title string) []index.Page {
	wanted := bare(title)
	return chosen(all, func(p index.Page) bool {
		return len(wanted) > 2 && strings.Contains(" "+bare(p.Title)+" ", " "+wanted+" ")
	})
}

func chosen(all []index.Page, fits func(index.Page) bool) []index.Page {
	return ByTitle(slices.DeleteFunc(slices.Clone(all), func(p index.Page) bool { return !fits(p) }))
}

// bare is a title without case, punctuation and the words that people add.
func bare(title string) string {
	words := slices.DeleteFunc(quote.Keys(title), func(w string) bool {
		return slices.Contains([]string{"database", "databases", "db", "table", "the", "our"}, w)
	})
	return strings.Join(words, " ")
}

// mostChoices bounds how many tables or pages an error names.
const mostChoices = 30

// choices names tables by where they lie.
func (s Source) choices(all []index.Page) markdown.Text {
	var out []markdown.Text
	for _, p := range all[:min(len(all), mostChoices)] {
		var where markdown.Text
		if path := ingest.Source(s.Index, p).Path; len(path) > 0 {
			where = " in " + markdown.Line(strings.Join(path, " > "))
		}
		out = append(out, markdown.Sprintf("%q%s (%s)", markdown.Line(p.Title), where, p.ID.Compact()))
	}
	if more := len(all) - len(out); more > 0 {
		out = append(out, markdown.Sprintf("%d more", more))
	}
	return markdown.Join(out, ", ")
}

// others says which tables there are.
func (s Source) others(all []index.Page) markdown.Text {
	switch {
	case len(all) == 0 && s.Syncer.Coverage().Settled():
		return "No database is shared with this connection."
	case len(all) == 0:
		return "None is known so far, for the pages are still being read. Pass a link, or ask again in a moment."
	case len(all) == 1:
		return "There is " + s.choices(all) + "."
	}
	return markdown.Sprintf("There are %d: %s.", len(all), s.choices(all))
}

// tableOn is the table that lies on a page, or that a row is of.
func (s Source) tableOn(ctx context.Context, page index.Page) (Table, error) {
	var on []index.Page
	for _, p := range s.kind(index.KindDataSource) {
		up := ingest.Ancestors(s.Index, p)
		if i := slices.IndexFunc(up, func(u index.Page) bool { return u.Kind == index.KindPage }); i >= 0 && up[i].ID == page.ID {
			on = append(on, p)
		}
	}
	switch {
	case len(on) == 1:
		return s.schema(ctx, on[0].ID)
	case len(on) > 1:
		return Table{}, argument.Errorf("The page %q holds %d databases. Pass the id of one: %s.", markdown.Short(page.Title), len(on), s.choices(ByTitle(on)))
	case page.Parent.DataSourceID != "":
		return s.schema(ctx, page.Parent.DataSourceID)
	}
	return s.tableBelow(ctx, page)
}

// tableBelow asks Notion for the databases at the first level of a page, for an
// index that has not seen them yet.
func (s Source) tableBelow(ctx context.Context, page index.Page) (Table, error) {
	children, err := s.Client.Children(ctx, page.ID, "")
	if err != nil {
		return Table{}, fmt.Errorf("look for a database on page %s: %w", page.ID, err)
	}
	var on []markdown.Text
	var last Table
	for _, b := range children.Blocks {
		if b.Type != "child_database" || len(on) == mostChoices {
			continue
		}
		t, err := s.Table(ctx, b.ID)
		switch {
		case errors.Is(err, notion.ErrNotFound):
			continue // a view of a database that lies elsewhere
		case err != nil:
			return Table{}, err
		}
		on, last = append(on, markdown.Sprintf("%q (%s)", markdown.Line(notion.PlainText(b.Content.Title)), b.ID.Compact())), t
	}
	switch len(on) {
	case 0:
		return Table{}, argument.Errorf("%q is a page without a database on it. Pass a database; search_notion finds it.", markdown.Short(page.Title))
	case 1:
		return last, nil
	}
	return Table{}, argument.Errorf("The page %q holds %d databases. Pass the id of one: %s.", markdown.Short(page.Title), len(on), markdown.Join(on, ", "))
}
