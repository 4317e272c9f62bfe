// Package authtest is a small identity provider for tests: an OAuth 2.1
// authorization server with OpenID Connect, as MCP's authorization
// specification wants it. It signs in one configured user without asking.
package authtest

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"time"
)

// User is who is signed in at the provider.
type User struct {
	ID           string         // sub
	Organization string         // org_id; none if empty
	Claims       map[string]any // further claims of every token
}

// Client is an application that is registered at the provider.
type Client struct {
	ID           string
	Secret       string // none if it is a public client
	RedirectURIs []string
}

// Config is how a Provider behaves. The zero Config works.
type Config struct {
	// URL is the issuer; https://issuer.test if empty. Start sets it.
	URL string
	// User signs in; user_1 of org_1 if it has no ID.
	User User
	// Clients are registered from the beginning. Others register themselves.
	Clients []Client
	// Scopes may be asked for; those of mcp-notion and openid, profile and
	// offline_access if empty.
	Scopes []string
	// Opaque makes access tokens that say nothing, for introspection.
	Opaque bool
	// Life of access tokens; an hour if zero.
	Life time.Duration
	// Now is time.Now if nil.
	Now func() time.Time
}

// Provider is the identity provider. It is safe for concurrent use.
type Provider struct {
	config Config
	mux    *http.ServeMux

	mu       sync.Mutex
	user     User
	down     bool
	denies   bool
	requests map[string]int
	keys     []signingKey // the last one signs
	clients  map[string]registration
	codes    map[string]grant
	refresh  map[string]grant
	tokens   map[string]map[string]any // claims of access tokens, for introspection
}

// New returns a Provider that lives at Config.URL, wherever it is served.
func New(c Config) *Provider {
	if c.URL == "" {
		c.URL = "https://issuer.test"
	}
	if c.User.ID == "" {
		c.User = User{ID: "user_1", Organization: "org_1"}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"notion:read", "notion:comment", "openid", "profile", "offline_access"}
	}
	if c.Life == 0 {
		c.Life = time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	p := &Provider{
		config: c, mux: http.NewServeMux(), user: c.User,
		requests: map[string]int{}, clients: map[string]registration{},
		codes: map[string]grant{}, refresh: map[string]grant{}, tokens: map[string]map[string]any{},
	}
	for _, client := range c.Clients {
		p.clients[client.ID] = preregistered(client)
	}
	p.Rotate()
	p.routes()
	return p
}

// Start serves a Provider on loopback until stop is called.
func Start(c Config) (p *Provider, stop func()) {
	var handler http.Handler
	ready := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-ready
		handler.ServeHTTP(w, r)
	}))
	c.URL = s.URL
	p = New(c)
	handler = p
	close(ready)
	return p, s.Close
}

func (p *Provider) routes() {
	p.mux.HandleFunc("GET /.well-known/oauth-authorization-server", p.serveMetadata)
	p.mux.HandleFunc("GET /.well-known/openid-configuration", p.serveMetadata)
	p.mux.HandleFunc("GET /jwks", p.serveKeys)
	p.mux.HandleFunc("GET /authorize", p.serveAuthorize)
	p.mux.HandleFunc("POST /token", p.serveToken)
	p.mux.HandleFunc("POST /register", p.serveRegister)
	p.mux.HandleFunc("POST /introspect", p.serveIntrospect)
}

// ServeHTTP counts the request and answers it, with 503 while it is down.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests[r.URL.Path]++
	down := p.down
	p.mu.Unlock()
	if down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// URL is the issuer, as in iss.
func (p *Provider) URL() string { return p.config.URL }

// SetUser changes who is signed in.
func (p *Provider) SetUser(u User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = u
}

// SetDown makes every request fail, or no more.
func (p *Provider) SetDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// SetDenies makes the user refuse to sign in, or no more.
func (p *Provider) SetDenies(denies bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.denies = denies
}

// Requests returns how often a path was asked for, or all together for "".
func (p *Provider) Requests(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if path != "" {
		return p.requests[path]
	}
	sum := 0
	for n := range maps.Values(p.requests) {
		sum += n
	}
	return sum
}

// Client reaches the provider without a network, under its URL alone.
func (p *Provider) Client() *http.Client {
	u, err := url.Parse(p.config.URL)
	if err != nil {
		return &http.Client{Transport: Hosts{}}
	}
	return &http.Client{Transport: Hosts{u.Host: p}}
}

// Hosts is a network of handlers by host name, within the process.
type Hosts map[string]http.Handler

// RoundTrip hands the request to its host.
func (h Hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	to, ok := h[r.URL.Host]
	if !ok {
		return nil, &url.Error{Op: r.Method, URL: r.URL.Redacted(), Err: http.ErrServerClosed}
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	to.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

func (p *Provider) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	at := func(path string) string { return p.config.URL + path }
	reply(w, http.StatusOK, map[string]any{
		"issuer":                                         p.config.URL,
		"authorization_endpoint":                         at("/authorize"),
		"token_endpoint":                                 at("/token"),
		"registration_endpoint":                          at("/register"),
		"introspection_endpoint":                         at("/introspect"),
		"jwks_uri":                                       at("/jwks"),
		"scopes_supported":                               p.config.Scopes,
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"token_endpoint_auth_methods_supported":          []string{"none", "client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":               []string{"S256"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func reply(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_ = json.NewEncoder(w).Encode(doc)
}

// refuse answers in the form of RFC 6749, 5.2.
func refuse(w http.ResponseWriter, status int, code, why string) {
	reply(w, status, map[string]string{"error": code, "error_description": why})
}

// allowed returns those scopes that the provider has.
func (p *Provider) allowed(asked []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return !slices.Contains(p.config.Scopes, s) })
}

func random() string { return rand.Text() }
