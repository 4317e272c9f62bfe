package nango_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/nango"
	"github.com/mcp-notion/mcp-notion/tokens/nango/fake"
	"github.com/mcp-notion/mcp-notion/tokens/tokentest"
)

const (
	apiKey = "nango_K3y"
	issuer = "https://auth.example"
)

func connection(org, user string, h tokens.Handle) tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: issuer, Organization: org, User: user}, Handle: h}
}

var (
	mine  = connection("org_1", "user_1", "my-notion")
	yours = connection("org_1", "user_2", "my-notion")
)

func world(t *testing.T, change func(*nango.Config)) (*fake.Server, *nango.Broker) {
	t.Helper()
	f := fake.New(apiKey)
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return f, broker(t, srv.URL, change)
}

func broker(t *testing.T, address string, change func(*nango.Config)) *nango.Broker {
	t.Helper()
	cfg := nango.Config{APIKey: tokens.NewToken(apiKey, time.Time{}), Issuer: issuer, BaseURL: address, Attempts: 1}
	if change != nil {
		change(&cfg)
	}
	b, err := nango.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// theirs is a connection as a product makes it with Nango's customary tags.
func theirs(c tokens.Connection, secret string) fake.Connection {
	return fake.Connection{Secret: secret, Tags: map[string]string{"end_user_id": c.Subject.User, "organization_id": c.Subject.Organization}}
}

func TestContract(t *testing.T) {
	t.Parallel()
	tokentest.Contract(t, func(t *testing.T) tokentest.Harness {
		f, b := world(t, nil)
		return tokentest.Harness{
			Broker:  b.Source(),
			Mine:    mine,
			Yours:   yours,
			Grant:   func(c tokens.Connection, secret string) { f.Connect(theirs(c, secret)) },
			Expire:  func(c tokens.Connection) { f.SetInvalid("end_user_id", c.Subject.User, 424) },
			Confuse: func() { f.Fail(fake.Fault{Status: 200, Body: `{"ntn_sEcret42":"ntn_sEcret42"}`}) },
			Hang:    func() { f.Fail(fake.Fault{Delay: time.Minute}) },
			Break:   func() { f.Fail(fake.Fault{Status: http.StatusTeapot, Echo: true}) },
			Secrets: []string{apiKey},
		}
	})
}

// TestAnswers is what becomes of the answers to the question for credentials.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"connection_id":"ID","provider_config_key":"notion","credentials":{"type":"OAUTH2","access_token":"ntn_a","raw":{}}}`
	tests := []struct {
		name   string
		status int
		body   string
		is     error
		want   string // in the error; "" for a token
	}{
		{"token", 200, good, nil, ""},
		{"another connection", 200, strings.Replace(good, "ID", "other", 1), nil, "another connection"},
		{"another integration", 200, strings.Replace(good, `"notion"`, `"slack"`, 1), nil, "another connection"},
		{"withheld", 200, `{"connection_id":"ID","provider_config_key":"notion"}`, nil, "read_credentials"},
		{"API key", 200, strings.Replace(good, "OAUTH2", "API_KEY", 1), nil, "no OAuth access token"},
		{"empty", 200, strings.Replace(good, "ntn_a", "", 1), nil, "no OAuth access token"},
		{"page", 200, `<html>`, nil, "not the JSON"},
		{"gone", 404, `{"error":{"code":"not_found","message":"x"}}`, tokens.ErrNotConnected, "not connected"},
		{"no such route", 404, `<html>`, nil, "404"},
		{"exhausted", 424, `{"error":{"code":"invalid_credentials"}}`, tokens.ErrNeedsReauthorization, "authorized again"},
		{"refused", 400, `{"error":{"code":"invalid_credentials"}}`, tokens.ErrNeedsReauthorization, "authorized again"},
		{"cause elsewhere", 502, `{"error":{"code":"invalid_credentials"}}`, tokens.ErrUnavailable, "502 invalid_credentials"},
		{"not understood", 400, `{"error":{"code":"invalid_query_params"}}`, nil, "400 invalid_query_params"},
		{"integration", 400, `{"error":{"code":"unknown_provider_config"}}`, nil, "unknown_provider_config"},
		{"key", 401, `{"error":{"code":"unknown_account"}}`, nil, "check the API key"},
		{"scope", 403, `{"error":{"code":"forbidden"}}`, nil, "403 forbidden"},
		{"dependency", 424, `{}`, nil, "424"},
		{"busy", 429, `{"error":{"code":"too_many_request"}}`, tokens.ErrUnavailable, "429"},
		{"broken", 500, `{"error":{"code":"server_error"}}`, tokens.ErrUnavailable, "500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, b := world(t, nil)
			id := f.Connect(theirs(mine, "ntn_a"))
			f.Fail(fake.Fault{Path: "/connections/", Status: tt.status, Body: strings.Replace(tt.body, "ID", id, 1)})
			tok, err := b.Token(t.Context(), mine)
			if tt.want == "" {
				if tok.Reveal() != "ntn_a" || err != nil {
					t.Errorf("got %q, %v, want ntn_a", tok.Reveal(), err)
				}
				return
			}
			if err == nil || tok.Reveal() != "" || !strings.Contains(err.Error(), tt.want) {
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

// TestWhose shows whose connections are taken for one's own, though the server
// were to answer with everybody's.
func TestWhose(t *testing.T) {
	t.Parallel()
	shared, err := connection("org_1", "user_1", "my-notion").Shared()
	if err != nil {
		t.Fatal(err)
	}
	noOrg := connection("", "user_1", "my-notion")
	second := connection("org_1", "user_1", "second")
	own := `"end_user_id":"user_1","organization_id":"org_1"`
	tests := []struct {
		name, tags string
		is         []tokens.Connection
	}{
		{"customary", `{` + own + `}`, []tokens.Connection{mine}},
		{"with a handle", `{` + own + `,"mcp_notion_handle":"my-notion"}`, []tokens.Connection{mine}},
		{"more tags", `{` + own + `,"end_user_email":"a@b.example"}`, []tokens.Connection{mine}},
		{"another handle", `{` + own + `,"mcp_notion_handle":"second"}`, []tokens.Connection{second}},
		{"another user", `{"end_user_id":"user_2","organization_id":"org_1"}`, []tokens.Connection{yours}},
		{"no organization", `{"end_user_id":"user_1"}`, []tokens.Connection{noOrg}},
		{"organization alone", `{"organization_id":"org_1"}`, nil},
		{"shared", `{"organization_id":"org_1","mcp_notion_shared":"true"}`, []tokens.Connection{shared}},
		{"shared by a user", `{` + own + `,"mcp_notion_shared":"true"}`, nil},
		{"none", `{}`, nil},
		{"null", `null`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := fake.New(apiKey)
			srv := httptest.NewServer(f)
			t.Cleanup(srv.Close)
			id := f.Connect(fake.Connection{Secret: "ntn_a"})
			list := `{"connections":[{"connection_id":"` + id + `","provider_config_key":"notion","tags":` + tt.tags + `}]}`
			for _, c := range []tokens.Connection{mine, yours, noOrg, second, shared} {
				b := broker(t, srv.URL, func(cfg *nango.Config) {
					cfg.HTTP = &http.Client{Transport: listing{list}}
					cfg.Connections = map[tokens.Handle]nango.Target{c.Handle: {Shared: c.IsShared()}}
				})
				want := false
				for _, is := range tt.is {
					want = want || is == c
				}
				tok, err := b.Token(t.Context(), c)
				if (tok.Reveal() == "ntn_a") != want || (err == nil) != want || !want && !errors.Is(err, tokens.ErrNotConnected) {
					t.Errorf("%+v: got %q, %v, want it: %v", c, tok.Reveal(), err, want)
				}
			}
		})
	}
}

// listing answers every list with the same text, whatever the filter.
type listing struct{ text string }

func (l listing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/connections" {
		return http.DefaultTransport.RoundTrip(r)
	}
	rec := httptest.NewRecorder()
	rec.WriteString(l.text)
	return rec.Result(), nil
}

func TestSharedIsConfigured(t *testing.T) {
	t.Parallel()
	f, b := world(t, func(c *nango.Config) {
		c.Connections = map[tokens.Handle]nango.Target{"my-notion": {}, "handbook": {Shared: true}}
	})
	own := connection("org_1", "user_1", "handbook")
	shared, err := own.Shared()
	if err != nil {
		t.Fatal(err)
	}
	sharedMine, err := mine.Shared()
	if err != nil {
		t.Fatal(err)
	}
	f.Connect(theirs(mine, "ntn_own"))
	f.Connect(fake.Connection{Secret: "ntn_all", Tags: map[string]string{"organization_id": "org_1", "mcp_notion_shared": "true", "mcp_notion_handle": "handbook"}})
	for c, want := range map[tokens.Connection]string{mine: "ntn_own", shared: "ntn_all", own: "", sharedMine: ""} {
		if tok, err := b.Token(t.Context(), c); tok.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("%+v: got %q, %v, want %q", c, tok.Reveal(), err, want)
		}
	}
	got, err := b.Connections(t.Context(), mine.Subject)
	want := []tokens.Listed{{Connection: shared}, {Connection: mine}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(tokens.Connection{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNewestCounts(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	for _, secret := range []string{"ntn_1", "ntn_2"} {
		c := theirs(mine, secret)
		c.ID = "id_of_" + secret
		f.Connect(c)
	}
	if tok, err := b.Token(t.Context(), mine); tok.Reveal() != "ntn_2" || err != nil {
		t.Errorf("got %q, %v, want ntn_2", tok.Reveal(), err)
	}
	if err := b.Disconnect(t.Context(), mine); err != nil {
		t.Error(err)
	}
	if tok, err := b.Token(t.Context(), mine); !errors.Is(err, tokens.ErrNotConnected) {
		t.Errorf("got %q, %v, want that the older one is gone too", tok.Reveal(), err)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	c := theirs(mine, "ntn_old")
	c.Refreshed, c.Expires = "ntn_new", time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	f.Connect(c)
	if tok, err := b.Token(t.Context(), mine); tok.Reveal() != "ntn_old" || !tok.Expires().Equal(c.Expires) || err != nil {
		t.Errorf("got %q until %v, %v", tok.Reveal(), tok.Expires(), err)
	}
	if tok, err := b.Refresh(t.Context(), mine); tok.Reveal() != "ntn_new" || err != nil {
		t.Errorf("got %q, %v, want ntn_new", tok.Reveal(), err)
	}
}

func TestConnect(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	f.Grants(func(tags map[string]string) string { return "ntn_of_" + tags["end_user_id"] })
	visit := func(link string, want int) {
		t.Helper()
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("got %d, want %d", resp.StatusCode, want)
		}
	}
	link, err := b.ConnectURL(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	visit(link, http.StatusOK)
	visit(link, http.StatusBadRequest)
	f.SetInvalid("end_user_id", "user_1", 400)
	again, err := b.ConnectURL(t.Context(), mine)
	if err != nil || again == link {
		t.Fatalf("got %q, %v, want another link", again, err)
	}
	visit(again, http.StatusOK)
	if tok, err := b.Token(t.Context(), mine); tok.Reveal() != "ntn_of_user_1" || err != nil {
		t.Errorf("got %q, %v", tok.Reveal(), err)
	}
	var posts []string
	for _, r := range f.Requests() {
		if strings.HasPrefix(r, "POST") {
			posts = append(posts, r)
		}
	}
	const tags = `"tags":{"end_user_id":"user_1","mcp_notion_handle":"my-notion","organization_id":"org_1"}`
	want := []string{
		`POST /connect/sessions {"allowed_integrations":["notion"],` + tags + `}`,
		`POST /connect/sessions/reconnect {"connection_id":"00000000-0000-4000-8000-000000000002","integration_id":"notion",` + tags + `}`,
	}
	if diff := cmp.Diff(want, posts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	f.Connect(theirs(mine, "ntn_a"))
	if _, err := b.Refresh(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	all := f.Requests()
	asked, err := url.QueryUnescape(all[0])
	if want := "GET /connections?integrationId=notion&tags[end_user_id]=user_1&tags[organization_id]=org_1"; asked != want || err != nil {
		t.Errorf("got %s, want %s", asked, want)
	}
	if want := "GET /connections/00000000-0000-4000-8000-000000000001?force_refresh=true&provider_config_key=notion"; all[1] != want {
		t.Errorf("got %s, want %s", all[1], want)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	key := tokens.NewToken(apiKey, time.Time{})
	for name, cfg := range map[string]nango.Config{
		"no key":    {Issuer: issuer},
		"no issuer": {APIKey: key},
		"plain":     {APIKey: key, Issuer: issuer, BaseURL: "http://nango.internal:3003"},
	} {
		if _, err := nango.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := nango.New(nango.Config{APIKey: key, Issuer: issuer, BaseURL: "http://nango.internal:3003", PlainHTTP: true}); err != nil {
		t.Error(err)
	}
}
