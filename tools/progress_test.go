package tools

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// slow is a caller that takes its time.
type slow struct{ time.Duration }

func (s slow) Call(ctx context.Context, _ string, _ json.RawMessage) (Answer, error) {
	select {
	case <-time.After(s.Duration):
		return Answer{Text: "done"}, nil
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	srv := server.NewMCPServer("test", "1")
	Register(srv, slow{2500 * time.Millisecond}, Options{})
	web := httptest.NewServer(server.NewStreamableHTTPServer(srv, server.WithStateLess(true), server.WithDisableStreaming(true)))
	t.Cleanup(web.Close)
	c, err := client.NewStreamableHttpClient(web.URL + "/mcp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
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
	for n := 1.0; n <= 2; n++ {
		select {
		case p := <-heard:
			f := p.Params.AdditionalFields
			if p.Method != "notifications/progress" || f["progressToken"] != "mine" || f["progress"] != n || !strings.Contains(f["message"].(string), SearchNotion) {
				t.Errorf("notification %v: %+v", n, p)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("no notification %v", n)
		}
	}
	for len(heard) > 0 { // a third, where the machine was slow
		<-heard
	}
	call.Params.Meta = nil
	if _, err := c.CallTool(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	select {
	case p := <-heard:
		t.Errorf("nobody asked for %+v", p)
	default:
	}
}
