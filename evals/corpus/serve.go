package corpus

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// Serve answers for the corpus as Notion's API does, at url, which is on this
// machine, until notion is closed.
func (c *Corpus) Serve(ctx context.Context) (url string, notion *http.Server, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen for the emulator: %w", err)
	}
	notion = &http.Server{Handler: emulator.New(c.Workspace, emulator.Config{}), ReadHeaderTimeout: time.Minute}
	guard.Go(func() error { return notion.Serve(listener) }) // ends with Close
	return "http://" + listener.Addr().String(), notion, nil
}
