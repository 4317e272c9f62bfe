package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// pass is one walk over the workspace: list, read, probe.
type pass struct {
	*Syncer
	full    bool // list everything, and probe what the listing does not show
	start   time.Time
	queue   *queue
	removed atomic.Int64
	trouble atomic.Int64 // pages in a row that Notion failed to answer for
	early   atomic.Bool  // while it finds out what there is

	listed    time.Time // newest last_edited_time of the listing
	truncated bool      // Notion said that the listing is not whole
	short     bool      // Notion had trouble with the rest of the listing

	mu      sync.Mutex
	seen    map[notion.ID]bool         // objects that Notion showed in this pass
	objects map[notion.ID]*notion.Page // rows whose properties are needed to split them
	sources []notion.ID                // data sources seen
	// tablesChanged is set when a table is new or changed, so that the title of
	// its database may be another.
	tablesChanged bool
	changed       map[notion.ID]bool // pages written
}

// maxTrouble is how many pages in a row may fail without an answer before a
// pass looks whether it is Notion or the network, and not the pages.
const maxTrouble = 5

func (p *pass) run(ctx context.Context) error {
	p.woken()
	p.refusals.Store(0)
	p.setPhase(Listing)
	if err := p.settle(ctx); err != nil {
		return err
	}
	if err := p.discover(ctx); err != nil {
		return err
	}
	p.setPhase(Filling)
	p.enqueue()
	if err := p.read(ctx); err != nil {
		return err
	}
	if err := p.leftOver(ctx); err != nil {
		return err
	}
	if err := p.trashed(ctx); err != nil {
		return err
	}
	if p.full && !p.short {
		if err := p.probe(ctx); err != nil {
			return err
		}
		if err := p.read(ctx); err != nil { // what the probes found changed
			return err
		}
	}
	return p.commit(ctx)
}

// discover finds out what there is, and reads meanwhile what people ask for. The
// databases in it come later: most of them are about to be found.
func (p *pass) discover(ctx context.Context) error {
	p.early.Store(true)
	p.queue.hold()
	end := p.wants.meanwhile(p.again)
	g, ctx := guard.NewGroup(ctx)
	g.Go(func() error { return p.read(ctx) })
	g.Go(func() error {
		defer p.queue.done()
		if err := p.list(ctx); err != nil {
			return err
		}
		if err := p.rows(ctx); err != nil {
			return err
		}
		return p.nameDatabases(ctx)
	})
	err := g.Wait()
	end()
	p.early.Store(false)
	p.queue = newQueue()
	return err
}

// again makes work of a page if there is something left to read of it.
func (p *pass) again(id notion.ID) {
	if rec, known := p.cfg.Index.Page(id); known && p.unread(rec) {
		p.queue.push(job{stage: p.stage(rec), edited: rec.LastEdited, id: id})
	}
}

// enqueue makes work of everything that is known and not read to the end, be
// it from this listing or left over by an earlier process.
func (p *pass) enqueue() {
	for _, rec := range p.cfg.Index.Select(func(rec *index.Page) bool { return p.unread(*rec) }) {
		p.again(rec.ID)
	}
}

// leftOver reads the pages that came while others were read. When it returns,
// every page has been read to the end or says why not.
func (p *pass) leftOver(ctx context.Context) error {
	for range maxRounds {
		p.queue = newQueue()
		for _, rec := range p.unfinished() {
			p.queue.push(job{stage: p.stage(rec), edited: rec.LastEdited, id: rec.ID})
		}
		if err := p.read(ctx); err != nil {
			return err
		}
	}
	for _, rec := range p.unfinished() {
		err := p.amend(ctx, rec.ID, func(now *index.Page) {
			if now.Level != index.Complete && now.Problem == "" {
				now.Problem, now.Fetched = "it changed while it was being read", p.notionNow()
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const maxRounds = 3

// unfinished are the pages of which something is left to read and nothing says
// why.
func (p *pass) unfinished() []index.Page {
	return p.cfg.Index.Select(func(rec *index.Page) bool {
		return rec.Kind == index.KindPage && rec.Problem == "" && rec.Level != index.Complete
	})
}

// stage says where the work on a page goes on.
func (p *pass) stage(rec index.Page) int {
	if rec.Level == index.Partial && !outdated(rec) {
		return stageNested
	}
	return stageFirst
}

// read works until the queue is empty. An error is one that concerns the whole
// connection.
func (p *pass) read(ctx context.Context) error {
	defer p.wants.serve(p.queue)()
	g, ctx := guard.NewGroup(ctx)
	for range p.cfg.Concurrency {
		g.Go(func() error {
			for {
				j, ok := p.queue.next(ctx)
				if !ok {
					return ctx.Err()
				}
				err := p.work(ctx, j)
				p.queue.done()
				if err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// work does one job. Errors that concern one page alone are noted on the page.
func (p *pass) work(ctx context.Context, j job) error {
	fl, err := p.flights.lead(ctx, j.id)
	if err != nil {
		return err
	}
	defer p.flights.leave(j.id)
	b := &body{s: p.Syncer, fl: fl}
	switch j.stage {
	case stageFirst:
		err = p.first(ctx, b, j.id)
	case stageNested:
		err = p.nested(ctx, b, j.id)
	default:
		err = p.ids(ctx, b, j.id)
		if err != nil && ctx.Err() == nil && (ofOne(err) || paused(err) || p.alone(ctx, err) != "") {
			return nil // for another time
		}
	}
	if err == nil {
		p.trouble.Store(0)
		return nil
	}
	return p.note(ctx, j.id, err)
}

// note keeps an error that concerns one page, and returns one that concerns
// them all.
func (p *pass) note(ctx context.Context, id notion.ID, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, notion.ErrNotFound):
		return p.forget(ctx, id)
	}
	reason := p.alone(ctx, err)
	if reason == "" {
		return err
	}
	p.log.Warn("page not read", "page", id, "err", err)
	return p.amend(ctx, id, func(rec *index.Page) {
		rec.Problem, rec.Fetched = reason, p.notionNow()
		rec.Failures++
		if errors.Is(err, notion.ErrValidation) && rec.Level == index.Listed {
			rec.Level, rec.BodyEdited = index.Failed, rec.LastEdited
		}
	})
}

// alone says, in the user's words, why one page or table cannot be read while
// the rest can, or "" if the error concerns the whole connection. A lacking
// capability shows in the listing; a 403 later is about one page.
func (p *pass) alone(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, notion.ErrValidation):
		return "Notion's API does not hand it out"
	case errors.Is(err, notion.ErrRestricted):
		return "Notion refuses to show it to this integration"
	case (errors.Is(err, notion.ErrServer) || errors.Is(err, notion.ErrUnreachable) || errors.Is(err, notion.ErrBlocked)) && p.passing(ctx):
		return "Notion had trouble answering"
	case errors.Is(err, notion.ErrServer), errors.Is(err, notion.ErrUnreachable), errors.Is(err, notion.ErrBlocked):
		return ""
	case errors.Is(err, notion.ErrMalformed):
		return "Notion's answer could not be read"
	}
	return ""
}

// passing says whether Notion answers although it has failed just now. After
// some failures in a row it is asked something that it can always answer.
func (p *pass) passing(ctx context.Context) bool {
	if p.trouble.Add(1) < maxTrouble {
		return true
	}
	err := p.background(ctx, func(c *notion.Client) error {
		_, err := c.Me(ctx)
		return err
	})
	if err == nil {
		p.trouble.Store(0)
	}
	return err == nil
}

// forget removes what is no longer shared, or gone.
func (p *pass) forget(ctx context.Context, ids ...notion.ID) error {
	if len(ids) == 0 {
		return nil
	}
	p.removed.Add(int64(len(ids)))
	return p.apply(ctx, index.Change{Remove: ids})
}

// first reads the first level of a page. A page that was complete before stays
// as it was until its new version has been read to the end.
func (p *pass) first(ctx context.Context, b *body, id notion.ID) error {
	rec, known := p.cfg.Index.Page(id)
	if known && !p.unread(rec) {
		return nil // somebody read it meanwhile
	}
	object, live, err := p.object(ctx, b, rec, id)
	if err != nil {
		return err
	}
	if object.InTrash {
		return p.forget(ctx, id)
	}
	pg := &reading{rec: record(rec, object), object: object, known: known, live: live, started: p.notionNow()}
	err = b.top(ctx, pg)
	if err == nil && rec.Level == index.Complete {
		err = p.complete(ctx, b, pg)
	}
	if err != nil {
		return p.keep(ctx, pg, err)
	}
	if err := p.write(ctx, pg); err != nil {
		return err
	}
	if pg.pending > 0 {
		p.queue.push(job{stage: stageNested, edited: pg.rec.LastEdited, id: id})
	}
	return nil
}

// nested goes on from the draft of a page to its end.
func (p *pass) nested(ctx context.Context, b *body, id notion.ID) error {
	rec, known := p.cfg.Index.Page(id)
	if !known || !p.unread(rec) {
		return nil
	}
	pg, err := p.resume(ctx, rec)
	if err != nil {
		p.log.Warn("draft unreadable, reading the page anew", "page", id, "err", err)
		return p.first(ctx, b, id)
	}
	if err := p.complete(ctx, b, pg); err != nil {
		return p.keep(ctx, pg, err)
	}
	return p.write(ctx, pg)
}

// keep writes what has been read of a page before an error, so that it can be
// found and the requests were not in vain. It returns the error.
func (p *pass) keep(ctx context.Context, pg *reading, err error) error {
	if !pg.worthKeeping(err) {
		return err
	}
	if werr := p.write(context.WithoutCancel(ctx), pg); werr != nil {
		return werr
	}
	return err
}

// worthKeeping says whether there is something to find in what was read before
// an error. There is not if the page is not to be seen, or if an older version
// of it is whole.
func (pg *reading) worthKeeping(err error) bool {
	gone := errors.Is(err, notion.ErrNotFound) || errors.Is(err, notion.ErrUnauthorized)
	return !gone && len(pg.roots) > 0 && pg.rec.Level != index.Complete
}

// complete reads the text of all that is nested, and what databases stand in the
// page.
func (p *pass) complete(ctx context.Context, b *body, pg *reading) error {
	if err := b.text(ctx, pg); err != nil {
		return err
	}
	if p.early.Load() {
		return nil
	}
	return p.databases(ctx, b, pg.roots)
}

// object returns the page object: from this pass's listing, from the record
// where the title is the only property, or live from Notion.
func (p *pass) object(ctx context.Context, b *body, rec index.Page, id notion.ID) (object *notion.Page, live bool, err error) {
	p.mu.Lock()
	object = p.objects[id]
	delete(p.objects, id)
	p.mu.Unlock()
	if object != nil {
		return object, false, nil
	}
	if rec.Parent.Type != "data_source_id" && !rec.Created.IsZero() {
		return titled(rec), false, nil
	}
	if draft, err := p.cfg.Index.Draft(ctx, id); err == nil && draft != nil && rec.Level == index.Listed {
		if kept, err := decodeDraft(draft); err == nil && kept.object != nil {
			return kept.object, false, nil
		}
	}
	err = b.ask(ctx, func(c *notion.Client) (err error) {
		object, err = c.Page(ctx, id)
		return err
	})
	return object, true, err
}

// reading is one page between Notion and the index.
type reading struct {
	rec     index.Page
	object  *notion.Page
	roots   []*passage.Node
	started time.Time // when the body was asked for
	known   bool      // the index knew the page when the reading began
	live    bool      // the object came from Notion for this reading
	cut     bool      // roots are not all of the first level
	asked   bool      // for the page's Markdown
	pending int       // requests that its text takes yet, at least; set by write
}

// merge takes into the record what others have learned of the page while it was
// being read. One that has left the index meanwhile stays away.
func (pg *reading) merge(now, next *index.Page) bool {
	if now == nil {
		return !pg.known
	}
	said, rec := *next, *now
	if now.LastEdited.After(next.LastEdited) || !pg.live && now.LastEdited.Equal(next.LastEdited) {
		said = *now
	}
	tell(&rec, said)
	tell(next, said)
	next.Holder = rec.Holder
	return true
}

// write splits a page as far as it has been read and puts it into the index,
// with a draft if there is more to read, and queues the child pages that
// nothing else has shown.
func (s *Syncer) write(ctx context.Context, pg *reading) error {
	left := opened(pg.roots, nil)
	pg.pending = len(lacking(left)) + len(s.unknownDatabases(pg.roots))
	split := passage.SplitPage(pg.object, pg.roots, s.cfg.Passage)
	rec := &pg.rec
	rec.Level, rec.Problem, rec.Failures = index.Complete, "", 0
	rec.BodyEdited, rec.Fetched = rec.LastEdited, pg.started
	rec.Checked = s.cfg.Now()
	rec.Blocks, rec.Pending, rec.Skipped = split.Blocks, max(pg.pending, len(left)), split.Skipped
	e := index.Entry{Passages: split.Passages, Merge: pg.merge}
	var err error
	if pg.pending > 0 || pg.cut {
		rec.Level, rec.Pending = index.Partial, pg.pending
	}
	if pg.cut { // to be read anew from its beginning
		rec.BodyEdited, rec.Pending = time.Time{}, pg.pending+1
	} else if rec.Pending > 0 {
		if e.Draft, err = encodeDraft(pg); err != nil {
			return err
		}
	}
	e.Page = *rec
	if isRow(pg.object) {
		if e.Values, err = storedProperties(pg.object); err != nil {
			return err
		}
	}
	s.sighted(s.moment(), rec.ID)
	return s.apply(ctx, index.Change{Put: append([]index.Entry{e}, s.found(pg)...), Touch: s.held(pg)})
}

func (p *pass) write(ctx context.Context, pg *reading) error {
	if err := p.Syncer.write(ctx, pg); err != nil {
		return err
	}
	p.mu.Lock()
	p.changed[pg.rec.ID] = true
	p.mu.Unlock()
	for _, id := range childPages(pg.roots) {
		p.mu.Lock()
		p.seen[id] = true
		p.mu.Unlock()
		if !p.early.Load() {
			p.again(id)
		}
	}
	return nil
}

// commit marks the pass as done, so that the next one starts from here.
func (p *pass) commit(ctx context.Context) error {
	p.Syncer.mu.Lock()
	m := p.mark
	p.Syncer.mu.Unlock()
	if p.listed.After(m.Watermark) && !p.short {
		m.Watermark = p.listed
	}
	m.Polled = p.start
	if p.full {
		m.Truncated = p.truncated || p.short
	}
	if p.full && !p.short {
		m.Listed = p.start
		if len(p.unfinished()) == 0 {
			m.LastComplete = p.start
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("mark the pass: %w", err)
	}
	if err := p.apply(ctx, index.Change{State: map[string][]byte{markKey: raw}}); err != nil {
		return err
	}
	p.Syncer.mu.Lock()
	p.mark = m
	p.version++
	p.Syncer.mu.Unlock()
	return nil
}
