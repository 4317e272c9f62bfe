package ingest

import (
	"context"
	"errors"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// linkedView is why a database block without a database behind it is skipped.
const linkedView = "a linked view or a database that is not shared with this connection"

// blocksOfType returns the nodes of some types in a tree. Rough ones are not
// among them: that a page holds another is believed of blocks alone.
func blocksOfType(roots []*passage.Node, kinds ...string) []*passage.Node {
	var found []*passage.Node
	stack := append([]*passage.Node(nil), roots...)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !n.Rough {
			stack = append(stack, n.Children...)
		}
		if slices.Contains(kinds, n.Block.Type) && n.Skip == "" {
			found = append(found, n)
		}
	}
	return found
}

func childPages(roots []*passage.Node) []notion.ID { return idsOfType(roots, "child_page") }

func idsOfType(roots []*passage.Node, kinds ...string) []notion.ID {
	var ids []notion.ID
	for _, n := range blocksOfType(roots, kinds...) {
		ids = append(ids, n.Block.ID)
	}
	return ids
}

// found makes entries of the child pages that a page turned out to hold and
// that no listing has shown.
func (s *Syncer) found(pg *reading) []index.Entry {
	var entries []index.Entry
	for _, n := range blocksOfType(pg.roots, "child_page") {
		if _, ok := s.cfg.Index.Page(n.Block.ID); ok {
			continue
		}
		rec := index.Page{
			ID: n.Block.ID, Kind: index.KindPage, Title: notion.PlainText(n.Block.Content.Title),
			URL: notion.PageURL(n.Block.ID), Parent: notion.Parent{Type: "page_id", PageID: pg.rec.ID},
			LastEdited: n.Block.LastEditedTime, Level: index.Listed, Checked: s.cfg.Now(),
		}
		split := passage.SplitPage(titled(rec), nil, s.cfg.Passage)
		unknown := func(now, _ *index.Page) bool { return now == nil }
		entries = append(entries, index.Entry{Page: rec, Passages: split.Passages, Merge: unknown})
	}
	return entries
}

// held tells the child pages and databases of a page which page holds them, where
// their parent is only known as a block, or not yet. One that shows in a copy of a synced block is
// held by the page of the original, if that can be seen.
func (s *Syncer) held(pg *reading) []index.Touch {
	var touch []index.Touch
	copied := map[notion.ID]bool{}
	for _, n := range blocksOfType(pg.roots, "synced_block") {
		if n.Block.Content.SyncedFrom != nil {
			for _, id := range children(n.Children) {
				copied[id] = true
			}
		}
	}
	for _, id := range children(pg.roots) {
		if rec, ok := s.cfg.Index.Page(id); ok && (!needsHolder(&rec) || rec.Holder == pg.rec.ID) {
			continue
		}
		touch = append(touch, index.Touch{ID: id, Do: func(now *index.Page) {
			if needsHolder(now) && (now.Holder == "" || !copied[id]) {
				now.Holder = pg.rec.ID
			}
		}})
	}
	return touch
}

func children(roots []*passage.Node) []notion.ID {
	return idsOfType(roots, "child_page", "child_database")
}

// needsHolder says whether the parent of a page does not tell which page it
// stands in. Of a page that only a block has shown, the parent is a guess.
func needsHolder(p *index.Page) bool { return p.Parent.Type == "block_id" || p.Created.IsZero() }

// unknownDatabases are the database blocks of a page that nothing has shown to
// be readable or not.
func (s *Syncer) unknownDatabases(roots []*passage.Node) []*passage.Node {
	var unknown []*passage.Node
	for _, n := range blocksOfType(roots, "child_database") {
		if readable, ok := s.knownDatabase(n.Block.ID); !ok {
			unknown = append(unknown, n)
		} else if !readable {
			n.Skip = linkedView
		}
	}
	return unknown
}

func (s *Syncer) knownDatabase(id notion.ID) (readable, known bool) {
	if _, ok := s.cfg.Index.Page(id); ok {
		return true, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	readable, known = s.database[id]
	return readable, known
}

// databases finds out about the database blocks of a page that the listing did
// not show: some are real and come with tables, some are linked views that the
// API does not hand out.
func (p *pass) databases(ctx context.Context, b *body, roots []*passage.Node) error {
	for _, n := range p.unknownDatabases(roots) {
		var db *notion.Database
		err := b.ask(ctx, func(c *notion.Client) (err error) {
			db, err = c.Database(ctx, n.Block.ID)
			return err
		})
		if errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation) {
			n.Skip = linkedView
			p.remember(n.Block.ID, false)
			continue
		}
		if err != nil {
			return err
		}
		if err := p.tables(ctx, b, db); err != nil {
			return err
		}
		p.remember(n.Block.ID, true)
	}
	return nil
}

// tables brings in the data sources of a database that no listing has shown,
// with their rows.
func (p *pass) tables(ctx context.Context, b *body, db *notion.Database) error {
	for _, ref := range db.DataSources {
		if _, ok := p.cfg.Index.Page(ref.ID); ok {
			continue
		}
		var c index.Change
		err := b.ask(ctx, func(client *notion.Client) error {
			seen := p.moment()
			ds, err := client.DataSource(ctx, ref.ID)
			if err == nil {
				p.dataSource(&c, ds, seen)
			}
			return err
		})
		if skipReason(err) != "" {
			continue
		}
		if err != nil {
			return err
		}
		if err := p.put(ctx, c); err != nil {
			return err
		}
		if err := p.table(ctx, ref.ID); err != nil {
			return err
		}
	}
	p.enqueue()
	return nil
}

func (s *Syncer) remember(database notion.ID, readable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.database[database] = readable
}
