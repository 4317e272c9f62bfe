package workos_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/tokentest"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const (
	apiKey = "sk_test_K3y"
	issuer = "https://auth.example"
)

func connection(org, user string, h tokens.Handle) tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: issuer, Organization: org, User: user}, Handle: h}
}

var (
	mine  = connection("org_1", "user_1", "my-notion")
	yours = connection("org_1", "user_2", "my-notion")
)

// world is WorkOS with two users of one organization, and a Broker of it.
func world(t *testing.T, change func(*workos.Config)) (*fake.Server, *workos.Broker) {
	t.Helper()
	f := fake.New(apiKey)
	f.AddUser("user_1", "org_1")
	f.AddUser("user_2", "org_1")
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return f, broker(t, srv.URL, change)
}

func broker(t *testing.T, url string, change func(*workos.Config)) *workos.Broker {
	t.Helper()
	cfg := workos.Config{APIKey: tokens.NewToken(apiKey, time.Time{}), Issuer: issuer, BaseURL: url, Attempts: 1}
	if change != nil {
		change(&cfg)
	}
	b, err := workos.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func account(c tokens.Connection, secret string) fake.Account {
	return fake.Account{User: c.Subject.User, Organization: c.Subject.Organization, Secret: secret, Label: "Acme"}
}

func TestContract(t *testing.T) {
	t.Parallel()
	tokentest.Contract(t, func(t *testing.T) tokentest.Harness {
		f, b := world(t, nil)
		return tokentest.Harness{
			Broker: b.Source(),
			Mine:   mine,
			Yours:  yours,
			Grant:  func(c tokens.Connection, secret string) { f.Connect(account(c, secret)) },
			Expire: func(c tokens.Connection) {
				f.SetState(c.Subject.User, c.Subject.Organization, fake.NeedsReauthorization)
			},
			Confuse: func() { f.AnswerInactive("ntn_sEcret42_is_on_holiday") },
			Hang:    func() { f.Fail(fake.Fault{Delay: time.Minute}) },
			Break:   func() { f.Fail(fake.Fault{Status: http.StatusTeapot, Echo: true}) },
			Secrets: []string{apiKey},
		}
	})
}

// TestAnswers is what becomes of every answer that WorkOS gives, or might.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"active":true,"access_token":{"object":"access_token","access_token":"ntn_a","expires_at":null,"scopes":[],"missing_scopes":["x"]}}`
	tests := []struct {
		name   string
		status int
		body   string
		is     error  // nil where no category fits
		want   string // in the error; "" for a token
	}{
		{"token", 200, good, nil, ""},
		{"more fields", 200, strings.Replace(good, "{", `{"new":[1],`, 1), nil, ""},
		{"not installed", 200, `{"active":false,"error":"not_installed"}`, tokens.ErrNotConnected, "not connected"},
		{"needs reauthorization", 200, `{"active":false,"error":"needs_reauthorization"}`, tokens.ErrNeedsReauthorization, "authorized again"},
		{"unknown", 200, `{"active":false,"error":"moon_phase"}`, nil, "holds no token"},
		{"no reason", 200, `{"active":false}`, nil, "holds no token"},
		{"reason and active", 200, `{"active":true,"error":"not_installed"}`, nil, "holds no token"},
		{"token and inactive", 200, strings.Replace(good, "true", "false", 1), nil, "holds no token"},
		{"neither", 200, `{"error":"not_installed"}`, nil, "holds no token"},
		{"empty token", 200, `{"active":true,"access_token":{"access_token":""}}`, nil, "holds no token"},
		{"no token", 200, `{"active":true}`, nil, "holds no token"},
		{"null", 200, `null`, nil, "holds no token"},
		{"page", 200, `<html>ntn_a</html>`, nil, "not the JSON"},
		{"nothing", 204, ``, nil, "not the JSON"},
		{"wrong kind", 200, `{"active":"yes"}`, nil, "not the JSON"},
		{"redirect", 302, ``, nil, "302"},
		{"bad request", 400, `{"message":"Organization not found: 'org_x'."}`, nil, "400"},
		{"oauth-like", 400, `{"error":"invalid_client","error_description":"sk_test_K3y"}`, nil, "400 invalid_client"},
		{"key", 401, `{"message":"Unauthorized"}`, nil, "check the API key"},
		{"forbidden", 403, `{"message":"no"}`, nil, "active member"},
		{"unknown user", 404, `{"code":"entity_not_found","message":"User not found"}`, nil, "404 entity_not_found"},
		{"several", 409, `{"code":"account_selection_required"}`, nil, "409 account_selection_required"},
		{"API key account", 422, `{"code":"auth_method_mismatch","message":"x"}`, nil, "422 auth_method_mismatch"},
		{"validation", 422, `{"code":"invalid","message":"x","errors":[{"code":"a"}]}`, nil, "422 invalid"},
		{"secret as code", 418, `{"code":"sk_test_K3y"}`, nil, "418 (request"},
		{"busy", 429, `{"message":"slow down"}`, tokens.ErrUnavailable, "429"},
		{"broken", 500, `<html>`, tokens.ErrUnavailable, "500"},
		{"gateway", 502, ``, tokens.ErrUnavailable, "502"},
		{"odd", 599, `[]`, tokens.ErrUnavailable, "599"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, b := world(t, nil)
			f.Fail(fake.Fault{Status: tt.status, Body: tt.body})
			tok, err := b.Token(t.Context(), mine)
			if tt.want == "" {
				if tok.Reveal() != "ntn_a" || err != nil {
					t.Fatalf("got %q, %v, want ntn_a", tok.Reveal(), err)
				}
				return
			}
			if err == nil || tok.Reveal() != "" || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), apiKey) {
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

func TestErrorNamesTheRequest(t *testing.T) {
	t.Parallel()
	_, b := world(t, nil)
	_, err := b.Token(t.Context(), connection("org_1", "user_9", "my-notion"))
	if err == nil || !strings.Contains(err.Error(), "(request req_01FAKE") {
		t.Errorf("got %v, want the id of the request", err)
	}
	if strings.Contains(err.Error(), "user_9") {
		t.Errorf("%v names the user", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	end := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	a := account(mine, "ntn_a")
	a.Expires = end
	f.Connect(a)
	if tok, err := b.Token(t.Context(), mine); err != nil || !tok.Expires().Equal(end) {
		t.Errorf("got %v, %v, want %v", tok.Expires(), err, end)
	}
}

// inProcess asks a handler without a network, for tests with a clock of their
// own.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	done := make(chan *http.Response, 1)
	go func() {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		done <- rec.Result()
	}()
	select {
	case resp := <-done:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fault    fake.Fault
		asked    int
		min, max time.Duration
		good     bool
	}{
		{"once busy", fake.Fault{Status: 429, RetryAfter: "2", Times: 1}, 2, 2 * time.Second, 2 * time.Second, true},
		{"twice broken", fake.Fault{Status: 500, Times: 2}, 3, 100 * time.Millisecond, 2 * time.Second, true},
		{"timed out", fake.Fault{Status: 408, Times: 1}, 2, 50 * time.Millisecond, time.Second, true},
		{"gateway with a page", fake.Fault{Status: 502, Body: "<html>", Times: 1}, 2, 50 * time.Millisecond, time.Second, true},
		{"broken for good", fake.Fault{Status: 503}, 3, 100 * time.Millisecond, 2 * time.Second, false},
		{"busy for too long", fake.Fault{Status: 429, RetryAfter: "3600"}, 1, 0, 0, false},
		{"not found", fake.Fault{Status: 404}, 1, 0, 0, false},
		{"not understood", fake.Fault{Status: 422}, 1, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := fake.New(apiKey)
				f.AddUser("user_1", "org_1")
				f.Connect(account(mine, "ntn_a"))
				f.Fail(tt.fault)
				b := broker(t, "https://workos.example", func(c *workos.Config) {
					c.HTTP, c.Attempts = &http.Client{Transport: inProcess{f}}, 3
				})
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				start := time.Now()
				tok, err := b.Token(ctx, mine)
				if (tok.Reveal() == "ntn_a") != tt.good || (err == nil) != tt.good {
					t.Errorf("got %q, %v, want good: %v", tok.Reveal(), err, tt.good)
				}
				if took := time.Since(start); took < tt.min || took > tt.max {
					t.Errorf("it took %v, want %v to %v", took, tt.min, tt.max)
				}
				sameKey(t, f.Requests(), tt.asked)
			})
		})
	}
}

func sameKey(t *testing.T, all []fake.Request, want int) {
	t.Helper()
	if len(all) != want {
		t.Errorf("asked %d times, want %d", len(all), want)
	}
	for _, r := range all {
		if r.IdempotencyKey == "" || r.IdempotencyKey != all[0].IdempotencyKey || r.Body != all[0].Body {
			t.Errorf("the attempts differ: %+v and %+v", all[0], r)
		}
	}
}

func TestEachQuestionHasItsOwnKey(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	f.Connect(account(mine, "ntn_a"))
	for range 2 {
		if _, err := b.Token(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
	}
	all := f.Requests()
	if len(all) != 2 || all[0].IdempotencyKey == all[1].IdempotencyKey {
		t.Errorf("got %+v, want two keys", all)
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	f, b := world(t, func(c *workos.Config) {
		c.Connections = map[tokens.Handle]workos.Target{
			"my-notion": {},
			"second":    {Account: "data_installation_01A"},
			"custom":    {Slug: "notion/eu"},
			"handbook":  {Shared: true},
		}
		c.ReturnTo = "https://mcp.example/connect/done"
	})
	ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: mine.Subject})
	shared, err := connection("org_1", "user_1", "handbook").Shared()
	if err != nil {
		t.Fatal(err)
	}
	b.Token(ctx, connection("", "user_1", "my-notion"))
	b.Token(ctx, connection("org_1", "user_1", "second"))
	b.Token(ctx, connection("org_1", "user_1", "custom"))
	b.Token(ctx, shared)
	b.ConnectURL(ctx, connection("org_1", "user_1", "second"))
	b.Account(ctx, connection("org_1", "user_1", "second"))
	b.Disconnect(ctx, connection("", "user/1", "my-notion"))
	b.Disconnect(ctx, shared)
	var got []string
	for _, r := range f.Requests() {
		got = append(got, strings.TrimSpace(r.Method+" "+r.Path+" "+r.Body))
	}
	want := []string{
		`POST /data-integrations/notion/token {"user_id":"user_1"}`,
		`POST /data-integrations/notion/token {"user_id":"user_1","organization_id":"org_1","connected_account_id":"data_installation_01A","supports_multiple_connections":true}`,
		`POST /data-integrations/notion%2Feu/token {"user_id":"user_1","organization_id":"org_1"}`,
		`POST /data-integrations/notion/token {"user_id":"user_1","organization_id":"org_1","connection_owner":"organization"}`,
		`POST /data-integrations/notion/authorize {"user_id":"user_1","organization_id":"org_1","return_to":"https://mcp.example/connect/done"}`,
		`GET /user_management/users/user_1/connected_accounts/notion?connected_account_id=data_installation_01A&organization_id=org_1&supports_multiple_connections=true`,
		`DELETE /user_management/users/user%2F1/connected_accounts/notion`,
		`DELETE /organizations/org_1/connected_accounts/notion`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConnectAndDisconnect(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	f.Grants(func(a fake.Account) string { return "ntn_of_" + a.User })
	link, err := b.ConnectURL(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusOK, http.StatusBadRequest} {
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("visit %d: got %d, want %d", i+1, resp.StatusCode, want)
		}
	}
	if tok, err := b.Token(t.Context(), mine); tok.Reveal() != "ntn_of_user_1" || err != nil {
		t.Errorf("got %q, %v", tok.Reveal(), err)
	}
	if a, err := b.Account(t.Context(), mine); err != nil || a.State != fake.Connected || a.Role != "compatibility" || a.User != "user_1" {
		t.Errorf("got %+v, %v", a, err)
	}
	if err := b.Disconnect(t.Context(), mine); err != nil {
		t.Error(err)
	}
	if _, err := b.Account(t.Context(), mine); !errors.Is(err, tokens.ErrNotConnected) {
		t.Errorf("got %v, want ErrNotConnected", err)
	}
}

func TestBadLinks(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"url":""}`, `{"url":"javascript:alert(1)"}`, `{"url":"//evil"}`, `{"url":"https://user:pw@host/"}`, `[]`} {
		f, b := world(t, nil)
		f.Fail(fake.Fault{Status: 200, Body: body})
		if link, err := b.ConnectURL(t.Context(), mine); link != "" || err == nil {
			t.Errorf("%s: got %q, %v, want an error", body, link, err)
		}
	}
}

// TestShared shows that what belongs to an organization and what belongs to a
// person are never taken for each other.
func TestShared(t *testing.T) {
	t.Parallel()
	f, b := world(t, func(c *workos.Config) {
		c.Connections = map[tokens.Handle]workos.Target{"my-notion": {}, "handbook": {Shared: true}}
	})
	f.AddUser("user_3", "org_2")
	own := connection("org_1", "user_1", "handbook")
	shared, err := own.Shared()
	if err != nil {
		t.Fatal(err)
	}
	f.Connect(account(mine, "ntn_own"))
	f.Connect(account(shared, "ntn_all"))
	as := func(s auth.Subject) context.Context { return tokens.WithCaller(t.Context(), tokens.Caller{Subject: s}) }
	for _, member := range []tokens.Connection{mine, yours} {
		if tok, err := b.Token(as(member.Subject), shared); tok.Reveal() != "ntn_all" || err != nil {
			t.Errorf("%s: got %q, %v, want ntn_all", member.Subject.User, tok.Reveal(), err)
		}
	}
	sharedMine, err := mine.Shared()
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]struct {
		as auth.Subject
		c  tokens.Connection
	}{
		"nobody":               {auth.Subject{}, shared},
		"another organization": {auth.Subject{Issuer: issuer, Organization: "org_2", User: "user_3"}, shared},
		"another issuer":       {auth.Subject{Issuer: "https://other", Organization: "org_1", User: "user_1"}, shared},
		"claims membership":    {auth.Subject{Issuer: issuer, Organization: "org_1", User: "user_3"}, shared},
		"shared as one's own":  {mine.Subject, own},
		"one's own as shared":  {mine.Subject, sharedMine},
	}
	for name, r := range refused {
		tok, err := b.Token(as(r.as), r.c)
		if tok.Reveal() != "" || err == nil || errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization) {
			t.Errorf("%s: got %q, %v, want an error that is no normal answer", name, tok.Reveal(), err)
		}
	}
	got, err := b.Connections(t.Context(), mine.Subject)
	want := []tokens.Listed{{Connection: shared, Label: "Acme"}, {Connection: mine, Label: "Acme"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(tokens.Connection{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := b.Disconnect(t.Context(), shared); err != nil {
		t.Error(err)
	}
	if tok, err := b.Token(t.Context(), mine); tok.Reveal() != "ntn_own" || err != nil {
		t.Errorf("after the shared one went: got %q, %v", tok.Reveal(), err)
	}
}

func TestSeveralAccounts(t *testing.T) {
	t.Parallel()
	f, b := world(t, func(c *workos.Config) { c.Multiple = true })
	first, second := account(mine, "ntn_1"), account(mine, "ntn_2")
	second.Label, second.State = "Beta", fake.NeedsReauthorization
	f.Connect(first)
	id := f.ConnectAnother(second)
	other := f.ConnectAnother(account(yours, "ntn_yours"))
	further := mine
	further.Handle = tokens.Handle("my-notion-" + strings.ToLower(strings.TrimPrefix(id, "data_installation_")))

	got, err := b.Connections(t.Context(), mine.Subject)
	want := []tokens.Listed{{Connection: mine, Label: "Acme"}, {Connection: further, Label: "Beta", NeedsReauthorization: true}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(tokens.Connection{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	f.SetState("user_1", "org_1", fake.Connected)
	for c, want := range map[tokens.Connection]string{mine: "ntn_1", further: "ntn_2"} {
		if tok, err := b.Token(t.Context(), c); tok.Reveal() != want || err != nil {
			t.Errorf("%s: got %q, %v, want %s", c.Handle, tok.Reveal(), err, want)
		}
	}
	have := []tokens.Handle{mine.Handle, further.Handle}
	further.Handle = tokens.Handle("my-notion-" + strings.ToLower(strings.TrimPrefix(other, "data_installation_")))
	if tok, err := b.Token(t.Context(), further); tok.Reveal() != "" || err == nil {
		t.Errorf("another user's account: got %q, %v, want an error", tok.Reveal(), err)
	} else if unknown := new(tokens.UnknownError); !errors.As(err, &unknown) || !slices.Equal(unknown.Have, have) {
		t.Errorf("another user's account: %v, want the handles of one's own alone", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	key := tokens.NewToken(apiKey, time.Time{})
	for name, cfg := range map[string]workos.Config{
		"no key":       {Issuer: issuer},
		"no issuer":    {APIKey: key},
		"not a URL":    {APIKey: key, Issuer: issuer, BaseURL: "api.workos.com"},
		"plain":        {APIKey: key, Issuer: issuer, BaseURL: "http://api.workos.com"},
		"like ours":    {APIKey: key, Issuer: issuer, BaseURL: "http://localhost.evil.example"},
		"with a user":  {APIKey: key, Issuer: issuer, BaseURL: "https://u:p@api.workos.com"},
		"with a query": {APIKey: key, Issuer: issuer, BaseURL: "https://api.workos.com?x=1"},
	} {
		if _, err := workos.New(cfg); err == nil || strings.Contains(err.Error(), apiKey) {
			t.Errorf("%s: got %v, want an error without the key", name, err)
		}
	}
	for name, cfg := range map[string]workos.Config{
		"default":  {APIKey: key, Issuer: issuer},
		"loopback": {APIKey: key, Issuer: issuer, BaseURL: "http://[::1]:3000/"},
		"allowed":  {APIKey: key, Issuer: issuer, BaseURL: "http://workos.internal", PlainHTTP: true},
	} {
		if _, err := workos.New(cfg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoRedirect shows that the API key is not carried to another address.
func TestNoRedirect(t *testing.T) {
	t.Parallel()
	var leaked string
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked = r.Header.Get("Authorization") + r.RequestURI }))
	t.Cleanup(evil.Close)
	srv := httptest.NewServer(http.RedirectHandler(evil.URL, http.StatusTemporaryRedirect))
	t.Cleanup(srv.Close)
	if tok, err := broker(t, srv.URL, nil).Token(t.Context(), mine); tok.Reveal() != "" || err == nil {
		t.Errorf("got %q, %v, want an error", tok.Reveal(), err)
	}
	if leaked != "" {
		t.Errorf("the other address was asked: %s", leaked)
	}
}

func TestLongAnswer(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	f.Fail(fake.Fault{Status: 200, Body: `{"active":true,"x":"` + strings.Repeat("x", 2<<20) + `"}`})
	if _, err := b.Token(t.Context(), mine); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v, want that the answer is too long", err)
	}
}
