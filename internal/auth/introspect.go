package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/mcp-notion/mcp-notion/internal/auth/internal/discovery"
)

// How long the answers of an introspection endpoint are believed, and a token
// that it accepted is known as such; how many of either kind are remembered; and
// how many requests are under way at once and waiting, for tokens that are known
// and for others.
const (
	activeFor    = 30 * time.Second
	inactiveFor  = 10 * time.Second
	knownFor     = time.Hour
	maxRemember  = 10_000
	maxAsking    = 8
	maxWaiting   = 1000
	askingWithin = 10 * time.Second
)

// introspector asks the issuer what an opaque token is good for (RFC 7662).
type introspector struct {
	endpoint Introspection
	source   *source
	client   *http.Client

	flight  singleflight.Group
	known   *lane // of tokens that were accepted before
	unknown *lane // of all others
	said    *verdicts
}

func newIntrospector(c Config, sources map[string]*source) (*introspector, error) {
	in := c.Introspection
	if err := discovery.CheckURL(in.URL); err != nil {
		return nil, err
	}
	if in.Issuer == "" && len(c.Issuers) == 1 {
		in.Issuer = c.Issuers[0].URL
	}
	s := sources[in.Issuer]
	switch {
	case s == nil:
		return nil, fmt.Errorf("issuer %q is not among the issuers", in.Issuer)
	case s.Delegates:
		return nil, errors.New("the tokens of a backend that acts for others are not opaque")
	}
	return &introspector{
		endpoint: in, source: s, client: c.HTTP,
		known: newLane(maxAsking, maxWaiting), unknown: newLane(maxAsking, maxWaiting), said: newVerdicts(),
	}, nil
}

func (i *introspector) verify(ctx context.Context, token string) (Principal, error) {
	if body := strings.TrimRight(token, "="); body == "" || strings.Contains(body, "=") || strings.IndexFunc(body, notInToken) >= 0 {
		return Principal{}, invalid(ReasonMalformed) // and never sent to the issuer
	}
	key := sha256.Sum256([]byte(token))
	v, ok, _ := i.said.of(key, i.source.now())
	if !ok {
		flight := i.flight.DoChan(string(key[:]), func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingWithin)
			defer cancel()
			return i.ask(ctx, key, token)
		})
		select {
		case <-ctx.Done():
			return Principal{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		case res := <-flight:
			if res.Err != nil {
				return Principal{}, res.Err
			}
			v = res.Val.(verdict)
		}
	}
	if v.err != nil {
		return Principal{}, v.err
	}
	p := v.who
	p.Token, p.Scopes = NewSecret(token), slices.Clone(p.Scopes)
	return p, nil
}

// ask returns an error only where the issuer gave no answer; that is not
// remembered.
func (i *introspector) ask(ctx context.Context, key digest, token string) (verdict, error) {
	v, ok, known := i.said.of(key, i.source.now())
	if ok { // a flight that ended just now
		return v, nil
	}
	in := i.unknown
	if known {
		in = i.known
	}
	if err := in.enter(ctx); err != nil {
		return verdict{}, err
	}
	defer in.leave()
	c, err := i.request(ctx, token)
	if err != nil {
		return verdict{}, fmt.Errorf("%w: introspect: %w", ErrUnavailable, err)
	}
	v = i.judge(c)
	i.said.keep(key, v, i.source.now())
	return v, nil
}

func (i *introspector) request(ctx context.Context, token string) (claims, error) {
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.endpoint.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if i.endpoint.ClientID != "" {
		// RFC 6749, 2.3.1 wants both encoded before they are joined.
		req.SetBasicAuth(url.QueryEscape(i.endpoint.ClientID), url.QueryEscape(i.endpoint.ClientSecret.Reveal()))
	}
	var c claims
	return c, discovery.Read(ctx, i.client, req, &c)
}

// judge holds the answer against the same rules as a token that carries its
// claims.
func (i *introspector) judge(c claims) verdict {
	now := i.source.now()
	refused := func(err error) verdict { return verdict{err: err, until: now.Add(inactiveFor)} }
	if active, _ := c["active"].(bool); !active {
		return refused(invalid(ReasonInactive))
	}
	if iss, ok := c["iss"]; ok && iss != i.source.URL {
		return refused(invalid(ReasonIssuer))
	}
	if err := i.source.checkAccess(c, false); err != nil {
		return refused(err)
	}
	who, err := i.source.principal(c, "")
	if err != nil {
		return refused(err)
	}
	until := now.Add(activeFor)
	if !who.Expires.IsZero() && who.Expires.Before(until) {
		until = who.Expires
	}
	return verdict{who: who, until: until}
}
