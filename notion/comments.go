package notion

import (
	"context"
	"fmt"
)

// CommentList is one page of comments, oldest first, of several threads.
type CommentList struct {
	Comments   []Comment
	NextCursor string
	HasMore    bool
	Incomplete string // why Notion did not give all; "" if it did
}

// Comments reads the open comments on a block, or on a page itself.
func (c *Client) Comments(ctx context.Context, block ID, cursor string) (*CommentList, error) {
	query := pageQuery(cursor)
	query.Set("block_id", string(block))
	var l list[Comment]
	k := call{op: "read comments on " + string(block), method: "GET", path: []string{"comments"}, query: query, cursor: cursor, out: &l}
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	return &CommentList{Comments: l.Results, NextCursor: l.NextCursor, HasMore: l.HasMore, Incomplete: l.incomplete()}, nil
}

// Comment reads one comment.
func (c *Client) Comment(ctx context.Context, id ID) (*Comment, error) {
	var out Comment
	err := c.do(ctx, call{op: "read comment " + string(id), method: "GET", path: []string{"comments", string(id)}, out: &out})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// CreateComment is a comment to write: exactly one of Page, Block (a new
// thread) and Discussion (a reply) is set.
type CreateComment struct {
	Page       ID
	Block      ID
	Discussion ID
	RichText   []RichText // at most 100 runs
}

// CreateComment writes a comment. Where the token may not read comments, only
// the ID of the result is set. After ErrUnclear the comment may exist.
func (c *Client) CreateComment(ctx context.Context, req CreateComment) (*Comment, error) {
	const op = "create comment"
	body := map[string]any{"rich_text": requestRuns(req.RichText)}
	targets := 0
	if req.Page != "" {
		body["parent"] = Parent{Type: "page_id", PageID: req.Page}
		targets++
	}
	if req.Block != "" {
		body["parent"] = Parent{Type: "block_id", BlockID: req.Block}
		targets++
	}
	if req.Discussion != "" {
		body["discussion_id"] = req.Discussion
		targets++
	}
	if targets != 1 {
		return nil, invalid(op, fmt.Sprintf("a comment goes to exactly one page, block or discussion, not %d", targets))
	}
	var out Comment
	err := c.do(ctx, call{op: op, method: "POST", path: []string{"comments"}, body: body, write: true, out: &out})
	if err != nil {
		return nil, err
	}
	return &out, nil
}
