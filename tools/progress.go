package tools

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

// beat is the time between two words of progress.
const beat = time.Second

// leastStep is how much each word of progress must have grown, by the protocol,
// though nothing has been read between two.
const leastStep = 0.01

// watched is how far the reading is that a call may wait for, once somebody who
// knows works on it.
type watched struct {
	see atomic.Pointer[func(context.Context) (ingest.Progress, error)]
}

type watchedKey struct{}

// Watch says, to whoever waits for the call of ctx, how far the pages are read
// that it looks into.
func Watch(ctx context.Context, see func(context.Context) (ingest.Progress, error)) {
	if w, ok := ctx.Value(watchedKey{}).(*watched); ok {
		w.see.Store(&see)
	}
}

// step is a moment of a call.
type step struct {
	done, of float64 // of 0 means that it is not known
	words    string
}

// look is how far a call is after n beats: while pages are being read, how far
// that is.
func (w *watched) look(ctx context.Context, name string, n int) step {
	s := step{done: float64(n), words: fmt.Sprintf("%s: working for %d s", name, n)}
	see := w.see.Load()
	if see == nil {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	p, err := (*see)(ctx)
	if err != nil || p.Of == 0 || p.Left == 0 {
		return s
	}
	return step{
		done: float64(p.Steps), of: float64(p.Of),
		words: fmt.Sprintf("%s: working for %d s; meanwhile %d of %d pages are read, %d of %d steps; about %d s left", name, n, p.Done, p.Known, p.Steps, p.Of, p.Left),
	}
}

// progressing tells a client that asked for it, once a second, that a call is
// still being worked on, and how far the pages are read. The call is to be made
// with the context returned, and stop called before the answer is sent. The
// outcome of a call never rests on a notification, which may get lost.
func progressing(ctx context.Context, req mcp.CallToolRequest) (_ context.Context, stop func()) {
	srv := server.ServerFromContext(ctx)
	if req.Params.Meta == nil || req.Params.Meta.ProgressToken == nil || srv == nil {
		return ctx, func() {}
	}
	w := &watched{}
	telling, cancel := context.WithCancel(ctx)
	ended := guard.Go(func() error {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		last := 0.0
		for n := 1; ; n++ {
			select {
			case <-telling.Done():
				return nil
			case <-tick.C:
			}
			now := w.look(telling, req.Params.Name, n)
			last = max(now.done, last+leastStep)
			params := map[string]any{"progressToken": req.Params.Meta.ProgressToken, "progress": last, "message": now.words}
			if now.of > 0 {
				params["total"] = max(now.of, last)
			}
			// An error means that the client went away, which ends ctx too.
			_ = srv.SendNotificationToClient(telling, "notifications/progress", params)
		}
	})
	return context.WithValue(ctx, watchedKey{}, w), func() { cancel(); <-ended }
}
