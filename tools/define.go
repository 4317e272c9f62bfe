package tools

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// Options choose what a server offers.
type Options struct {
	Toolsets    []Toolset // nil means DefaultToolsets
	ReadOnly    bool      // without the tools that write
	Connections bool      // tools take the handle of a connection; see TakeConnection

	// Failed may answer a call whose Caller returned an error, which is how
	// somebody who has to connect Notion first is asked to. A nil result and
	// a nil error leave it to the general words.
	Failed func(ctx context.Context, req mcp.CallToolRequest, err error) (*mcp.CallToolResult, error)
}

// tool is one tool as it is shown: the arguments' schema and their checks come
// from the same params.
type tool struct {
	name       string
	set        Toolset
	title      string
	about      string
	params     argument.Params
	output     mcp.ToolOption
	run        handler
	writes     bool
	idempotent bool // though it writes
	inline     int  // characters of an answer that clients should show inline
}

// Definitions is what a model sees of the tools.
func Definitions(o Options) []mcp.Tool {
	all := offered(o.Toolsets, o.ReadOnly)
	defs := make([]mcp.Tool, 0, len(all))
	for _, t := range all {
		if o.Connections {
			t.params = append(t.params, connectionParam)
		}
		defs = append(defs, t.definition())
	}
	return defs
}

// Names are the tools that are offered.
func Names(o Options) []string {
	var names []string
	for _, t := range offered(o.Toolsets, o.ReadOnly) {
		names = append(names, t.name)
	}
	return names
}

// definition sets all four annotations, because the defaults of MCP are those
// of a dangerous tool. Pages are other people's text: an open world.
func (t tool) definition() mcp.Tool {
	d := mcp.NewTool(t.name,
		mcp.WithDescription(t.about),
		mcp.WithTitleAnnotation(t.title),
		mcp.WithReadOnlyHintAnnotation(!t.writes),
		mcp.WithDestructiveHintAnnotation(false),
		mcp.WithIdempotentHintAnnotation(!t.writes || t.idempotent),
		mcp.WithOpenWorldHintAnnotation(true),
		t.output,
	)
	d.Title = t.title
	d.InputSchema = mcp.ToolInputSchema{}
	d.RawInputSchema = t.params.Schema()
	d.RawOutputSchema = tidy(d.OutputSchema)
	d.OutputSchema = mcp.ToolOutputSchema{}
	if t.inline > 0 {
		d.Meta = &mcp.Meta{AdditionalFields: map[string]any{"anthropic/maxResultSizeChars": t.inline}}
	}
	return d
}

// Register offers the tools on srv. Calls go to caller, which may be in
// another process.
func Register(srv *server.MCPServer, caller Caller, o Options) {
	for _, d := range Definitions(o) {
		name := d.Name
		srv.AddTool(d, func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			args, err := arguments(req)
			if err != nil {
				return mcp.NewToolResultError("The arguments are not JSON. Send one JSON object."), nil
			}
			watched, stop := progressing(ctx, req)
			a, err := caller.Call(watched, name, args)
			stop()
			if err != nil && o.Failed != nil {
				if r, err := o.Failed(ctx, req, err); r != nil || err != nil {
					return r, err
				}
			}
			if err != nil {
				return mcp.NewToolResultError(lost(ctx, name)), nil
			}
			return result(a), nil
		})
	}
}

// lost puts a call that never came back into words. A comment may have been
// written all the same.
func lost(ctx context.Context, name string) string {
	if ctx.Err() != nil {
		return "The call was cancelled before it was answered."
	}
	if Writes(name) {
		return "The process that keeps the index went away during the call; it may or may not have been written. Look in Notion, or call again in a minute: the same is not written twice."
	}
	return "The process that keeps the index went away during the call. Try again in a few seconds."
}

func arguments(req mcp.CallToolRequest) (json.RawMessage, error) {
	if raw := req.Params.RawArguments; len(raw) > 0 {
		return raw, nil
	}
	if req.Params.Arguments == nil {
		return nil, nil
	}
	return json.Marshal(req.Params.Arguments)
}

// PageURI is what a page is called among the resources.
func PageURI(id string) string { return "notion://page/" + id }

func result(a Answer) *mcp.CallToolResult {
	r := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewTextContent(a.Text)}, IsError: a.IsError}
	if len(a.Structured) > 0 {
		r.StructuredContent = a.Structured
	}
	return r
}

// tidy makes a schema derived from a struct easier on clients, which hand it to
// a model or keep it: types alone, without words and bans. A list is a list and
// never null, and nothing at the top is required, because the structured part
// of a failed call holds the error alone.
func tidy(s mcp.ToolOutputSchema) json.RawMessage {
	var schema map[string]any
	if err := json.Unmarshal(mustJSON(s), &schema); err != nil {
		panic("tools: read a schema: " + err.Error())
	}
	delete(schema, "required")
	typesAlone(schema)
	return mustJSON(schema)
}

func typesAlone(schema any) {
	m, ok := schema.(map[string]any)
	if !ok {
		return
	}
	delete(m, "description")
	delete(m, "additionalProperties")
	if types, ok := m["type"].([]any); ok && len(types) == 2 && types[0] == "null" {
		m["type"] = types[1]
	}
	typesAlone(m["items"])
	if properties, ok := m["properties"].(map[string]any); ok {
		for _, p := range properties {
			typesAlone(p)
		}
	}
}

// mustJSON writes values of this package's own making, which always can be.
func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("tools: write JSON: " + err.Error())
	}
	return data
}
