package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

const clientSecret = "s3cret: with/reserved+characters&="

func newOpaqueWorld(t *testing.T, change func(*auth.Config)) *world {
	t.Helper()
	c := newClock()
	issuer := authtest.New(authtest.Config{Now: c.now, Clients: []authtest.Client{{ID: "mcp notion", Secret: clientSecret}}})
	config := auth.Config{
		Resource: resource, Issuers: []auth.Issuer{{URL: issuer.URL()}}, HTTP: issuer.Client(), Now: c.now,
		Introspection: auth.Introspection{URL: issuer.URL() + "/introspect", ClientID: "mcp notion", ClientSecret: auth.NewSecret(clientSecret)},
	}
	if change != nil {
		change(&config)
	}
	v, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &world{clock: c, issuer: issuer, v: v}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	w := newOpaqueWorld(t, nil)
	token := w.issuer.Opaque(resource, map[string]any{"scope": "notion:read"})
	asked := func() int { return w.issuer.Requests("/introspect") }

	p := w.accept(t, token)
	if want := (auth.Subject{Issuer: w.issuer.URL(), Organization: "org_1", User: "user_1"}); p.Subject != want || p.Token.Reveal() != token {
		t.Errorf("the principal is %v", p)
	}
	p.Scopes[0] = "changed by a caller"
	if p = w.accept(t, token); !p.HasScopes("notion:read") {
		t.Errorf("what one caller did to the scopes shows for the next: %v", p.Scopes)
	}
	if asked() != 1 {
		t.Errorf("one token was asked for %d times", asked())
	}

	w.issuer.Revoke(token)
	w.clock.advance(29 * time.Second)
	w.accept(t, token) // still remembered
	w.clock.advance(time.Second)
	w.refuse(t, token, auth.ReasonInactive)
	w.refuse(t, token, auth.ReasonInactive)
	if asked() != 2 {
		t.Errorf("two answers took %d requests", asked())
	}
	// Tokens that carry their claims are never asked for.
	w.accept(t, w.issuer.Mint(resource, nil))
	if asked() != 2 {
		t.Error("a JWT was introspected")
	}
}

func TestIntrospectionRules(t *testing.T) {
	t.Parallel()
	w := newOpaqueWorld(t, nil)
	now := w.clock.now()
	for name, test := range map[string]struct {
		claims map[string]any
		want   auth.Reason
	}{
		"other audience": {map[string]any{"aud": "https://other.example.com"}, auth.ReasonAudience},
		"no audience":    {map[string]any{"aud": nil}, auth.ReasonAudience},
		"other issuer":   {map[string]any{"iss": "https://evil.test"}, auth.ReasonIssuer},
		"no user":        {map[string]any{"sub": nil}, auth.ReasonSubject},
		"refresh token":  {map[string]any{"token_use": "refresh_token"}, auth.ReasonType},
		"not yet":        {map[string]any{"nbf": now.Add(time.Hour).Unix()}, auth.ReasonNotYet},
		"over all the same": {map[string]any{"exp": float64(now.Add(-time.Hour).Unix()), "iat": nil},
			auth.ReasonExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.refuse(t, w.issuer.Opaque(resource, test.claims), test.want)
		})
	}
	t.Run("no end and no issuer named", func(t *testing.T) {
		t.Parallel()
		if p := w.accept(t, w.issuer.Opaque(resource, map[string]any{"exp": nil, "iss": nil})); !p.Expires.IsZero() {
			t.Errorf("it expires at %v", p.Expires)
		}
	})
	t.Run("not an opaque token without introspection", func(t *testing.T) {
		t.Parallel()
		newWorld(t, nil).refuse(t, "opaque-token-of-some-length", auth.ReasonMalformed)
	})
}

// TestIntrospectionEndsWithTheToken: nothing is remembered longer than the
// token lives.
func TestIntrospectionEndsWithTheToken(t *testing.T) {
	t.Parallel()
	w := newOpaqueWorld(t, func(c *auth.Config) { c.Leeway = time.Nanosecond })
	token := w.issuer.Opaque(resource, map[string]any{"exp": w.clock.now().Add(5 * time.Second).Unix()})
	w.accept(t, token)
	w.clock.advance(5 * time.Second)
	if _, err := w.verify(t, token); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("after its end: %v", err)
	}
}

func TestIntrospectionSharesFlights(t *testing.T) {
	t.Parallel()
	w := newOpaqueWorld(t, nil)
	token := w.issuer.Opaque(resource, nil)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := w.v.Verify(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.issuer.Requests("/introspect"); n != 1 {
		t.Errorf("50 callers with one token made %d requests", n)
	}
}

func TestIntrospectionUnavailable(t *testing.T) {
	t.Parallel()
	t.Run("down", func(t *testing.T) {
		t.Parallel()
		w := newOpaqueWorld(t, nil)
		token := w.issuer.Opaque(resource, nil)
		w.issuer.SetDown(true)
		if _, err := w.verify(t, token); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		w.issuer.SetDown(false)
		w.accept(t, token) // failures are not remembered
	})
	t.Run("our own credentials are wrong", func(t *testing.T) {
		t.Parallel()
		w := newOpaqueWorld(t, func(c *auth.Config) { c.Introspection.ClientSecret = auth.NewSecret("wrong-secret") })
		_, err := w.verify(t, w.issuer.Opaque(resource, nil))
		if !errors.Is(err, auth.ErrUnavailable) || !strings.Contains(err.Error(), "status 401") || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("echoes the token", func(t *testing.T) {
		t.Parallel()
		const token = "opaque-token-that-is-echoed"
		w := newOpaqueWorld(t, func(c *auth.Config) {
			c.HTTP.Transport = authtest.Hosts{"issuer.test": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://x.test/?"+token)
				w.WriteHeader(http.StatusFound)
				_, _ = w.Write([]byte(token))
			})}
		})
		if _, err := w.verify(t, token); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("active is text", func(t *testing.T) {
		t.Parallel()
		w := newOpaqueWorld(t, func(c *auth.Config) {
			c.HTTP.Transport = authtest.Hosts{"issuer.test": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"active":"true","sub":"user_1","aud":"` + resource + `"}`))
			})}
		})
		w.refuse(t, "opaque-token-of-some-length", auth.ReasonInactive)
	})
}
