package auth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// TestChallenges shows whole answers, as clients see them.
func TestChallenges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	static := auth.Static(auth.NewSecret("token"), auth.Local("x"))
	var all strings.Builder
	show := func(name string, v *auth.Verifier, err error, scopes ...string) {
		rec := httptest.NewRecorder()
		v.Challenge(rec, err, scopes...)
		res := rec.Result()
		res.ContentLength = int64(rec.Body.Len())
		dump, dumpErr := httputil.DumpResponse(res, true)
		if dumpErr != nil {
			t.Fatal(dumpErr)
		}
		fmt.Fprintf(&all, "== %s\n%s\n", name, strings.ReplaceAll(string(dump), "\r", ""))
	}
	show("no token", w.v, auth.ErrNoToken, auth.ScopeRead)
	show("expired", w.v, fmt.Errorf("call: %w", &auth.InvalidTokenError{Reason: auth.ReasonExpired}), auth.ScopeRead)
	show("invalid for no reason", w.v, auth.ErrInvalidToken)
	show("two scopes needed", w.v, auth.Principal{Scopes: []string{auth.ScopeRead}}.Require(auth.ScopeRead, auth.ScopeComment), auth.ScopeRead)
	show("issuer down", w.v, fmt.Errorf("%w: GET https://issuer.test/jwks: status 503", auth.ErrUnavailable), auth.ScopeRead)
	show("anything else", w.v, errors.New("secret detail"), auth.ScopeRead)
	show("one user", static, auth.ErrNoToken)
	show("one user, wrong token", static, &auth.InvalidTokenError{Reason: auth.ReasonUnknown})
	show("odd characters in a scope", w.v, auth.ErrNoToken, "a\"b\\c\r\nX-Evil: 1")
	golden.File(t, "testdata/challenges.txt", all.String())
	for _, never := range []string{"secret detail", "status 503", "\nX-Evil"} {
		if strings.Contains(all.String(), never) {
			t.Errorf("%q shows", never)
		}
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var seen *http.Request
	h := w.v.Require(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }), nil, auth.ScopeRead)
	token := w.issuer.Mint(resource, map[string]any{"scope": auth.ScopeRead})
	weak := w.issuer.Mint(resource, map[string]any{"scope": auth.ScopeComment})
	for _, test := range []struct {
		name    string
		url     string
		headers []string
		status  int
	}{
		{"right", "/mcp", []string{"Bearer " + token}, 200},
		{"scheme in another case", "/mcp", []string{"bEARER  " + token}, 200},
		{"none", "/mcp", nil, 401},
		{"empty", "/mcp", []string{"Bearer "}, 401},
		{"other scheme", "/mcp", []string{"Basic dXNlcjpwYXNz"}, 401},
		{"no scheme", "/mcp", []string{token}, 401},
		{"twice", "/mcp", []string{"Bearer " + token, "Bearer " + token}, 401},
		{"list", "/mcp", []string{"Bearer " + token + ", Bearer " + token}, 401},
		{"too long", "/mcp", []string{"Bearer " + strings.Repeat("x", 16<<10+1)}, 401},
		{"in the query", "/mcp?access_token=" + token, nil, 401},
		{"in the query too", "/mcp?a=b&access%5Ftoken=" + token, []string{"Bearer " + token}, 401},
		{"in a broken query", "/mcp?%zz;access_token=x", []string{"Bearer " + token}, 401},
		{"too few scopes", "/mcp", []string{"Bearer " + weak}, 403},
	} {
		seen = nil
		r := httptest.NewRequest(http.MethodPost, test.url, nil)
		r.Header["Authorization"] = test.headers
		r.Header.Set("X-User", "somebody-else")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != test.status || (seen != nil) != (test.status == 200) {
			t.Errorf("%s: status %d, handler reached: %v", test.name, rec.Code, seen != nil)
		}
		noLeak(t, token, fmt.Sprint(rec.Header(), rec.Body))
		if seen == nil {
			continue
		}
		p, ok := auth.FromContext(seen.Context())
		if !ok || p.Subject.User != "user_1" || p.Token.Reveal() != token {
			t.Errorf("%s: the principal is %v, %v", test.name, p, ok)
		}
		noLeak(t, token, fmt.Sprint(seen.Header, seen.Context()), fmt.Sprintf("%#v", p))
		if r.Header.Get("Authorization") == "" {
			t.Errorf("%s: the request of the caller was changed", test.name)
		}
	}
	if _, ok := auth.FromContext(t.Context()); ok {
		t.Error("there is a principal without a token")
	}
}

// What a client is to ask for and what a request needs are two things.
func TestRequireAsksForMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ask := func(r *http.Request) []string { return []string{r.Header.Get("X-Ask")} }
	h := w.v.Require(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ask)
	for _, test := range []struct {
		name, token string
		status      int
	}{
		{"no token", "", 401},
		{"one that is refused", "x", 401},
		{"one without scopes", w.issuer.Mint(resource, map[string]any{"scope": ""}), 200},
	} {
		r := httptest.NewRequest(http.MethodPost, "/mcp", nil)
		r.Header.Set("X-Ask", "all")
		if test.token != "" {
			r.Header.Set("Authorization", "Bearer "+test.token)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		named := strings.Contains(rec.Header().Get("WWW-Authenticate"), `scope="all"`)
		if rec.Code != test.status || named != (test.status == 401) {
			t.Errorf("%s: %d %v", test.name, rec.Code, rec.Header())
		}
	}
}

func TestRequireWithoutIssuer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.issuer.SetDown(true)
	r := httptest.NewRequest(http.MethodPost, "/mcp", nil)
	r.Header.Set("Authorization", "Bearer "+w.issuer.Mint(resource, nil))
	rec := httptest.NewRecorder()
	w.v.Require(http.NotFoundHandler(), nil).ServeHTTP(rec, r)
	if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("WWW-Authenticate") != "" || rec.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, %v", rec.Code, rec.Header())
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *auth.Config) {
		c.Issuers = append(c.Issuers, auth.Issuer{URL: "https://backend.test", Delegates: true})
	})
	mux := http.NewServeMux()
	paths := w.v.MetadataPaths()
	if diff := cmp.Diff([]string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"}, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	for _, path := range paths {
		mux.Handle(path, w.v.MetadataHandler())
	}
	for _, path := range paths {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		var got map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"resource": resource, "resource_name": "mcp-notion", "authorization_servers": []any{w.issuer.URL()},
			"scopes_supported": []any{"notion:read", "notion:comment"}, "bearer_methods_supported": []any{"header"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if h := rec.Header(); h.Get("Content-Type") != "application/json" || h.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
	for method, status := range map[string]int{http.MethodOptions: 204, http.MethodPost: 405, http.MethodDelete: 405} {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequest(method, paths[0], nil))
		if rec.Code != status {
			t.Errorf("%s: status %d", method, rec.Code)
		}
	}
}

// TestMetadataOfARoot: without a path there is one form only, and both
// spellings of the URL are the same audience.
func TestMetadataOfARoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *auth.Config) { c.Resource = "https://notion.example.com" })
	if got := w.v.MetadataPaths(); len(got) != 1 || got[0] != "/.well-known/oauth-protected-resource" {
		t.Errorf("paths %v", got)
	}
	w.accept(t, w.issuer.Mint("https://notion.example.com/", nil))
	w.accept(t, w.issuer.Mint("https://notion.example.com", nil))
}

func FuzzBearerToken(f *testing.F) {
	for _, s := range []string{"", "Bearer", "Bearer x", "bearer  a.b.c ", "Basic x", "Bearer a b", "Bearer a,b", "Bearer \x00", "Bearer é"} {
		f.Add(s, "")
	}
	f.Add("Bearer x", "access_token=x")
	f.Fuzz(func(t *testing.T, header, query string) {
		r := &http.Request{Header: http.Header{"Authorization": {header}}}
		r.URL = httptest.NewRequest(http.MethodGet, "/", nil).URL
		r.URL.RawQuery = query
		token, err := auth.BearerToken(r)
		switch {
		case err == nil && (token == "" || len(token) > 16<<10 || !strings.HasSuffix(strings.TrimRight(header, " "), " "+token)):
			t.Errorf("the token of %q is %q", header, token)
		case err == nil && strings.ContainsAny(token, " \t\r\n,;\"\\"):
			t.Errorf("the token %q has characters that no token has", token)
		case err == nil && strings.Contains("&"+query, "&access_token="):
			t.Errorf("a token in the URL %q is let pass", query)
		case err != nil && token != "":
			t.Errorf("an error with a token: %v", err)
		case err != nil && !errors.Is(err, auth.ErrNoToken) && !errors.Is(err, auth.ErrInvalidToken):
			t.Errorf("the error %v has no category", err)
		}
	})
}
