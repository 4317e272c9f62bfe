package writing

import (
	"context"
	"fmt"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// Page is a page to make: below a page, or as a row of a table.
type Page struct {
	Below   notion.ID      `json:"below,omitempty"`
	Table   notion.ID      `json:"table,omitempty"`  // a data source
	Column  string         `json:"column,omitempty"` // of Table that holds the title
	Title   string         `json:"title"`
	Values  map[string]any `json:"values"` // as the API takes them, the title among them
	Content string         `json:"content,omitempty"`
}

// Place is the id of the table or page where it is made.
func (p Page) Place() notion.ID {
	if p.Table != "" {
		return p.Table
	}
	return p.Below
}

func (p Page) start(t *try) run { return &creation{try: t, Page: p} }

// creation is a Page under way.
type creation struct {
	*try
	Page
}

func (c *creation) place() notion.ID { return c.Place() }

func (c *creation) far() (written, of int) { return 0, 1 }

func (c *creation) parent() notion.Parent {
	if c.Table != "" {
		return notion.Parent{Type: "data_source_id", DataSourceID: c.Table}
	}
	return notion.Parent{Type: "page_id", PageID: c.Below}
}

// do makes the page unless it is there already.
func (c *creation) do(ctx context.Context) (Outcome, error) {
	there, err := c.look(ctx)
	page := there
	if page == nil {
		if err := c.looked(err, `"Read content"`); err != nil {
			return Outcome{}, err
		}
		if page, err = c.make(ctx); err != nil {
			return Outcome{}, err
		}
	}
	url := page.URL
	if url == "" {
		url = c.w.cfg.PageURL(page.ID)
	}
	return Outcome{ID: page.ID, URL: url, Title: c.Title, Written: there == nil, Parts: 1}, nil
}

// make sends the page, once.
func (c *creation) make(ctx context.Context) (page *notion.Page, err error) {
	err = c.send(ctx, func(ctx context.Context) (err error) {
		page, err = c.Client.CreatePage(ctx, notion.CreatePage{Parent: c.parent(), Properties: c.Values, Markdown: c.Content})
		return err
	}, func(ctx context.Context) (bool, error) {
		if page, err = c.look(ctx); page != nil {
			c.notes = append(c.notes, "Notion's answer was lost, but the page was found afterwards: it is there once.")
		}
		return page != nil, err
	})
	return page, err
}

// look finds the same page, made by the same bot within the last ten minutes.
func (c *creation) look(ctx context.Context) (*notion.Page, error) {
	candidates, err := c.candidates(ctx)
	if err != nil {
		return nil, err
	}
	oldest := c.oldest()
	for i := range candidates {
		p := &candidates[i]
		if p.InTrash || p.CreatedTime.Before(oldest) || !c.mine(ctx, p.CreatedBy.ID) {
			continue
		}
		if same, err := c.same(ctx, p); err != nil {
			return nil, err
		} else if same {
			return p, nil
		}
	}
	return nil, nil
}

// candidates are the pages of that title at the place.
func (c *creation) candidates(ctx context.Context) ([]notion.Page, error) {
	if c.Table == "" {
		return c.below(ctx)
	}
	got, err := c.Client.QueryDataSource(ctx, c.Table, notion.QueryRequest{
		Filter: map[string]any{"property": c.Column, "title": map[string]any{"equals": c.Title}},
		Sorts:  []notion.Sort{{Timestamp: "created_time", Direction: "descending"}},
	})
	if err != nil {
		return nil, err
	}
	return got.Pages, nil
}

// mostChildren is how many requests are spent on the blocks of a parent.
const mostChildren = 20

// below are the subpages of that title.
func (c *creation) below(ctx context.Context) ([]notion.Page, error) {
	var found []notion.Page
	requests := 0
	err := notion.Walk(func(cursor string) (string, error) {
		if requests++; requests > mostChildren {
			c.blind = "the parent has too many blocks to look through"
			return "", nil
		}
		if cursor == "" {
			found = nil
		}
		l, err := c.Client.Children(ctx, c.Below, cursor)
		if err != nil {
			return "", err
		}
		for _, b := range l.Blocks {
			if b.Type != "child_page" || notion.PlainText(b.Content.Title) != c.Title {
				continue
			}
			p, err := c.Client.Page(ctx, b.ID)
			if err != nil {
				return "", err
			}
			found = append(found, *p)
		}
		return l.NextCursor, nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// same compares the properties, and the body: what the caller did not give must
// not be there either.
func (c *creation) same(ctx context.Context, p *notion.Page) (bool, error) {
	if same, err := c.sameValues(ctx, p); err != nil || !same {
		return false, err
	}
	md, err := c.Client.PageMarkdown(ctx, p.ID, false)
	if err != nil {
		return false, fmt.Errorf("compare with page %s: %w", p.ID, err)
	}
	return !md.Truncated && sameBody(md.Markdown, c.Content), nil
}

// mostGiven is more references than Notion takes at once.
const mostGiven = 200

func (c *creation) sameValues(ctx context.Context, p *notion.Page) (bool, error) {
	if c.Table == "" {
		return true, nil // its title is all it has
	}
	table, err := c.Client.DataSource(ctx, c.Table)
	if err != nil {
		return false, fmt.Errorf("compare with page %s: %w", p.ID, err)
	}
	for name := range c.Values {
		if v := p.Properties[name]; v.Cut() {
			if _, err := c.Client.Complete(ctx, p.ID, &v, mostGiven); err != nil {
				return false, fmt.Errorf("compare with page %s: %w", p.ID, err)
			}
			p.Properties[name] = v
		}
	}
	return property.Equal(table.Properties, p, c.Values)
}
