package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
)

// duplicateWindow is how far back the same text by the same bot counts as the
// same comment.
const duplicateWindow = 10 * time.Minute

// posting is one call of append_comment. It looks before it writes, and looks
// again when it cannot know whether a write happened; it never sends twice.
type posting struct {
	set    *Set
	client *notion.Client
	to     target
	texts  [][]notion.RichText // one for each comment to write

	there   []notion.Comment // what was there before, where it could be read
	blind   string           // why it could not be read
	me      notion.ID        // the bot, once it was asked for
	found   []notion.ID      // comments that were taken for parts of the text
	written int              // comments that this call wrote
	first   *notion.Comment
	notes   []string
}

// begin waits for the place to be free and looks at what is there. It takes at
// most half of the time that the call has, so that there is enough left to
// write and to look what became of it. Unless there is an error, nobody else
// writes there until leave is called.
func (p *posting) begin(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, p.set.cfg.CommentWithin/2)
	defer cancel()
	leave, err = p.set.places.enter(ctx, p.to.id())
	if err != nil {
		return nil, toldError{cause: err, words: "Nothing was posted: another comment to the same place has been under way for too long. Try again in a minute."}
	}
	if err := p.look(ctx); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// run writes what is not there yet.
func (p *posting) run(ctx context.Context) (CommentOut, error) {
	for _, runs := range p.texts {
		c := p.find(ctx, p.candidates(p.there), runs)
		if c == nil {
			var err error
			if c, err = p.send(ctx, runs); err != nil {
				return CommentOut{}, err
			}
			p.written++
		}
		p.found = append(p.found, c.ID)
		p.follow(c)
	}
	if p.blind != "" {
		p.notes = append(p.notes, "It was not checked whether the same comment was there already: "+p.blind+".")
	}
	return CommentOut{
		CommentID: string(p.first.ID), DiscussionID: string(p.to.discussion), URL: p.url(ctx),
		Posted: p.written > 0, Duplicate: p.written == 0, Parts: len(p.texts), Notes: p.notes,
	}, nil
}

// follow makes later parts replies to the first.
func (p *posting) follow(c *notion.Comment) {
	if p.first == nil {
		p.first = c
	}
	if c.DiscussionID != "" {
		p.to.discussion = c.DiscussionID
	}
	switch {
	case p.to.listed() != "":
	case c.Parent.BlockID != "":
		p.to.block = c.Parent.BlockID
	default:
		p.to.page = c.Parent.PageID
	}
}

// look reads the open comments of the target. A token that may not read
// comments can still write them.
func (p *posting) look(ctx context.Context) error {
	at := p.to.listed()
	if at == "" {
		p.blind = "Notion lists comments by page or block, and only the id of a discussion was given"
		return nil
	}
	there, err := p.comments(ctx, at)
	switch {
	case errors.Is(err, notion.ErrRestricted):
		p.blind = `the integration lacks "Read comments"`
		return nil
	case errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrUnauthorized):
		return err
	case err != nil:
		words := "Nothing was posted, because it could not be checked whether the same comment is there already. "
		return toldError{cause: fmt.Errorf("look for the same comment before posting: %w", err), words: words + explain(err).text}
	}
	p.there = there
	return nil
}

func (p *posting) comments(ctx context.Context, at notion.ID) ([]notion.Comment, error) {
	var all []notion.Comment
	seen := map[string]bool{}
	for cursor := ""; !seen[cursor]; {
		seen[cursor] = true
		l, err := p.client.Comments(ctx, at, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, l.Comments...)
		if cursor = l.NextCursor; !l.HasMore || cursor == "" {
			break
		}
	}
	return all, nil
}

// candidates are those of all comments that could be the one to write: in a
// discussion those of the same, and elsewhere those that open one at the very
// place. The same words as a reply somewhere are another comment.
func (p *posting) candidates(all []notion.Comment) []notion.Comment {
	var out []notion.Comment
	opened := map[notion.ID]bool{}
	for _, c := range all { // oldest first
		opens := c.DiscussionID == "" || !opened[c.DiscussionID]
		opened[c.DiscussionID] = true
		at := c.Parent.ID()
		fits := opens && (at == "" || at == p.to.listed())
		if p.to.discussion != "" {
			fits = c.DiscussionID == p.to.discussion
		}
		if fits && !slices.Contains(p.found, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// find looks for the same text, by the same bot, of the last ten minutes.
func (p *posting) find(ctx context.Context, candidates []notion.Comment, runs []notion.RichText) *notion.Comment {
	want := richtext.Text(runs)
	oldest := p.set.cfg.Now().Add(-duplicateWindow - time.Minute) // Notion rounds down to the minute
	for i := len(candidates) - 1; i >= 0; i-- {
		c := &candidates[i]
		if !c.CreatedTime.Before(oldest) && sameText(notion.PlainText(c.RichText), want) && p.mine(ctx, c) {
			return c
		}
	}
	return nil
}

// sameText does not mind how Notion stores space.
func sameText(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// mine says whether our bot wrote the comment, as far as that can be known.
func (p *posting) mine(ctx context.Context, c *notion.Comment) bool {
	if p.me == "" {
		me, err := p.client.Me(ctx)
		if err != nil {
			return true // rather too careful than twice
		}
		p.me = me.ID
	}
	return c.CreatedBy.ID == "" || c.CreatedBy.ID == p.me
}

// send writes one comment, once. When the outcome is unclear it looks for it.
func (p *posting) send(ctx context.Context, runs []notion.RichText) (*notion.Comment, error) {
	sctx, cancel := context.WithTimeout(ctx, p.set.cfg.PostTimeout)
	defer cancel()
	c, err := p.client.CreateComment(sctx, p.to.request(runs))
	if err == nil || errors.Is(ctx.Err(), context.Canceled) || !errors.Is(err, notion.ErrUnclear) {
		return c, err
	}
	at := p.to.listed()
	if at == "" || p.blind != "" {
		return nil, unclear{cause: err, seen: "it could not be looked up"}
	}
	seen := "it could not be looked up"
	for range 2 {
		if pause(ctx, p.set.cfg.LookPause) != nil {
			break
		}
		now, err := p.comments(ctx, at)
		if err != nil {
			continue
		}
		if c := p.find(ctx, p.fresh(p.candidates(now)), runs); c != nil {
			p.notes = append(p.notes, "Notion's answer was lost, but the comment was found afterwards: it is there once.")
			return c, nil
		}
		seen = "it was not there when looked for afterwards"
	}
	return nil, unclear{cause: err, seen: seen}
}

// fresh leaves out what was there before.
func (p *posting) fresh(now []notion.Comment) []notion.Comment {
	return slices.DeleteFunc(now, func(c notion.Comment) bool {
		return slices.ContainsFunc(p.there, func(old notion.Comment) bool { return old.ID == c.ID })
	})
}

// unclear is a comment that may or may not have been written.
type unclear struct {
	cause error
	seen  string
}

func (u unclear) Error() string { return "post a comment: " + u.cause.Error() + "; " + u.seen }
func (u unclear) Unwrap() error { return u.cause }

// told adds to an error what only this call knows.
func (p *posting) told(err error) error {
	before := ""
	if p.written > 0 {
		before = fmt.Sprintf("%d of %d parts of the text were posted. ", p.written, len(p.texts))
	}
	again := "Call append_comment again with the same text in a minute: it looks first and posts only what is missing."
	if p.blind != "" {
		again = "Do not send it again before the user has looked in Notion, since comments cannot be read here."
	}
	var u unclear
	switch {
	case errors.As(err, &u):
		return toldError{cause: err, words: before + "It is not known whether the comment was posted: Notion's answer was lost, and " + u.seen + ". " + again}
	case errors.Is(err, notion.ErrRestricted):
		return toldError{cause: err, words: before + `The Notion integration may not write comments. Whoever manages it can turn on "Insert comments" (and "Read comments", against duplicates) under Capabilities at notion.so/profile/integrations; then call again.`}
	case before != "":
		return toldError{cause: err, words: before + explain(err).text + " " + again}
	}
	return err
}

// url opens the discussion. Notion gives no such link, and for a block first
// the page has to be found; without it the comment is no less posted.
func (p *posting) url(ctx context.Context) string {
	page := p.to.page
	if page == "" && p.to.block != "" {
		page = p.pageOf(ctx, p.to.block)
	}
	if page == "" {
		return ""
	}
	url := notion.BlockURL(p.set.pageURL(page), p.to.block)
	if p.to.discussion == "" {
		return url
	}
	return notion.DiscussionURL(url, p.to.discussion)
}

// pageOf climbs from a block to its page.
func (p *posting) pageOf(ctx context.Context, block notion.ID) notion.ID {
	for range 8 {
		b, err := p.client.Block(ctx, block)
		if err != nil {
			return ""
		}
		if b.Parent.PageID != "" {
			return b.Parent.PageID
		}
		block = b.Parent.BlockID
	}
	return ""
}

// pageURL is the page's own address where the index knows it.
func (s *Set) pageURL(id notion.ID) string {
	if p, ok := s.cfg.Index.Page(id); ok && p.Kind == index.KindPage && p.URL != "" {
		return p.URL
	}
	return notion.PageURL(id)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
