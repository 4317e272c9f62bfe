package api

import (
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// getMarkdown gives the whole text of a page, or of a block that a truncated
// answer named. One request instead of many, and the price is that no block ids
// come with it.
func (a *API) getMarkdown(r *request) (any, error) {
	n, err := a.visibleBlock(r, r.id)
	if err != nil || n.database != nil {
		return nil, notFound("page", r.id, r.caller)
	}
	// The id of a block gives that block with all below it.
	blocks := []*block.Block{n.block}
	page := n.block.Page
	if n.page != nil {
		blocks, page = a.store.Children(n.page.Body), n.page.ID
	}
	return a.pageMarkdown(r, a.store.Pages[page], blocks), nil
}

// pageMarkdown is the answer of all Markdown endpoints. unknown_block_ids names
// at most 100 blocks, and does not tell those beyond the limit from those of a
// type that has no Markdown.
func (a *API) pageMarkdown(r *request, p *workspace.Page, blocks []*block.Block) wire.Object {
	id := r.id
	out := a.render(r, p, blocks)
	unknown := make([]any, 0, len(out.Unknown))
	for _, u := range out.Unknown {
		unknown = append(unknown, u)
	}
	return wire.Object{
		"object": "page_markdown", "id": id, "markdown": out.Markdown,
		"truncated": out.Truncated, "unknown_block_ids": unknown,
	}
}

// render writes blocks as enhanced Markdown as the caller may see them: a page
// that was not shared is a link called Untitled.
func (a *API) render(r *request, p *workspace.Page, blocks []*block.Block) markdown.Rendered {
	v := a.view(r)
	return markdown.Render(blocks, markdown.RenderOptions{
		Limit:      a.MarkdownBlocks,
		Transcript: r.query.Get("include_transcript") == "true",
		Children:   func(b *block.Block) []*block.Block { return a.shown(r, b) },
		PageURL:    workspace.URL(p.Title, p.ID),
		URL: func(id string) (string, string) {
			title, ok := v.Title(id)
			if !ok {
				return "https://app.notion.com/p/" + block.Compact(id), "Untitled"
			}
			return workspace.URL(title, id), title
		},
	})
}

// shown are the blocks that Markdown shows below a block: those of the original
// for a copy of a synced block. Child pages are links and show nothing, and an
// original that the caller may not see shows nothing either.
func (a *API) shown(r *request, b *block.Block) []*block.Block {
	if a.store.IsChild(b) {
		return nil
	}
	if from, ok := b.Content["synced_from"].(wire.Object); ok {
		original := a.store.Blocks[wire.String(from, "block_id")]
		// A copy of a copy shows nothing: cycles end here.
		if original == nil || original.Content["synced_from"] != nil || !a.store.Sees(r.caller.Roots, original.Page) {
			return nil
		}
		return a.store.Children(original.Children)
	}
	return a.store.Children(b.Children)
}

// updateMarkdown changes the text of a page as a whole. Ids come from type and
// text, so blocks from a file that stay the same keep theirs, and anchors to
// the others break.
func (a *API) updateMarkdown(r *request) (any, error) {
	p := a.store.Pages[r.id]
	if p == nil || !a.store.Sees(r.caller.Roots, r.id) {
		return nil, notFound("page", r.id, r.caller)
	}
	if a.store.Trashed(p.ID) {
		return nil, archived("page")
	}
	kind := wire.String(r.body, "type")
	change, ok := r.body[kind].(wire.Object)
	if !ok {
		return nil, wire.Invalid("body failed validation: body.%s should be defined, instead was `undefined`.", kind)
	}
	switch kind {
	case "insert_content":
		a.insertText(r, p, change)
	case "replace_content":
		a.store.SetBody(p, []byte(wire.String(change, "new_str")))
	case "update_content":
		if err := a.updateText(r, p, change); err != nil {
			return nil, err
		}
	default:
		return nil, wire.Invalid("body failed validation: body.type should be `\"update_content\"`, `\"replace_content\"` or `\"insert_content\"`, instead was `%q`.", kind)
	}
	a.store.Touch(p, r.caller.Bot)
	return a.pageMarkdown(r, p, a.store.Children(p.Body)), nil
}

// insertText puts Markdown at the start or end of a page. What stands there is
// not touched.
func (a *API) insertText(r *request, p *workspace.Page, change wire.Object) {
	blocks := a.store.W.ParseBlocks(p, []byte(wire.String(change, "content")))
	_ = a.stamp(r, p.ID, nil, blocks) // the size of the body has been checked
	at := len(p.Body)
	if wire.String(change, "position", "type") == "start" {
		at = 0
	}
	a.insert(&p.Body, at, blocks)
}

// updateText replaces strings in the Markdown of a page. All updates are tried
// before the page is changed. Text that stands there more than once is refused
// unless the caller wants all of it, since nobody can say which was meant.
func (a *API) updateText(r *request, p *workspace.Page, change wire.Object) error {
	text := a.render(r, p, a.store.Children(p.Body)).Markdown
	updates, _ := change["content_updates"].([]any)
	for _, u := range updates {
		o, _ := u.(wire.Object)
		old, replacement := wire.String(o, "old_str"), wire.String(o, "new_str")
		n := strings.Count(text, old)
		if old == "" || n == 0 {
			return wire.Invalid("Could not find the text to replace: %s", wire.Brief(old))
		}
		if n > 1 && o["replace_all_matches"] != true {
			return wire.Invalid("Found %d matches for the text to replace; set replace_all_matches or be more exact.", n)
		}
		// Each update sees what the ones before it left.
		text = strings.ReplaceAll(text, old, replacement)
	}
	a.store.SetBody(p, []byte(markdown.Readable(text)))
	return nil
}
