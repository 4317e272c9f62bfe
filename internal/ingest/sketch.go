package ingest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/enhanced"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// maxRefusals is how many pages in a row may be refused as Markdown, or be given
// in a form of which nothing is recognized, before it is not asked for any more.
const maxRefusals = 3

// sketch asks once for the Markdown of a page, and puts what it tells below the
// blocks that are known. Where Notion does not give it, blocks are asked for as
// if there were none.
func (b *body) sketch(ctx context.Context, pg *reading) error {
	pg.asked = true
	if b.s.refusals.Load() >= maxRefusals {
		return nil
	}
	var md *notion.PageMarkdown
	err := b.ask(ctx, func(c *notion.Client) (err error) {
		md, err = c.PageMarkdown(ctx, pg.rec.ID, true)
		return err
	})
	switch {
	case err == nil:
	case ofOne(err):
		if refusal(err) {
			b.s.refusals.Add(1)
		}
		return nil
	default:
		pg.asked = false
		return err
	}
	rough := enhanced.Parse(md.Markdown, func(id notion.ID) bool {
		_, ok := b.s.cfg.Index.Page(id)
		return ok
	})
	if md.Truncated && !slices.ContainsFunc(rough, gapped) {
		return nil // and nobody says where
	}
	if adopt(pg.roots, rough) {
		b.s.refusals.Store(0)
	} else {
		b.s.refusals.Add(1)
	}
	return nil
}

// ofOne says whether an error may be about what was asked for, and does not mean
// that Notion cannot be asked.
func ofOne(err error) bool {
	return refusal(err) || errors.Is(err, notion.ErrMalformed) || errors.Is(err, notion.ErrServer)
}

// refusal says whether an error is Notion's answer to what was asked for, which
// would be the same the next time.
func refusal(err error) bool {
	return errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation) || errors.Is(err, notion.ErrRestricted)
}

func gapped(n *passage.Node) bool { return n.Gap }

// adopt puts rough blocks below the known ones that they belong to, as far as
// those have not been read. It says whether there are any.
func adopt(known, rough []*passage.Node) (some bool) {
	type level struct{ known, rough []*passage.Node }
	for work := []level{{known, rough}}; len(work) > 0; {
		l := work[len(work)-1]
		work = work[:len(work)-1]
		for i, r := range aligned(l.known, l.rough) {
			switch n := l.known[i]; {
			case r == nil || !isContainer(n):
			case n.Read:
				work = append(work, level{n.Children, r.Children})
			default:
				below(n, r)
				some = true
			}
		}
	}
	return some
}

// below takes what is below a rough block for what is below the known one. The
// first text in a callout may be the callout's own, or that of a block in it,
// which only the known block tells.
func below(n, r *passage.Node) {
	n.Rough, n.Children = true, r.Children
	own := r.Block.Content.RichText
	if n.Block.Type == "callout" && len(n.Block.Content.RichText) == 0 && len(own) > 0 {
		first := &passage.Node{Block: notion.Block{Type: "paragraph", Content: notion.Content{RichText: own}}, Gap: r.Gap}
		n.Children = slices.Concat([]*passage.Node{first}, r.Children)
	}
	n.Gap = len(n.Children) == 0 || slices.ContainsFunc(n.Children, gapped) || r.Gap && len(own) == 0
}

// aligned finds for each known block the rough one that it is, nil where that is
// not certain. Both are in the order of the page. Blocks are alike by their type
// and their own words; one without words is itself only in step with others.
func aligned(known, rough []*passage.Node) []*passage.Node {
	out := make([]*passage.Node, len(known))
	i, j := 0, 0
	for i < len(known) && j < len(rough) {
		if alike(known[i], rough[j]) {
			out[i] = rough[j]
			i, j = i+1, j+1
			continue
		}
		outOfStep(known, out, i)
		di, dj := nextStep(known[i:], rough[j:])
		if di < 0 {
			return out
		}
		i, j = i+di, j+dj
		out[i] = rough[j]
		i, j = i+1, j+1
	}
	if i < len(known) || j < len(rough) {
		outOfStep(known, out, i)
	}
	return out
}

// outOfStep takes back the pairs without words before a place where the two do
// not agree, and the block before it, which may have taken in what is missing.
func outOfStep(known, out []*passage.Node, i int) {
	if i > 0 && isContainer(known[i-1]) && words(known[i-1]) != "" {
		out[i-1] = nil
	}
	for i--; i >= 0 && out[i] != nil && words(known[i]) == ""; i-- {
		out[i] = nil
	}
}

// nextStep is how far both are to go on to the nearest blocks that are alike by
// their words; -1 if there are none near.
func nextStep(known, rough []*passage.Node) (int, int) {
	const near = 16
	for sum := 1; sum <= near; sum++ {
		for di := 0; di <= sum; di++ {
			dj := sum - di
			if di < len(known) && dj < len(rough) && words(known[di]) != "" && alike(known[di], rough[dj]) {
				return di, dj
			}
		}
	}
	return -1, -1
}

// alike says whether a rough block can be a known one. What stands there only as
// a tag is known by its id, or by the name of its type.
func alike(n, r *passage.Node) bool {
	if r.Block.ID != "" && n.Block.ID == r.Block.ID {
		return true
	}
	if r.Block.Type == "unsupported" {
		return r.Block.ID == "" && strings.HasPrefix(strings.ReplaceAll(r.Block.Content.BlockType, "-", "_"), n.Block.Type)
	}
	if n.Block.Type != r.Block.Type {
		return false
	}
	return words(n) == words(r) || n.Block.Type == "callout" && words(n) == ""
}

// words are the letters and digits of a block's own text, without mentions, whose
// words depend on who asks, and when.
func words(n *passage.Node) string {
	var b strings.Builder
	c := &n.Block.Content
	for _, runs := range [][]notion.RichText{c.RichText, c.Title} {
		for _, r := range runs {
			if r.Mention == nil {
				b.WriteString(cmp.Or(r.PlainText, textContent(r)))
			}
		}
	}
	b.WriteString(c.Expression)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, b.String())
}

func textContent(r notion.RichText) string {
	if r.Text == nil {
		return ""
	}
	return r.Text.Content
}
