package fake_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const verifier = "a-verifier-that-is-long-enough-to-be-one-of-them"

// authorize is the address to which an application sends its people.
func authorize(change map[string]string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "provider": {"authkit"}, "state": {"s1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for name, value := range change {
		q.Set(name, value)
	}
	return "/user_management/authorize?" + q.Encode()
}

// signIn returns the code with which a user comes back.
func signIn(t *testing.T, s *fake.Server, user string) string {
	t.Helper()
	r := ask(t, s, http.MethodPost, authorize(nil), url.Values{"user": {user}})
	to, err := r.Location()
	if err != nil {
		t.Fatal(err)
	}
	if got := to.Query().Get("state"); !strings.HasPrefix(to.String(), callback+"?") || got != "s1" {
		t.Fatalf("sent to %s with state %q, want %s with s1", to, got, callback)
	}
	return to.Query().Get("code")
}

func redeem(change map[string]string) map[string]string {
	q := map[string]string{"client_id": client, "client_secret": apiKey, "grant_type": "authorization_code", "code_verifier": verifier}
	for name, value := range change {
		q[name] = value
	}
	return q
}

const authenticate = "/user_management/authenticate"

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newServer()
	page := read(t, ask(t, s, http.MethodGet, authorize(nil), nil), http.StatusOK)["page"].(string)
	if !strings.Contains(page, "ada@example.com") || !strings.Contains(page, "bob@example.com") {
		t.Errorf("the page does not offer both users: %s", page)
	}
	code := signIn(t, s, "user_ada")
	got := read(t, ask(t, s, http.MethodPost, authenticate, redeem(map[string]string{"code": code}), asApp), http.StatusOK)
	if got["organization_id"] != "org_acme" || got["user"].(map[string]any)["email"] != "ada@example.com" {
		t.Errorf("got %v", got)
	}
	read(t, ask(t, s, http.MethodPost, authenticate, redeem(map[string]string{"code": code}), asApp), http.StatusBadRequest)

	old := redeem(map[string]string{"grant_type": "refresh_token", "refresh_token": got["refresh_token"].(string)})
	next := read(t, ask(t, s, http.MethodPost, authenticate, old, asApp), http.StatusOK)
	read(t, ask(t, s, http.MethodPost, authenticate, old, asApp), http.StatusBadRequest)

	leave := ask(t, s, http.MethodGet, "/user_management/sessions/logout?"+url.Values{"session_id": {claim(t, next, "sid")}, "return_to": {app + "/"}}.Encode(), nil)
	if got := leave.Header.Get("Location"); got != app+"/" {
		t.Errorf("signing out leads to %q, want the application", got)
	}
	ended := redeem(map[string]string{"grant_type": "refresh_token", "refresh_token": next["refresh_token"].(string)})
	read(t, ask(t, s, http.MethodPost, authenticate, ended, asApp), http.StatusBadRequest)
}

func TestSignInRefuses(t *testing.T) {
	t.Parallel()
	s := newServer()
	for name, target := range map[string]string{
		"an unknown application": authorize(map[string]string{"client_id": "client_other"}),
		"another place":          authorize(map[string]string{"redirect_uri": "https://elsewhere.example/callback"}),
		"another provider":       authorize(map[string]string{"provider": "google"}),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := ask(t, s, method, target, url.Values{"user": {"user_ada"}})
			if r.StatusCode != http.StatusBadRequest || r.Header.Get("Location") != "" {
				t.Errorf("%s %s: status %d, sent to %q", method, name, r.StatusCode, r.Header.Get("Location"))
			}
		}
	}
	read(t, ask(t, s, http.MethodPost, authorize(nil), url.Values{"user": {"user_nobody"}}), http.StatusBadRequest)
	for name, wrong := range map[string]map[string]string{
		"verifier": {"code_verifier": "another"}, "secret": {"client_secret": "sk_test_other"}, "client": {"client_id": "client_other"},
	} {
		wrong["code"] = signIn(t, s, "user_ada")
		if r := ask(t, s, http.MethodPost, authenticate, redeem(wrong), asApp); r.StatusCode != http.StatusBadRequest {
			t.Errorf("with a wrong %s: status %d", name, r.StatusCode)
		}
	}
	away := ask(t, s, http.MethodGet, "/user_management/sessions/logout?return_to=https://elsewhere.example/", nil)
	if got := away.Header.Get("Location"); got != "" {
		t.Errorf("signing out leads to %s, want nowhere", got)
	}
}

// TestAccessToken checks tokens as mcp-notion does. As they are, they have no
// audience; a JWT template of the dashboard gives them one.
func TestAccessToken(t *testing.T) {
	t.Parallel()
	s := newServer()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	enter := func() string {
		t.Helper()
		ask := ask(t, s, http.MethodPost, srv.URL+authenticate, redeem(map[string]string{"code": signIn(t, s, "user_ada")}), asApp)
		return read(t, ask, http.StatusOK)["access_token"].(string)
	}
	issuer := srv.URL + "/user_management/" + client
	v, err := auth.New(auth.Config{
		Resource: "https://mcp.example/mcp",
		Issuers:  []auth.Issuer{{URL: issuer, JWKS: srv.URL + "/sso/jwks/" + client}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), enter()); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("without an audience: %v, want ErrInvalidToken", err)
	}
	s.SetTemplate(map[string]any{"aud": "https://mcp.example/mcp", "scope": "notion:read"})
	who, err := v.Verify(t.Context(), enter())
	if err != nil {
		t.Fatal(err)
	}
	want := auth.Subject{Issuer: issuer, Organization: "org_acme", User: "user_ada"}
	if diff := cmp.Diff(want, who.Subject); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	read(t, ask(t, s, http.MethodGet, "/sso/jwks/client_other", nil), http.StatusNotFound)
}

// claim reads an access token without checking it.
func claim(t *testing.T, answer map[string]any, name string) string {
	t.Helper()
	token := answer["access_token"].(string)
	var c map[string]any
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c[name].(string)
}
