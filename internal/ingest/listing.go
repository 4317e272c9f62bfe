package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// list walks Notion's listing, newest first: to its end in a full pass, else
// down to what the last pass has seen already. Where Notion has trouble with the
// rest of it, the pass goes on with what it has, and the next one lists anew.
func (p *pass) list(ctx context.Context) error {
	p.Syncer.mu.Lock()
	floor := p.mark.Watermark.Add(-lookBack)
	p.Syncer.mu.Unlock()
	some := false
	err := notion.Walk(func(cursor string) (string, error) {
		found, err := p.search(ctx, notion.SearchRequest{Cursor: cursor, PageSize: 100, Newest: true})
		if err != nil {
			return "", err
		}
		p.truncated = p.truncated || found.Incomplete != ""
		some = true
		oldest, err := p.take(ctx, found)
		if !p.full && oldest.Before(floor) {
			return "", err
		}
		return found.NextCursor, err
	})
	if err != nil && some && ctx.Err() == nil && p.alone(ctx, err) != "" {
		p.log.Warn("the listing was cut short", "err", err)
		p.short = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the workspace: %w", err)
	}
	return nil
}

func (p *pass) search(ctx context.Context, req notion.SearchRequest) (*notion.SearchResult, error) {
	var found *notion.SearchResult
	err := p.background(ctx, func(c *notion.Client) (err error) {
		found, err = c.Search(ctx, req)
		return err
	})
	return found, err
}

// take brings one page of the listing into the index, in one change, and
// returns the oldest last_edited_time in it.
func (p *pass) take(ctx context.Context, found *notion.SearchResult) (oldest time.Time, err error) {
	oldest = p.start
	edited := func(t time.Time) {
		if t.Before(oldest) {
			oldest = t
		}
		if t.After(p.listed) {
			p.listed = t
		}
	}
	var c index.Change
	seen := sight{p.cfg.Now(), glimpse}
	for i := range found.DataSources {
		edited(found.DataSources[i].LastEditedTime)
		p.dataSource(&c, &found.DataSources[i], seen)
	}
	for i := range found.Pages {
		edited(found.Pages[i].LastEditedTime)
		p.page(&c, &found.Pages[i], seen)
	}
	return oldest, p.put(ctx, c)
}

func (p *pass) put(ctx context.Context, c index.Change) error {
	if len(c.Put)+len(c.Touch)+len(c.Remove) == 0 {
		return nil
	}
	p.removed.Add(int64(len(c.Remove)))
	return p.apply(ctx, c)
}

// page adds to the change what a page object says that the index does not know.
func (p *pass) page(c *index.Change, object *notion.Page, seen sight) {
	known, ok := p.cfg.Index.Page(object.ID)
	if object.InTrash {
		if ok {
			c.Remove = append(c.Remove, object.ID)
		}
		return
	}
	p.mu.Lock()
	p.seen[object.ID] = true
	p.mu.Unlock()
	p.sighted(seen, object.ID)
	rec := record(known, object)
	if !ok || (known.Level == index.Listed && !same(known, rec)) {
		if entry, err := p.listedEntry(rec, object); err == nil {
			c.Put = append(c.Put, entry)
		}
	}
	if ok && !same(known, rec) {
		c.Touch = append(c.Touch, index.Touch{ID: rec.ID, Do: func(now *index.Page) { tell(now, rec) }})
	}
	if p.unread(rec) && isRow(object) {
		p.mu.Lock()
		p.objects[object.ID] = object
		p.mu.Unlock()
	}
}

// listedEntry is a page known by title and properties alone, unless somebody has
// read more of it meanwhile. The properties of a row go into the draft, so that
// they need not be asked for again.
func (s *Syncer) listedEntry(rec index.Page, object *notion.Page) (index.Entry, error) {
	split := passage.SplitPage(object, nil, s.cfg.Passage)
	rec.Checked = s.cfg.Now()
	e := index.Entry{Page: rec, Passages: split.Passages}
	e.Merge = func(now, next *index.Page) bool {
		if now == nil {
			return true
		}
		*next = *now
		tell(next, rec)
		return now.Level == index.Listed
	}
	if !isRow(object) {
		return e, nil
	}
	var err error
	if e.Values, err = storedProperties(object); err != nil {
		return e, err
	}
	e.Draft, err = encodeDraft(&reading{object: object})
	return e, err
}

// dataSource adds a table that is new or changed to the change.
func (p *pass) dataSource(c *index.Change, ds *notion.DataSource, seen sight) {
	known, ok := p.cfg.Index.Page(ds.ID)
	if ds.InTrash {
		if ok && p.lastTable(ds, c.Remove) {
			c.Remove = append(c.Remove, ds.Parent.DatabaseID)
		}
		if ok {
			c.Remove = append(c.Remove, ds.ID)
		}
		return
	}
	p.mu.Lock()
	p.seen[ds.ID], p.seen[ds.Parent.DatabaseID] = true, true
	if p.full || !ok {
		p.sources = append(p.sources, ds.ID)
	}
	p.mu.Unlock()
	p.sighted(seen, ds.ID, ds.Parent.DatabaseID)
	p.Syncer.mu.Lock()
	p.database[ds.Parent.DatabaseID] = true
	p.Syncer.mu.Unlock()
	if entries := p.tableEntries(ds); !ok || !same(known, entries[0].Page) {
		c.Put = append(c.Put, entries...)
		p.mu.Lock()
		p.tablesChanged = true
		p.mu.Unlock()
	}
}

// rows asks every table for its rows, because the listing may leave some out.
func (p *pass) rows(ctx context.Context) error {
	p.mu.Lock()
	sources := p.sources
	p.sources = nil
	p.mu.Unlock()
	g, ctx := guard.NewGroup(ctx)
	g.SetLimit(p.cfg.Concurrency)
	for _, id := range sources {
		g.Go(func() error { return p.table(ctx, id) })
	}
	return g.Wait()
}

// table reads all rows of one table, oldest first. Notion ends a query after
// 10,000 rows; the next one then starts from the newest row seen.
func (p *pass) table(ctx context.Context, id notion.ID) error {
	req := notion.QueryRequest{PageSize: 100, Sorts: []notion.Sort{{Timestamp: "created_time", Direction: "ascending"}}}
	for since := (time.Time{}); ; {
		rows, err := p.queryAll(ctx, id, req)
		if err != nil {
			return p.noRows(ctx, id, err)
		}
		switch n := len(rows.Pages); {
		case rows.Incomplete == "":
			return p.tableProblem(ctx, id, "")
		case n == 0 || !rows.Pages[n-1].CreatedTime.After(since):
			return p.tableProblem(ctx, id, "more than 10,000 of its rows were made in one minute, and Notion lists no more")
		default:
			since = rows.Pages[n-1].CreatedTime
			req.Filter = property.Where{}.Since(since).API()
		}
	}
}

// queryAll brings the rows that a query gives into the index, and returns the
// last of them.
func (p *pass) queryAll(ctx context.Context, id notion.ID, req notion.QueryRequest) (last *notion.QueryResult, err error) {
	err = notion.Walk(func(cursor string) (string, error) {
		req.Cursor = cursor
		seen := p.moment()
		rows, err := p.query(ctx, id, req)
		if err != nil {
			return "", err
		}
		last = rows
		return rows.NextCursor, p.takeRows(ctx, rows, seen)
	})
	return last, err
}

// tableProblem notes why not all rows of a table are known; "" takes an older
// reason off.
func (p *pass) tableProblem(ctx context.Context, id notion.ID, reason string) error {
	if rec, known := p.cfg.Index.Page(id); !known || rec.Problem == reason {
		return nil
	}
	return p.amend(ctx, id, func(rec *index.Page) { rec.Problem = reason })
}

// takeRows brings one page of rows into the index.
func (p *pass) takeRows(ctx context.Context, rows *notion.QueryResult, seen sight) error {
	var c index.Change
	for i := range rows.Pages {
		p.page(&c, &rows.Pages[i], seen)
	}
	for i := range rows.DataSources {
		p.dataSource(&c, &rows.DataSources[i], seen)
	}
	return p.put(ctx, c)
}

// noRows notes that the rows of a table could not be read, and returns the
// error if it concerns more than the table.
func (p *pass) noRows(ctx context.Context, id notion.ID, err error) error {
	reason := ""
	if errors.Is(err, notion.ErrNotFound) {
		reason = "it went while it was being read" // the probe will see
	} else if ctx.Err() == nil {
		reason = p.alone(ctx, err)
	}
	if reason == "" {
		return fmt.Errorf("read rows: %w", err)
	}
	p.log.Warn("table not read", "data_source", id, "err", err)
	return p.tableProblem(ctx, id, "its rows could not be listed: "+reason)
}

func (p *pass) query(ctx context.Context, id notion.ID, req notion.QueryRequest) (*notion.QueryResult, error) {
	var rows *notion.QueryResult
	err := p.background(ctx, func(c *notion.Client) (err error) {
		rows, err = c.QueryDataSource(ctx, id, req)
		return err
	})
	return rows, err
}

// trashed removes pages that were moved to the trash lately. An index that
// holds nothing yet has nothing to lose.
func (p *pass) trashed(ctx context.Context) error {
	if p.full { // the probe sees them too, and more
		return nil
	}
	found, err := p.search(ctx, notion.SearchRequest{PageSize: 100, Newest: true, InTrash: true})
	if err != nil && ctx.Err() == nil && p.alone(ctx, err) != "" {
		p.log.Warn("the trash was not looked at", "err", err)
		return nil // the next pass looks again
	}
	if err != nil {
		return fmt.Errorf("list the trash: %w", err)
	}
	var gone []notion.ID
	for _, page := range found.Pages {
		if _, ok := p.cfg.Index.Page(page.ID); ok && page.InTrash {
			gone = append(gone, page.ID)
		}
	}
	return p.forget(ctx, gone...)
}

// probe asks for every object that is known and that Notion did not show in
// this pass. Absence from the listing alone proves nothing.
func (p *pass) probe(ctx context.Context) error {
	g, ctx := guard.NewGroup(ctx)
	g.SetLimit(p.cfg.Concurrency)
	unseen := p.cfg.Index.Select(func(rec *index.Page) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.seen[rec.ID]
	})
	for _, rec := range unseen {
		g.Go(func() error { return p.probeOne(ctx, rec) })
	}
	return g.Wait()
}

func (p *pass) probeOne(ctx context.Context, rec index.Page) error {
	var c index.Change
	err := p.background(ctx, func(client *notion.Client) error {
		seen := p.moment()
		switch rec.Kind {
		case index.KindPage:
			object, err := client.Page(ctx, rec.ID)
			if err == nil {
				p.page(&c, object, seen)
			}
			return err
		case index.KindDataSource:
			ds, err := client.DataSource(ctx, rec.ID)
			if err == nil {
				p.dataSource(&c, ds, seen)
			}
			return err
		}
		db, err := client.Database(ctx, rec.ID)
		if err == nil && db.InTrash {
			c.Remove = append(c.Remove, db.ID)
		} else if err == nil {
			p.sighted(seen, db.ID)
		}
		return err
	})
	if errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrValidation) {
		if _, known := p.cfg.Index.Page(rec.ID); !known {
			return nil
		}
		return p.forget(ctx, rec.ID)
	}
	if err != nil {
		return p.unseen(ctx, rec.ID, err)
	}
	if err := p.put(ctx, c); err != nil {
		return err
	}
	p.again(rec.ID)
	return nil
}

// unseen is the error of a look at one object, unless it is about that object
// alone: then the next pass looks again.
func (p *pass) unseen(ctx context.Context, id notion.ID, err error) error {
	if ctx.Err() == nil && p.alone(ctx, err) != "" {
		p.log.Warn("page not looked at", "page", id, "err", err)
		return nil
	}
	return fmt.Errorf("look whether a page is still shared: %w", err)
}
