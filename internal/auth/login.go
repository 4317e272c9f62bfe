package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-notion/mcp-notion/internal/auth/internal/discovery"
)

// Errors of a Login, besides those of a Sealer, ErrInvalidToken (what the
// issuer sent is not in order) and ErrUnavailable.
var (
	ErrOtherBrowser = errors.New("this sign-in was started in another browser")
	ErrDenied       = errors.New("the issuer did not sign the user in")
	ErrTooMany      = errors.New("too many sign-ins were tried")
)

const (
	loginLife    = 10 * time.Minute
	loginCookie  = "__Host-mcp-notion-login"
	loginPurpose = "login"
	cookieLength = 26 // of rand.Text
	maxCarried   = 2 << 10
)

// LoginConfig says where people sign in with a browser.
type LoginConfig struct {
	// Issuer is an OpenID provider with discovery. Its claims are mapped as
	// those of access tokens are, so that both name the same Subject.
	Issuer Issuer
	// ClientID and ClientSecret are what this server is to the issuer. There
	// is no secret if it is registered as a public client.
	ClientID     string
	ClientSecret Secret
	// RedirectURL is where Callback is served.
	RedirectURL string
	// Scopes are asked for besides openid.
	Scopes []string
	// Sealer keeps the state; one of its own if nil, which ends with the
	// process.
	Sealer *Sealer
	Leeway time.Duration
	HTTP   *http.Client
	Now    func() time.Time
}

// Login signs a person in with their browser: OpenID Connect, code flow with
// PKCE. It is safe for concurrent use and keeps no session.
type Login struct {
	config LoginConfig
	client *http.Client
	remote *discovery.Remote
	source *source
	sealer *Sealer
	tries  *tries
}

// loginState travels through the browser, sealed.
type loginState struct {
	Browser  []byte `json:"b"` // hash of the cookie
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Carried  string `json:"c,omitempty"`
}

// NewLogin returns a Login. Nothing is fetched before somebody signs in.
func NewLogin(c LoginConfig) (*Login, error) {
	base, err := Config{Leeway: c.Leeway, HTTP: c.HTTP, Now: c.Now}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	switch err := discovery.CheckURL(c.RedirectURL); {
	case err != nil:
		return nil, fmt.Errorf("login: redirect URL %q: %w", c.RedirectURL, err)
	case c.ClientID == "":
		return nil, errors.New("login: no client id")
	case len(c.Issuer.Keys) > 0 || c.Issuer.Delegates:
		return nil, errors.New("login: nobody can sign in at a backend that signs for its users")
	}
	s, err := base.source(c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("login: issuer %q: %w", c.Issuer.URL, err)
	}
	s.audiences = []string{c.ClientID}
	l := &Login{config: c, client: base.HTTP, source: s, sealer: c.Sealer, tries: newTries()}
	l.remote = discovery.NewRemote(s.URL, "", base.HTTP, base.Now)
	s.keys = l.remote.Keys
	if l.sealer == nil {
		if l.sealer, err = NewSealer(SealerConfig{Now: c.Now}); err != nil {
			return nil, fmt.Errorf("login: %w", err)
		}
	}
	return l, nil
}

// Start sends the browser to the issuer. What is carried comes back from
// Callback; the browser cannot read or change it. On an error nothing has been
// written yet.
func (l *Login) Start(w http.ResponseWriter, r *http.Request, carried string) error {
	if len(carried) > maxCarried {
		return fmt.Errorf("start sign-in: more than %d bytes to carry", maxCarried)
	}
	conf, _, err := l.oauth(r.Context())
	if err != nil {
		return fmt.Errorf("start sign-in: %w", err)
	}
	browser := browserOf(r)
	if browser == "" {
		browser = rand.Text()
	}
	st := loginState{Browser: hash(browser), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Carried: carried}
	plain, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("start sign-in: %w", err)
	}
	state := l.sealer.Seal(loginPurpose, plain, loginLife)
	http.SetCookie(w, &http.Cookie{
		Name: loginCookie, Value: browser, Path: "/", MaxAge: int(loginLife / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	private(w)
	to := conf.AuthCodeURL(state, oauth2.S256ChallengeOption(st.Verifier), oauth2.SetAuthURLParam("nonce", st.Nonce))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Callback says who signed in, and returns what was carried. It writes headers
// only, never an answer. Each sign-in counts once, in the browser in which it
// was started, within ten minutes.
func (l *Login) Callback(w http.ResponseWriter, r *http.Request) (who Subject, carried string, err error) {
	private(w)
	st, sealed, err := l.reopen(r)
	if err != nil {
		return Subject{}, "", fmt.Errorf("finish sign-in: %w", err)
	}
	token, err := l.redeem(r, st, sha256.Sum256([]byte(sealed)))
	if err != nil {
		return Subject{}, "", fmt.Errorf("finish sign-in: %w", err)
	}
	who, err = l.identify(r.Context(), token, st.Nonce)
	if err != nil {
		return Subject{}, "", fmt.Errorf("finish sign-in: ID token: %w", err)
	}
	if _, err := l.sealer.OpenOnce(loginPurpose, sealed); err != nil {
		return Subject{}, "", fmt.Errorf("finish sign-in: %w", err)
	}
	return who, st.Carried, nil
}

// reopen reads the state in the right browser. It is spent only by somebody who
// has signed in: anybody can begin a sign-in, and what is spent is remembered.
func (l *Login) reopen(r *http.Request) (st loginState, sealed string, err error) {
	sealed, ok := one(r.URL.Query(), "state")
	if !ok {
		return st, "", ErrNotSealed
	}
	plain, err := l.sealer.OpenUnused(loginPurpose, sealed)
	if err != nil {
		return st, "", err
	}
	if err := json.Unmarshal(plain, &st); err != nil {
		return st, "", ErrNotSealed
	}
	if browser := browserOf(r); browser == "" || subtle.ConstantTimeCompare(hash(browser), st.Browser) != 1 {
		return loginState{}, "", ErrOtherBrowser
	}
	return st, sealed, nil
}

// redeem exchanges the code for an ID token.
func (l *Login) redeem(r *http.Request, st loginState, state digest) (idToken string, err error) {
	conf, m, err := l.oauth(r.Context())
	if err != nil {
		return "", err
	}
	q := r.URL.Query()
	// RFC 9207: an answer of another issuer must not reach this one's token
	// endpoint.
	if iss, ok := one(q, "iss"); !ok && m.NamesItself || q.Has("iss") && iss != m.Issuer {
		return "", invalid(ReasonIssuer)
	}
	code, ok := one(q, "code")
	if !ok || q.Has("error") {
		return "", ErrDenied
	}
	if !l.tries.again(state, l.source.now()) {
		return "", ErrTooMany
	}
	ctx := context.WithValue(r.Context(), oauth2.HTTPClient, l.client)
	token, err := conf.Exchange(ctx, code, oauth2.VerifierOption(st.Verifier))
	if err != nil {
		return "", exchangeError(err)
	}
	idToken, _ = token.Extra("id_token").(string)
	return idToken, nil
}

// exchangeError leaves out what the issuer answered, which may hold tokens.
func exchangeError(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("%w: redeem the code", ErrUnavailable)
	}
	if answer.Response != nil && answer.Response.StatusCode >= 500 {
		return fmt.Errorf("%w: redeem the code: status %d", ErrUnavailable, answer.Response.StatusCode)
	}
	return fmt.Errorf("%w: it does not accept the code", ErrDenied)
}

// identify checks an ID token (OpenID Connect Core, 3.1.3.7).
func (l *Login) identify(ctx context.Context, token, nonce string) (Subject, error) {
	if !isJWT(token) || len(token) > maxToken {
		return Subject{}, invalid(ReasonMalformed)
	}
	t, err := parseJWT(token)
	if err != nil {
		return Subject{}, err
	}
	c := t.claims
	aud, _ := c.list("aud")
	switch azp := c.text("azp"); {
	case c.text("iss") != l.source.URL:
		return Subject{}, invalid(ReasonIssuer)
	case azp != l.config.ClientID && (azp != "" || len(aud) > 1):
		return Subject{}, invalid(ReasonAudience)
	case subtle.ConstantTimeCompare([]byte(c.text("nonce")), []byte(nonce)) != 1:
		return Subject{}, invalid(ReasonNonce)
	}
	if err := c.checkAudience(l.source.audiences); err != nil {
		return Subject{}, err
	}
	if err := c.checkTimes(l.source.now(), l.source.leeway, true); err != nil {
		return Subject{}, err
	}
	if err := l.source.checkSignature(ctx, t); err != nil {
		return Subject{}, err
	}
	return l.source.subject(c)
}

// oauth returns the client for the endpoints that the issuer publishes. How
// the client authenticates is decided beforehand: a guess would spend the code.
func (l *Login) oauth(ctx context.Context) (*oauth2.Config, discovery.Metadata, error) {
	m, err := l.remote.Metadata(ctx)
	if err != nil {
		return nil, m, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if m.Authorize == "" || m.Token == "" {
		return nil, m, fmt.Errorf("%w: %s publishes no endpoints to sign in", ErrUnavailable, m.Issuer)
	}
	style := oauth2.AuthStyleInHeader
	if l.config.ClientSecret.IsZero() || len(m.TokenAuthMethods) > 0 && !slices.Contains(m.TokenAuthMethods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: l.config.ClientID, ClientSecret: l.config.ClientSecret.Reveal(), RedirectURL: l.config.RedirectURL,
		Scopes:   append([]string{"openid"}, l.config.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: m.Authorize, TokenURL: m.Token, AuthStyle: style},
	}, m, nil
}

// private keeps what stands in URLs here from caches and from other sites.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// browserOf returns what tells this browser from others, if it is known and
// was made here.
func browserOf(r *http.Request) string {
	cookies := r.CookiesNamed(loginCookie)
	if len(cookies) != 1 || len(cookies[0].Value) != cookieLength {
		return ""
	}
	return cookies[0].Value
}

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// one returns a parameter that is there exactly once.
func one(q url.Values, name string) (string, bool) {
	values := q[name]
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}
