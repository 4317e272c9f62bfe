package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-notion/mcp-notion/internal/auth/internal/discovery"
)

// maxDelegation is how long a token lives with which a backend acts for a
// user.
const maxDelegation = 5 * time.Minute

// source is an issuer with all that is needed to check what it signed.
type source struct {
	Issuer
	audiences []string
	allowed   []jose.SignatureAlgorithm
	keys      func(ctx context.Context, id string) (discovery.Keys, error)
	leeway    time.Duration
	now       func() time.Time
}

func (c Config) source(i Issuer) (*source, error) {
	i = i.withDefaults()
	if err := i.check(); err != nil {
		return nil, err
	}
	allowed, err := i.algorithms()
	if err != nil {
		return nil, err
	}
	s := &source{Issuer: i, audiences: c.audiences(i), allowed: allowed, leeway: c.Leeway, now: c.Now}
	if len(i.Keys) == 0 {
		s.keys = discovery.NewRemote(i.URL, i.JWKS, c.HTTP, c.Now).Keys
		return s, nil
	}
	keys, err := discovery.ParseKeys(i.Keys)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	s.keys = func(_ context.Context, id string) (discovery.Keys, error) {
		if found := keys.Named(id); len(found) > 0 {
			return found, nil
		}
		return nil, discovery.ErrUnknownKey
	}
	return s, nil
}

// checkSignature proves that the issuer signed the token.
func (s *source) checkSignature(ctx context.Context, t *jwt) error {
	if !slices.Contains(s.allowed, jose.SignatureAlgorithm(t.alg)) {
		return invalid(ReasonAlgorithm)
	}
	keys, err := s.keys(ctx, t.kid)
	switch {
	case errors.Is(err, discovery.ErrUnknownKey):
		return invalid(ReasonKey)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for _, key := range keys {
		if key.Algorithm != "" && key.Algorithm != t.alg {
			continue
		}
		if _, err := t.jws.Verify(key.Key); err == nil {
			return nil
		}
	}
	return invalid(ReasonSignature)
}

// checkAccess refuses claims that do not let their bearer in now.
func (s *source) checkAccess(c claims, needEnd bool) error {
	if err := c.checkUse(); err != nil {
		return err
	}
	if err := c.checkAudience(s.audiences); err != nil {
		return err
	}
	if err := c.checkTimes(s.now(), s.leeway, needEnd); err != nil {
		return err
	}
	if s.Delegates {
		return s.checkDelegation(c)
	}
	return nil
}

// checkDelegation holds a backend to short tokens that say who made them.
func (s *source) checkDelegation(c claims) error {
	iat, _ := c.when("iat")
	exp, _ := c.when("exp")
	if iat.IsZero() || exp.Sub(iat) > maxDelegation {
		return invalid(ReasonLifetime)
	}
	_, acts := c["act"]
	_, asks := c["azp"]
	if !acts && !asks || acts && c.actor() != s.Actor || asks && c.text("azp") != s.Actor {
		return invalid(ReasonActor)
	}
	return nil
}

// subject maps the claims to a Subject.
func (s *source) subject(c claims) (Subject, error) {
	user, ok1 := c.name(s.UserClaim)
	org, ok2 := c.name(s.OrgClaim)
	if !ok1 || !ok2 || user == "" {
		return Subject{}, invalid(ReasonSubject)
	}
	return Subject{Issuer: s.SubjectIssuer, Organization: org, User: user}, nil
}

// principal maps claims that were checked.
func (s *source) principal(c claims, token string) (Principal, error) {
	who, err := s.subject(c)
	if err != nil {
		return Principal{}, err
	}
	scopes, ok := c.scopes()
	if !ok {
		return Principal{}, invalid(ReasonScopeClaims)
	}
	scopes = append(scopes, s.Scopes...)
	slices.Sort(scopes)
	p := Principal{Subject: who, Scopes: slices.Compact(scopes), Actor: c.actor(), Token: NewSecret(token)}
	if s.Delegates {
		p.Actor = s.Actor
	}
	p.Expires, _ = c.when("exp")
	return p, nil
}
