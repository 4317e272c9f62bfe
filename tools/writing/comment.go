package writing

import (
	"cmp"
	"context"
	"slices"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
)

// Target is where a comment goes: to the discussion, else to the block, else to
// the page. What else is known of the place helps to find it and to link it.
type Target struct {
	Page       notion.ID `json:"page,omitempty"`
	Block      notion.ID `json:"block,omitempty"`
	Discussion notion.ID `json:"discussion,omitempty"`
}

// ID is that of the discussion, block or page that is written to.
func (t Target) ID() notion.ID { return cmp.Or(t.Discussion, t.Block, t.Page) }

// request is the comment to write.
func (t Target) request(runs []notion.RichText) notion.CreateComment {
	req := notion.CreateComment{RichText: runs}
	switch {
	case t.Discussion != "":
		req.Discussion = t.Discussion
	case t.Block != "":
		req.Block = t.Block
	default:
		req.Page = t.Page
	}
	return req
}

// listed is the block or page whose comments include those of the target; ""
// where only a discussion is known, which Notion cannot list.
func (t Target) listed() notion.ID { return cmp.Or(t.Block, t.Page) }

// Comment is a comment to write: inline Markdown, see package richtext. A text
// that takes several comments becomes one discussion.
type Comment struct {
	Target
	Text   string           `json:"text"`
	People []richtext.Named `json:"people,omitempty"` // whom the text mentions
}

func (c Comment) start(t *try) run {
	return &posting{try: t, to: c.Target, texts: richtext.Parse(c.Text, c.People...)}
}

// posting is a Comment under way.
type posting struct {
	*try
	to    Target
	texts [][]notion.RichText // one for each comment to write

	there   []notion.Comment // what was there before, where it could be read
	found   []notion.ID      // comments that were taken for parts of the text
	written int              // comments that this try wrote
	first   *notion.Comment
}

func (p *posting) place() notion.ID       { return p.to.ID() }
func (p *posting) far() (written, of int) { return p.written, len(p.texts) }

// do writes what is not there yet.
func (p *posting) do(ctx context.Context) (Outcome, error) {
	if err := p.look(ctx); err != nil {
		return Outcome{}, err
	}
	for _, runs := range p.texts {
		c := p.find(ctx, p.candidates(p.there), runs)
		if c == nil {
			var err error
			if c, err = p.post(ctx, runs); err != nil {
				return Outcome{}, err
			}
			p.written++
		}
		p.found = append(p.found, c.ID)
		p.follow(c)
	}
	return Outcome{ID: p.first.ID, Discussion: p.to.Discussion, URL: p.url(ctx), Written: p.written > 0, Parts: len(p.texts)}, nil
}

// follow makes later parts replies to the first.
func (p *posting) follow(c *notion.Comment) {
	if p.first == nil {
		p.first = c
	}
	if c.DiscussionID != "" {
		p.to.Discussion = c.DiscussionID
	}
	switch {
	case p.to.listed() != "":
	case c.Parent.BlockID != "":
		p.to.Block = c.Parent.BlockID
	default:
		p.to.Page = c.Parent.PageID
	}
}

// look reads the open comments of the target. A token that may not read
// comments can still write them.
func (p *posting) look(ctx context.Context) (err error) {
	if at := p.to.listed(); at != "" {
		p.there, err = p.comments(ctx, at)
	} else {
		p.blind = "Notion lists comments by page or block, and only the id of a discussion was given"
	}
	return p.looked(err, `"Read comments"`)
}

func (p *posting) comments(ctx context.Context, at notion.ID) ([]notion.Comment, error) {
	var all []notion.Comment
	err := notion.Walk(func(cursor string) (string, error) {
		l, err := p.Client.Comments(ctx, at, cursor)
		if err != nil {
			return "", err
		}
		if cursor == "" {
			all = nil
		}
		all = append(all, l.Comments...)
		return l.NextCursor, nil
	})
	return all, err
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
		if p.to.Discussion != "" {
			fits = c.DiscussionID == p.to.Discussion
		}
		if fits && !slices.Contains(p.found, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// find looks for the same text, by the same bot, of the last ten minutes.
func (p *posting) find(ctx context.Context, candidates []notion.Comment, runs []notion.RichText) *notion.Comment {
	oldest := p.oldest()
	for i := len(candidates) - 1; i >= 0; i-- {
		c := &candidates[i]
		if !c.CreatedTime.Before(oldest) && notion.SameText(c.RichText, runs) && p.mine(ctx, c.CreatedBy.ID) {
			return c
		}
	}
	return nil
}

// post writes one comment, once.
func (p *posting) post(ctx context.Context, runs []notion.RichText) (c *notion.Comment, err error) {
	err = p.send(ctx, func(ctx context.Context) (err error) {
		c, err = p.Client.CreateComment(ctx, p.to.request(runs))
		return err
	}, func(ctx context.Context) (bool, error) {
		now, err := p.comments(ctx, p.to.listed())
		if err != nil {
			return false, err
		}
		if c = p.find(ctx, p.fresh(p.candidates(now)), runs); c != nil {
			p.notes = append(p.notes, "Notion's answer was lost, but the comment was found afterwards: it is there once.")
		}
		return c != nil, nil
	})
	return c, err
}

// fresh leaves out what was there before.
func (p *posting) fresh(now []notion.Comment) []notion.Comment {
	return slices.DeleteFunc(now, func(c notion.Comment) bool {
		return slices.ContainsFunc(p.there, func(old notion.Comment) bool { return old.ID == c.ID })
	})
}

// url opens the discussion. Notion gives no such link, and for a block first
// the page has to be found; without it the comment is no less posted.
func (p *posting) url(ctx context.Context) string {
	page := p.to.Page
	if page == "" && p.to.Block != "" {
		page = p.pageOf(ctx, p.to.Block)
	}
	if page == "" {
		return ""
	}
	url := notion.BlockURL(p.w.cfg.PageURL(page), p.to.Block)
	if p.to.Discussion == "" {
		return url
	}
	return notion.DiscussionURL(url, p.to.Discussion)
}

// pageOf climbs from a block to its page.
func (p *posting) pageOf(ctx context.Context, block notion.ID) notion.ID {
	for range 8 {
		b, err := p.Client.Block(ctx, block)
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
