package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
	"github.com/mcp-notion/mcp-notion/tools/argument"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Named finds the page or table that a link, an id or an exact title names.
func (s Source) Named(name string) (notion.ID, error) {
	if ref, err := notion.ParseRef(name); err == nil {
		return ref.Page, nil
	}
	found := s.called(name)
	switch len(found) {
	case 0:
		return "", argument.Errorf("Nothing is called %q exactly. Find it with search_notion and pass its link.", markdown.Short(name))
	case 1:
		return found[0].ID, nil
	}
	if tables := chosen(found, func(p index.Page) bool { return p.Kind == index.KindDataSource }); len(tables) == 1 {
		return tables[0].ID, nil // a table is what has rows
	}
	return "", argument.Errorf("%d pages are called %q. Pass the id of the one you mean: %s.", len(found), markdown.Short(name), s.choices(found))
}

// called are the pages and tables of a title: written so, or else in another
// case, or else without the signs before it.
func (s Source) called(title string) []index.Page {
	for _, key := range []func(string) string{unify.Text, same, func(s string) string { return same(strings.TrimLeftFunc(s, sign)) }} {
		wanted := key(title)
		found := s.Index.Select(func(p *index.Page) bool { return p.Kind != index.KindDatabase && key(p.Title) == wanted })
		if len(found) > 0 {
			return ByTitle(found)
		}
	}
	return nil
}

// sign says whether a character is one of those, such as emoji, that people put
// before titles.
func sign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// same is what names are compared by: their letters, whatever their case and
// form.
func same(name string) string { return strings.ToLower(strings.TrimSpace(unify.Text(name))) }

// MaxUserPages bounds how many pages of a workspace's users one call reads.
const MaxUserPages = 20

// Lookup finds people and related pages by name.
func (s Source) Lookup(ctx context.Context) property.Lookup {
	return func(want string, table notion.ID, word string) ([]notion.ID, error) {
		if want == "people" {
			return s.person(ctx, word)
		}
		return s.titledSo(ctx, table, word)
	}
}

// person finds members of the workspace: by mail address or full name, else
// those whose name has the word.
func (s Source) person(ctx context.Context, word string) ([]notion.ID, error) {
	var exact, partly []notion.ID
	wanted, n := same(word), 0
	for l, err := range s.Client.AllUsers(ctx) {
		if errors.Is(err, notion.ErrRestricted) {
			return nil, argument.Errorf("People cannot be found by name: the Notion integration lacks \"Read user information\". Pass the person's id, or have the capability turned on.")
		}
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", "a person", err)
		}
		for _, u := range l.Users {
			if slices.Contains(exact, u.ID) || slices.Contains(partly, u.ID) {
				continue
			}
			switch calledSo(u, wanted) {
			case "exactly":
				exact = append(exact, u.ID)
			case "partly":
				partly = append(partly, u.ID)
			}
		}
		if n++; n == MaxUserPages {
			break
		}
	}
	if len(exact) > 0 {
		return exact, nil
	}
	return partly, nil
}

// calledSo says whether a person has a name or mail address, given as by
// same: "exactly", "partly" or "".
func calledSo(u notion.User, wanted string) string {
	name := same(u.Name)
	switch {
	case name == wanted, u.Person != nil && strings.ToLower(u.Person.Email) == wanted:
		return "exactly"
	case slices.Contains(strings.Fields(name), wanted):
		return "partly"
	}
	return ""
}

// titledSo finds rows of a table by their exact title.
func (s Source) titledSo(ctx context.Context, table notion.ID, title string) ([]notion.ID, error) {
	var found []notion.ID
	for _, p := range s.rowsOfTable(table) {
		if same(p.Title) == same(title) {
			found = append(found, p.ID)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	got, err := s.Client.QueryDataSource(ctx, table, notion.QueryRequest{
		Filter: map[string]any{"property": "title", "title": map[string]any{"equals": title}}, PageSize: 5,
	})
	switch {
	case errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrValidation):
		return nil, nil // the table is not shared
	case err != nil:
		return nil, fmt.Errorf("look for a related page: %w", err)
	}
	for _, p := range got.Pages {
		found = append(found, p.ID)
	}
	return found, nil
}
