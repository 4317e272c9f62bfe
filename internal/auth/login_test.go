package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

const (
	appURL      = "https://app.test"
	callbackURL = appURL + "/callback"
)

// app is a site where people sign in, and its issuer.
type app struct {
	clock  *clock
	issuer *authtest.Provider
	hosts  authtest.Hosts
	sealer *auth.Sealer

	mu      sync.Mutex
	who     auth.Subject // of the last callback
	carried string
	err     error
}

func newApp(t *testing.T, change func(*auth.LoginConfig)) *app {
	t.Helper()
	a := &app{clock: newClock()}
	a.issuer = authtest.New(authtest.Config{Now: a.clock.now, Clients: []authtest.Client{
		{ID: "web", Secret: clientSecret, RedirectURIs: []string{callbackURL}},
		{ID: "public", RedirectURIs: []string{callbackURL}},
	}})
	mux := http.NewServeMux()
	a.hosts = authtest.Hosts{"app.test": mux, "issuer.test": a.issuer}
	var err error
	if a.sealer, err = auth.NewSealer(auth.SealerConfig{Now: a.clock.now}); err != nil {
		t.Fatal(err)
	}
	config := auth.LoginConfig{
		Issuer: auth.Issuer{URL: a.issuer.URL()}, ClientID: "web", ClientSecret: auth.NewSecret(clientSecret),
		RedirectURL: callbackURL, Sealer: a.sealer, HTTP: &http.Client{Transport: a.hosts}, Now: a.clock.now,
	}
	if change != nil {
		change(&config)
	}
	login, err := auth.NewLogin(config)
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if err := login.Start(w, r, r.URL.Query().Get("carry")); err != nil {
			a.note(auth.Subject{}, "", err)
			http.Error(w, "cannot start", http.StatusBadGateway)
		}
	})
	mux.HandleFunc("/callback", func(_ http.ResponseWriter, r *http.Request) {
		a.note(login.Callback(discardHeaders{}, r))
	})
	return a
}

// discardHeaders is a ResponseWriter on which nothing may be written.
type discardHeaders struct{}

func (discardHeaders) Header() http.Header       { return http.Header{} }
func (discardHeaders) Write([]byte) (int, error) { panic("Callback writes a body") }
func (discardHeaders) WriteHeader(int)           { panic("Callback writes a status") }

func (a *app) note(who auth.Subject, carried string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.who, a.carried, a.err = who, carried, err
}

// outcome is that of the last callback.
func (a *app) outcome() (auth.Subject, string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.who, a.carried, a.err
}

// browser is a person at the site. It stops before the callback if asked.
type browser struct {
	*http.Client
	jar     *cookiejar.Jar
	stopAt  string // prefix of URLs that are not followed
	stopped *url.URL
	cookies []*http.Cookie // all that were set
}

func (a *app) newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{jar: jar}
	b.Client = &http.Client{
		Jar: jar,
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			res, err := a.hosts.RoundTrip(r)
			if err == nil {
				b.cookies = append(b.cookies, res.Cookies()...)
			}
			return res, err
		}),
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if b.stopAt != "" && strings.HasPrefix(r.URL.String(), b.stopAt) {
				b.stopped = r.URL
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
	return b
}

func (b *browser) open(t *testing.T, at string) *http.Response {
	t.Helper()
	res, err := b.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// callback signs in up to the callback, and returns its URL unopened.
func (b *browser) callback(t *testing.T) *url.URL {
	t.Helper()
	b.stopAt = callbackURL
	b.open(t, appURL+"/login?carry=link-1")
	b.stopAt = ""
	if b.stopped == nil {
		t.Fatal("the issuer does not send the browser back")
	}
	return b.stopped
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*auth.LoginConfig){
		"with a secret": nil,
		"public client": func(c *auth.LoginConfig) { c.ClientID, c.ClientSecret = "public", auth.Secret{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, change)
			b := a.newBrowser(t)
			b.open(t, appURL+"/login?carry=link-1")
			who, carried, err := a.outcome()
			if want := (auth.Subject{Issuer: a.issuer.URL(), Organization: "org_1", User: "user_1"}); err != nil || who != want || carried != "link-1" {
				t.Errorf("signed in %+v with %q: %v", who, carried, err)
			}
			if len(b.cookies) != 1 {
				t.Fatalf("cookies %v", b.cookies)
			}
			c := b.cookies[0]
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 600 {
				t.Errorf("cookie %v", c)
			}
		})
	}
}

// TestLoginIsTheSameSubject: a token and a sign-in of one user name one
// Subject, which the connect page compares.
func TestLoginIsTheSameSubject(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(c *auth.LoginConfig) { c.Issuer.UserClaim = "employee" })
	a.issuer.SetUser(authtest.User{ID: "x", Organization: "org_2", Claims: map[string]any{"employee": "e7"}})
	v, err := auth.New(auth.Config{
		Resource: resource, Issuers: []auth.Issuer{{URL: a.issuer.URL(), UserClaim: "employee"}}, HTTP: &http.Client{Transport: a.hosts}, Now: a.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Verify(t.Context(), a.issuer.Mint(resource, nil))
	if err != nil {
		t.Fatal(err)
	}
	a.newBrowser(t).open(t, appURL+"/login")
	if who, _, err := a.outcome(); err != nil || who != p.Subject || who.User != "e7" {
		t.Errorf("the sign-in names %+v, the token %+v: %v", who, p.Subject, err)
	}
}

func TestLoginRequest(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(c *auth.LoginConfig) { c.Scopes = []string{"profile"} })
	b := a.newBrowser(t)
	b.stopAt = a.issuer.URL()
	res := b.open(t, appURL+"/login?carry=secret-link")
	q := b.stopped.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "web", "redirect_uri": callbackURL, "scope": "openid profile", "code_challenge_method": "S256",
	} {
		if got := q.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(q.Get("code_challenge")) != 43 || len(q.Get("nonce")) < 20 || len(q.Get("state")) < 40 {
		t.Errorf("the request is %v", q)
	}
	if strings.Contains(b.stopped.String(), "secret-link") || strings.Contains(b.stopped.String(), clientSecret) {
		t.Error("the issuer sees what is carried or the secret")
	}
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", res.Header)
	}
	var long = strings.Repeat("x", 3000)
	b.open(t, appURL+"/login?carry="+long)
	if _, _, err := a.outcome(); err == nil {
		t.Error("anything is carried, however long")
	}
}

func TestLoginAttacks(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(t *testing.T, a *app, u *url.URL) {
		return func(_ *testing.T, _ *app, u *url.URL) {
			q := u.Query()
			q.Del(name)
			if value != "" {
				q.Set(name, value)
			}
			u.RawQuery = q.Encode()
		}
	}
	for name, test := range map[string]struct {
		tamper func(t *testing.T, a *app, u *url.URL)
		want   error
	}{
		"no state":      {set("state", ""), auth.ErrNotSealed},
		"made-up state": {set("state", "eyJub25jZSI6IngifQ"), auth.ErrNotSealed},
		"state of another purpose": {func(t *testing.T, a *app, u *url.URL) {
			set("state", a.sealer.Seal("link", []byte(`{}`), time.Minute))(t, a, u)
		}, auth.ErrNotSealed},
		"state twice":              {func(_ *testing.T, _ *app, u *url.URL) { u.RawQuery += "&state=x" }, auth.ErrNotSealed},
		"no code":                  {set("code", ""), auth.ErrDenied},
		"made-up code":             {set("code", "code-x"), auth.ErrDenied},
		"two codes":                {func(_ *testing.T, _ *app, u *url.URL) { u.RawQuery += "&code=x" }, auth.ErrDenied},
		"error beside the code":    {set("error", "access_denied"), auth.ErrDenied},
		"answer of another issuer": {set("iss", "https://evil.test"), auth.ErrInvalidToken},
		"answer that names no one": {set("iss", ""), auth.ErrInvalidToken},
		"after ten minutes":        {func(_ *testing.T, a *app, _ *url.URL) { a.clock.advance(10 * time.Minute) }, auth.ErrExpired},
		"issuer down":              {func(_ *testing.T, a *app, _ *url.URL) { a.issuer.SetDown(true) }, auth.ErrUnavailable},
		"code of another sign-in":  {otherCode, auth.ErrDenied},
		"nothing changed":          {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, nil)
			b := a.newBrowser(t)
			u := b.callback(t)
			before := u.String()
			if test.tamper != nil {
				test.tamper(t, a, u)
			}
			b.open(t, u.String())
			who, carried, err := a.outcome()
			if !errors.Is(err, test.want) || test.want != nil && (who != auth.Subject{} || carried != "") {
				t.Errorf("signed in %+v with %q: %v, want %v", who, carried, err, test.want)
			}
			old, parseErr := url.Parse(before)
			if parseErr != nil {
				t.Fatal(parseErr)
			}
			for _, name := range []string{"code", "state"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), old.Query().Get(name)) {
					t.Errorf("the %s shows in %v", name, err)
				}
			}
		})
	}
}

// otherCode puts in a code that another person's sign-in got: PKCE refuses it.
func otherCode(t *testing.T, a *app, u *url.URL) {
	t.Helper()
	q := u.Query()
	q.Set("code", a.newBrowser(t).callback(t).Query().Get("code"))
	u.RawQuery = q.Encode()
}

func TestLoginReplay(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	b := a.newBrowser(t)
	u := b.callback(t)

	// Somebody else opens it first, with no cookie and with one of their own:
	// that neither signs them in nor spends it.
	stranger := a.newBrowser(t)
	for range 2 {
		stranger.open(t, u.String())
		if who, _, err := a.outcome(); !errors.Is(err, auth.ErrOtherBrowser) || who != (auth.Subject{}) {
			t.Errorf("another browser signs in %+v: %v", who, err)
		}
		stranger.callback(t)
	}
	tokens := a.issuer.Requests("/token")
	b.open(t, u.String())
	if who, _, err := a.outcome(); err != nil || who.User != "user_1" {
		t.Errorf("signed in %+v: %v", who, err)
	}
	b.open(t, u.String())
	if who, _, err := a.outcome(); !errors.Is(err, auth.ErrUsed) || who != (auth.Subject{}) {
		t.Errorf("replayed: %+v, %v", who, err)
	}
	if n := a.issuer.Requests("/token") - tokens; n != 1 {
		t.Errorf("the token endpoint was asked %d times", n)
	}
}

// TestLoginTwoTabs: a second tab does not spoil the first.
func TestLoginTwoTabs(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	b := a.newBrowser(t)
	first, second := b.callback(t), b.callback(t)
	for _, u := range []*url.URL{first, second} {
		b.open(t, u.String())
		if who, _, err := a.outcome(); err != nil || who.User != "user_1" {
			t.Errorf("signed in %+v: %v", who, err)
		}
	}
}

func TestLoginDenied(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	a.issuer.SetDenies(true)
	a.newBrowser(t).open(t, appURL+"/login")
	if who, _, err := a.outcome(); !errors.Is(err, auth.ErrDenied) || who != (auth.Subject{}) {
		t.Errorf("signed in %+v: %v", who, err)
	}
}

func TestLoginWrongSecret(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(c *auth.LoginConfig) { c.ClientSecret = auth.NewSecret("wrong-secret") })
	a.newBrowser(t).open(t, appURL+"/login")
	if _, _, err := a.outcome(); !errors.Is(err, auth.ErrDenied) || strings.Contains(fmt.Sprint(err), "wrong-secret") {
		t.Errorf("the error is %v", err)
	}
}

// TestLoginTokens: an issuer's token endpoint that sends what it must not.
func TestLoginTokens(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*authtest.Token)
		want   auth.Reason
	}{
		"another nonce":         {claim("nonce", "x"), auth.ReasonNonce},
		"no nonce":              {without("nonce"), auth.ReasonNonce},
		"another client":        {claim("aud", "other"), auth.ReasonAudience},
		"for another party":     {claim("azp", "other"), auth.ReasonAudience},
		"for two, and no party": {claim("aud", []string{"web", "other"}), auth.ReasonAudience},
		"another issuer":        {claim("iss", "https://evil.test"), auth.ReasonIssuer},
		"expired":               {claim("exp", 1000), auth.ReasonExpired},
		"no user":               {without("sub"), auth.ReasonSubject},
		"another key":           {func(m *authtest.Token) { m.Key = authtest.NewKey() }, auth.ReasonSignature},
		"no signature":          {signed("none", nil), auth.ReasonAlgorithm},
		"the secret as key":     {signed("HS256", []byte(clientSecret)), auth.ReasonAlgorithm},
		"no ID token":           {nil, auth.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, nil)
			b := a.newBrowser(t)
			token := a.issuer.Unsigned("web", nil)
			body := `{"access_token":"a","token_type":"Bearer"}`
			honest := a.hosts["issuer.test"]
			a.hosts["issuer.test"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/authorize" {
					token.Claims["nonce"] = r.URL.Query().Get("nonce")
				}
				if r.URL.Path != "/token" {
					honest.ServeHTTP(w, r)
					return
				}
				if test.change != nil {
					test.change(&token)
					body = `{"access_token":"a","token_type":"Bearer","id_token":"` + token.String() + `"}`
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, body)
			})
			b.open(t, b.callback(t).String())
			who, _, err := a.outcome()
			var got *auth.InvalidTokenError
			if !errors.As(err, &got) || got.Reason != test.want || who != (auth.Subject{}) {
				t.Errorf("signed in %+v: %v, want %q", who, err, test.want)
			}
			noLeak(t, token.String(), fmt.Sprintf("%v %+v %#v", err, err, err))
		})
	}
}

func TestNewLoginRefuses(t *testing.T) {
	t.Parallel()
	good := auth.LoginConfig{Issuer: auth.Issuer{URL: "https://issuer.test"}, ClientID: "web", RedirectURL: callbackURL}
	if _, err := auth.NewLogin(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, change := range map[string]func(*auth.LoginConfig){
		"no client":      func(c *auth.LoginConfig) { c.ClientID = "" },
		"no redirect":    func(c *auth.LoginConfig) { c.RedirectURL = "" },
		"plain http":     func(c *auth.LoginConfig) { c.RedirectURL = "http://app.test/callback" },
		"no issuer":      func(c *auth.LoginConfig) { c.Issuer.URL = "" },
		"backend":        func(c *auth.LoginConfig) { c.Issuer.Delegates = true },
		"large leeway":   func(c *auth.LoginConfig) { c.Leeway = time.Hour },
		"weak algorithm": func(c *auth.LoginConfig) { c.Issuer.Algorithms = []string{"HS256"} },
	} {
		c := good
		change(&c)
		if _, err := auth.NewLogin(c); err == nil {
			t.Errorf("%s: it is accepted", name)
		}
	}
}
