package tokens

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// Handle names one connection of a Subject, as in "my-notion".
type Handle string

// DefaultHandle is used where the user named none.
const DefaultHandle Handle = "my-notion"

var handlePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ParseHandle accepts lower-case letters, digits and inner hyphens, at most 64.
func ParseHandle(s string) (Handle, error) {
	if len(s) > 64 || !handlePattern.MatchString(s) {
		return "", fmt.Errorf("%s is not a connection handle: use lower-case letters, digits and hyphens, as in %q", echo.Quote(s), DefaultHandle)
	}
	return Handle(s), nil
}

// Connection is one Notion authorization of a Subject: the key of everything
// that is stored.
type Connection struct {
	Subject auth.Subject
	Handle  Handle

	// shared tells what belongs to an organization from what belongs to a person
	// without a name. Only Shared sets it.
	shared bool
}

// Shared returns the connection of that name that belongs to the Subject's
// organization: all of its members share its token, index and answers. No other
// connection equals it or has its key. A Subject of no organization has none.
func (c Connection) Shared() (Connection, error) {
	if c.Subject.Organization == "" {
		return Connection{}, errors.New("a shared connection belongs to an organization, and the caller has none")
	}
	c.Subject.User = ""
	c.shared = true
	return c, nil
}

// Choose returns the Subject's connection of that name: their own, or that of
// their organization if the handle is one of the shared ones.
func Choose(s auth.Subject, h Handle, shared []Handle) (Connection, error) {
	c := Connection{Subject: s, Handle: h}
	if slices.Contains(shared, h) {
		return c.Shared()
	}
	return c, nil
}

// IsShared reports whether the connection belongs to an organization.
func (c Connection) IsShared() bool { return c.shared }

// CheckOwner is an error unless issuer vouches for the connection's Subject, and
// its owner is of the kind that configuration gives to it: an organization if
// shared, a person otherwise. Brokers that look Subjects up by name begin with
// it: the same name from another issuer is somebody else.
func (c Connection) CheckOwner(issuer string, shared bool) error {
	switch {
	case c.Subject.Issuer != issuer:
		return errors.New("the caller's identity provider is not the one that the token broker is configured for")
	case c.shared && !shared:
		return fmt.Errorf("connection %s is not configured to be shared", c.Handle)
	case !c.shared && shared:
		return fmt.Errorf("connection %s is configured to be shared, and cannot be used as one's own", c.Handle)
	case !c.shared && c.Subject.User == "":
		return errors.New("the caller has no user name")
	}
	return nil
}

// Key is an opaque name for the connection, 32 hexadecimal digits, for folders,
// logs and metrics. It reveals neither the subject nor the handle.
func (c Connection) Key() string {
	kind := "mcp-notion connection"
	if c.shared {
		kind = "mcp-notion shared connection"
	}
	h := sha256.New()
	for _, part := range []string{kind, c.Subject.Issuer, c.Subject.Organization, c.Subject.User, string(c.Handle)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
