package tools

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// connected is a client of a server that offers the tools of caller.
func connected(t *testing.T, caller Caller, o Options) *client.Client {
	t.Helper()
	srv := server.NewMCPServer("test", "1", server.WithOutputSchemaValidation(), server.WithInputSchemaValidation())
	Register(srv, caller, o)
	c, err := client.NewInProcessClient(srv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // nothing is open in process
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Initialize(t.Context(), mcp.InitializeRequest{}); err != nil {
		t.Fatal(err)
	}
	return c
}

func callMCP(t *testing.T, c *client.Client, tool string, args any) *mcp.CallToolResult {
	t.Helper()
	req := mcp.CallToolRequest{}
	req.Params.Name, req.Params.Arguments = tool, args
	r, err := c.CallTool(t.Context(), req)
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return r
}

// Real answers go through MCP, and the library checks them against the output
// schemas on the way.
func TestToolsOverMCP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	c := connected(t, w.Set, Options{})
	page := w.page("Refund policy").URL
	for _, call := range []struct {
		tool string
		args map[string]any
		key  string
		want string
	}{
		{SearchNotion, map[string]any{"query": "damaged goods"}, "quoted", "Refund policy (in Finance)"},
		{SearchNotion, map[string]any{"query": "xylophone"}, "coverage", "Nothing found"},
		{ReadPage, map[string]any{"page": page}, "quoted", "End of the page"},
		{ReadPage, map[string]any{"page": w.page("Customers").URL}, "rows", "Rows; read one with read_page"},
		{AppendComment, map[string]any{"page": page, "text": "Hello"}, "comment_id", "Posted."},
		{ReadPage, map[string]any{"page": "0a1b0000000000000000000000000001"}, "error", "not shared"},
	} {
		r := callMCP(t, c, call.tool, call.args)
		if r.IsError != (call.key == "error") {
			t.Errorf("%s %v: isError %v: %v", call.tool, call.args, r.IsError, r.Content)
		}
		if got := textOf(r); !strings.Contains(got, call.want) {
			t.Errorf("%s %v: %q is not in:\n%s", call.tool, call.args, call.want, got)
		}
		structured, ok := r.StructuredContent.(map[string]any)
		if !ok || structured[call.key] == nil {
			t.Errorf("%s %v: no %q in the structured part", call.tool, call.args, call.key)
		}
	}
}

func textOf(r *mcp.CallToolResult) string {
	var all []string
	for _, c := range r.Content {
		if text, ok := c.(mcp.TextContent); ok {
			all = append(all, text.Text)
		}
	}
	return strings.Join(all, "\n")
}

func TestListedTools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{}, slices.Sorted(slices.Values(Names(Options{})))},
		{Options{ReadOnly: true}, slices.Sorted(slices.Values(Names(Options{ReadOnly: true})))},
		{Options{Toolsets: []Toolset{Write}}, []string{AppendComment, CreatePage, PendingWrites}},
	} {
		list, err := connected(t, nil, c.o).ListTools(t.Context(), mcp.ListToolsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
		}
		slices.Sort(names)
		if diff := cmp.Diff(c.want, names); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.o, diff)
		}
	}
}

// gone is a caller whose process has ended.
type gone struct{}

func (gone) Call(context.Context, string, json.RawMessage) (Answer, error) {
	return Answer{}, errors.New("dial unix /home/someone/socket: secret detail")
}

func TestLostCallsAreAnswered(t *testing.T) {
	t.Parallel()
	c := connected(t, gone{}, Options{})
	for _, call := range []struct {
		tool string
		args map[string]any
		want string
	}{
		{SearchNotion, map[string]any{"query": "x"}, "Try again"},
		{AppendComment, map[string]any{"text": "x", "page": "x"}, "may or may not have been written"},
	} {
		r := callMCP(t, c, call.tool, call.args)
		if !r.IsError || !strings.Contains(textOf(r), call.want) || strings.Contains(textOf(r), "secret detail") {
			t.Errorf("%s: %v", call.tool, textOf(r))
		}
	}
}
