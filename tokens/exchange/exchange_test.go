package exchange_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/exchange"
	"github.com/mcp-notion/mcp-notion/tokens/tokentest"
)

const (
	issuer       = "https://auth.example"
	clientSecret = "cl:ent S3cret"
	bearerPrefix = "eyJ_bearer_0F_"
)

func connection(org, user string, h tokens.Handle) tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: issuer, Organization: org, User: user}, Handle: h}
}

var (
	mine  = connection("org_1", "user_1", "my-notion")
	yours = connection("org_1", "user_2", "my-notion")
)

// server is an OAuth server that exchanges the tokens bearerOf makes.
type server struct {
	mu      sync.Mutex
	granted map[string]string // bearer -> secret, "" for a grant that no longer works
	status  int               // to answer with, whatever is asked
	body    string
	echo    bool
	hang    bool
	header  http.Header
	forms   []string
}

func bearerOf(s auth.Subject) string { return bearerPrefix + s.Organization + "/" + s.User }

// as is a request of the connection's owner.
func as(ctx context.Context, c tokens.Connection) context.Context {
	return tokens.WithCaller(ctx, tokens.Caller{Subject: c.Subject, Bearer: tokens.NewToken(bearerOf(c.Subject), time.Time{})})
}

func (s *server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forms, s.header = append(s.forms, string(body)), r.Header.Clone()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	bearer := r.FormValue("subject_token")
	secret, ok := s.granted[bearer]
	switch {
	case s.hang:
		<-r.Context().Done()
	case s.echo:
		said := string(body) + " " + bearer + " " + r.Header.Get("Authorization")
		answer(s.status, map[string]string{"error": said, "error_description": said})
	case s.status != 0:
		w.WriteHeader(s.status)
		io.WriteString(w, strings.ReplaceAll(s.body, "BEARER", bearer))
	case !ok:
		answer(400, map[string]string{"error": "account_not_linked"})
	case secret == "":
		answer(400, map[string]string{"error": "link_broken"})
	default:
		answer(200, map[string]any{"access_token": secret, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "token_type": "Bearer"})
	}
}

func world(t *testing.T, change func(*exchange.Config)) (*server, *exchange.Broker) {
	t.Helper()
	s := &server{granted: map[string]string{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	cfg := exchange.Config{
		TokenURL:             srv.URL + "/token",
		Issuer:               issuer,
		ClientID:             "mcp notion",
		ClientSecret:         tokens.NewToken(clientSecret, time.Time{}),
		NotConnected:         []string{"account_not_linked"},
		NeedsReauthorization: []string{"link_broken"},
		Connect:              "https://app.example/settings",
		Attempts:             1,
	}
	if change != nil {
		change(&cfg)
	}
	b, err := exchange.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func TestContract(t *testing.T) {
	t.Parallel()
	tokentest.Contract(t, func(t *testing.T) tokentest.Harness {
		s, b := world(t, nil)
		return tokentest.Harness{
			Broker:  b.Source(),
			Mine:    mine,
			Yours:   yours,
			Grant:   func(c tokens.Connection, secret string) { s.change(func() { s.granted[bearerOf(c.Subject)] = secret }) },
			Expire:  func(c tokens.Connection) { s.change(func() { s.granted[bearerOf(c.Subject)] = "" }) },
			Confuse: func() { s.change(func() { s.status, s.body = 200, `{"ntn_sEcret42":"BEARER"}` }) },
			Hang:    func() { s.change(func() { s.hang = true }) },
			Break:   func() { s.change(func() { s.status, s.echo = 418, true }) },
			As:      as,
			Secrets: []string{clientSecret, "cl%3Aent", bearerPrefix},
		}
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		is     error
		want   string // in the error; "" for a token
	}{
		{"token", 200, `{"access_token":"ntn_a","issued_token_type":"x","token_type":"bearer"}`, nil, ""},
		{"not applicable", 200, `{"access_token":"ntn_a","token_type":"N_A"}`, nil, ""},
		{"none", 200, `{"token_type":"Bearer"}`, nil, "no token"},
		{"the caller's own", 200, `{"access_token":"BEARER","token_type":"Bearer"}`, nil, "caller's own"},
		{"proof of possession", 200, `{"access_token":"ntn_a","token_type":"DPoP"}`, nil, "cannot be sent"},
		{"no type", 200, `{"access_token":"ntn_a"}`, nil, "cannot be sent"},
		{"ended", 200, `{"access_token":"ntn_a","token_type":"Bearer","expires_in":-1}`, nil, "ended"},
		{"page", 200, `<html>ntn_a`, nil, "not the JSON"},
		{"error in a good answer", 200, `{"error":"account_not_linked"}`, nil, "no token"},
		{"not linked", 400, `{"error":"account_not_linked"}`, tokens.ErrNotConnected, "not connected"},
		{"broken link", 401, `{"error":"link_broken"}`, tokens.ErrNeedsReauthorization, "authorized again"},
		{"not linked, and broken", 500, `{"error":"account_not_linked"}`, tokens.ErrUnavailable, "500"},
		{"bad bearer", 400, `{"error":"invalid_request","error_description":"BEARER"}`, nil, "400 invalid_request"},
		{"grant", 400, `{"error":"invalid_grant"}`, nil, "400 invalid_grant"},
		{"target", 400, `{"error":"invalid_target"}`, nil, "400 invalid_target"},
		{"client", 401, `{"error":"invalid_client"}`, nil, "check the client"},
		{"busy", 429, ``, tokens.ErrUnavailable, "429"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := world(t, nil)
			s.change(func() { s.status, s.body = tt.status, tt.body })
			tok, err := b.Token(as(t.Context(), mine), mine)
			if tt.want == "" {
				if tok.Reveal() != "ntn_a" || err != nil || !tok.Expires().IsZero() {
					t.Errorf("got %q until %v, %v, want ntn_a", tok.Reveal(), tok.Expires(), err)
				}
				return
			}
			if err == nil || tok.Reveal() != "" || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), bearerPrefix) {
				t.Errorf("got %q, %v, want an error with %q", tok.Reveal(), err, tt.want)
			}
			for _, category := range []error{tokens.ErrNotConnected, tokens.ErrNeedsReauthorization, tokens.ErrUnavailable} {
				if errors.Is(err, category) != (category == tt.is) {
					t.Errorf("%v is %v: %v", err, category, errors.Is(err, category))
				}
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	s, b := world(t, nil)
	s.change(func() { s.status, s.body = 200, `{"access_token":"ntn_a","token_type":"Bearer","expires_in":3600}` })
	tok, err := b.Token(as(t.Context(), mine), mine)
	if left := time.Until(tok.Expires()); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v, %v, want an hour", left, err)
	}
}

// TestWire is what the server is asked, and as whom.
func TestWire(t *testing.T) {
	t.Parallel()
	const subject = "&subject_token=eyJ_bearer_0F_org_1%2Fuser_1&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
	const grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
	tests := []struct {
		name, form, basic string
		change            func(*exchange.Config)
	}{
		{"bare", grant + subject, "mcp+notion:cl%3Aent+S3cret", nil},
		{"secret in the body", "client_id=mcp+notion&client_secret=cl%3Aent+S3cret&" + grant + subject, "",
			func(c *exchange.Config) { c.SecretInBody = true }},
		{"public client", "client_id=mcp+notion&" + grant + subject, "",
			func(c *exchange.Config) { c.ClientSecret = tokens.Token{} }},
		{"all", "audience=a&audience=b&connection=notion&" + grant + "&requested_token_type=r&resource=u&scope=s" + subject, "mcp+notion:cl%3Aent+S3cret",
			func(c *exchange.Config) {
				c.RequestedTokenType = "r"
				c.Connections = map[tokens.Handle]exchange.Target{"my-notion": {
					Audience: []string{"a", "b"}, Resource: []string{"u"}, Scope: "s",
					More: map[string]string{"connection": "notion", "subject_token": "another's"},
				}}
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := world(t, tt.change)
			s.change(func() { s.granted[bearerOf(mine.Subject)] = "ntn_a" })
			if _, err := b.Token(as(t.Context(), mine), mine); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.form}, s.forms); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			id, secret, _ := (&http.Request{Header: s.header}).BasicAuth()
			if got := strings.Trim(id+":"+secret, ":"); got != tt.basic {
				t.Errorf("asked as %q, want %q", got, tt.basic)
			}
		})
	}
}

// TestCallers shows that a token is exchanged for its own Subject alone.
func TestCallers(t *testing.T) {
	t.Parallel()
	s, b := world(t, func(c *exchange.Config) {
		c.Connections = map[tokens.Handle]exchange.Target{"my-notion": {}, "handbook": {Shared: true}}
	})
	shared, err := connection("org_1", "user_1", "handbook").Shared()
	if err != nil {
		t.Fatal(err)
	}
	stranger := connection("org_2", "user_1", "my-notion")
	for _, c := range []tokens.Connection{mine, yours, stranger} {
		s.granted[bearerOf(c.Subject)] = "ntn_of_" + c.Subject.Organization + c.Subject.User
	}
	tests := []struct {
		name string
		ctx  context.Context
		c    tokens.Connection
		want string // "" for an error
	}{
		{"own", as(t.Context(), mine), mine, "ntn_of_org_1user_1"},
		{"member", as(t.Context(), yours), shared, "ntn_of_org_1user_2"},
		{"nobody", t.Context(), mine, ""},
		{"another user", as(t.Context(), yours), mine, ""},
		{"another organization", as(t.Context(), stranger), mine, ""},
		{"no member", as(t.Context(), stranger), shared, ""},
		{"in the background", tokens.WithCaller(t.Context(), tokens.Caller{Subject: mine.Subject}), mine, ""},
		{"one's own as shared", as(t.Context(), mine), connection("org_1", "user_1", "handbook"), ""},
	}
	for _, tt := range tests {
		before := len(s.forms)
		tok, err := b.Token(tt.ctx, tt.c)
		if tok.Reveal() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.name, tok.Reveal(), err, tt.want)
		}
		if tt.want == "" && len(s.forms) != before {
			t.Errorf("%s: the server was shown a token all the same", tt.name)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := exchange.Config{TokenURL: "https://auth.example/token", Issuer: issuer, Connect: "https://app.example"}
	if _, err := exchange.New(good); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*exchange.Config){
		"no URL":     func(c *exchange.Config) { c.TokenURL = "" },
		"plain":      func(c *exchange.Config) { c.TokenURL = "http://auth.example/token" },
		"no issuer":  func(c *exchange.Config) { c.Issuer = "" },
		"no page":    func(c *exchange.Config) { c.Connect = "" },
		"no link":    func(c *exchange.Config) { c.Connect = "javascript:alert(1)" },
		"not a code": func(c *exchange.Config) { c.NotConnected = []string{"E 42"} },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := exchange.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
