package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/auth/internal/discovery"
)

// maxToken is the longest token that is looked at.
const maxToken = 16 << 10

// Verifier checks bearer tokens: it is the OAuth 2.1 resource server. It is
// safe for concurrent use and logs nothing.
type Verifier struct {
	// verify checks a token of acceptable length.
	verify func(ctx context.Context, token string) (Principal, error)

	resource string
	issuers  []string // that clients may be sent to
}

// New returns a Verifier. Nothing is fetched before the first token comes.
func New(c Config) (*Verifier, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	i := &identity{sources: map[string]*source{}}
	v := &Verifier{verify: i.verify, resource: c.Resource}
	for _, issuer := range c.Issuers {
		s, err := c.source(issuer)
		if err != nil {
			return nil, fmt.Errorf("issuer %q: %w", issuer.URL, err)
		}
		if i.sources[s.URL] != nil {
			return nil, fmt.Errorf("issuer %q is configured twice", s.URL)
		}
		i.sources[s.URL] = s
		if !s.Delegates && discovery.CheckURL(s.URL) == nil {
			v.issuers = append(v.issuers, s.URL)
		}
	}
	if c.Introspection.URL == "" {
		return v, nil
	}
	if i.opaque, err = newIntrospector(c, i.sources); err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	return v, nil
}

// Static returns a Verifier for one user on their own machine: whoever knows
// the token is that Subject, with all scopes. An empty token lets nobody in.
func Static(token Secret, who Subject) *Verifier {
	want := sha256.Sum256([]byte(token.Reveal()))
	return &Verifier{verify: func(_ context.Context, presented string) (Principal, error) {
		got := sha256.Sum256([]byte(presented))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || token.IsZero() {
			return Principal{}, invalid(ReasonUnknown)
		}
		scopes := Scopes()
		slices.Sort(scopes)
		return Principal{Subject: who, Scopes: scopes, Token: NewSecret(presented)}, nil
	}}
}

// Verify says who presents a token. The error is ErrNoToken for an empty one,
// ErrInvalidToken, or ErrUnavailable where it could not be found out.
func (v *Verifier) Verify(ctx context.Context, bearer string) (Principal, error) {
	switch {
	case bearer == "":
		return Principal{}, ErrNoToken
	case len(bearer) > maxToken:
		return Principal{}, invalid(ReasonTooLong)
	}
	return v.verify(ctx, bearer)
}

// identity knows all issuers of a Config.
type identity struct {
	sources map[string]*source // by the value of iss
	opaque  *introspector      // nil: opaque tokens are refused
}

func (i *identity) verify(ctx context.Context, token string) (Principal, error) {
	if isJWT(token) {
		return i.verifyJWT(ctx, token)
	}
	if i.opaque == nil {
		return Principal{}, invalid(ReasonMalformed)
	}
	return i.opaque.verify(ctx, token)
}

// verifyJWT looks at the claims before the signature: what would be refused in
// any case must not make us fetch keys.
func (i *identity) verifyJWT(ctx context.Context, token string) (Principal, error) {
	t, err := parseJWT(token)
	if err != nil {
		return Principal{}, err
	}
	if err := t.checkType(); err != nil {
		return Principal{}, err
	}
	s := i.sources[t.claims.text("iss")]
	if s == nil {
		return Principal{}, invalid(ReasonIssuer)
	}
	if err := s.checkAccess(t.claims, true); err != nil {
		return Principal{}, err
	}
	p, err := s.principal(t.claims, token)
	if err != nil {
		return Principal{}, err
	}
	if err := s.checkSignature(ctx, t); err != nil {
		return Principal{}, err
	}
	return p, nil
}

// metadataURL is where the metadata of this resource is (RFC 9728): the
// well-known part goes between the host and the path.
func (v *Verifier) metadataURL() string {
	u, err := url.Parse(v.resource)
	if err != nil || v.resource == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + wellKnownResource + strings.TrimSuffix(u.EscapedPath(), "/")
}
