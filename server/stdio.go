package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/tools"
)

// name is what clients are told that they talk to.
const name = "mcp-notion"

// Stdio speaks MCP over in and out until in ends or ctx is cancelled. It
// answers initialize at once, whatever the state of the index; what was asked
// before the end is still answered, within a bound of time.
func Stdio(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	session, err := openStdio(cfg)
	if err != nil {
		return err
	}
	d := newDrain(in, out)
	guard.Go(func() error {
		apart(cfg.Log, "input", func() { d.run(ctx) })
		return nil
	})
	srv := mcpserver.NewStdioServer(newMCP(cfg, session))
	srv.SetErrorLogger(log.New(logWriter{cfg.Log}, "", 0))
	// The calls under way outlive ctx, until the drain ends the input.
	err = srv.Listen(context.WithoutCancel(ctx), d.in, d)
	return errors.Join(err, session.Close())
}

// caller is what Stdio serves.
type caller interface {
	tools.Caller
	Close() error
}

func openStdio(cfg Config) (caller, error) {
	if cfg.Unusable != "" {
		return unusable(cfg.Unusable), nil
	}
	return Open(cfg)
}

// unusable answers every call with why there is no Session.
type unusable string

// codeUnusable is the category of those answers.
const codeUnusable = "not_configured"

func (u unusable) Call(context.Context, string, json.RawMessage) (tools.Answer, error) {
	failed, err := json.Marshal(map[string]any{"error": tools.Failure{Code: codeUnusable}})
	return tools.Answer{Text: string(u), Structured: failed, IsError: true}, err
}

func (unusable) Close() error { return nil }

// newMCP makes the MCP server of a session.
func newMCP(cfg Config, caller tools.Caller) *mcpserver.MCPServer {
	o := tools.Options{Toolsets: cfg.Toolsets, ReadOnly: cfg.ReadOnly}
	offers := offers{caller: caller, names: tools.Names(o)}
	srv := mcpserver.NewMCPServer(name, cfg.Version, offers.options()...)
	offers.register(srv)
	tools.Register(srv, caller, o)
	return srv
}

// logWriter turns the SDK's own log lines into records. They are about the
// transport and hold no arguments.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(p []byte) (int, error) {
	w.log.Warn("mcp", "msg", string(p))
	return len(p), nil
}
