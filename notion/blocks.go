package notion

import (
	"context"
	"iter"
)

// Block reads one block. Ids of pages are ids of blocks too.
func (c *Client) Block(ctx context.Context, id ID) (*Block, error) {
	var b Block
	err := c.do(ctx, call{op: "read block " + string(id), method: "GET", path: []string{"blocks", string(id)}, out: &b})
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// BlockList is one page of blocks. It may be short while HasMore is true.
type BlockList struct {
	Blocks     []Block
	NextCursor string
	HasMore    bool
}

// Children reads the first level below a block or page, up to 100 blocks.
func (c *Client) Children(ctx context.Context, id ID, cursor string) (*BlockList, error) {
	return c.blockList(ctx, call{
		op: "read children of " + string(id), method: "GET", path: []string{"blocks", string(id), "children"},
		query: pageQuery(cursor), cursor: cursor,
	})
}

func (c *Client) blockList(ctx context.Context, k call) (*BlockList, error) {
	var l list[Block]
	k.out = &l
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	return &BlockList{Blocks: l.Results, NextCursor: l.NextCursor, HasMore: l.HasMore}, nil
}

// AllChildren gives the first level below a block or page, to the last block
// or an error.
func (c *Client) AllChildren(ctx context.Context, id ID) iter.Seq2[Block, error] {
	pages := paged("", func(cursor string) ([]Block, string, error) {
		l, err := c.Children(ctx, id, cursor)
		if err != nil {
			return nil, "", err
		}
		return l.Blocks, l.NextCursor, nil
	})
	return flat(pages)
}

// AppendChildren adds at most 100 blocks, with two levels of nesting, below a
// block or page and returns the new ones.
func (c *Client) AppendChildren(ctx context.Context, id ID, blocks []NewBlock, at Position) (*BlockList, error) {
	body := map[string]any{"children": blocks}
	if p := at.request(); p != nil {
		body["position"] = p
	}
	return c.blockList(ctx, call{
		op: "append to " + string(id), method: "PATCH", path: []string{"blocks", string(id), "children"}, body: body, write: true,
	})
}

// UpdateBlock is a change of a block. Type must be the block's own; with an
// empty Type only InTrash is changed.
type UpdateBlock struct {
	Type    string
	Content Content
	InTrash *bool
}

// UpdateBlock replaces a block's content, or moves it to the trash and back.
func (c *Client) UpdateBlock(ctx context.Context, id ID, req UpdateBlock) (*Block, error) {
	body := map[string]any{}
	if req.Type != "" {
		body[req.Type] = requestPayload(req.Type, req.Content)
	}
	if req.InTrash != nil {
		body["in_trash"] = *req.InTrash
	}
	var b Block
	err := c.do(ctx, call{op: "update block " + string(id), method: "PATCH", path: []string{"blocks", string(id)}, body: body, write: true, out: &b})
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// DeleteBlock moves a block or page to the trash.
func (c *Client) DeleteBlock(ctx context.Context, id ID) error {
	return c.do(ctx, call{op: "delete block " + string(id), method: "DELETE", path: []string{"blocks", string(id)}, write: true})
}
