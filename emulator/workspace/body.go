package workspace

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

// SetText replaces the body of a page, and its title if the text has one.
// Child pages stay. Blocks whose content did not change keep their ids.
func (w *Workspace) SetText(p *Page, src []byte) {
	f := ReadText(src)
	p.Apply(f, p.Path)
	w.ParseBody(p, f.Markdown(), p.Path)
	w.LinkSynced()
}

// SetBody replaces the body of a page by Markdown that has no title line.
func (w *Workspace) SetBody(p *Page, src []byte) {
	w.ParseBody(p, src, p.Path)
	w.LinkSynced()
}

// ParseBlocks turns Markdown into blocks of a page that have no ids yet and are
// not part of its body yet. Links in it resolve from where the page stands.
func (w *Workspace) ParseBlocks(p *Page, src []byte) []*block.Block {
	blocks := markdown.Parse(src, w.options(p, ""))
	block.Adopt(p.ID, nil, blocks)
	return blocks
}

// options resolve links from the folder of p. name goes into the source of
// every block, and is empty for text that is in no file.
func (w *Workspace) options(p *Page, name string) markdown.Options {
	r := &resolver{w: w, page: p, dir: path.Dir(p.Path)}
	return markdown.Options{Path: name, Resolve: r.resolve}
}

// ParseBody replaces the blocks of a page.
func (w *Workspace) ParseBody(p *Page, src []byte, name string) {
	o := w.options(p, name)
	p.Body = w.placeChildren(p, markdown.Parse(src, o))
	block.Adopt(p.ID, nil, p.Body)
	block.AssignIDs(p.ID, p.Body)
	// This needs the ids.
	nameMeetingParts(p.Body)
}

// placeChildren makes sure that every child page and database of p stands in
// the body exactly once, as in Notion, where a page can be reached only through
// a block of its parent. Those that the text does not link to come at its end.
func (w *Workspace) placeChildren(p *Page, body []*block.Block) []*block.Block {
	placed := map[string]bool{}
	block.Walk(body, func(b *block.Block) {
		// Only child pages and databases have an id before the others get
		// theirs.
		if b.ID == "" {
			return
		}
		if placed[b.ID] { // a second link to the same child is only a link
			kind := strings.TrimPrefix(b.Type, "child_") + "_id"
			b.Type, b.Content, b.ID = "link_to_page", map[string]any{"type": kind, kind: b.ID}, ""
			return
		}
		placed[b.ID] = true
	})
	here := Parent{Kind: "page", ID: p.ID}
	for _, c := range w.find().pagesBelow[here] {
		if !placed[c.ID] {
			body = append(body, ChildBlock("child_page", c.ID, c.Title))
		}
	}
	for _, d := range w.find().databasesBelow[here] {
		if !placed[d.ID] && d.Of == "" {
			body = append(body, ChildBlock("child_database", d.ID, d.DatabaseTitle()))
		}
	}
	return body
}

// ChildBlock is the block of a child page or database in its parent's body.
func ChildBlock(typ, id, title string) *block.Block {
	b := block.New(typ, map[string]any{"title": title})
	b.ID = id
	return b
}

// nameMeetingParts tells meeting notes the ids of their parts, which is how a
// reader of the API tells the summary from the transcript.
func nameMeetingParts(body []*block.Block) {
	block.Walk(body, func(b *block.Block) {
		if b.Type != "meeting_notes" {
			return
		}
		parts := map[string]any{}
		for _, c := range b.Children {
			if c.SyncName != "" {
				parts[c.SyncName+"_block_id"] = c.ID
			}
		}
		b.Content["children"] = parts
	})
}

// LinkSynced points every copy of a synced block to its original, which may
// stand in any page, before or after the copy. The copy of an original that
// does not exist points to an id that answers 404, as after the original was
// deleted.
func (w *Workspace) LinkSynced() {
	originals := map[string]string{}
	each := func(f func(b *block.Block, copied bool)) {
		for _, p := range w.Pages {
			block.Walk(p.Body, func(b *block.Block) {
				if b.Type == "synced_block" {
					f(b, b.Content["synced_from"] != nil)
				}
			})
		}
	}
	each(func(b *block.Block, copied bool) {
		if !copied && b.SyncName != "" {
			originals[b.SyncName] = b.ID
		}
	})
	each(func(b *block.Block, copied bool) {
		// An address with an anchor has named the id itself.
		if !copied || b.SyncName == "" || strings.Contains(b.SyncName, "#") {
			return
		}
		id := originals[b.SyncName]
		if id == "" {
			id = block.NewID("absent", b.SyncName)
		}
		b.Content["synced_from"] = map[string]any{"type": "block_id", "block_id": id}
	})
}

// resolver finds what the relative links of one page point to.
type resolver struct {
	w    *Workspace
	page *Page
	dir  string
}

// notionURL matches the addresses that exports leave in a text, old hosts and
// new.
var notionURL = regexp.MustCompile(`^https://(?:[a-z-]+\.)?notion\.(?:so|com|site)/.*?([0-9a-f]{32})(?:[?#]|$)`)

// resolve finds the page or database that a link means: by an address of
// Notion's, or by a path from the folder of the page. A path that begins with a
// slash starts at the top of the workspace.
func (r *resolver) resolve(dest string) (markdown.Target, bool) {
	if m := notionURL.FindStringSubmatch(dest); m != nil {
		return r.target(m[1])
	}
	if strings.Contains(dest, "://") {
		return markdown.Target{}, false
	}
	// An anchor inside the page is not part of its path.
	dest, _, _ = strings.Cut(dest, "#")
	dest, _, _ = strings.Cut(dest, "?")
	// Exports write links to files with %20 for blanks.
	if name, err := url.PathUnescape(dest); err == nil {
		dest = block.PathName(name)
	}
	if dest == "" {
		return markdown.Target{}, false
	}
	want := strings.TrimPrefix(path.Join("/", r.dir, dest), "/")
	if strings.HasPrefix(dest, "/") {
		want = strings.TrimPrefix(path.Clean(dest), "/")
	}
	return r.target(want)
}

// target describes the page or database with a path or id. Only a link to a
// direct child becomes the block of that child; other links stay links.
func (r *resolver) target(want string) (markdown.Target, bool) {
	if p := r.w.FindPage(want); p != nil {
		child := p.Parent == Parent{Kind: "page", ID: r.page.ID}
		return markdown.Target{Kind: "page", ID: p.ID, Title: p.Title, URL: URL(p.Title, p.ID), Child: child}, true
	}
	if d := r.w.FindDatabase(want); d != nil {
		child := d.Parent == Parent{Kind: "page", ID: r.page.ID}
		title := d.DatabaseTitle()
		return markdown.Target{Kind: "database", ID: d.Holder(), Title: title, URL: URL(title, d.Holder()), Child: child}, true
	}
	return markdown.Target{}, false
}
