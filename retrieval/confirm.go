package retrieval

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mcp-notion/mcp-notion/ingest"
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
	verdicts, err := r.cfg.Syncer.Confirm(bounded, ids, r.cfg.ConfirmAfter)
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
	read := r.readLive(ctx, ids, r.cfg.ConfirmWithin)
	res.Live = append(res.Live, read...)
	if late := len(ids) - len(read); late > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d of the quoted pages changed since they were indexed and are being read again; ask again in a moment for their newest text.", late))
	}
	return len(read)
}

// readLive reads pages at once, as far as they come within the time.
func (r *Retriever) readLive(ctx context.Context, ids []notion.ID, within time.Duration) []notion.ID {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var (
		mu   sync.Mutex
		read []notion.ID
		g    errgroup.Group
	)
	for _, id := range ids {
		g.Go(func() error {
			reading, err := r.cfg.Syncer.Read(ctx, id)
			if err != nil {
				r.log.Info("live read", "page", id, "err", err)
				return nil
			}
			if reading.Checked {
				mu.Lock()
				defer mu.Unlock()
				read = append(read, id)
			}
			return nil
		})
	}
	_ = g.Wait() // the functions return no error
	return read
}
