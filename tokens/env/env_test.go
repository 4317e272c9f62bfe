package env_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
	"github.com/mcp-notion/mcp-notion/tokens/tokentest"
)

// restarted is a program that is started anew with each token.
type restarted struct{ now atomic.Pointer[env.Broker] }

func (r *restarted) start(secret string) {
	b := env.New(secret, tokens.DefaultHandle)
	r.now.Store(&b)
}

func (r *restarted) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	return r.now.Load().Token(ctx, c)
}

func (r *restarted) ConnectURL(ctx context.Context, c tokens.Connection) (string, error) {
	return r.now.Load().ConnectURL(ctx, c)
}

func TestContract(t *testing.T) {
	t.Parallel()
	tokentest.Contract(t, func(*testing.T) tokentest.Harness {
		r := &restarted{}
		r.start("")
		return tokentest.Harness{
			Broker: tokens.Source{Broker: r},
			Mine:   tokens.Connection{Subject: auth.Local("me"), Handle: tokens.DefaultHandle},
			Strangers: []tokens.Connection{
				{},
				{Subject: auth.Local("me")},
				{Subject: auth.Local("me"), Handle: "another"},
				{Subject: auth.Subject{User: auth.Local("me").User}},
				{Subject: auth.Subject{Issuer: "https://idp.example", User: "user_1"}, Handle: tokens.DefaultHandle},
				{Subject: auth.Subject{Issuer: "https://idp.example", User: auth.Local("me").User}, Handle: tokens.DefaultHandle},
			},
			Grant: func(_ tokens.Connection, secret string) { r.start(secret) },
		}
	})
}
