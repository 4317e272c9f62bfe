// Package tokens resolves a Connection, one Notion authorization of one
// Subject, to the Notion token that was granted. Tokens are asked for at use,
// are kept in memory only, and cannot be printed, marshalled or logged.
package tokens

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/mcp-notion/mcp-notion/auth"
)

// Errors of a Broker that are normal answers, not faults: the next step is to
// send the user to Broker.ConnectURL.
var (
	ErrNotConnected         = errors.New("not connected to Notion")
	ErrNeedsReauthorization = errors.New("the connection to Notion needs to be authorized again")
)

// Broker hands out tokens. Every implementation fails closed: an error other
// than the two above means that it could not find out.
type Broker interface {
	// Token returns a token for the connection. The error is ErrNotConnected
	// where the user never connected (or disconnected), and
	// ErrNeedsReauthorization where the grant no longer works.
	Token(ctx context.Context, c Connection) (Token, error)
	// ConnectURL says where the user connects, or connects again. For brokers
	// without such a page it is a sentence that says what to do.
	ConnectURL(ctx context.Context, c Connection) (string, error)
}

// Handle names one connection of a Subject, as in "my-notion".
type Handle string

// DefaultHandle is used where the user named none.
const DefaultHandle Handle = "my-notion"

var handlePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ParseHandle accepts lower-case letters, digits and inner hyphens, at most 64.
func ParseHandle(s string) (Handle, error) {
	if len(s) > 64 || !handlePattern.MatchString(s) {
		return "", fmt.Errorf("%q is not a connection handle: use lower-case letters, digits and hyphens, as in %q", s, DefaultHandle)
	}
	return Handle(s), nil
}

// Connection is one Notion authorization of a Subject: the key of everything
// that is stored.
type Connection struct {
	Subject auth.Subject
	Handle  Handle
}

// Key is an opaque name for the connection, 32 hexadecimal digits, for folders,
// logs and metrics. It reveals neither the subject nor the handle.
func (c Connection) Key() string {
	h := sha256.New()
	for _, part := range []string{"mcp-notion connection", c.Subject.Issuer, c.Subject.Organization, c.Subject.User, string(c.Handle)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
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
