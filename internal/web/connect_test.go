package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	base    = "https://notion.example.com"
	issuer  = "https://idp.example"
	page    = "https://broker.example/authorize?x=1"
	login   = "__Host-mcp-notion-login"   // cookie of a sign-in
	away    = "__Host-mcp-notion-connect" // cookie of somebody at the broker
	written = "text/html; charset=utf-8"
)

// wrapped is what remembers tokens behind something that passes all on.
type wrapped struct{ tokens.Keeper }

// links is a broker that only has links.
type links struct {
	url     string
	err     error
	granted bool // tokens
	asked   []tokens.Connection
	caller  []auth.Subject
	forgot  []tokens.Connection
}

func (l *links) Invalidate(context.Context, tokens.Connection, tokens.Token) {}

func (l *links) Check(context.Context, tokens.Connection) error { return nil }

func (l *links) Forget(c tokens.Connection) { l.forgot = append(l.forgot, c) }

func (l *links) Token(context.Context, tokens.Connection) (tokens.Token, error) {
	if l.granted {
		return tokens.NewToken("secret", time.Time{}), nil
	}
	return tokens.Token{}, tokens.ErrNotConnected
}

func (l *links) ConnectURL(ctx context.Context, c tokens.Connection) (string, error) {
	who, _ := tokens.CallerFor(ctx, c)
	l.asked, l.caller = append(l.asked, c), append(l.caller, who.Subject)
	return l.url, l.err
}

// world is the pages, an issuer that signs in, and a browser.
type world struct {
	t       *testing.T
	idp     *authtest.Provider
	broker  *links
	connect *web.Connect
	now     time.Time
	cookies map[string]string // of the browser
	log     strings.Builder
}

func newWorld(t *testing.T, home ...*web.HomeConfig) *world {
	t.Helper()
	w := &world{t: t, broker: &links{url: page}, now: time.Now(), cookies: map[string]string{}}
	now := func() time.Time { return w.now }
	w.idp = authtest.New(authtest.Config{URL: issuer, Now: now, Clients: []authtest.Client{{ID: "client", Secret: "s3cret", RedirectURIs: []string{base + web.CallbackPath}}}})
	sealer, err := auth.NewSealer(auth.SealerConfig{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	signIn, err := auth.NewLogin(auth.LoginConfig{
		Issuer: auth.Issuer{URL: issuer}, ClientID: "client", ClientSecret: auth.NewSecret("s3cret"),
		RedirectURL: base + web.CallbackPath, Sealer: sealer, HTTP: w.idp.Client(), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := web.ConnectConfig{Base: base + "/", Login: signIn, Sealer: sealer, Broker: wrapped{w.broker}, Log: log}
	for _, h := range home {
		cfg.Home = h
	}
	w.connect = web.NewConnect(cfg)
	return w
}

func mine() tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: issuer, Organization: "org_1", User: "user_1"}, Handle: "my-notion"}
}

func (w *world) link(c tokens.Connection) string {
	w.t.Helper()
	link, err := w.connect.Link(c)
	if err != nil || !strings.HasPrefix(link, base+"/connect?link=") {
		w.t.Fatalf("link %q: %v", link, err)
	}
	return link
}

// get is what the browser does with an address of ours.
func (w *world) get(address string) *http.Response {
	w.t.Helper()
	return w.send(httptest.NewRequest(http.MethodGet, address, nil))
}

// send adds cookies to a request, keeps those of the answer, and checks what
// holds for every page.
func (w *world) send(r *http.Request) *http.Response {
	w.t.Helper()
	address := r.URL.Path
	resp := w.exchange(r)
	h := resp.Header
	if h.Get("Cache-Control") != "no-store" {
		w.t.Errorf("%s: Cache-Control is %q", address, h.Get("Cache-Control"))
	}
	return resp
}

// fetch gets a file that may be kept.
func (w *world) fetch(path string) *http.Response {
	w.t.Helper()
	return w.exchange(httptest.NewRequest(http.MethodGet, base+path, nil))
}

func (w *world) exchange(r *http.Request) *http.Response {
	w.t.Helper()
	address := r.URL.Path
	for name, value := range w.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	w.connect.ServeHTTP(rec, r)
	resp := rec.Result()
	h := resp.Header
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if h.Get(name) != want {
			w.t.Errorf("%s: %s is %q", address, name, h.Get(name))
		}
	}
	policy := h.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		w.t.Errorf("%s: Content-Security-Policy is %q", address, h.Get("Content-Security-Policy"))
	}
	for _, c := range resp.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			w.t.Errorf("cookie %+v", c)
		}
		w.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(w.cookies, c.Name)
		}
	}
	return resp
}

// signIn opens a link and follows it to the issuer and back, up to the address
// of the callback.
func (w *world) signIn(link string) (callback string) {
	w.t.Helper()
	resp := w.get(link)
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), issuer+"/authorize?") {
		w.t.Fatalf("open the link: %d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	return w.authorize(resp.Header.Get("Location"))
}

func (w *world) authorize(address string) string {
	w.t.Helper()
	client := w.idp.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Get(address)
	if err != nil || resp.StatusCode != http.StatusFound {
		w.t.Fatalf("sign in: %v %v", resp, err)
	}
	return resp.Header.Get("Location")
}

// want checks the answer to an address.
func (w *world) want(address string, status int, has string) {
	w.t.Helper()
	resp := w.get(address)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := resp.Header.Get("Location") + string(body); resp.StatusCode != status || !strings.Contains(got, has) {
		w.t.Errorf("%d %s, want %d with %q", resp.StatusCode, got, status, has)
	}
	if status != http.StatusSeeOther && (strings.Contains(string(body), "broker.example") || resp.Header.Get("Content-Type") != written) {
		w.t.Errorf("a page with %s: %s", resp.Header.Get("Content-Type"), body)
	}
}

func TestOwnerIsSentToTheBrokerOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(mine())
	callback := w.signIn(link)
	w.want(callback, http.StatusSeeOther, page)
	if len(w.broker.asked) != 1 || w.broker.asked[0] != mine() || w.broker.caller[0] != mine().Subject {
		t.Errorf("the broker was asked for %+v by %+v", w.broker.asked, w.broker.caller)
	}
	w.want(callback, http.StatusForbidden, "not signed in") // the state counts once
	w.want(w.signIn(link), http.StatusGone, "no longer works")
	for _, secret := range []string{"user_1", "s3cret", "code-", "link=", page} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, w.log.String())
		}
	}
}

func TestLinksAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]authtest.User{
		"another user":             {ID: "user_2", Organization: "org_1"},
		"another organization":     {ID: "user_1", Organization: "org_2"},
		"no organization":          {ID: "user_1"},
		"the user as organization": {ID: "org_1", Organization: "user_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			link := w.link(mine())
			w.idp.SetUser(user)
			w.want(w.signIn(link), http.StatusForbidden, "for somebody else")
			if len(w.broker.asked) != 0 {
				t.Errorf("the broker was asked for %+v", w.broker.asked)
			}
			w.idp.SetUser(authtest.User{ID: "user_1", Organization: "org_1"}) // for whom it is still good
			clear(w.cookies)
			w.want(w.signIn(link), http.StatusSeeOther, page)
		})
	}
}

func TestSharedLinksAreForMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shared, err := mine().Shared()
	if err != nil {
		t.Fatal(err)
	}
	link := w.link(shared)
	w.idp.SetUser(authtest.User{ID: "user_9", Organization: "org_2"})
	w.want(w.signIn(link), http.StatusForbidden, "for somebody else")
	w.idp.SetUser(authtest.User{ID: "user_9", Organization: "org_1"})
	w.want(w.signIn(link), http.StatusSeeOther, page)
	if len(w.broker.asked) != 1 || w.broker.asked[0] != shared || w.broker.caller[0].User != "user_9" {
		t.Errorf("the broker was asked for %+v by %+v", w.broker.asked, w.broker.caller)
	}
}

func TestLinksEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(mine())
	callback := w.signIn(link)
	w.now = w.now.Add(10*time.Minute + time.Second)
	w.want(link, http.StatusGone, "no longer works")
	w.want(callback, http.StatusForbidden, "not signed in")
}

func TestLinksThatWereTamperedWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.link(mine())
	other := newWorld(t).link(mine()) // of another server
	u, err := url.Parse(w.get(good).Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{
		base + "/connect", base + "/connect?link=", base + "/connect?link=abc",
		good + "A", good[:len(good)-1], strings.Replace(good, "link=", "link=A", 1), other,
		base + "/connect?link=" + u.Query().Get("state"), // sealed by us, for something else
		base + "/connect?link=" + strings.Repeat("A", 20_000),
	} {
		w.want(link, http.StatusGone, "no longer works")
	}
	if len(w.broker.asked) != 0 {
		t.Errorf("the broker was asked for %+v", w.broker.asked)
	}
}

// Somebody who makes another's browser finish a sign-in gets nowhere.
func TestSignInsThatWereTamperedWith(t *testing.T) {
	t.Parallel()
	change := func(name, value string) func(*testing.T, *world, string) string {
		return func(t *testing.T, _ *world, callback string) string {
			u, err := url.Parse(callback)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			q.Set(name, value)
			if value == "" {
				q.Del(name)
			}
			u.RawQuery = q.Encode()
			return u.String()
		}
	}
	for name, tamper := range map[string]func(*testing.T, *world, string) string{
		"another browser":   func(_ *testing.T, w *world, c string) string { w.cookies[login] = strings.Repeat("B", 26); return c },
		"no cookie":         func(_ *testing.T, w *world, c string) string { clear(w.cookies); return c },
		"no state":          change("state", ""),
		"another state":     change("state", "made-up"),
		"no code":           change("code", ""),
		"another code":      change("code", "made-up"),
		"another issuer":    change("iss", "https://evil.example"),
		"no issuer":         change("iss", ""),
		"an error":          change("error", "access_denied"),
		"two states":        func(_ *testing.T, _ *world, c string) string { return c + "&state=x" },
		"nothing":           func(*testing.T, *world, string) string { return base + "/connect/callback" },
		"the issuer denies": func(t *testing.T, w *world, _ string) string { w.idp.SetDenies(true); return w.signIn(w.link(mine())) },
		"a code of another sign-in": func(t *testing.T, w *world, c string) string {
			u, err := url.Parse(w.signIn(w.link(mine())))
			if err != nil {
				t.Fatal(err)
			}
			return change("code", u.Query().Get("code"))(t, w, c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			callback := w.signIn(w.link(mine()))
			w.want(tamper(t, w, callback), http.StatusForbidden, "not signed in")
			if len(w.broker.asked) != 0 {
				t.Errorf("the broker was asked for %+v", w.broker.asked)
			}
		})
	}
}

func TestTroubleIsNotTheEndOfALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.idp.SetDown(true)
	link := w.link(mine())
	w.want(link, http.StatusServiceUnavailable, "could not be reached")
	w.idp.SetDown(false)
	w.now = w.now.Add(time.Minute) // until the issuer is asked again
	w.broker.err = errors.New("broker.example is down")
	w.want(w.signIn(link), http.StatusServiceUnavailable, "could not be reached")
	w.broker.err = nil
	w.want(w.signIn(link), http.StatusSeeOther, page)
}

func TestBrokersWithoutAPage(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"write the secret <b>into</b> a file", "javascript:alert(1)", "//evil.example/x"} {
		w := newWorld(t)
		w.broker.url = words
		resp := w.get(w.signIn(w.link(mine())))
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Location") != "" || strings.Contains(string(body), "<b>") {
			t.Errorf("%s: %d %s %v", words, resp.StatusCode, body, err)
		}
	}
}

// Who comes back from the broker is not told from memory that they are not
// connected; others are not touched by it.
func TestComingBackForgets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(base+"/connect/done", http.StatusOK, "Notion is connected")
	w.cookies[away] = "made-up"
	w.want(base+"/connect/done", http.StatusOK, "Notion is connected")
	if len(w.broker.forgot) != 0 {
		t.Errorf("forgotten without a link: %+v", w.broker.forgot)
	}
	w.want(w.signIn(w.link(mine())), http.StatusSeeOther, page)
	w.want(base+"/connect/done", http.StatusOK, "Notion is connected")
	w.want(base+"/connect/done", http.StatusOK, "Notion is connected")
	if len(w.broker.forgot) != 1 || w.broker.forgot[0] != mine() || w.cookies[away] != "" {
		t.Errorf("forgotten: %+v, cookies %v", w.broker.forgot, w.cookies)
	}
}

func TestDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(base+"/connect/done", http.StatusOK, "Notion is connected")
	w.want(base+"/connect/done?error=<script>", http.StatusOK, "Notion is connected")
	r := httptest.NewRecorder()
	w.connect.ServeHTTP(r, httptest.NewRequest(http.MethodPost, w.link(mine()), nil))
	if r.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", r.Code)
	}
}
