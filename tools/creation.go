package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
	"github.com/mcp-notion/mcp-notion/quote"
)

// creation is one call of create_page. Like posting it looks before it writes,
// looks again when it cannot know whether a write happened, and never sends
// twice.
type creation struct {
	set     *Set
	client  *notion.Client
	to      parent
	title   string
	values  map[string]any // as the API takes them, the title among them
	content string         // Markdown
	began   time.Time

	me    notion.ID
	blind string // why it cannot be seen whether the page is there already
	made  bool
	notes []string
}

// begin waits until nobody else writes at the same place.
func (c *creation) begin(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, c.set.cfg.CommentWithin/2)
	defer cancel()
	leave, err = c.set.places.enter(ctx, c.to.id())
	if err != nil {
		return nil, toldError{cause: err, words: "Nothing was made: another write to the same place has been under way for too long. Try again in a minute."}
	}
	return leave, nil
}

// run makes the page unless it is there already.
func (c *creation) run(ctx context.Context) (*notion.Page, error) {
	there, err := c.look(ctx)
	if err != nil || there != nil {
		return there, err
	}
	if c.blind != "" {
		c.notes = append(c.notes, "It was not checked whether the same page was there already: "+c.blind+".")
	}
	sctx, cancel := context.WithTimeout(ctx, c.set.cfg.PostTimeout)
	defer cancel()
	page, err := c.client.CreatePage(sctx, notion.CreatePage{Parent: c.to.request(), Properties: c.values, Markdown: c.content})
	if err == nil {
		c.made = true
		return page, nil
	}
	if errors.Is(ctx.Err(), context.Canceled) || !errors.Is(err, notion.ErrUnclear) {
		return nil, err
	}
	return c.lost(ctx, err)
}

// lost looks for a page whose fate is unclear.
func (c *creation) lost(ctx context.Context, cause error) (*notion.Page, error) {
	seen := "it could not be looked up"
	for range 2 {
		if c.blind != "" || pause(ctx, c.set.cfg.LookPause) != nil {
			break
		}
		page, err := c.look(ctx)
		if err != nil {
			continue
		}
		if page != nil {
			c.made = true
			c.notes = append(c.notes, "Notion's answer was lost, but the page was found afterwards: it is there once.")
			return page, nil
		}
		seen = "it was not there when looked for afterwards"
	}
	return nil, unclear{cause: cause, seen: seen}
}

// look finds the same page, made by the same bot within the last ten minutes.
// An error means that nothing may be written.
func (c *creation) look(ctx context.Context) (*notion.Page, error) {
	candidates, err := c.candidates(ctx)
	switch {
	case errors.Is(err, notion.ErrRestricted):
		c.blind = `the integration lacks "Read content"`
		return nil, nil
	case errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrUnauthorized):
		return nil, err
	case err != nil:
		words := "Nothing was made, because it could not be checked whether the same page is there already. "
		return nil, toldError{cause: fmt.Errorf("look for the same page before making it: %w", err), words: words + explain(err).text}
	}
	oldest := c.set.cfg.Now().Add(-duplicateWindow - time.Minute) // Notion rounds down to the minute
	for i := range candidates {
		p := &candidates[i]
		if p.InTrash || p.CreatedTime.Before(oldest) || !c.mine(ctx, p) {
			continue
		}
		if same, err := c.same(ctx, p); err != nil || same {
			return p, err
		}
	}
	return nil, nil
}

// candidates are the pages of that title at the place.
func (c *creation) candidates(ctx context.Context) ([]notion.Page, error) {
	if c.to.table == nil {
		return c.below(ctx)
	}
	got, err := c.client.QueryDataSource(ctx, c.to.table.ID, notion.QueryRequest{
		Filter: map[string]any{"property": property.Title(c.to.table.Properties), "title": map[string]any{"equals": c.title}},
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
	cursor := ""
	for range mostChildren {
		l, err := c.client.Children(ctx, c.to.page, cursor)
		if err != nil {
			return nil, err
		}
		for _, b := range l.Blocks {
			if b.Type != "child_page" || notion.PlainText(b.Content.Title) != c.title {
				continue
			}
			p, err := c.client.Page(ctx, b.ID)
			if err != nil {
				return nil, err
			}
			found = append(found, *p)
		}
		if cursor = l.NextCursor; !l.HasMore || cursor == "" {
			return found, nil
		}
	}
	c.blind = "the parent has too many blocks to look through"
	return found, nil
}

// mine says whether our bot made the page, as far as that can be known.
func (c *creation) mine(ctx context.Context, p *notion.Page) bool {
	if c.me == "" {
		me, err := c.client.Me(ctx)
		if err != nil {
			return true // rather too careful than twice
		}
		c.me = me.ID
	}
	return p.CreatedBy.ID == "" || p.CreatedBy.ID == c.me
}

// same compares the properties, and the words of the body.
func (c *creation) same(ctx context.Context, p *notion.Page) (bool, error) {
	if c.to.table != nil {
		if holds, err := property.Holds(p, c.values); err != nil || !holds {
			return false, err
		}
	}
	md, err := c.client.PageMarkdown(ctx, p.ID, false)
	if err != nil {
		return false, fmt.Errorf("compare with page %s: %w", p.ID, err)
	}
	return slices.Equal(quote.Keys(md.Markdown), quote.Keys(c.content)), nil
}

// told adds to an error what only this call knows.
func (c *creation) told(err error) error {
	again := "Call create_page again with the same arguments in a minute: it looks first, and makes nothing twice."
	if c.blind != "" {
		again = "Do not call again before the user has looked in Notion."
	}
	var u unclear
	switch {
	case errors.As(err, &u):
		return toldError{cause: err, words: "It is not known whether the page was made: Notion's answer was lost, and " + u.seen + ". " + again}
	case errors.Is(err, notion.ErrRestricted):
		return toldError{cause: err, words: `The Notion integration may not insert content. Whoever manages it can turn on "Insert content" under Capabilities at notion.so/profile/integrations; then call again.`}
	case errors.Is(err, notion.ErrValidation):
		return toldError{cause: err, words: "Nothing was made. " + strings.TrimSpace(explain(err).text)}
	}
	return err
}
