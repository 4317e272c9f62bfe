package ingest

import (
	"context"
	"errors"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// body reads the blocks of one page, breadth first.
type body struct {
	s     *Syncer
	fl    *flight
	share int // of a Spare; 0 for others
}

// perPage bounds the requests under way for one page.
const perPage = 4

// open is a block whose children are still to be read, with the chain of
// blocks above it.
type open struct {
	node   *passage.Node
	target notion.ID // whose children to ask for
	up     *open
	synced bool // in or below a synced block
}

// ask sends one request: at once for a person, at once or not at all for a
// Spare, in its turn for the mirror.
func (b *body) ask(ctx context.Context, do func(*notion.Client) error) error {
	urgent := b.fl.urgent.Load()
	if !urgent && b.share == 0 {
		return b.s.background(ctx, do)
	}
	share := b.share
	if urgent {
		share = 0
	}
	c, err := b.s.clientFor(ctx, share)
	if err != nil {
		return err
	}
	return do(c)
}

// children reads all children of a block or page, one level deep. After an error
// it returns those that it has.
func (b *body) children(ctx context.Context, id notion.ID) ([]notion.Block, error) {
	var all, most []notion.Block
	err := notion.Walk(func(cursor string) (string, error) {
		var list *notion.BlockList
		err := b.ask(ctx, func(c *notion.Client) (err error) {
			list, err = c.Children(ctx, id, cursor)
			return err
		})
		if err != nil {
			return "", err
		}
		if cursor == "" {
			all = nil
		}
		if all = append(all, list.Blocks...); len(all) > len(most) {
			most = all
		}
		return list.NextCursor, nil
	})
	if err != nil {
		return most, err
	}
	return all, nil
}

// top reads the first level of a page. After an error it keeps what it has.
func (b *body) top(ctx context.Context, pg *reading) error {
	blocks, err := b.children(ctx, pg.rec.ID)
	pg.roots, pg.cut = nodesOf(blocks), err != nil
	return err
}

func nodesOf(blocks []notion.Block) []*passage.Node {
	nodes := make([]*passage.Node, 0, len(blocks))
	for _, b := range blocks {
		if !b.InTrash {
			nodes = append(nodes, &passage.Node{Block: b})
		}
	}
	return nodes
}

// fill reads the children of one block.
func (b *body) fill(ctx context.Context, o *open) error {
	if o.inItself() {
		o.node.Skip = "appears inside itself"
		return nil
	}
	blocks, known := b.s.shared.get(o.target)
	if !known || !o.synced {
		var err error
		blocks, err = b.below(ctx, o)
		if reason := skipReason(err); reason != "" {
			o.node.Skip = reason
			if errors.Is(err, notion.ErrValidation) && o.node.Rough && !o.node.Gap {
				settle(o.node)
			} else { // what is not found may be shared no longer
				o.node.Children = nil
			}
			return nil
		}
		if err != nil {
			if !o.node.Rough {
				o.node.Children = nodesOf(blocks) // to be searched until all of them can be read
			}
			return err
		}
	}
	if o.synced {
		b.s.shared.put(o.target, blocks)
	}
	told := o.node.Children
	o.node.Children, o.node.Read = nodesOf(blocks), true
	if o.node.Rough {
		adopt(o.node.Children, told)
	}
	o.node.Rough, o.node.Gap = false, false
	return nil
}

// settle takes what Markdown tells below a block for all that there will be.
func settle(n *passage.Node) {
	for stack := []*passage.Node{n}; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], n.Children...)
		n.Read = true
	}
}

// below asks Notion for the blocks below one block. Meeting notes that do not
// show their parts as children name them in their payload.
func (b *body) below(ctx context.Context, o *open) ([]notion.Block, error) {
	parts := o.node.Block.Content.Children
	if o.node.Block.HasChildren || parts == nil {
		return b.children(ctx, o.target)
	}
	var blocks []notion.Block
	for _, id := range []notion.ID{parts.Summary, parts.Notes, parts.Transcript} {
		if id == "" {
			continue
		}
		err := b.ask(ctx, func(c *notion.Client) error {
			block, err := c.Block(ctx, id)
			if err == nil {
				blocks = append(blocks, *block)
			}
			return err
		})
		if err != nil && skipReason(err) == "" {
			return blocks, err
		}
	}
	return blocks, nil
}

// inItself says whether the block already stands above itself.
func (o *open) inItself() bool {
	for up := o.up; up != nil; up = up.up {
		if up.target == o.target {
			return true
		}
	}
	return false
}

// opened finds the blocks below up whose children are still to be read,
// without recursion on the stack.
func opened(nodes []*passage.Node, up *open) []*open {
	type item struct {
		node *passage.Node
		up   *open
	}
	var found []*open
	stack := make([]item, 0, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		stack = append(stack, item{nodes[i], up})
	}
	for len(stack) > 0 {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !isContainer(it.node) {
			continue
		}
		o := &open{node: it.node, target: target(it.node), up: it.up}
		o.synced = it.node.Block.Type == "synced_block" || (it.up != nil && it.up.synced)
		if !it.node.Read {
			found = append(found, o)
			continue
		}
		for i := len(it.node.Children) - 1; i >= 0; i-- {
			stack = append(stack, item{it.node.Children[i], o})
		}
	}
	return found
}

// isContainer says whether a block's children belong to its page. Child pages
// and databases are objects of their own.
func isContainer(n *passage.Node) bool {
	switch {
	case n.Skip != "", n.Block.Type == "child_page", n.Block.Type == "child_database":
		return false
	case n.Block.HasChildren, n.Block.Content.Children != nil:
		return true
	}
	return n.Block.Content.SyncedFrom != nil // a copy shows the original's blocks
}

// target is the block whose children to ask for: the original, for a copy of a
// synced block.
func target(n *passage.Node) notion.ID {
	if from := n.Block.Content.SyncedFrom; from != nil && from.BlockID != "" {
		return from.BlockID
	}
	return n.Block.ID
}

// skipReason says why one block cannot be read although its page can, or "" if
// the error is of another kind.
func skipReason(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, notion.ErrNotFound):
		return "not shared with this connection, or gone"
	case errors.Is(err, notion.ErrValidation):
		return "not handed out by Notion's API"
	}
	return ""
}
