package authtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

const resource = "https://notion.example.com/mcp"

// client is an MCP client that knows nothing but the issuer.
type client struct {
	*http.Client
	t        *testing.T
	metadata map[string]any
	id       string
	verifier string
}

func newClient(t *testing.T, p *authtest.Provider) *client {
	t.Helper()
	c := &client{Client: &http.Client{Transport: p.Client().Transport}, t: t, verifier: strings.Repeat("v", 43)}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, c.metadata = c.do(http.MethodGet, p.URL()+"/.well-known/oauth-authorization-server", "", "")
	return c
}

func (c *client) at(name string) string {
	c.t.Helper()
	s, ok := c.metadata[name].(string)
	if !ok {
		c.t.Fatalf("the metadata names no %s", name)
	}
	return s
}

func (c *client) do(method, to, contentType, body string) (status int, doc map[string]any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		c.t.Fatalf("%s %s: %d %q", method, to, res.StatusCode, raw)
	}
	return res.StatusCode, doc
}

func (c *client) register(redirect string) {
	c.t.Helper()
	status, doc := c.do(http.MethodPost, c.at("registration_endpoint"), "application/json",
		`{"client_name":"test","redirect_uris":["`+redirect+`"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}`)
	id, _ := doc["client_id"].(string)
	if status != http.StatusCreated || id == "" || doc["client_name"] != "test" || doc["client_secret"] != nil {
		c.t.Fatalf("registration: %d %v", status, doc)
	}
	c.id = id
}

// authorize returns the parameters that come back to the redirect URI.
func (c *client) authorize(redirect string, change func(url.Values)) url.Values {
	c.t.Helper()
	sum := sha256.Sum256([]byte(c.verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {redirect}, "state": {"st"},
		"scope": {"notion:read openid made:up"}, "resource": {resource}, "nonce": {"n"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	if change != nil {
		change(q)
	}
	res, err := c.Get(c.at("authorization_endpoint") + "?" + q.Encode())
	if err != nil {
		c.t.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil || !strings.HasPrefix(to.String(), redirect) {
		c.t.Fatalf("sent to %v with status %d", to, res.StatusCode)
	}
	return to.Query()
}

func (c *client) redeem(code, redirect string, change func(url.Values)) (int, map[string]any) {
	c.t.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect},
		"client_id": {c.id}, "code_verifier": {c.verifier}, "resource": {resource},
	}
	if change != nil {
		change(form)
	}
	return c.do(http.MethodPost, c.at("token_endpoint"), "application/x-www-form-urlencoded", form.Encode())
}

// TestClientLogsIn does what an MCP client does: metadata, registration, code
// with PKCE and resource, token, refresh; our Verifier accepts the result.
func TestClientLogsIn(t *testing.T) {
	t.Parallel()
	p := authtest.New(authtest.Config{})
	c := newClient(t, p)
	if got := c.metadata["code_challenge_methods_supported"]; got == nil || c.metadata["issuer"] != p.URL() {
		t.Fatalf("metadata %v", c.metadata)
	}
	c.register("http://127.0.0.1:1/callback")
	const redirect = "http://127.0.0.1:50123/callback" // another port on loopback is the same client
	back := c.authorize(redirect, nil)
	if back.Get("state") != "st" || back.Get("iss") != p.URL() {
		t.Fatalf("came back with %v", back)
	}
	status, doc := c.redeem(back.Get("code"), redirect, nil)
	if status != http.StatusOK || doc["scope"] != "notion:read openid" || doc["token_type"] != "Bearer" || doc["id_token"] == nil {
		t.Fatalf("token: %d %v", status, doc)
	}
	v, err := auth.New(auth.Config{Resource: resource, Issuers: []auth.Issuer{{URL: p.URL()}}, HTTP: p.Client()})
	if err != nil {
		t.Fatal(err)
	}
	access, _ := doc["access_token"].(string)
	if who, err := v.Verify(t.Context(), access); err != nil || !who.HasScopes(auth.ScopeRead) || who.Subject.User != "user_1" {
		t.Errorf("the token is of %v: %v", who, err)
	}
	refresh := func(f url.Values) {
		f.Set("grant_type", "refresh_token")
		f.Set("refresh_token", doc["refresh_token"].(string))
	}
	status, again := c.redeem("", redirect, refresh)
	if status != http.StatusOK || again["access_token"] == access || again["refresh_token"] == doc["refresh_token"] {
		t.Errorf("refresh: %d %v", status, again)
	}
	if status, _ := c.redeem("", redirect, refresh); status != http.StatusBadRequest {
		t.Errorf("a refresh token works twice: %d", status)
	}
}

func TestTokenEndpointRefuses(t *testing.T) {
	t.Parallel()
	const redirect = "https://client.test/cb"
	set := func(name, value string) func(url.Values) { return func(f url.Values) { f.Set(name, value) } }
	for name, test := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"wrong verifier":    {set("code_verifier", strings.Repeat("w", 43)), "invalid_grant"},
		"no verifier":       {set("code_verifier", ""), "invalid_grant"},
		"another redirect":  {set("redirect_uri", "https://client.test/other"), "invalid_grant"},
		"another resource":  {set("resource", "https://other.example.com"), "invalid_target"},
		"unknown client":    {set("client_id", "x"), "invalid_client"},
		"made-up code":      {set("code", "x"), "invalid_grant"},
		"password":          {set("grant_type", "password"), "unsupported_grant_type"},
		"secret of no need": {set("client_secret", "x"), "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, authtest.New(authtest.Config{}))
			c.register(redirect)
			code := c.authorize(redirect, nil).Get("code")
			if status, doc := c.redeem(code, redirect, test.change); status < 400 || doc["error"] != test.want || doc["access_token"] != nil {
				t.Errorf("%d %v", status, doc)
			}
		})
	}
	t.Run("code twice", func(t *testing.T) {
		t.Parallel()
		c := newClient(t, authtest.New(authtest.Config{}))
		c.register(redirect)
		code := c.authorize(redirect, nil).Get("code")
		if status, _ := c.redeem(code, redirect, nil); status != http.StatusOK {
			t.Fatalf("the first time: %d", status)
		}
		if status, _ := c.redeem(code, redirect, nil); status != http.StatusBadRequest {
			t.Errorf("the second time: %d", status)
		}
	})
}

func TestAuthorizeRefuses(t *testing.T) {
	t.Parallel()
	const redirect = "https://client.test/cb"
	p := authtest.New(authtest.Config{})
	c := newClient(t, p)
	c.register(redirect)
	for name, test := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"no PKCE":             {func(q url.Values) { q.Del("code_challenge") }, "invalid_request"},
		"plain PKCE":          {func(q url.Values) { q.Set("code_challenge_method", "plain") }, "invalid_request"},
		"implicit flow":       {func(q url.Values) { q.Set("response_type", "token") }, "unsupported_response_type"},
		"resource is a path":  {func(q url.Values) { q.Set("resource", "/mcp") }, "invalid_target"},
		"resource has a part": {func(q url.Values) { q.Set("resource", resource+"#x") }, "invalid_target"},
	} {
		if back := c.authorize(redirect, test.change); back.Get("error") != test.want || back.Has("code") {
			t.Errorf("%s: %v", name, back)
		}
	}
	for name, q := range map[string]url.Values{
		"another redirect": {"client_id": {c.id}, "redirect_uri": {"https://evil.test/cb"}},
		"unknown client":   {"client_id": {"x"}, "redirect_uri": {redirect}},
	} {
		res, err := c.Get(c.at("authorization_endpoint") + "?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	for _, body := range []string{`{}`, `x`, `{"redirect_uris":["http://evil.test/"]}`, `{"redirect_uris":[7]}`, `{"redirect_uris":["https://a.test/"],"token_endpoint_auth_method":"private_key_jwt"}`} {
		if status, doc := c.do(http.MethodPost, c.at("registration_endpoint"), "application/json", body); status != http.StatusBadRequest || doc["client_id"] != nil {
			t.Errorf("registration of %s: %d %v", body, status, doc)
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	p, stop := authtest.Start(authtest.Config{Opaque: true, Life: time.Minute, Clients: []authtest.Client{{ID: "rs", Secret: "s"}}})
	defer stop()
	v, err := auth.New(auth.Config{
		Resource: resource, Issuers: []auth.Issuer{{URL: p.URL()}},
		Introspection: auth.Introspection{URL: p.URL() + "/introspect", ClientID: "rs", ClientSecret: auth.NewSecret("s")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{p.Mint(resource, nil), p.Opaque(resource, nil)} {
		if who, err := v.Verify(t.Context(), token); err != nil || who.Subject.Issuer != p.URL() {
			t.Errorf("over a network: %v, %v", who, err)
		}
	}
	if p.Requests("/jwks") != 1 || p.Requests("/introspect") != 1 || p.Requests("") < 3 {
		t.Errorf("requests: %d, %d, %d", p.Requests("/jwks"), p.Requests("/introspect"), p.Requests(""))
	}
	p.Revoke("no such token")
	first := []string{p.AddKey(), p.Rotate()}
	if _, id := p.Key(); id != first[1] || slices.Contains(first[:1], id) {
		t.Errorf("it signs with %s", id)
	}
}
