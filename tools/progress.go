package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// beat is the time between two words of progress.
const beat = time.Second

// progressing tells a client that asked for it, once a second, that a call is
// still being worked on. stop must be called before the answer is sent. The
// outcome of a call never rests on a notification, which may get lost.
func progressing(ctx context.Context, req mcp.CallToolRequest) (stop func()) {
	srv := server.ServerFromContext(ctx)
	if req.Params.Meta == nil || req.Params.Meta.ProgressToken == nil || srv == nil {
		return func() {}
	}
	token := req.Params.Meta.ProgressToken
	ctx, cancel := context.WithCancel(ctx)
	ended := guard.Go(func() error {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			// An error means that the client went away, which ends ctx too.
			_ = srv.SendNotificationToClient(ctx, "notifications/progress", map[string]any{
				"progressToken": token, "progress": n, "message": fmt.Sprintf("%s: working for %d s", req.Params.Name, n),
			})
		}
	})
	return func() { cancel(); <-ended }
}
