package auth

import (
	"context"
	"slices"
	"time"
)

// Scopes of this server. Neither contains the other.
const (
	ScopeRead    = "notion:read"
	ScopeComment = "notion:comment"
)

// Scopes returns all scopes of this server.
func Scopes() []string { return []string{ScopeRead, ScopeComment} }

// Principal is a caller whose token was checked.
type Principal struct {
	Subject Subject
	// Scopes are what the token is good for, sorted.
	Scopes []string
	// Expires is when the token ends; zero where its issuer does not say.
	Expires time.Time
	// Actor names the party that acts for the Subject, if it is another one.
	Actor string
	// Token is what the caller presented. It is here for an exchange at the
	// token endpoint of the operator's choice and must go nowhere else.
	Token Secret
}

// HasScopes reports whether the token is good for all that is needed.
func (p Principal) HasScopes(needed ...string) bool {
	return !slices.ContainsFunc(needed, func(s string) bool { return !slices.Contains(p.Scopes, s) })
}

// Require returns a *ScopeError unless the token is good for all that is
// needed.
func (p Principal) Require(needed ...string) error {
	if p.HasScopes(needed...) {
		return nil
	}
	return &ScopeError{Needed: slices.Clone(needed)}
}

type contextKey struct{}

func withPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// FromContext returns the Principal that Verifier.Require put there. It is for
// the edge, which takes it once and hands it on as an argument.
func FromContext(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
