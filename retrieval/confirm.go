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

// outagePause is how long Notion is left alone after it could not be reached,
// so that every search of an offline user need not wait for it.
const outagePause = 30 * time.Second

type outage struct {
	mu    sync.Mutex
	until time.Time
	err   error
}

func (o *outage) begin(now time.Time, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.until, o.err = now.Add(outagePause), err
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
	verdicts, err := r.cfg.Syncer.Confirm(bounded, ids, r.cfg.ConfirmAfter)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if refused && err == nil && len(ids) > 0 && r.cfg.Syncer.Refused() {
		err = fmt.Errorf("look whether pages may be quoted: %w", notion.ErrUnauthorized) // and Notion could not be asked again
	}
	for _, v := range verdicts {
		if errors.Is(v.Err, notion.ErrUnreachable) || errors.Is(v.Err, context.DeadlineExceeded) {
			r.outage.begin(now, v.Err)
		}
	}
	return verdicts, err
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
