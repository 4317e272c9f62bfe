package api

import (
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// comment is one comment of a discussion.
type comment struct {
	// parent is the page or block that the discussion is about; onPage tells
	// which.
	id, discussion, parent string
	onPage                 bool
	// page is where it stands, which decides who may see it.
	page               string
	created, edited    time.Time
	author, authorName string
	// display is who the comment shows as its author: integration or custom.
	display string
	text    []block.Text
	// resolved hides it from listings. It can still be read by its id.
	resolved bool
}

// comment writes a comment. There is no address of a comment in it: Notion
// gives none.
func (a *API) comment(v wire.View, c *comment) wire.Object {
	parent := wire.Object{"type": "block_id", "block_id": c.parent}
	if c.onPage {
		parent = wire.Object{"type": "page_id", "page_id": c.parent}
	}
	return wire.Object{
		"object": "comment", "id": c.id, "parent": parent, "discussion_id": c.discussion,
		"created_time": wire.Time(c.created), "last_edited_time": wire.Time(c.edited),
		"created_by": wire.PartialUser(c.author), "rich_text": v.Text(c.text), "attachments": []any{},
		"display_name": wire.Object{"type": c.display, "resolved_name": c.authorName},
	}
}

// listComments lists the open comments on one page or block, oldest first and
// all discussions mixed. Those on the blocks of a page do not count as the
// page's; each block has to be asked for its own.
func (a *API) listComments(r *request) (any, error) {
	raw := r.query.Get("block_id")
	id, ok := block.ParseID(raw)
	if !ok {
		return nil, wire.Invalid("query failed validation: query.block_id should be a valid uuid, instead was `%q`.", raw)
	}
	if _, err := a.visibleBlock(r, id); err != nil {
		return nil, err
	}
	var open []*comment
	for _, c := range a.comments {
		if c.parent == id && !c.resolved {
			open = append(open, c)
		}
	}
	cut, err := a.slice(r, len(open), func(i int) string { return open[i].id })
	if err != nil {
		return nil, err
	}
	var results []any
	for _, c := range open[cut.from:cut.to] {
		results = append(results, a.comment(a.view(r), c))
	}
	return list("comment", results, cut), nil
}

// getComment gives one comment, also of a closed discussion.
func (a *API) getComment(r *request) (any, error) {
	c, err := a.visibleComment(r)
	if err != nil {
		return nil, err
	}
	return a.comment(a.view(r), c), nil
}

func (a *API) visibleComment(r *request) (*comment, error) {
	for _, c := range a.comments {
		if c.id == r.id && a.store.Sees(r.caller.Roots, c.page) {
			return c, nil
		}
	}
	return nil, notFound("comment", r.id, r.caller)
}

// ownComment is a comment that the caller may change: one that it wrote.
func (a *API) ownComment(r *request) (*comment, error) {
	c, err := a.visibleComment(r)
	if err == nil && c.author != r.caller.Bot {
		err = restricted()
	}
	return c, err
}

// updateComment puts another text in the place of a comment's.
func (a *API) updateComment(r *request) (any, error) {
	c, err := a.ownComment(r)
	if err != nil {
		return nil, err
	}
	if err := r.only("rich_text", "markdown"); err != nil {
		return nil, err
	}
	text, err := commentText(r.body)
	if err != nil {
		return nil, err
	}
	c.text, c.edited = text, a.Now()
	return a.told(r, c), nil
}

// deleteComment removes a comment for good; the others of its discussion stay.
func (a *API) deleteComment(r *request) (any, error) {
	c, err := a.ownComment(r)
	if err != nil {
		return nil, err
	}
	a.comments = slices.DeleteFunc(a.comments, func(other *comment) bool { return other == c })
	return a.told(r, c), nil
}

// told is the answer to whoever wrote a comment: its id alone, with status 200,
// for a token that may not read comments.
func (a *API) told(r *request, c *comment) wire.Object {
	if r.caller.NoReadComments {
		return wire.Object{"object": "comment", "id": c.id}
	}
	return a.comment(a.view(r), c)
}

// createComment starts a discussion on a page or block, or answers in one.
// There is no key against doubles: the same request twice is two comments.
// Attachments are not emulated.
func (a *API) createComment(r *request) (any, error) {
	if err := r.only("parent", "discussion_id", "rich_text", "markdown", "display_name"); err != nil {
		return nil, err
	}
	now := a.Now()
	c := &comment{created: now, edited: now, author: r.caller.Bot, authorName: r.caller.Name, display: "integration"}
	if err := displayName(r.body, c); err != nil {
		return nil, err
	}
	if err := a.placeComment(r, c); err != nil {
		return nil, err
	}
	text, err := commentText(r.body)
	if err != nil {
		return nil, err
	}
	c.id, c.text = a.store.FreshID(), text
	if c.discussion == "" {
		c.discussion = a.store.FreshID()
	}
	a.comments = append(a.comments, c)
	return a.told(r, c), nil
}

// displayName reads as whom a comment is shown: as the integration, unless the
// client gives a name. No person stands behind a token here.
func displayName(body wire.Object, c *comment) error {
	raw, given := body["display_name"]
	if !given || wire.String(body, "display_name", "type") == "integration" {
		return nil
	}
	name := wire.String(body, "display_name", "custom", "name")
	if wire.String(body, "display_name", "type") != "custom" || name == "" {
		return wire.Invalid("body failed validation: body.display_name should be of type integration, or custom with a name, instead was `%s`.", wire.Brief(raw))
	}
	c.display, c.authorName = "custom", name
	return nil
}

// placeComment finds where a new comment belongs. Exactly one of page, block
// and discussion must be named.
func (a *API) placeComment(r *request, c *comment) error {
	if raw := wire.String(r.body, "discussion_id"); raw != "" {
		return a.reply(r, c, raw)
	}
	page, blk := wire.String(r.body, "parent", "page_id"), wire.String(r.body, "parent", "block_id")
	raw := page + blk
	if raw == "" || page != "" && blk != "" {
		return wire.Invalid("body failed validation: body should have one of parent.page_id, parent.block_id or discussion_id.")
	}
	id, ok := block.ParseID(raw)
	if !ok {
		return wire.Invalid("body failed validation: body.parent should hold a valid uuid, instead was `%q`.", raw)
	}
	c.parent = id
	if page != "" {
		p, err := a.visiblePage(r, id)
		if err != nil {
			return err
		}
		c.onPage, c.page = true, p.ID
		if a.store.Trashed(p.ID) {
			return archived("page")
		}
		return nil
	}
	n, err := a.visibleBlock(r, id)
	if err != nil {
		return err
	}
	c.page = n.block.Page
	// The id of a page works as that of a block, and the comment is then one on
	// the page.
	if n.page != nil {
		c.onPage, c.page = true, id
	}
	return a.editable(n)
}

// reply puts a comment into a discussion. One on a page that the caller cannot
// see is not found.
func (a *API) reply(r *request, c *comment, raw string) error {
	id, _ := block.ParseID(raw)
	for _, other := range a.comments {
		if other.discussion == id && a.store.Sees(r.caller.Roots, other.page) {
			c.discussion, c.parent, c.onPage, c.page = id, other.parent, other.onPage, other.page
			return nil
		}
	}
	return notFound("discussion", raw, r.caller)
}

// commentText reads the text of a comment: rich text, or Markdown of which only
// inline marks count. Lists and headings stay the characters that they are.
func commentText(body wire.Object) ([]block.Text, error) {
	text, hasText := body["markdown"].(string)
	if hasText == (body["rich_text"] != nil) {
		return nil, wire.Invalid("body failed validation: body should have one of rich_text or markdown.")
	}
	if runs, ok := body["rich_text"].([]any); ok && len(runs) == 0 {
		return nil, wire.Invalid("body failed validation: body.rich_text.length should be ≥ `1`, instead was `0`.")
	}
	if !hasText {
		return wire.ParseText(body["rich_text"], "body.rich_text")
	}
	if strings.TrimSpace(text) == "" {
		return nil, wire.Invalid("body failed validation: body.markdown.length should be ≥ `1`, instead was `0`.")
	}
	return markdown.Inline([]byte(text)), nil
}

// Resolve closes a discussion: its comments are listed no more. An unknown id
// changes nothing.
func (a *API) Resolve(discussion string) {
	id, _ := block.ParseID(discussion)
	for _, c := range a.comments {
		if c.discussion == id {
			c.resolved = true
		}
	}
}
