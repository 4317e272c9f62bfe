package server

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Pages makes calls for people who have signed in with a browser, with all the
// checks of a call over MCP. Their pages have an allowance of their own, of the
// same size, so that a page left open takes nothing from an assistant.
type Pages struct {
	pool   *Pool
	limits *limiter // of calls
	visits *limiter // of requests by a browser, which may ask the broker besides
}

// NewPages returns Pages of a Pool.
func NewPages(pool *Pool, limits Limits) *Pages {
	return &Pages{pool: pool, limits: newLimiter(limits), visits: newLimiter(limits)}
}

// Enter lets a browser's request begin, on behalf of who has signed in there. It
// is nil if they make too many of them; else the function that ends it.
func (p *Pages) Enter(who auth.Subject) (leave func()) {
	leave, _ = p.visits.enter(context.Background(), who, 0)
	return leave
}

const tooMany = "That was too much at once. Wait a moment, and try again."

// Call calls a tool that only reads, on behalf of the caller in the context,
// who must be one who may use the connection. Errors are those of Pool.Call.
func (p *Pages) Call(ctx context.Context, conn tokens.Connection, tool string, args json.RawMessage) (tools.Answer, error) {
	who, ok := tokens.CallerFor(ctx, conn)
	if !ok {
		return tools.Answer{}, errors.New("a page calls for somebody who has no part in the connection")
	}
	if tools.Writes(tool) {
		return tools.Answer{}, errors.New("a page only reads")
	}
	leave, _ := p.limits.enter(ctx, who.Subject, 0)
	if leave == nil {
		return tools.Answer{IsError: true, Text: tooMany}, nil
	}
	defer leave()
	return p.pool.Call(ctx, conn, tool, args)
}
