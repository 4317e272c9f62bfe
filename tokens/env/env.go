// Package env is the token broker of a program that runs for one person with
// one token of their own, given by the environment.
package env

import (
	"context"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// Broker hands out one token, to whoever started the process.
type Broker struct {
	token  tokens.Token
	handle tokens.Handle
}

var _ tokens.Broker = Broker{}

// New returns a Broker of one token, that of the connection by that handle. An
// empty secret is a Broker that is not connected.
func New(secret string, h tokens.Handle) Broker {
	return Broker{token: tokens.NewToken(secret, time.Time{}), handle: h}
}

// Token returns the token for the one connection of a local Subject. It is
// tokens.ErrNotConnected if no token was given, and for Subjects that an identity
// provider vouches for: a server of many must not hand one person's token to all.
func (b Broker) Token(_ context.Context, c tokens.Connection) (tokens.Token, error) {
	if b.token.Reveal() == "" || c.Subject.Issuer != auth.Local("").Issuer {
		return tokens.Token{}, tokens.ErrNotConnected
	}
	if c.Handle != b.handle {
		return tokens.Token{}, &tokens.UnknownError{Handle: c.Handle, Have: []tokens.Handle{b.handle}}
	}
	return b.token, nil
}

// ConnectURL says where a person makes a token and what to do with it.
func (Broker) ConnectURL(context.Context, tokens.Connection) (string, error) {
	return "make an integration at https://www.notion.so/profile/integrations, share pages with it (page menu ••• > Connections), and start mcp-notion with its secret in NOTION_TOKEN", nil
}

// Source is the broker with all that it can do.
func (b Broker) Source() tokens.Source {
	return tokens.Source{Broker: b}
}
