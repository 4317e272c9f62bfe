package retrieval

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
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
	maxWanted        = 8 // pages that the mirror reads next for one query
	fewWanted        = 2 // of these, while the budget is short
)

// brief is how long an answer that could be given waits for live reads while the
// budget is short. Those that take longer go on for the next question.
const brief = 200 * time.Millisecond

// warming makes up for an index that has not seen everything yet: where Notion's
// list of pages has not come, it learns of some by Notion's title search, and
// reads the few that look best right away, or waits for whoever is at it. It
// never waits for the budget.
type warming struct {
	until   time.Time
	done    <-chan error  // nil once it has been taken
	news    chan struct{} // pages have been read
	enough  <-chan time.Time
	content atomic.Bool // what has been read will do

	mu   sync.Mutex
	live []notion.ID
}

func (r *Retriever) warm(ctx context.Context, q Query, res *Result) *warming {
	w := &warming{news: make(chan struct{}, 1), until: r.cfg.Now().Add(r.cfg.WarmWithin)}
	if res.Recent { // what is new, and not what answers
		return w
	}
	if c := res.Coverage; c.Complete+c.Partial > 0 && r.cfg.Syncer.Short() {
		w.enough = time.After(brief)
	}
	w.done = guard.Go(func() error {
		// With the caller's token, but for whoever asks next as well.
		going, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.WarmWithin)
		defer cancel()
		return r.look(going, q, w)
	})
	return w
}

// read notes that a page has been read.
func (w *warming) read(id notion.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live = append(w.live, id)
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// taken are the pages read since it was called last.
func (w *warming) taken() []notion.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	live := w.live
	w.live = nil
	return live
}

// more waits until there may be more to find, and says whether to look again.
// Only an error that forbids to answer at all is returned.
func (r *Retriever) more(ctx context.Context, q Query, w *warming, res *Result) (bool, error) {
	if w.done == nil {
		return r.await(ctx, q, w, res)
	}
	select {
	case <-w.news:
		return true, nil
	case err := <-w.done:
		w.done = nil
		return true, err
	case <-w.enough:
		res.Notes = append(res.Notes, "Pages that look right by their titles are being read just now: ask again in 3 s.")
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// look finds titles, if it must, and reads.
func (r *Retriever) look(ctx context.Context, q Query, w *warming) error {
	if r.unlisted(ctx) {
		if err := r.findTitles(ctx, q); err != nil {
			return err
		}
	}
	return r.readRounds(ctx, q, w)
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
func (r *Retriever) readRounds(ctx context.Context, q Query, w *warming) error {
	end, _ := ctx.Deadline()
	begin, tried := time.Now(), map[notion.ID]bool{}
	for room := true; room && !w.content.Load() && time.Since(begin) < time.Until(end); {
		ids, err := r.unreadCandidates(ctx, q, tried)
		if ctx.Err() != nil {
			return nil
		}
		if len(ids) == 0 {
			return err
		}
		room = r.readLive(ctx, r.cfg.Syncer.Spare(warmShare), ids, w.read)
	}
	return nil
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
			if forbids(err) || (err != nil && !errors.Is(err, notion.ErrNoTurn) && r.cfg.Index.Totals().Pages == 0) {
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

// unreadCandidates are pages to read for the query: those that look right, and
// where no mirror would come to them, the newest.
func (r *Retriever) unreadCandidates(ctx context.Context, q Query, tried map[notion.ID]bool) ([]notion.ID, error) {
	look, err := r.want(ctx, q)
	if err != nil {
		return nil, err
	}
	if !reading(r.cfg.Syncer.Coverage()) {
		newest := r.cfg.Index.Select(func(p *index.Page) bool { return unread(*p) })
		slices.SortFunc(newest, func(a, b index.Page) int { return b.LastEdited.Compare(a.LastEdited) })
		look = append(look, idsOf(newest)...)
	}
	var ids []notion.ID
	for _, id := range look {
		if len(ids) < maxWarmReads && !tried[id] {
			tried[id] = true
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// want has the mirror read next the pages that look right for a query, of those
// that have not been read to the end, judged by their titles and by what is known
// of them. They are returned, best first.
func (r *Retriever) want(ctx context.Context, q Query) ([]notion.ID, error) {
	hits, err := r.rank(ctx, q.asked(unread))
	most := maxWanted
	if r.cfg.Syncer.Short() {
		most = fewWanted
	}
	var ids []notion.ID
	for _, h := range hits {
		if len(ids) < most && !slices.Contains(ids, h.Page.ID) {
			ids = append(ids, h.Page.ID)
		}
	}
	r.cfg.Syncer.Want(ids...)
	return ids, err
}

// reading says whether a mirror is at work just now.
func reading(c ingest.Coverage) bool { return c.Phase == ingest.Listing || c.Phase == ingest.Filling }

// unread says whether there is more to read of a page, as far as it can be read.
func unread(p index.Page) bool {
	return p.Kind == index.KindPage && p.Problem == "" && (p.Level == index.Listed || p.Level == index.Partial)
}

// await gives the mirror time to bring something when nothing has been read, or
// when it can soon read what looks right, and says whether to look again.
func (r *Retriever) await(ctx context.Context, q Query, w *warming, res *Result) (bool, error) {
	c := r.cfg.Syncer.Coverage()
	if c.Settled() || !r.cfg.Now().Before(w.until) || c.Phase == ingest.Idle {
		return false, nil
	}
	if c.Complete+c.Partial > 0 {
		if res.Recent || !reading(c) {
			return false, nil
		}
		right, err := r.want(ctx, q)
		if len(right) == 0 || err != nil || r.cfg.Syncer.Short() {
			return false, err
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
	return true, nil
}
