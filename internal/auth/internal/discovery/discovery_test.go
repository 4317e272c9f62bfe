package discovery

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestWellKnown(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string][]string{
		"https://a.test": {
			"https://a.test/.well-known/oauth-authorization-server", "https://a.test/.well-known/openid-configuration",
		},
		"https://a.test/": {
			"https://a.test/.well-known/oauth-authorization-server", "https://a.test/.well-known/openid-configuration",
		},
		"https://a.test:8443/realms/x y/": {
			"https://a.test:8443/.well-known/oauth-authorization-server/realms/x%20y",
			"https://a.test:8443/.well-known/openid-configuration/realms/x%20y",
			"https://a.test:8443/realms/x%20y/.well-known/openid-configuration",
		},
	} {
		if diff := cmp.Diff(want, wellKnown(issuer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", issuer, diff)
		}
	}
}

// TestDiscoverPlaces: each of the places alone is enough.
func TestDiscoverPlaces(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := jose.JSONWebKey{Key: &key.PublicKey, KeyID: "k"}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{
		"/.well-known/oauth-authorization-server/tenant", "/.well-known/openid-configuration/tenant", "/tenant/.well-known/openid-configuration",
	} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			s := httptest.NewServer(mux)
			defer s.Close()
			issuer := s.URL + "/tenant"
			mux.HandleFunc(place, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"%s/keys"}`, issuer, s.URL)
			})
			mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"keys":[%s]}`, jwk) })
			r := NewRemote(issuer, "", Client(nil), time.Now)
			if keys, err := r.Keys(t.Context(), "k"); err != nil || len(keys) != 1 {
				t.Errorf("keys %v, %v", keys, err)
			}
			if m, err := r.Metadata(t.Context()); err != nil || m.Issuer != issuer {
				t.Errorf("metadata %v, %v", m, err)
			}
		})
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	strongRSA := &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(1)), E: 65537}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pub := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		return block("PUBLIC KEY", der, err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, &ec.PublicKey, ec)
	jwk := func(key any, id string) string {
		raw, err := jose.JSONWebKey{Key: key, KeyID: id}.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for name, test := range map[string]struct {
		data string
		keys int // 0: an error
	}{
		"PEM, EC":             {pub(&ec.PublicKey), 1},
		"PEM, Ed25519":        {pub(ed), 1},
		"PEM, RSA PKCS 1":     {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(strongRSA), nil), 1},
		"PEM, certificate":    {block("CERTIFICATE", certDER, err), 1},
		"PEM after a comment": {"the backend's key\n" + pub(ed), 1},
		"JWK":                 {jwk(&ec.PublicKey, "a"), 1},
		"JWK set":             {`{"keys":[` + jwk(&ec.PublicKey, "a") + "," + jwk(ed, "b") + `]}`, 2},
		"PEM, private":        {block("PRIVATE KEY", privateDER, nil), 0},
		"PEM, two blocks":     {pub(ed) + pub(&ec.PublicKey), 0},
		"PEM, weak RSA":       {pub(weak), 0},
		"PEM, weak curve":     {pub(&small.PublicKey), 0},
		"PEM, broken":         {block("PUBLIC KEY", []byte("x"), nil), 0},
		"JWK, private":        {jwk(ec, "a"), 0},
		"JWK, symmetric":      {jwk([]byte(strings.Repeat("k", 32)), "a"), 0},
		"JWK set, one broken": {`{"keys":[` + jwk(ed, "a") + `,{"kty":"EC"}]}`, 0},
		"empty set":           {`{"keys":[]}`, 0},
		"nothing":             {"", 0},
		"text":                {"ssh-ed25519 AAAA", 0},
	} {
		keys, err := ParseKeys([]byte(test.data))
		if len(keys) != test.keys || (err == nil) != (test.keys > 0) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	named := func(ids ...string) Keys {
		var k Keys
		for _, id := range ids {
			k = append(k, jose.JSONWebKey{KeyID: id})
		}
		return k
	}
	for _, test := range []struct {
		have Keys
		ask  string
		want int
	}{
		{nil, "", 0}, {nil, "a", 0},
		{named("a"), "a", 1}, {named("a"), "", 1}, {named("a"), "b", 0}, {named(""), "b", 1}, {named(""), "", 1},
		{named("a", "b"), "b", 1}, {named("a", "b"), "", 0}, {named("a", "a"), "a", 2}, {named("", ""), "", 0}, {named("", "a"), "b", 0},
	} {
		if got := test.have.Named(test.ask); len(got) != test.want {
			t.Errorf("%v named %q: %d keys, want %d", test.have, test.ask, len(got), test.want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for s, good := range map[string]bool{
		"https://a.test": true, "https://a.test/x/": true, "http://localhost:1": true, "http://127.0.0.9/x": true, "http://[::1]:8080": true,
		"": false, "a.test": false, "/x": false, "http://a.test": false, "https://": false, "ftp://localhost": false,
		"https://u@a.test": false, "https://a.test?x": false, "https://a.test?": false, "https://a.test#": false,
		"http://localhost.evil.test": false, "http://127.0.0.1.evil.test": false, "http://10.0.0.1": false, "https://a test": false,
	} {
		if err := CheckURL(s); (err == nil) != good {
			t.Errorf("CheckURL(%q) = %v", s, err)
		}
	}
}

// TestClient: no redirects, and always an end.
func TestClient(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer s.Close()
	own := &http.Client{Timeout: time.Minute}
	for _, c := range []*http.Client{Client(nil), Client(own), Client(&http.Client{})} {
		if c.Timeout == 0 || c.CheckRedirect == nil {
			t.Errorf("client %+v", c)
		}
		var into map[string]any
		if err := get(context.WithoutCancel(t.Context()), c, s.URL, &into); err == nil || !strings.Contains(err.Error(), "302") {
			t.Errorf("a redirect gives %v", err)
		}
	}
	if own.CheckRedirect != nil || Client(own).Timeout != time.Minute {
		t.Error("the client that was given is changed or not heeded")
	}
}

// TestKeysMove: when the keys are no longer where they were, discovery is
// asked again.
func TestKeysMove(t *testing.T) {
	t.Parallel()
	var place atomic.Value
	place.Store("/keys-1")
	s := httptest.NewUnstartedServer(nil)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/oauth-authorization-server":
			fmt.Fprintf(w, `{"issuer":"http://%s","jwks_uri":"http://%s%s"}`, r.Host, r.Host, place.Load())
		case place.Load():
			fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":%q}]}`, place.Load())
		default:
			http.NotFound(w, r)
		}
	})
	s.Start()
	defer s.Close()
	r := NewRemote(s.URL, "", Client(nil), time.Now)
	if _, err := r.Keys(t.Context(), "/keys-1"); err != nil {
		t.Fatal(err)
	}
	place.Store("/keys-2")
	if _, err := r.Keys(t.Context(), "/keys-2"); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "404") {
		t.Errorf("the keys are gone: %v", err)
	}
	if _, err := r.Keys(t.Context(), "/keys-2"); err != nil {
		t.Errorf("the keys have moved: %v", err)
	}
}
