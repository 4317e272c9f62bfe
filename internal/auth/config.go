package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-notion/mcp-notion/internal/auth/internal/discovery"
)

// Config says whose tokens are accepted, and for what.
type Config struct {
	// Resource is the canonical URL of this server's MCP endpoint, as in
	// https://notion.example.com/mcp. Tokens must be issued for it.
	Resource string
	// Issuers are the only ones whose tokens are accepted; at least one.
	Issuers []Issuer
	// Introspection is for issuers whose tokens are opaque.
	Introspection Introspection
	// Leeway forgives clocks that differ; 30 seconds if zero, at most two
	// minutes.
	Leeway time.Duration
	// HTTP reaches the issuers. Its transport and timeout are used.
	HTTP *http.Client
	// Now is time.Now if nil.
	Now func() time.Time
}

// Issuer is one identity provider, or a backend that signs for its users.
type Issuer struct {
	// URL is the exact value of the iss claim. It may be any name if Keys are
	// given.
	URL string
	// Audiences are accepted in place of Config.Resource, for issuers that
	// cannot put a resource into a token.
	Audiences []string
	// UserClaim and OrgClaim hold the names of a Subject: "sub" and "org_id"
	// if empty. A token must have the first; the second may be absent.
	UserClaim, OrgClaim string
	// JWKS is where the keys are, if discovery shall not be asked.
	JWKS string
	// Keys are the public keys themselves, PEM or JWK, and nothing is fetched.
	Keys []byte
	// Algorithms narrows the signature algorithms; all asymmetric ones if
	// empty.
	Algorithms []string
	// Scopes are granted to every token of the issuer, for issuers that
	// cannot be taught ours.
	Scopes []string

	// Delegates marks a trusted backend that acts for its users. Its tokens
	// live for five minutes at most, and an act or azp claim must name Actor.
	Delegates bool
	// Actor is how a backend calls itself; its URL if empty.
	Actor string
	// SubjectIssuer is whose users a backend acts for, so that a user is the
	// same Subject whichever way they come; the backend itself if empty.
	SubjectIssuer string
}

// Introspection is an RFC 7662 endpoint.
type Introspection struct {
	URL          string
	ClientID     string
	ClientSecret Secret
	// Issuer is the URL of the entry in Config.Issuers that the tokens belong
	// to. It may be empty where there is only one.
	Issuer string
}

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = 2 * time.Minute
)

// algorithms are the signatures that are accepted. Each needs a private key,
// so none of them can be made by somebody who knows what is public.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

func (c Config) check() error {
	if err := checkResource(c.Resource); err != nil {
		return fmt.Errorf("resource %q: %w", c.Resource, err)
	}
	if len(c.Issuers) == 0 {
		return errors.New("no issuer is configured")
	}
	return nil
}

func (c Config) withDefaults() (Config, error) {
	if c.Leeway < 0 || c.Leeway > maxLeeway {
		return c, fmt.Errorf("a leeway of %v is not between 0 and %v", c.Leeway, maxLeeway)
	}
	if c.Leeway == 0 {
		c.Leeway = defaultLeeway
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.HTTP = discovery.Client(c.HTTP)
	return c, nil
}

func checkResource(s string) error {
	if err := discovery.CheckURL(s); err != nil {
		return err
	}
	if strings.HasSuffix(s, "/") {
		return errors.New("a canonical URL does not end with a slash")
	}
	return nil
}

// audiences are the values of which a token must have one.
func (c Config) audiences(i Issuer) []string {
	switch u, err := url.Parse(c.Resource); {
	case len(i.Audiences) > 0:
		return slices.Clone(i.Audiences)
	case err == nil && u.Path == "":
		return []string{c.Resource, c.Resource + "/"} // one and the same URL
	}
	return []string{c.Resource}
}

func (i Issuer) withDefaults() Issuer {
	if i.UserClaim == "" {
		i.UserClaim = "sub"
	}
	if i.OrgClaim == "" {
		i.OrgClaim = "org_id"
	}
	if i.Actor == "" {
		i.Actor = i.URL
	}
	if i.SubjectIssuer == "" {
		i.SubjectIssuer = i.URL
	}
	return i
}

func (i Issuer) check() error {
	if i.URL == "" {
		return errors.New("the URL is empty")
	}
	if len(i.Keys) == 0 {
		if err := discovery.CheckURL(i.URL); err != nil {
			return err
		}
	}
	if i.JWKS != "" {
		if err := discovery.CheckURL(i.JWKS); err != nil {
			return fmt.Errorf("JWKS: %w", err)
		}
	}
	if !i.Delegates && i.SubjectIssuer != i.URL {
		return errors.New("only one that delegates may speak for the users of another")
	}
	if i.SubjectIssuer == localIssuer {
		return fmt.Errorf("the name %q is taken", localIssuer)
	}
	return nil
}

func (i Issuer) algorithms() ([]jose.SignatureAlgorithm, error) {
	if len(i.Algorithms) == 0 {
		return algorithms(), nil
	}
	var allowed []jose.SignatureAlgorithm
	for _, name := range i.Algorithms {
		alg := jose.SignatureAlgorithm(name)
		if !slices.Contains(algorithms(), alg) {
			return nil, fmt.Errorf("algorithm %q is not accepted: use one of %v", name, algorithms())
		}
		allowed = append(allowed, alg)
	}
	return allowed, nil
}
