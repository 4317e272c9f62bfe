package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// gateway stands between the endpoint and the Pool: it says whose connection a
// call is about, and whether the caller may make it now.
type gateway struct {
	cfg    HTTPConfig
	limits *limiter
}

func (g *gateway) server() *mcpserver.MCPServer {
	o := tools.Options{Toolsets: g.cfg.Toolsets, ReadOnly: g.cfg.ReadOnly, Connections: true, Failed: g.failed}
	offers := offers{caller: g, names: tools.Names(o)}
	srv := mcpserver.NewMCPServer(name, g.cfg.Version, offers.options()...)
	offers.register(srv)
	tools.Register(srv, g, o)
	return srv
}

// envelope is what matters here of an MCP request.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name         string `json:"name"`
		RequestState string `json:"requestState"`
		Capabilities struct {
			Elicitation struct {
				URL json.RawMessage `json:"url"`
			} `json:"elicitation"`
		} `json:"capabilities"`
	} `json:"params"`
}

// admit lets a request in that is small enough, in time, within its caller's
// limits, and whose token is good for what it calls.
func (g *gateway) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := auth.FromContext(r.Context())
		if !ok {
			g.cfg.Verifier.Challenge(w, auth.ErrNoToken)
			return
		}
		w.Header().Set("Cache-Control", "no-store") // of anybody between us and the caller
		if r.Method == http.MethodGet {
			w.Header().Set("Allow", http.MethodPost) // nothing is ever pushed
		}
		leave, no := g.limits.enter(r.Context(), p.Subject, patience)
		if leave == nil {
			g.refuse(w, r, no)
			return
		}
		defer leave()
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			tooLarge(w, err)
			return
		}
		var e envelope
		_ = json.Unmarshal(body, &e) // what is no JSON, the library refuses in its own words
		requestOf(r.Context()).called(e)
		if err := p.Require(e.scopes()...); err != nil {
			g.cfg.Verifier.Challenge(w, err)
			return
		}
		if !g.continues(p, e.Params.RequestState) {
			answerRPC(w, http.StatusBadRequest, e.ID, map[string]any{"error": rpcError{Code: mcp.INVALID_PARAMS, Message: otherState}})
			return
		}
		if e.Method == "initialize" {
			w.Header().Set(sessionHeader, newSession(e))
		}
		if e.Method == "notifications/cancelled" && !maySayCancelled(r) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		ownSession(r, p.Subject)
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func tooLarge(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, "the request is larger than 1 MB", http.StatusRequestEntityTooLarge)
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		http.Error(w, "the request did not arrive in time", http.StatusRequestTimeout)
		return
	}
	http.Error(w, "the request did not arrive whole", http.StatusBadRequest)
}

// scopes are what a token must be good for, for a request.
func (e envelope) scopes() []string {
	switch e.Method {
	case "tools/call":
		return scopesOf(e.Params.Name)
	case "resources/list", "resources/read", "completion/complete":
		return scopesOf(tools.ReadPage)
	}
	return nil
}

// wants are the scopes to ask for of a client without a token: what its request
// needs, and the right to read at least, without which nothing here is of use.
// A request that is larger is not read for that.
func wants(r *http.Request) []string {
	const most = 64 << 10
	var e envelope
	if body, err := io.ReadAll(io.LimitReader(r.Body, most)); err == nil {
		_ = json.Unmarshal(body, &e)
	}
	if all := e.scopes(); len(all) > 0 {
		return all
	}
	return []string{auth.ScopeRead}
}

func scopesOf(tool string) []string {
	if tools.Writes(tool) {
		return []string{auth.ScopeRead, auth.ScopeComment}
	}
	return []string{auth.ScopeRead}
}

// notConnected is the error of a call whose user has to connect Notion first.
type notConnected struct {
	conn tokens.Connection
	err  error
}

func (e *notConnected) Error() string { return e.err.Error() }
func (e *notConnected) Unwrap() error { return e.err }

// Call makes a call for whoever the request's token names. Who that is never
// comes from the arguments.
func (g *gateway) Call(ctx context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	p, ok := auth.FromContext(ctx)
	if !ok {
		return tools.Answer{}, auth.ErrNoToken
	}
	// Asked again here, because JSON can be written so that two readers of it
	// see two methods or two names.
	if err := p.Require(scopesOf(tool)...); err != nil {
		return tools.Answer{IsError: true, Text: "The access token is not good for this tool: " + err.Error() + "."}, nil
	}
	handle, rest, err := tools.TakeConnection(args)
	if err != nil {
		return tools.Answer{IsError: true, Text: err.Error()}, nil
	}
	conn, err := tokens.Choose(p.Subject, handle, g.cfg.Shared)
	if err != nil {
		return tools.Answer{IsError: true, Text: err.Error()}, nil
	}
	ctx = tokens.WithCaller(ctx, tokens.Caller{Subject: p.Subject, Bearer: tokens.NewToken(p.Token.Reveal(), p.Expires)})
	a, err := g.cfg.Pool.Call(ctx, conn, tool, rest)
	r := requestOf(ctx)
	var unknown *tokens.UnknownError
	if errors.As(err, &unknown) && len(unknown.Have) > 0 {
		return tools.Misnamed(unknown.Error()), nil
	}
	if disconnected(err) {
		return a, &notConnected{conn: conn, err: err}
	}
	if errors.Is(err, index.ErrFull) {
		g.cfg.logger().ErrorContext(ctx, "the disk is full", "tool", tool, "connection", conn.Key())
		return tools.Failed(err), nil
	}
	if err != nil && ctx.Err() == nil {
		g.cfg.logger().WarnContext(ctx, "call failed", "tool", tool, "connection", conn.Key(), "err", err)
		return tools.Answer{IsError: true, Text: unavailable + r.quotable()}, nil
	}
	if outcome(a, err) == tools.CodeInternal {
		a.Text += r.quotable()
	}
	return a, err
}

const unavailable = "The user's Notion connection could not be checked just now, so nothing is shown. Try again in a minute; if it stays like this, tell the user."

// failed asks a user who is not connected to connect, in the form that the
// client knows: a request for input, an error that names a link to open, or
// words.
func (g *gateway) failed(ctx context.Context, req mcp.CallToolRequest, err error) (*mcp.CallToolResult, error) {
	var nc *notConnected
	if !errors.As(err, &nc) {
		return nil, nil
	}
	words := "Notion is not connected yet."
	if errors.Is(err, tokens.ErrNeedsReauthorization) {
		words = "The connection to Notion has to be authorized again."
	}
	if g.cfg.Link == nil {
		return refusal(err, words+" Ask the user to connect Notion where they signed in, then try again."), nil
	}
	link, lerr := g.cfg.Link(nc.conn)
	if lerr != nil {
		g.cfg.logger().ErrorContext(ctx, "make a connect link", "connection", nc.conn.Key(), "err", lerr)
		return refusal(err, words+" A link to connect could not be made just now; try again in a minute."), nil
	}
	ask := mcp.ElicitationParams{Mode: mcp.ElicitationModeURL, Message: words + " Open the link to connect it.", URL: link}
	switch {
	case modernURL(ctx):
		// Who asks, and for which connection, a repeated call says by its token
		// and arguments; the state only ties it to whoever was asked.
		return mcpserver.NewInputRequestBuilder(g.state(nc.conn.Subject, link)).Elicit("connect", ask).ToolResult(), nil
	case !mcpserver.IsModernRequest(ctx) && opensLinks(req.Header):
		ask.ElicitationID = elicitationID(link)
		return nil, mcp.URLElicitationRequiredError{Elicitations: []mcp.ElicitationParams{ask}}
	}
	if g.cfg.LinkLasts {
		return refusal(err, words+" Show the user this link, where they connect it: "+link), nil
	}
	return refusal(err, words+" Show the user this link, which is theirs alone and works for ten minutes: "+link), nil
}

// refusal is an answer without a result: words for people, and for programs the
// category, as in the failures of tools.
func refusal(err error, words string) *mcp.CallToolResult {
	r := mcp.NewToolResultError(words)
	r.StructuredContent = map[string]any{"error": tools.Failure{Code: outcome(tools.Answer{}, err)}}
	return r
}

// modernURL says whether a client of the newer protocol can open links.
func modernURL(ctx context.Context) bool {
	info := mcpserver.RequestProtocolInfoFromContext(ctx)
	return info != nil && info.Modern && info.ClientCapabilities != nil &&
		info.ClientCapabilities.Elicitation != nil && info.ClientCapabilities.Elicitation.URL != nil
}
