// Package tokens resolves a Connection, one Notion authorization of one
// Subject, to the Notion token that was granted. Tokens are asked for at use,
// are kept in memory only, and cannot be printed, marshalled or logged.
package tokens

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Errors of a Broker that are normal answers, not faults: the next step is to
// send the user to Broker.ConnectURL.
var (
	ErrNotConnected         = errors.New("not connected to Notion")
	ErrNeedsReauthorization = errors.New("the connection to Notion needs to be authorized again")
)

// ErrUnavailable is the fault of a broker that cannot be reached, does not
// answer in time, or is too busy. It says nothing about the connection.
var ErrUnavailable = errors.New("the token broker is not available")

// Broker hands out tokens. Every implementation fails closed: an error other
// than ErrNotConnected and ErrNeedsReauthorization means that it could not find
// out. Each passes the contract in tokens/tokentest.
type Broker interface {
	// Token returns a token for the connection. The error is ErrNotConnected
	// where the user never connected (or disconnected), and
	// ErrNeedsReauthorization where the grant no longer works.
	Token(ctx context.Context, c Connection) (Token, error)
	// ConnectURL says where the user connects, or connects again. For brokers
	// without such a page it is a sentence that says what to do.
	ConnectURL(ctx context.Context, c Connection) (string, error)
}

// Disconnecter is a Broker that can forget a grant.
type Disconnecter interface {
	// Disconnect makes the broker forget the grant of a connection. It is no
	// error if there is none. Notion itself may go on accepting the token.
	Disconnect(ctx context.Context, c Connection) error
}

// Lister is a Broker that knows which connections a Subject has.
type Lister interface {
	// Connections lists what the Subject may use: their own connections, and
	// those of their organization that are configured to be shared.
	Connections(ctx context.Context, s auth.Subject) ([]Listed, error)
}

// Listed is one connection as a Lister knows it.
type Listed struct {
	Connection           Connection
	Label                string // what the broker calls the account, for people; may be empty
	NeedsReauthorization bool
}

// Refresher is a Broker that can be made to get a new token from Notion before
// the old one is known to end. Of the brokers here only Nango can; without it, a
// token that ended early could be replaced by the user alone.
type Refresher interface {
	// Refresh is Token, except that the token is not the one handed out before.
	Refresh(ctx context.Context, c Connection) (Token, error)
}

// Token is a Notion token. Only Reveal gives the secret away. It is kept behind
// a function, because fmt prints strings in unexported fields of other structs
// without asking their String methods.
type Token struct {
	secret  func() string
	expires time.Time
}

// NewToken wraps a secret. A zero expiry means that none is known.
func NewToken(secret string, expires time.Time) Token {
	return Token{secret: func() string { return secret }, expires: expires}
}

// Reveal returns the secret, for an Authorization header and nothing else.
func (t Token) Reveal() string {
	if t.secret == nil {
		return ""
	}
	return t.secret()
}

// Expires returns when the token ends, or the zero time if that is not known.
func (t Token) Expires() time.Time { return t.expires }

const redacted = "[redacted]"

func (Token) String() string               { return redacted }
func (Token) GoString() string             { return redacted }
func (Token) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }
