package fake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const (
	apiKey   = "sk_test_fake"
	client   = "client_app"
	app      = "https://app.example"
	callback = app + "/callback"
)

// newServer is WorkOS with two users and an application.
func newServer() *fake.Server {
	s := fake.New(apiKey)
	s.AddUser("user_ada", "org_acme")
	s.AddUser("user_bob")
	s.AddClient(client, callback)
	s.AllowOrigin(app)
	return s
}

// ask sends a request, with headers as "Name: value", and returns the answer.
func ask(t *testing.T, s *fake.Server, method, target string, body any, headers ...string) *http.Response {
	t.Helper()
	var in io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case url.Values:
		in, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, target, in)
	r.Header.Set("Content-Type", kind)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// read decodes an answer that must have a status.
func read(t *testing.T, r *http.Response, status int) map[string]any {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", r.StatusCode, status, raw)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil && strings.Contains(r.Header.Get("Content-Type"), "json") {
		t.Fatalf("%v: %s", err, raw)
	} else if err != nil {
		return map[string]any{"page": string(raw)}
	}
	return v
}

const asApp = "Authorization: Bearer " + apiKey
