package retrieval

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Notion is left alone for a while after it answered nothing, so that not every
// search of an offline user waits for it; ever longer, as one slow moment is not
// an outage.
const (
	firstPause   = 5 * time.Second
	longestPause = 30 * time.Second
)

type outage struct {
	mu    sync.Mutex
	until time.Time
	pause time.Duration // the last one; 0 after an answer
	err   error
}

// note remembers whether Notion answered anything. An error that is nil means
// that it did.
func (o *outage) note(now time.Time, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		o.pause = 0
		return
	}
	o.pause = min(max(2*o.pause, firstPause), longestPause)
	o.until, o.err = now.Add(o.pause), err
}

func (o *outage) at(now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Before(o.until) {
		return o.err
	}
	return nil
}

// Of a hundred requests that a mirror under way could make, how many questions
// may make instead. What they read live the mirror need not read, and what they
// read leaves some for looks at pages that may not be quoted otherwise.
const (
	warmShare    = 7
	confirmShare = 10
)

// reader is a Syncer, or the spare part of its budget.
type reader interface {
	Confirm(ctx context.Context, ids []notion.ID, maxAge time.Duration) (map[notion.ID]ingest.Verdict, error)
	Read(ctx context.Context, id notion.ID) (*ingest.Reading, error)
}

// reader is who looks again at pages: while the budget goes into pages that have
// not been read at all, without waiting for it. With a token that Notion has
// refused, there is no answer before it has been asked.
func (r *Retriever) reader() reader {
	if r.cfg.Syncer.Coverage().Settled() || r.cfg.Syncer.Refused() {
		return r.cfg.Syncer
	}
	return r.cfg.Syncer.Spare(confirmShare)
}

// confirm looks again at pages that Notion has not shown lately.
func (r *Retriever) confirm(ctx context.Context, ids []notion.ID) (map[notion.ID]ingest.Verdict, error) {
	now := r.cfg.Now()
	refused := r.cfg.Syncer.Refused()
	if err := r.outage.at(now); err != nil && !refused {
		out := map[notion.ID]ingest.Verdict{}
		for _, id := range ids {
			out[id] = ingest.Verdict{Err: err}
		}
		return out, nil
	}
	bounded, cancel := context.WithTimeout(ctx, r.cfg.ConfirmWithin)
	defer cancel()
	bounded, end := r.cfg.Trace(bounded, "confirm")
	verdicts, err := r.reader().Confirm(bounded, ids, r.cfg.ConfirmAfter)
	end(err)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if refused && err == nil && len(ids) > 0 && r.cfg.Syncer.Refused() {
		err = fmt.Errorf("look whether pages may be quoted: %w", notion.ErrUnauthorized) // and Notion could not be asked again
	}
	if len(verdicts) > 0 {
		r.outage.note(now, silence(verdicts))
	}
	return verdicts, err
}

// silence is an error if Notion answered none of the questions in time. One
// slow page is no outage, and neither is waiting for our own turn.
func silence(verdicts map[notion.ID]ingest.Verdict) error {
	var silent error
	for _, v := range verdicts {
		late := errors.Is(v.Err, notion.ErrUnreachable) || errors.Is(v.Err, context.DeadlineExceeded)
		if !late || errors.Is(v.Err, notion.ErrRateLimited) {
			return nil
		}
		silent = v.Err
	}
	return silent
}

// maxReread is how many changed pages are read anew for one answer.
const maxReread = 3

// reread brings pages up to date that were edited since they were indexed, and
// returns how many of them are up to date now.
func (r *Retriever) reread(ctx context.Context, ids []notion.ID, res *Result) int {
	if len(ids) > maxReread {
		ids = ids[:maxReread]
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.ConfirmWithin)
	defer cancel()
	var mu sync.Mutex
	before := len(res.Live)
	r.readLive(ctx, r.reader(), ids, func(id notion.ID) {
		mu.Lock()
		defer mu.Unlock()
		res.Live = append(res.Live, id)
	})
	read := len(res.Live) - before
	if late := len(ids) - read; late > 0 {
		res.Notes = append(res.Notes, string(markdown.Counted(late, "of the quoted pages changed since it was indexed and is", "of the quoted pages changed since they were indexed and are"))+" being read again; ask again in a moment for the newest text.")
	}
	return read
}

// atOnce is how many pages are read at once for one question: where the budget
// has no room for all, the first of them are to be read whole.
const atOnce = 4

// readLive reads pages, best first, and tells of each. It says whether there was
// room for all in the budget.
func (r *Retriever) readLive(ctx context.Context, from reader, ids []notion.ID, read func(notion.ID)) bool {
	var (
		full atomic.Bool
		g    guard.Group
	)
	g.SetLimit(atOnce)
	for _, id := range ids {
		g.Go(func() error {
			if full.Load() {
				return nil
			}
			switch reading, err := from.Read(ctx, id); {
			case errors.Is(err, notion.ErrNoTurn):
				full.Store(true)
			case err != nil:
				r.log.Info("live read", "page", id, "err", err)
			case reading.Checked:
				read(id)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil { // a fault: the functions return no error
		r.log.Error("live read", "err", err, "stack", guard.Stack(err))
	}
	return !full.Load()
}
