package tokens

import (
	"context"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Caller is on whose behalf the work under way is done. Two brokers need it
// besides the Connection: token exchange, which shows the caller's own bearer
// token, and WorkOS, which is told the member who uses a shared connection.
// It never says whose data it is: that is the Connection's alone.
type Caller struct {
	Subject auth.Subject
	Bearer  Token // with which the caller came; empty for work in the background
}

// callerKey is the one key of this package in a context.
type callerKey struct{}

// WithCaller returns a context for work on behalf of who. Whoever checks the
// caller's identity sets it, once; work in the background on a shared connection
// sets the member that it is done for.
func WithCaller(ctx context.Context, who Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// CallerFor returns on whose behalf the work is done, if that is somebody who
// may use the connection: its owner, or a member of its organization if it is
// shared.
func CallerFor(ctx context.Context, c Connection) (Caller, bool) {
	who, ok := ctx.Value(callerKey{}).(Caller)
	if !ok || who.Subject.User == "" {
		return Caller{}, false
	}
	if c.shared {
		owner := who.Subject
		owner.User = ""
		return who, owner == c.Subject
	}
	return who, who.Subject == c.Subject
}
