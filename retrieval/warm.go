package retrieval

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	maxTitleSearches = 5 // requests spent on Notion's own search for one query
	maxWarmReads     = 8 // pages read live in one round
)

// brief is how long an answer that could be given waits for live reads. Those
// that take longer go on for the next question.
const brief = 200 * time.Millisecond

// warm makes up for an index that has not seen everything yet: where Notion's
// list of pages has not come, it learns of some by Notion's title search, and
// reads the few that look best right away. It never waits for the budget, and
// for Notion only briefly if anything has been read: then late is true. Only an
// error that forbids to answer at all is returned.
func (r *Retriever) warm(ctx context.Context, q Query, res *Result) (late bool, err error) {
	var live []notion.ID
	done := guard.Go(func() (err error) {
		// With the caller's token, but for whoever asks next as well.
		going, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.WarmWithin)
		defer cancel()
		live, err = r.look(going, q)
		return err
	})
	var enough <-chan time.Time
	if c := res.Coverage; c.Complete+c.Partial > 0 {
		enough = time.After(brief)
	}
	select {
	case err := <-done:
		res.Live = append(res.Live, live...)
		return false, err
	case <-enough:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// look finds titles, if it must, and reads.
func (r *Retriever) look(ctx context.Context, q Query) ([]notion.ID, error) {
	if r.unlisted(ctx) {
		if err := r.findTitles(ctx, q); err != nil {
			return nil, err
		}
	}
	return r.readRounds(ctx, q)
}

// unlisted says whether titles have to be searched for, after a moment for a
// listing that is under way: it takes one request for a hundred pages, and
// titles rank better than guesses.
func (r *Retriever) unlisted(ctx context.Context) bool {
	c := r.cfg.Syncer.Coverage()
	if !c.LastPoll.IsZero() {
		return false
	}
	if c.Phase == ingest.Listing && c.Complete+c.Partial == 0 {
		r.awaitListing(ctx)
		c = r.cfg.Syncer.Coverage()
	}
	return c.Phase == ingest.Listing || c.Phase == ingest.Idle
}

// readRounds reads the best pages live, ranks anew with what they say, and goes
// on for half of the time, while the budget has room. None of it is wasted: the
// mirror need not read them any more.
func (r *Retriever) readRounds(ctx context.Context, q Query) (live []notion.ID, err error) {
	end, _ := ctx.Deadline()
	begin := time.Now()
	tried := map[notion.ID]bool{}
	for room := true; room && time.Since(begin) < time.Until(end); {
		ids, err := r.unreadCandidates(ctx, q, tried)
		if len(ids) == 0 || ctx.Err() != nil {
			return live, err
		}
		var read []notion.ID
		read, room = r.readLive(ctx, r.cfg.Syncer.Spare(warmShare), ids, time.Until(end))
		live = append(live, read...)
	}
	return live, nil
}

// findTitles asks Notion's title search for the words of the query.
func (r *Retriever) findTitles(ctx context.Context, q Query) error {
	var queries []string
	if r.cfg.Syncer.Progress().Phase == ingest.Idle {
		queries = append(queries, "") // nobody lists: at least learn of the newest pages
	}
	queries = append(queries, q.Also...)
	queries = append(queries, keywords(q)...)
	if len(queries) > maxTitleSearches {
		queries = queries[:maxTitleSearches]
	}
	var g guard.Group
	for _, query := range queries {
		g.Go(func() error {
			_, err := r.cfg.Syncer.Spare(warmShare).Find(ctx, query)
			// Without any page there is nothing to say but why.
			if forbids(err) || (err != nil && !errors.Is(err, notion.ErrNoTurn) && len(r.cfg.Index.Pages()) == 0) {
				return err
			}
			return nil
		})
	}
	return g.Wait()
}

// forbids says whether an error means that nothing may be shown.
func forbids(err error) bool {
	return errors.Is(err, notion.ErrUnauthorized) || errors.Is(err, notion.ErrRestricted) ||
		errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization)
}

// awaitListing gives a listing that is under way a moment to come through.
func (r *Retriever) awaitListing(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.WarmWithin/8)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for r.cfg.Syncer.Coverage().Phase == ingest.Listing {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unreadCandidates are the best pages for the query that have not been read
// to the end, judged by their titles and by what is known of them, and then
// the newest, which the mirror would come to first.
func (r *Retriever) unreadCandidates(ctx context.Context, q Query, tried map[notion.ID]bool) ([]notion.ID, error) {
	unread := func(p index.Page) bool {
		return p.Kind == index.KindPage && p.Problem == "" && !tried[p.ID] && (p.Level == index.Listed || p.Level == index.Partial)
	}
	hits, err := r.rank(ctx, q.asked(unread))
	if err != nil {
		return nil, err
	}
	var pages []index.Page
	for _, h := range hits {
		pages = append(pages, h.Page)
	}
	var newest []index.Page
	for _, p := range r.cfg.Index.Pages() {
		if unread(p) {
			newest = append(newest, p)
		}
	}
	slices.SortFunc(newest, func(a, b index.Page) int { return b.LastEdited.Compare(a.LastEdited) })
	var ids []notion.ID
	for _, p := range append(pages, newest...) {
		if len(ids) < maxWarmReads && !tried[p.ID] {
			tried[p.ID] = true
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

// await gives the mirror time to bring something when nothing has been read, and
// says whether to look again.
func (r *Retriever) await(ctx context.Context, until time.Time) bool {
	c := r.cfg.Syncer.Coverage()
	if c.Settled() || c.Complete+c.Partial > 0 || !r.cfg.Now().Before(until) || c.Phase == ingest.Idle {
		return false
	}
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
	return true
}
