package tools

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

// slow is a caller that takes its time.
type slow struct {
	time.Duration
	reading *ingest.Progress
}

func (s slow) Call(ctx context.Context, _ string, _ json.RawMessage) (Answer, error) {
	if s.reading != nil {
		Watch(ctx, func(context.Context) (ingest.Progress, error) { return *s.reading, nil })
	}
	select {
	case <-time.After(s.Duration):
		return Answer{Text: "done"}, nil
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// pipes are connections without a network, so that the time in which something
// goes over them can be made up.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	mine, its := net.Pipe()
	p <- its
	return mine, nil
}

// overPipes is a client of a handler, over HTTP. Both end with the test.
func overPipes(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	p := make(pipes)
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(p) }() // its error says that it was closed
	way := &http.Transport{DialContext: p.dial}
	c, err := client.NewStreamableHttpClient("http://127.0.0.1/mcp", transport.WithHTTPBasicClient(&http.Client{Transport: way}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.Close()
		way.CloseIdleConnections()
		close(p)
		if err := errors.Join(err, srv.Close()); err != nil {
			t.Error(err)
		}
	})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// A call that takes two seconds and a half is told of twice, to whoever asked
// for it, before its answer.
func TestProgress(t *testing.T) { checkProgress(t, nil) }

// While pages are being read, it is told how far that is, by the steps of the
// reading, and each word has more than the one before.
func TestProgressOfTheReading(t *testing.T) {
	checkProgress(t, &ingest.Progress{Phase: ingest.Filling, Done: 3, Known: 40, Steps: 20, Of: 80, Left: 25})
}

func checkProgress(t *testing.T, reading *ingest.Progress) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := server.NewMCPServer("test", "1")
		Register(srv, slow{2500 * time.Millisecond, reading}, Options{})
		c := overPipes(t, server.NewStreamableHTTPServer(srv, server.WithStateLess(true), server.WithDisableStreaming(true)))
		heard := make(chan mcp.JSONRPCNotification, 10)
		c.OnNotification(func(n mcp.JSONRPCNotification) { heard <- n })
		if _, err := c.Initialize(t.Context(), mcp.InitializeRequest{}); err != nil {
			t.Fatal(err)
		}
		call := mcp.CallToolRequest{}
		call.Params.Name, call.Params.Arguments = SearchNotion, map[string]any{"query": "x"}
		call.Params.Meta = &mcp.Meta{ProgressToken: "mine"}
		if r, err := c.CallTool(t.Context(), call); err != nil || textOf(r) != "done" {
			t.Fatalf("%+v, %v", r, err)
		}
		synctest.Wait()
		if len(heard) != 2 {
			t.Fatalf("%d notifications, want 2", len(heard))
		}
		for n := 1.0; n <= 2; n++ {
			p := <-heard
			f := p.Params.AdditionalFields
			if p.Method != "notifications/progress" || f["progressToken"] != "mine" || !strings.Contains(f["message"].(string), SearchNotion) {
				t.Errorf("notification %v: %+v", n, p)
			}
			want, total := n, any(nil)
			if reading != nil {
				want, total = 20+(n-1)*leastStep, 80.0
				if !strings.Contains(f["message"].(string), "20 of 80 steps; about 25 s left") {
					t.Errorf("it says %q", f["message"])
				}
			}
			if got := p.Params.AdditionalFields; got["progress"] != want || got["total"] != total {
				t.Errorf("notification %v: %v of %v", n, got["progress"], got["total"])
			}
		}
		call.Params.Meta = nil
		if _, err := c.CallTool(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for len(heard) > 0 {
			t.Errorf("nobody asked for %+v", <-heard)
		}
	})
}
