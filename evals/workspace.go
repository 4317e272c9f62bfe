package evals

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
)

// secret is the token that the emulator is asked with. It opens nothing else.
const secret = "ntn_eval"

// workspace is a corpus behind an emulated Notion API, and the mirror of it.
type workspace struct {
	url     string
	data    string // folder of the index
	http    *http.Server
	session *server.Session
	mirror  report.Mirror
}

// openWorkspace serves a corpus on a loopback port and mirrors it.
func openWorkspace(ctx context.Context, c *corpus.Corpus) (*workspace, error) {
	url, notion, err := c.Serve(ctx)
	if err != nil {
		return nil, err
	}
	w := &workspace{url: url, http: notion}
	if w.data, err = os.MkdirTemp("", "mcp-notion-eval"); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if err := w.fill(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *workspace) fill(ctx context.Context) error {
	s, err := server.Open(w.config())
	if err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	w.session = s
	sum, err := s.Sync(ctx)
	if err != nil {
		return fmt.Errorf("mirror the corpus: %w", err)
	}
	if sum.Failed > 0 || sum.Complete < sum.Known {
		return fmt.Errorf("mirror the corpus: %d of %d pages were read, %d failed: %s", sum.Complete, sum.Known, sum.Failed, sum.Error)
	}
	w.mirror = report.Mirror{Pages: sum.Known, Passages: sum.Passages, Requests: sum.Requests, TookMS: int64(sum.Took)}
	return nil
}

func (w *workspace) config() server.Config {
	return server.Config{
		Data: w.data, NotionURL: w.url, Broker: tokens.Uncached(env.New(secret, tokens.DefaultHandle)), Connection: connection(w.url),
		PerMinute: -1, ReadOnly: true, Mirror: server.MirrorNever,
	}
}

// connection is that of mcp-notion stdio with the same token and address, so
// that a process started on the same folder has the same index.
func connection(url string) tokens.Connection {
	return tokens.Connection{Subject: auth.Local(url + "\x00" + secret), Handle: tokens.DefaultHandle}
}

// environment is what another server has to know to read this workspace.
func (w *workspace) environment() []string {
	return []string{"NOTION_TOKEN=" + secret, "BASE_URL=" + w.url, "MCP_NOTION_URL=" + w.url, "MCP_NOTION_DATA=" + w.data}
}

// release closes the index, so that another process may own it.
func (w *workspace) release() error {
	if w.session == nil {
		return nil
	}
	err := w.session.Close()
	w.session = nil
	return err
}

// Close ends the server and removes the mirror.
func (w *workspace) Close() error {
	err := errors.Join(w.release(), w.http.Close())
	if w.data != "" {
		err = errors.Join(err, os.RemoveAll(w.data))
	}
	return err
}
