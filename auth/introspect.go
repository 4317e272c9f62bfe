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
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/mcp-notion/mcp-notion/auth/internal/discovery"
)

// How long the answers of an introspection endpoint are believed, how many are
// remembered, and how many requests are under way at once.
const (
	activeFor    = 30 * time.Second
	inactiveFor  = 10 * time.Second
	maxRemember  = 10_000
	maxAsking    = 16
	askingWithin = 10 * time.Second
)

// introspector asks the issuer what an opaque token is good for (RFC 7662).
type introspector struct {
	endpoint Introspection
	source   *source
	client   *http.Client

	flight singleflight.Group
	asking chan struct{} // holds one element for each request under way

	mu       sync.Mutex
	remember map[[sha256.Size]byte]verdict // by hash, so that no token is kept
}

// verdict is an answer and how long it holds.
type verdict struct {
	who   Principal // without its token
	err   error
	until time.Time
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
		asking: make(chan struct{}, maxAsking), remember: map[[sha256.Size]byte]verdict{},
	}, nil
}

func (i *introspector) verify(ctx context.Context, token string) (Principal, error) {
	key := sha256.Sum256([]byte(token))
	v, ok := i.recall(key)
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
func (i *introspector) ask(ctx context.Context, key [sha256.Size]byte, token string) (verdict, error) {
	if v, ok := i.recall(key); ok { // a flight that ended just now
		return v, nil
	}
	select {
	case i.asking <- struct{}{}:
		defer func() { <-i.asking }()
	case <-ctx.Done():
		return verdict{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	c, err := i.request(ctx, token)
	if err != nil {
		return verdict{}, fmt.Errorf("%w: introspect: %w", ErrUnavailable, err)
	}
	v := i.judge(c)
	i.keep(key, v)
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

func (i *introspector) recall(key [sha256.Size]byte) (verdict, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	v, ok := i.remember[key]
	return v, ok && i.source.now().Before(v.until)
}

// keep makes room by forgetting what no longer holds, and else anything: all
// that costs is a request.
func (i *introspector) keep(key [sha256.Size]byte, v verdict) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.remember) >= maxRemember {
		now := i.source.now()
		for k, old := range i.remember {
			if !now.Before(old.until) || len(i.remember) >= maxRemember {
				delete(i.remember, k)
			}
		}
	}
	i.remember[key] = v
}
