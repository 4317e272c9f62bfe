package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

func TestRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	old := w.issuer.Mint(resource, nil)
	w.accept(t, old)
	w.issuer.Rotate()
	w.accept(t, w.issuer.Mint(resource, nil)) // at once
	w.refuse(t, old, auth.ReasonKey)          // withdrawn
	if n := w.issuer.Requests("/jwks"); n > 3 {
		t.Errorf("keys were read %d times", n)
	}
	w.issuer.AddKey()
	two := w.issuer.Unsigned(resource, nil)
	delete(two.Header, "kid")
	w.clock.advance(time.Minute)
	w.accept(t, w.issuer.Mint(resource, nil))
	w.refuse(t, two.String(), auth.ReasonKey) // two keys, and it names neither
}

// TestWithdrawnKey: a key that the issuer no longer publishes ends, also
// where nobody comes with a new one.
func TestWithdrawnKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := authtest.New(authtest.Config{})
		v, err := auth.New(auth.Config{Resource: resource, Issuers: []auth.Issuer{{URL: p.URL()}}, HTTP: p.Client()})
		if err != nil {
			t.Fatal(err)
		}
		token := p.Mint(resource, nil)
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		p.Rotate()
		time.Sleep(6 * time.Minute)
		// This one is served with what is known, and makes it be read anew.
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Errorf("no time to read the keys anew: %v", err)
		}
		synctest.Wait()
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("with a key that is withdrawn: %v", err)
		}
	})
}

func TestStormOfUnknownKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.accept(t, w.issuer.Mint(resource, nil))
	storm := func() {
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for n := range 25 {
					token := w.issuer.Unsigned(resource, nil)
					token.Header["kid"] = fmt.Sprintf("kid-%d-%d", worker, n)
					if _, err := w.v.Verify(t.Context(), token.String()); !errors.Is(err, auth.ErrInvalidToken) {
						t.Errorf("an unknown key gives %v", err)
					}
				}
			})
		}
		group.Wait()
	}
	for range 12 { // one minute
		storm()
		w.clock.advance(5 * time.Second)
	}
	if n := w.issuer.Requests("/jwks"); n < 2 || n > 6 {
		t.Errorf("2400 unknown keys within a minute read the keys %d times", n)
	}
	if n := w.issuer.Requests("/.well-known/oauth-authorization-server"); n != 1 {
		t.Errorf("discovery was asked %d times", n)
	}
	// The storm delays a new key, but not for long.
	w.issuer.AddKey()
	w.clock.advance(20 * time.Second)
	w.accept(t, w.issuer.Mint(resource, nil))
}

func TestFirstTokensShareOneFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.issuer.Mint(resource, nil)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := w.v.Verify(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.issuer.Requests("/jwks"); n > 3 {
		t.Errorf("50 callers read the keys %d times", n)
	}
}

func TestIssuerDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	long := map[string]any{"exp": w.clock.now().Add(5 * time.Hour).Unix()}
	token := w.issuer.Mint(resource, long)

	w.issuer.SetDown(true)
	for range 50 {
		if _, err := w.verify(t, token); !errors.Is(err, auth.ErrUnavailable) || errors.Is(err, auth.ErrInvalidToken) {
			t.Fatalf("before any key is known: %v", err)
		}
	}
	if n := w.issuer.Requests(""); n > 6 { // two places each
		t.Errorf("an issuer that is down was asked %d times", n)
	}

	w.issuer.SetDown(false)
	w.clock.advance(time.Minute)
	w.accept(t, token)
	for n := range 10 { // the outage is over, also for keys that are not looked up
		unknown := w.issuer.Unsigned(resource, long)
		unknown.Header["kid"] = fmt.Sprint("kid-", n)
		w.refuse(t, unknown.String(), auth.ReasonKey)
	}

	w.issuer.SetDown(true)
	for range 59 {
		w.clock.advance(time.Minute)
		w.accept(t, token)
	}
	unknown := w.issuer.Unsigned(resource, long)
	unknown.Header["kid"] = "new"
	if _, err := w.verify(t, unknown.String()); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a key that cannot be looked up: %v", err)
	}
	w.clock.advance(time.Minute)
	if _, err := w.verify(t, token); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("an hour without the issuer: %v", err)
	}
	w.issuer.SetDown(false)
	w.clock.advance(time.Minute)
	w.accept(t, token)
}

// TestImpatientCaller: who goes away does not end the flight for others, and
// who waits is not held longer than they want.
func TestImpatientCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := authtest.New(authtest.Config{})
		slow := roundTripper(func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(2 * time.Second):
				return p.Client().Transport.RoundTrip(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		v, err := auth.New(auth.Config{Resource: resource, Issuers: []auth.Issuer{{URL: p.URL()}}, HTTP: &http.Client{Transport: slow}})
		if err != nil {
			t.Fatal(err)
		}
		token := p.Mint(resource, nil)
		var patient atomic.Bool
		var group sync.WaitGroup
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := v.Verify(ctx, token); !errors.Is(err, auth.ErrUnavailable) {
				t.Errorf("the impatient caller gets %v", err)
			}
		})
		group.Go(func() {
			time.Sleep(100 * time.Millisecond) // so that the impatient one leads
			_, err := v.Verify(t.Context(), token)
			patient.Store(err == nil)
		})
		group.Wait()
		if !patient.Load() {
			t.Error("the patient caller is refused")
		}
		if n := p.Requests("/jwks"); n != 1 {
			t.Errorf("the keys were read %d times", n)
		}
	})
}

func TestHangingIssuer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := authtest.New(authtest.Config{})
		hang := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		v, err := auth.New(auth.Config{Resource: resource, Issuers: []auth.Issuer{{URL: p.URL()}}, HTTP: &http.Client{Transport: hang}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = v.Verify(t.Context(), p.Mint(resource, nil))
		if took := time.Since(start); !errors.Is(err, auth.ErrUnavailable) || took > 10*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestStrangeIssuers: what an issuer publishes is foreign input too.
func TestStrangeIssuers(t *testing.T) {
	t.Parallel()
	const issuer = "https://issuer.test"
	serve := func(metadata, keys string) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("/.well-known/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, metadata) })
		mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, keys) })
		mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.test/jwks", http.StatusFound)
		})
		return mux
	}
	metadata := `{"issuer":"` + issuer + `","jwks_uri":"` + issuer + `/jwks"}`
	const good = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"good"}`
	const goodSet = `{"keys":[` + good + `]}`
	for name, h := range map[string]http.Handler{
		"another issuer":      serve(`{"issuer":"https://evil.test","jwks_uri":"https://issuer.test/jwks"}`, goodSet),
		"issuer in capitals":  serve(strings.Replace(metadata, `"issuer"`, `"ISSUER"`, 1), goodSet),
		"no keys named":       serve(`{"issuer":"`+issuer+`"}`, goodSet),
		"keys over http":      serve(`{"issuer":"`+issuer+`","jwks_uri":"http://issuer.test/jwks"}`, goodSet),
		"keys in a file":      serve(`{"issuer":"`+issuer+`","jwks_uri":"file:///etc/passwd"}`, goodSet),
		"keys redirected":     serve(`{"issuer":"`+issuer+`","jwks_uri":"`+issuer+`/away"}`, goodSet),
		"not JSON":            serve("<html>", goodSet),
		"nested without end":  serve(strings.Repeat("[", 1<<19), goodSet),
		"longer than allowed": serve(metadata+strings.Repeat(" ", 1<<20), goodSet),
		"no keys":             serve(metadata, `{"keys":[]}`),
		"keys are text":       serve(metadata, `{"keys":"x"}`),
		"symmetric key only":  serve(metadata, `{"keys":[{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0","kid":"a"}]}`),
		"weak RSA key only":   serve(metadata, `{"keys":[{"kty":"RSA","n":"`+strings.Repeat("q", 170)+`","e":"AQAB","kid":"a"}]}`),
		"encryption key only": serve(metadata, `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}`),
		"too many keys":       serve(metadata, `{"keys":[`+good+strings.Repeat(",{}", 100)+`]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *auth.Config) { c.HTTP.Transport = authtest.Hosts{"issuer.test": h, "evil.test": h} })
			if _, err := w.verify(t, w.issuer.Mint(resource, nil)); !errors.Is(err, auth.ErrUnavailable) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	t.Run("one good key among strange ones", func(t *testing.T) {
		t.Parallel()
		h := serve(metadata, `{"keys":[{"kty":"AKP","kid":"new"},{"kty":"EC","crv":"secp256k1"},7,`+good+`]}`)
		w := newWorld(t, func(c *auth.Config) { c.HTTP.Transport = authtest.Hosts{"issuer.test": h} })
		token := w.issuer.Unsigned(resource, nil)
		token.Header["kid"] = "good"
		w.refuse(t, token.String(), auth.ReasonSignature)
	})
}

func TestJWKSOverride(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *auth.Config) { c.Issuers[0].JWKS = c.Issuers[0].URL + "/jwks" })
	w.accept(t, w.issuer.Mint(resource, nil))
	if n := w.issuer.Requests(""); n != 1 {
		t.Errorf("%d requests for one document", n)
	}
}

// TestKeysForOneAlgorithm: a key that its issuer made for one algorithm proves
// nothing with another.
func TestKeysForOneAlgorithm(t *testing.T) {
	t.Parallel()
	for alg, want := range map[string]error{"ES256": nil, "ES384": auth.ErrInvalidToken, "RSA-OAEP": auth.ErrInvalidToken} {
		w := newWorld(t, nil)
		key, id := w.issuer.Key()
		jwk, err := jose.JSONWebKey{Key: &key.PublicKey, KeyID: id, Algorithm: alg}.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		w = newWorld(t, func(c *auth.Config) { c.Issuers[0].Keys = jwk })
		token := w.issuer.Unsigned(resource, nil)
		token.Key, token.Header["kid"] = key, id
		if _, err := w.verify(t, token.String()); !errors.Is(err, want) {
			t.Errorf("ES256 with a key for %s: %v", alg, err)
		}
	}
}
