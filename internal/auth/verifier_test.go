package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

func TestVerifyNamesTheSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.issuer.Mint(resource, map[string]any{"scope": "notion:read  notion:comment notion:read", "scp": []string{"other"}})
	got := w.accept(t, token)
	if got.Token.Reveal() != token {
		t.Error("the Principal does not have the token")
	}
	got.Token = auth.Secret{}
	want := auth.Principal{
		Subject: auth.Subject{Issuer: w.issuer.URL(), Organization: "org_1", User: "user_1"},
		Scopes:  []string{"notion:comment", "notion:read", "other"},
		Expires: w.clock.now().Add(time.Hour),
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(auth.Secret{}), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	if !got.HasScopes(auth.ScopeRead, auth.ScopeComment) || got.HasScopes("notion:write") || got.HasScopes(auth.ScopeRead, "x") {
		t.Error("HasScopes is wrong")
	}
}

// TestAcceptedTokens has what is unusual and right, so that the refusals below
// are not for nothing.
func TestAcceptedTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	now := w.clock.now()
	for name, change := range map[string]func(*authtest.Token){
		"plain":                    func(*authtest.Token) {},
		"typ JWT":                  func(m *authtest.Token) { m.Header["typ"] = "JWT" },
		"typ in long form":         func(m *authtest.Token) { m.Header["typ"] = "application/AT+JWT" },
		"no typ":                   func(m *authtest.Token) { delete(m.Header, "typ") },
		"no kid, one key":          func(m *authtest.Token) { delete(m.Header, "kid") },
		"several audiences":        func(m *authtest.Token) { m.Claims["aud"] = []string{"other", resource} },
		"expired within leeway":    func(m *authtest.Token) { delete(m.Claims, "iat"); m.Claims["exp"] = now.Add(-29 * time.Second).Unix() },
		"not before within leeway": func(m *authtest.Token) { m.Claims["nbf"] = now.Add(29 * time.Second).Unix() },
		"fractions of a second":    func(m *authtest.Token) { m.Claims["exp"] = float64(now.Unix()) + 60.5 },
		"no organization":          func(m *authtest.Token) { delete(m.Claims, "org_id") },
		"null organization":        func(m *authtest.Token) { m.Claims["org_id"] = nil },
		"no iat":                   func(m *authtest.Token) { delete(m.Claims, "iat") },
		"Keycloak's typ claim":     func(m *authtest.Token) { m.Claims["typ"] = "Bearer" },
		"names in another case":    func(m *authtest.Token) { m.Claims["SUB"], m.Claims["AUD"] = "user_2", "x" },
		"embedded key is ignored":  func(m *authtest.Token) { m.Header["jku"] = "https://evil.test/jwks" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := w.issuer.Unsigned(resource, nil)
			change(&token)
			if p := w.accept(t, token.String()); p.Subject.User != "user_1" {
				t.Errorf("the user is %q", p.Subject.User)
			}
		})
	}
}

// forgery is a token that is nearly right.
type forgery struct {
	name   string
	change func(*authtest.Token)
	want   auth.Reason
}

func (w *world) refuseAll(t *testing.T, forgeries []forgery) {
	t.Helper()
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			token := w.issuer.Unsigned(resource, nil)
			f.change(&token)
			w.refuse(t, token.String(), f.want)
		})
	}
}

func claim(name string, value any) func(*authtest.Token) {
	return func(m *authtest.Token) { m.Claims[name] = value }
}

func without(name string) func(*authtest.Token) {
	return func(m *authtest.Token) { delete(m.Claims, name) }
}

func header(name string, value any) func(*authtest.Token) {
	return func(m *authtest.Token) { m.Header[name] = value }
}

func signed(alg string, key any) func(*authtest.Token) {
	return func(m *authtest.Token) { m.Header["alg"], m.Key = alg, key }
}

// mustJWK returns the public half as a JWK.
func mustJWK(t *testing.T, key any, id string) []byte {
	t.Helper()
	jwk := jose.JSONWebKey{Key: key, KeyID: id}
	raw, err := jwk.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	other := authtest.NewKey()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, kid := w.issuer.Key()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	publicJWK, evil := mustJWK(t, key, kid), mustJWK(t, other, "")
	w.refuseAll(t, []forgery{
		{"alg none without signature", signed("none", nil), auth.ReasonAlgorithm},
		{"alg None in another case", signed("nOnE", nil), auth.ReasonAlgorithm},
		{"alg none with signature", signed("none", key), auth.ReasonAlgorithm},
		{"no alg", func(m *authtest.Token) { delete(m.Header, "alg") }, auth.ReasonAlgorithm},
		{"HS256 with the public key as PEM", signed("HS256", publicPEM), auth.ReasonAlgorithm},
		{"HS256 with the public key as JWK", signed("HS256", publicJWK), auth.ReasonAlgorithm},
		{"HS256 with the public key as DER", signed("HS256", der), auth.ReasonAlgorithm},
		{"HMAC that calls itself ES256", signed("ES256", publicPEM), auth.ReasonSignature},
		{"HMAC that calls itself RS256", signed("RS256", publicPEM), auth.ReasonSignature},
		{"ES256 without signature", signed("ES256", nil), auth.ReasonSignature},
		{"other key, same kid", signed("ES256", other), auth.ReasonSignature},
		{"RSA key, same kid", signed("RS256", rsaKey), auth.ReasonSignature},
		{"RSA key that calls itself ES256", signed("ES256", rsaKey), auth.ReasonSignature},
		{"Ed25519 key, same kid", signed("EdDSA", edKey), auth.ReasonSignature},
		{"ES384 with a P-256 key", signed("ES384", key), auth.ReasonSignature},
		{"own key in the header", func(m *authtest.Token) { m.Key, m.Header["jwk"] = other, json.RawMessage(evil) }, auth.ReasonSignature},
		{"other key, no kid", func(m *authtest.Token) { m.Key = other; delete(m.Header, "kid") }, auth.ReasonSignature},
	})
}

func TestForgedHeaders(t *testing.T) {
	t.Parallel()
	newWorld(t, nil).refuseAll(t, []forgery{
		{"unknown kid", header("kid", "other"), auth.ReasonKey},
		{"path as kid", header("kid", "../../../../dev/null"), auth.ReasonKey},
		{"critical extension", header("crit", []string{"exp"}), auth.ReasonCritical},
		{"unencoded payload", func(m *authtest.Token) { m.Header["crit"], m.Header["b64"] = []string{"b64"}, false }, auth.ReasonCritical},
		{"empty crit", header("crit", []string{}), auth.ReasonCritical},
		{"typ of an ID token", header("typ", "id_token+jwt"), auth.ReasonType},
		{"typ of a logout token", header("typ", "logout+jwt"), auth.ReasonType},
		{"typ of a DPoP proof", header("typ", "dpop+jwt"), auth.ReasonType},
	})
}

func TestForgedClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	now := w.clock.now()
	w.refuseAll(t, []forgery{
		{"ID token by Cognito's claim", claim("token_use", "id"), auth.ReasonType},
		{"ID token by Keycloak's claim", claim("typ", "ID"), auth.ReasonType},
		{"refresh token by Keycloak's claim", claim("typ", "Refresh"), auth.ReasonType},
		{"ID token by at_hash", claim("at_hash", "x"), auth.ReasonType},
		{"logout token by events", claim("events", map[string]any{}), auth.ReasonType},
		{"other issuer", claim("iss", "https://evil.test"), auth.ReasonIssuer},
		{"issuer with a slash", claim("iss", w.issuer.URL()+"/"), auth.ReasonIssuer},
		{"issuer in capitals", claim("iss", strings.ToUpper(w.issuer.URL())), auth.ReasonIssuer},
		{"issuer as array", claim("iss", []string{w.issuer.URL()}), auth.ReasonIssuer},
		{"no issuer", without("iss"), auth.ReasonIssuer},
		{"local issuer", claim("iss", "local"), auth.ReasonIssuer},
		{"other audience", claim("aud", "https://other.example.com/mcp"), auth.ReasonAudience},
		{"audience is a prefix", claim("aud", "https://notion.example.com"), auth.ReasonAudience},
		{"audience is longer", claim("aud", resource+"/x"), auth.ReasonAudience},
		{"no audience", without("aud"), auth.ReasonAudience},
		{"empty audience", claim("aud", []string{}), auth.ReasonAudience},
		{"audience of another type", claim("aud", []any{resource, 1}), auth.ReasonAudience},
		{"expired", claim("exp", now.Add(-31*time.Second).Unix()), auth.ReasonExpired},
		{"expired at the end of the leeway", claim("exp", now.Add(-30*time.Second).Unix()), auth.ReasonExpired},
		{"never expires", without("exp"), auth.ReasonLifetime},
		{"expires before it begins", func(m *authtest.Token) { m.Claims["iat"], m.Claims["exp"] = now.Unix(), now.Unix()-1 }, auth.ReasonLifetime},
		{"exp is text", claim("exp", "9999999999"), auth.ReasonMalformed},
		{"exp is negative", claim("exp", -1), auth.ReasonMalformed},
		{"exp is beyond all dates", claim("exp", 1e300), auth.ReasonMalformed},
		{"nbf ahead", claim("nbf", now.Add(31*time.Second).Unix()), auth.ReasonNotYet},
		{"issued in the future", claim("iat", now.Add(31*time.Second).Unix()), auth.ReasonNotYet},
		{"no user", without("sub"), auth.ReasonSubject},
		{"empty user", claim("sub", ""), auth.ReasonSubject},
		{"user is a number", claim("sub", 7), auth.ReasonSubject},
		{"control character in the user", claim("sub", "user\x00_1"), auth.ReasonSubject},
		{"long user", claim("sub", strings.Repeat("u", 513)), auth.ReasonSubject},
		{"organization is an array", claim("org_id", []string{"org_1"}), auth.ReasonSubject},
		{"scopes are an object", claim("scope", map[string]any{"notion:read": true}), auth.ReasonScopeClaims},
		{"too many scopes", claim("scope", strings.Repeat("a ", 101)), auth.ReasonScopeClaims},
		{"too long", claim("x", strings.Repeat("x", 16<<10)), auth.ReasonTooLong},
	})
}

func (w *world) refuse(t *testing.T, token string, want auth.Reason) {
	t.Helper()
	p, err := w.verify(t, token)
	var got *auth.InvalidTokenError
	if !errors.As(err, &got) || !errors.Is(err, auth.ErrInvalidToken) || errors.Is(err, auth.ErrUnavailable) {
		t.Fatalf("the error is %v, want an invalid token: %v", err, want)
	}
	if got.Reason != want {
		t.Errorf("the reason is %q, want %q", got.Reason, want)
	}
	if p.Subject != (auth.Subject{}) || len(p.Scopes) > 0 || !p.Token.IsZero() {
		t.Errorf("a refused token gives %v", p)
	}
}

func TestBrokenTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	good := w.issuer.Mint(resource, nil)
	part := strings.Split(good, ".")
	enc := base64.RawURLEncoding.EncodeToString
	for name, token := range map[string]string{
		"one word":                   "token",
		"two parts":                  part[0] + "." + part[1],
		"four parts":                 good + ".x",
		"encrypted form":             good + ".x.y",
		"no claims":                  part[0] + ".." + part[2],
		"claims are an array":        part[0] + "." + enc([]byte("[]")) + "." + part[2],
		"claims are null":            part[0] + "." + enc([]byte("null")) + "." + part[2],
		"header is cut":              enc([]byte(`{"alg":"ES256"`)) + "." + part[1] + "." + part[2],
		"standard base64":            part[0] + "." + part[1] + "." + part[2] + "==",
		"JSON serialization":         `{"payload":"` + part[1] + `"}`,
		"claims twice":               part[0] + "." + enc([]byte(`{"iss":"`+w.issuer.URL()+`","iss":"https://evil.test"}`)) + "." + part[2],
		"header twice":               enc([]byte(`{"alg":"ES256","alg":"none"}`)) + "." + part[1] + "." + part[2],
		"nested too deep to be sane": part[0] + "." + enc([]byte(strings.Repeat("[", 9000))) + "." + part[2],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.refuse(t, token, auth.ReasonMalformed)
		})
	}
	t.Run("claims are exchanged", func(t *testing.T) {
		t.Parallel()
		raw, err := base64.RawURLEncoding.DecodeString(part[1])
		if err != nil {
			t.Fatal(err)
		}
		w.refuse(t, part[0]+"."+enc(bytes.Replace(raw, []byte("user_1"), []byte("user_2"), 1))+"."+part[2], auth.ReasonSignature)
	})
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		if _, err := w.v.Verify(t.Context(), ""); !errors.Is(err, auth.ErrNoToken) {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestRefusedWithoutAsking: only tokens that could be right make us fetch
// keys.
func TestRefusedWithoutAsking(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, claims := range []map[string]any{
		{"aud": "other"}, {"exp": w.clock.now().Add(-time.Hour).Unix()}, {"iss": "https://evil.test"}, {"sub": nil},
	} {
		if _, err := w.verify(t, w.issuer.Mint(resource, claims)); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("%v: %v", claims, err)
		}
	}
	if n := w.issuer.Requests(""); n != 0 {
		t.Errorf("the issuer was asked %d times for tokens that it could not save", n)
	}
}

func TestIssuerRules(t *testing.T) {
	t.Parallel()
	t.Run("claims by name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *auth.Config) {
			c.Issuers[0].UserClaim, c.Issuers[0].OrgClaim = "https://example.com/user", "tenant"
		})
		p := w.accept(t, w.issuer.Mint(resource, map[string]any{"https://example.com/user": "anna", "tenant": "acme"}))
		if want := (auth.Subject{Issuer: w.issuer.URL(), Organization: "acme", User: "anna"}); p.Subject != want {
			t.Errorf("the subject is %+v", p.Subject)
		}
		w.refuse(t, w.issuer.Mint(resource, nil), auth.ReasonSubject)
	})
	t.Run("audience override", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *auth.Config) { c.Issuers[0].Audiences = []string{"client_7"} })
		w.accept(t, w.issuer.Mint("client_7", nil))
		w.refuse(t, w.issuer.Mint(resource, nil), auth.ReasonAudience)
	})
	t.Run("fewer algorithms", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *auth.Config) { c.Issuers[0].Algorithms = []string{"RS256", "PS256"} })
		w.refuse(t, w.issuer.Mint(resource, nil), auth.ReasonAlgorithm)
	})
	t.Run("granted scopes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *auth.Config) { c.Issuers[0].Scopes = []string{auth.ScopeRead} })
		if p := w.accept(t, w.issuer.Mint(resource, map[string]any{"scope": "openid"})); !p.HasScopes(auth.ScopeRead, "openid") {
			t.Errorf("the scopes are %v", p.Scopes)
		}
	})
	t.Run("an actor that the issuer names", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		act := map[string]any{"sub": "agent", "act": map[string]any{"sub": "earlier"}}
		if p := w.accept(t, w.issuer.Mint(resource, map[string]any{"act": act})); p.Actor != "agent" {
			t.Errorf("the actor is %q", p.Actor)
		}
	})
}

// TestIssuersDoNotMix: a key of one issuer proves nothing for another.
func TestIssuersDoNotMix(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := authtest.New(authtest.Config{URL: "https://a.test", Now: c.now})
	b := authtest.New(authtest.Config{URL: "https://b.test", Now: c.now})
	w := newWorld(t, func(conf *auth.Config) {
		conf.Issuers = []auth.Issuer{{URL: a.URL()}, {URL: b.URL()}}
		conf.HTTP.Transport = authtest.Hosts{"a.test": a, "b.test": b}
	})
	pa, pb := w.accept(t, a.Mint(resource, nil)), w.accept(t, b.Mint(resource, nil))
	if pa.Subject == pb.Subject {
		t.Error("the same user of two issuers is one subject")
	}
	forged := b.Unsigned(resource, map[string]any{"iss": a.URL()})
	w.refuse(t, forged.String(), auth.ReasonKey)
	_, forged.Header["kid"] = a.Key()
	w.refuse(t, forged.String(), auth.ReasonSignature)
}

func TestDelegation(t *testing.T) {
	t.Parallel()
	key := authtest.NewKey()
	public := mustJWK(t, key, "")
	w := newWorld(t, func(c *auth.Config) {
		c.Issuers = append(c.Issuers, auth.Issuer{
			URL: "backend", Delegates: true, Actor: "chat-app", Keys: public, SubjectIssuer: c.Issuers[0].URL,
		})
	})
	now := w.clock.now()
	mint := func(change map[string]any) string {
		token := w.issuer.Unsigned(resource, map[string]any{
			"iss": "backend", "exp": now.Add(5 * time.Minute).Unix(), "act": map[string]any{"sub": "chat-app"}, "scope": "notion:read",
		})
		maps.Copy(token.Claims, change)
		maps.DeleteFunc(token.Claims, func(_ string, v any) bool { return v == nil })
		token.Key, token.Header["kid"] = key, "whatever: there is one key"
		return token.String()
	}
	p := w.accept(t, mint(nil))
	if direct := w.accept(t, w.issuer.Mint(resource, nil)); p.Subject != direct.Subject || p.Actor != "chat-app" || direct.Actor != "" {
		t.Errorf("the backend's token gives %v for %q, the user's own %v for %q", p.Subject, p.Actor, direct.Subject, direct.Actor)
	}
	w.accept(t, mint(map[string]any{"act": nil, "azp": "chat-app"}))
	for _, test := range []struct {
		name   string
		change map[string]any
		want   auth.Reason
	}{
		{"lives too long", map[string]any{"exp": now.Add(5*time.Minute + time.Second).Unix()}, auth.ReasonLifetime},
		{"does not say when it was made", map[string]any{"iat": nil}, auth.ReasonLifetime},
		{"another actor", map[string]any{"act": map[string]any{"sub": "other"}}, auth.ReasonActor},
		{"actor is text", map[string]any{"act": "chat-app"}, auth.ReasonActor},
		{"another client", map[string]any{"azp": "other"}, auth.ReasonActor},
		{"nobody acts", map[string]any{"act": map[string]any{}}, auth.ReasonActor},
		{"in the name of the user's issuer", map[string]any{"iss": w.issuer.URL()}, auth.ReasonKey},
		{"another resource", map[string]any{"aud": "x"}, auth.ReasonAudience},
		{"no user", map[string]any{"sub": nil}, auth.ReasonSubject},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w.refuse(t, mint(test.change), test.want)
		})
	}
	t.Run("nobody is named as acting", func(t *testing.T) {
		t.Parallel()
		token := w.issuer.Unsigned(resource, map[string]any{"iss": "backend", "exp": now.Add(time.Minute).Unix()})
		token.Key = key
		w.refuse(t, token.String(), auth.ReasonActor)
	})
}

func TestStatic(t *testing.T) {
	t.Parallel()
	who := auth.Local("ntn_of_the_user")
	v := auth.Static(auth.NewSecret("development-token"), who)
	p, err := v.Verify(t.Context(), "development-token")
	if err != nil || p.Subject != who || !p.HasScopes(auth.Scopes()...) {
		t.Errorf("the right token gives %v, %v", p, err)
	}
	for _, wrong := range []string{"development-toke", "development-token2", "Development-token", "x"} {
		if _, err := v.Verify(t.Context(), wrong); !errors.Is(err, auth.ErrInvalidToken) || strings.Contains(fmt.Sprint(err), wrong+"\"") {
			t.Errorf("%q gives %v", wrong, err)
		}
	}
	if _, err := auth.Static(auth.Secret{}, who).Verify(t.Context(), ""); err == nil {
		t.Error("without a token configured, no token is enough")
	}
	if len(v.MetadataPaths()) != 0 {
		t.Errorf("there is metadata of no issuer at %v", v.MetadataPaths())
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := auth.Issuer{URL: "https://issuer.test"}
	with := func(change func(*auth.Issuer)) auth.Config {
		i := good
		change(&i)
		return auth.Config{Resource: resource, Issuers: []auth.Issuer{i}}
	}
	private, err := jose.JSONWebKey{Key: authtest.NewKey()}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]auth.Config{
		"nothing":               {},
		"no issuer":             {Resource: resource},
		"resource without host": {Resource: "/mcp", Issuers: []auth.Issuer{good}},
		"resource over http":    {Resource: "http://notion.example.com/mcp", Issuers: []auth.Issuer{good}},
		"resource with query":   {Resource: resource + "?a=b", Issuers: []auth.Issuer{good}},
		"resource with #":       {Resource: resource + "#", Issuers: []auth.Issuer{good}},
		"resource with slash":   {Resource: resource + "/", Issuers: []auth.Issuer{good}},
		"leeway too long":       {Resource: resource, Issuers: []auth.Issuer{good}, Leeway: time.Hour},
		"negative leeway":       {Resource: resource, Issuers: []auth.Issuer{good}, Leeway: -1},
		"issuer twice":          {Resource: resource, Issuers: []auth.Issuer{good, good}},
		"issuer over http":      with(func(i *auth.Issuer) { i.URL = "http://issuer.test" }),
		"issuer with password":  with(func(i *auth.Issuer) { i.URL = "https://u:p@issuer.test" }),
		"JWKS over http":        with(func(i *auth.Issuer) { i.JWKS = "http://issuer.test/jwks" }),
		"symmetric algorithm":   with(func(i *auth.Issuer) { i.Algorithms = []string{"HS256"} }),
		"algorithm none":        with(func(i *auth.Issuer) { i.Algorithms = []string{"none"} }),
		"speaks for another":    with(func(i *auth.Issuer) { i.SubjectIssuer = "https://other.test" }),
		"speaks for local":      with(func(i *auth.Issuer) { i.Delegates, i.SubjectIssuer = true, "local" }),
		"private key":           with(func(i *auth.Issuer) { i.Keys = private }),
		"introspection by http": {Resource: resource, Issuers: []auth.Issuer{good}, Introspection: auth.Introspection{URL: "http://x.test/"}},
		"introspection of another": {Resource: resource, Issuers: []auth.Issuer{good},
			Introspection: auth.Introspection{URL: "https://x.test/", Issuer: "https://x.test"}},
	} {
		if _, err := auth.New(c); err == nil {
			t.Errorf("%s: it is accepted", name)
		}
	}
	if _, err := auth.New(auth.Config{Resource: "http://127.0.0.1:8080/mcp", Issuers: []auth.Issuer{{URL: "http://localhost:9"}}}); err != nil {
		t.Errorf("loopback over http: %v", err)
	}
}
