package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// table is a table's schema, and why it could not be read from Notion just now;
// nil if it was.
type table struct {
	*notion.DataSource
	stale error
}

// asked finds the table that a link, an id or a title names, or the one that
// lies on a page so named.
func (s *Set) asked(ctx context.Context, client *notion.Client, name string) (table, error) {
	ref, err := notion.ParseRef(name)
	if err != nil {
		return s.titled(ctx, client, name)
	}
	id := ref.Page
	p, known := s.cfg.Index.Page(id)
	if known && p.Kind == index.KindPage {
		return s.tableOn(ctx, client, p)
	}
	t, err := s.table(ctx, client, id)
	if !known && (errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation)) {
		r, rerr := s.cfg.Syncer.Read(ctx, id) // a page that the index does not know yet
		if rerr == nil {
			return s.tableOn(ctx, client, r.Page)
		}
	}
	return t, err
}

// titled finds a table by its title or that of the page that it lies on, in
// the index or, if that knows none, in Notion. A title that is not exact will
// do if it fits one table alone.
func (s *Set) titled(ctx context.Context, client *notion.Client, title string) (table, error) {
	all := s.cfg.Index.Pages()
	tables := slices.DeleteFunc(slices.Clone(all), func(p index.Page) bool { return p.Kind != index.KindDataSource })
	pages := slices.DeleteFunc(all, func(p index.Page) bool { return p.Kind != index.KindPage })
	found := called(tables, title)
	if len(found) == 0 {
		if on := called(pages, title); len(on) == 1 {
			return s.tableOn(ctx, client, on[0])
		}
		found = nearly(tables, title)
	}
	if len(found) == 0 {
		live, err := client.Search(ctx, notion.SearchRequest{Query: title, Kind: "data_source", PageSize: 20})
		if err != nil {
			return table{}, fmt.Errorf("look for a database by its title: %w", err)
		}
		seen := rowsIn(&notion.QueryResult{DataSources: live.DataSources})
		if found = called(seen, title); len(found) == 0 {
			found = nearly(seen, title)
		}
	}
	switch len(found) {
	case 0:
		return table{}, argument.Errorf("No database is called %q. %s", clipped(title), s.others(tables))
	case 1:
		return s.schema(ctx, client, found[0].ID)
	}
	return table{}, argument.Errorf("%d databases are called %q. Pass the id of the one you mean: %s.", len(found), clipped(title), s.choices(found))
}

// called are the objects of that title, whatever its case, punctuation and
// words such as "database".
func called(all []index.Page, title string) []index.Page {
	exact := func(p index.Page) bool {
		return strings.EqualFold(strings.TrimSpace(p.Title), strings.TrimSpace(title))
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
	return byTitle(slices.DeleteFunc(slices.Clone(all), func(p index.Page) bool { return !fits(p) }))
}

// bare is a title without case, punctuation and the words that people add.
func bare(title string) string {
	words := slices.DeleteFunc(strings.Fields(key(title)), func(w string) bool {
		return slices.Contains([]string{"database", "databases", "db", "table", "the", "our"}, w)
	})
	return strings.Join(words, " ")
}

// mostChoices bounds how many tables or pages an error names.
const mostChoices = 12

// choices names tables by where they lie.
func (s *Set) choices(all []index.Page) string {
	var out []string
	for _, p := range all[:min(len(all), mostChoices)] {
		where := ""
		if path := ingest.Source(s.cfg.Index, p).Path; len(path) > 0 {
			where = " in " + prompts.Line(strings.Join(path, " > "))
		}
		out = append(out, fmt.Sprintf("%q%s (%s)", prompts.Line(p.Title), where, p.ID.Compact()))
	}
	if more := len(all) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, ", ")
}

// others says which tables there are.
func (s *Set) others(all []index.Page) string {
	if len(all) == 0 {
		return "Find it with search_notion and pass its link."
	}
	return "There are " + s.choices(byTitle(all)) + "."
}

// tableOn is the table that lies on a page, or that a row is of.
func (s *Set) tableOn(ctx context.Context, client *notion.Client, page index.Page) (table, error) {
	var on []index.Page
	for _, p := range s.cfg.Index.Pages() {
		if p.Kind != index.KindDataSource {
			continue
		}
		up := ingest.Ancestors(s.cfg.Index, p)
		if i := slices.IndexFunc(up, func(u index.Page) bool { return u.Kind == index.KindPage }); i >= 0 && up[i].ID == page.ID {
			on = append(on, p)
		}
	}
	switch {
	case len(on) == 1:
		return s.schema(ctx, client, on[0].ID)
	case len(on) > 1:
		return table{}, argument.Errorf("The page %q holds %d databases. Pass the id of one: %s.", clipped(page.Title), len(on), s.choices(byTitle(on)))
	case page.Parent.DataSourceID != "":
		return s.schema(ctx, client, page.Parent.DataSourceID)
	}
	return s.tableBelow(ctx, client, page)
}

// tableBelow asks Notion for the databases at the first level of a page, for an
// index that has not seen them yet.
func (s *Set) tableBelow(ctx context.Context, client *notion.Client, page index.Page) (table, error) {
	children, err := client.Children(ctx, page.ID, "")
	if err != nil {
		return table{}, fmt.Errorf("look for a database on page %s: %w", page.ID, err)
	}
	var on []string
	var last table
	for _, b := range children.Blocks {
		if b.Type != "child_database" || len(on) == mostChoices {
			continue
		}
		t, err := s.table(ctx, client, b.ID)
		switch {
		case errors.Is(err, notion.ErrNotFound):
			continue // a view of a database that lies elsewhere
		case err != nil:
			return table{}, err
		}
		on, last = append(on, fmt.Sprintf("%q (%s)", prompts.Line(notion.PlainText(b.Content.Title)), b.ID.Compact())), t
	}
	switch len(on) {
	case 0:
		return table{}, argument.Errorf("%q is a page without a database on it. Pass a database; search_notion finds it.", clipped(page.Title))
	case 1:
		return last, nil
	}
	return table{}, argument.Errorf("The page %q holds %d databases. Pass the id of one: %s.", clipped(page.Title), len(on), strings.Join(on, ", "))
}

// schema reads the schema of a table. Where Notion cannot be reached, it is
// that of the index.
func (s *Set) schema(ctx context.Context, client *notion.Client, id notion.ID) (table, error) {
	soon, cancel := s.soon(ctx, id)
	defer cancel()
	d, err := client.DataSource(soon, id)
	if err == nil || !ingest.Outage(err) || !s.cfg.Syncer.Trusted(id) {
		return table{DataSource: d}, err
	}
	raw, verr := s.cfg.Index.Values(ctx, id)
	if verr != nil || raw == nil {
		return table{}, errors.Join(err, verr)
	}
	d = &notion.DataSource{}
	if verr := json.Unmarshal(raw, d); verr != nil {
		return table{}, fmt.Errorf("read the stored schema of %s: %w", id, verr)
	}
	return table{DataSource: d, stale: err}, nil
}

// soon bounds the wait for Notion where the index could answer as well.
func (s *Set) soon(ctx context.Context, id notion.ID) (context.Context, context.CancelFunc) {
	if _, known := s.cfg.Index.Page(id); !known {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.cfg.ReadWithin/4)
}

// table reads the schema of a table, by its id or that of the database that
// has it alone.
func (s *Set) table(ctx context.Context, client *notion.Client, id notion.ID) (table, error) {
	p, known := s.cfg.Index.Page(id)
	if !known || p.Kind != index.KindDatabase {
		d, err := s.schema(ctx, client, id)
		if err == nil || !errors.Is(err, notion.ErrNotFound) && !errors.Is(err, notion.ErrValidation) {
			return d, err
		}
	}
	soon, cancel := s.soon(ctx, id)
	defer cancel()
	base, err := client.Database(soon, id)
	if known && ingest.Outage(err) {
		if tables := rowsOf(s.cfg.Index.Pages(), p); len(tables) == 1 {
			return s.schema(ctx, client, tables[0].ID)
		}
	}
	if err != nil {
		return table{}, fmt.Errorf("look for the table: %w", err)
	}
	switch len(base.DataSources) {
	case 0:
		return table{}, fmt.Errorf("database %s has no table that may be read: %w", id, notion.ErrNotFound)
	case 1:
		return s.schema(ctx, client, base.DataSources[0].ID)
	}
	var all []string
	for _, d := range base.DataSources {
		all = append(all, fmt.Sprintf("%q (%s)", prompts.Line(d.Name), d.ID.Compact()))
	}
	return table{}, argument.Errorf("The database %q has %d tables. Name one of them by its id: %s.", prompts.Line(notion.PlainText(base.Title)), len(all), strings.Join(all, ", "))
}
