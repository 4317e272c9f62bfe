package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// codeLife is how long a code waits to be redeemed.
const codeLife = time.Minute

// grant is what the user allowed a client.
type grant struct {
	client    string
	redirect  string
	challenge string
	resource  string
	nonce     string
	scopes    []string
	user      User
	until     time.Time
}

// serveAuthorize answers for the user, who is always there.
func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	client, known := p.clients[q.Get("client_id")]
	user, denies := p.user, p.denies
	p.mu.Unlock()
	to, err := url.Parse(q.Get("redirect_uri"))
	if !known || err != nil || !client.mayRedirect(q.Get("redirect_uri")) {
		refuse(w, http.StatusBadRequest, "invalid_request", "the client or its redirect URI is not registered")
		return
	}
	answer := to.Query()
	answer.Set("iss", p.config.URL)
	if q.Has("state") {
		answer.Set("state", q.Get("state"))
	}
	if code := p.objection(q, denies); code != "" {
		answer.Set("error", code)
	} else {
		answer.Set("code", p.newCode(client, q, user))
	}
	to.RawQuery = answer.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// objection is the error code of a request that is not granted.
func (p *Provider) objection(q url.Values, denies bool) string {
	switch {
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return "invalid_request"
	case q.Has("resource") && !absolute(q.Get("resource")):
		return "invalid_target"
	case denies:
		return "access_denied"
	}
	return ""
}

// absolute holds a resource to RFC 8707.
func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && u.Host != "" && !strings.Contains(s, "#")
}

func (p *Provider) newCode(c registration, q url.Values, user User) string {
	code := "code-" + random()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{
		client: c.ID, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"),
		resource: q.Get("resource"), nonce: q.Get("nonce"), user: user,
		scopes: p.allowed(strings.Fields(q.Get("scope"))), until: p.config.Now().Add(codeLife),
	}
	return code
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	client, ok := p.authenticated(r)
	if !ok {
		refuse(w, http.StatusUnauthorized, "invalid_client", "the client is not known or did not authenticate as registered")
		return
	}
	var g grant
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		g, ok = p.redeemCode(r, client)
	case "refresh_token":
		g, ok = p.take(p.refresh, r.PostFormValue("refresh_token"))
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "only authorization_code and refresh_token")
		return
	}
	if !ok || g.client != client.ID {
		refuse(w, http.StatusBadRequest, "invalid_grant", "the code or refresh token is not valid for this client")
		return
	}
	if resource := r.PostFormValue("resource"); resource != "" && resource != g.resource {
		refuse(w, http.StatusBadRequest, "invalid_target", "the resource is not the one that was authorized")
		return
	}
	reply(w, http.StatusOK, p.issue(g))
}

// take returns a grant once.
func (p *Provider) take(from map[string]grant, name string) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := from[name]
	delete(from, name)
	return g, ok
}

// redeemCode checks what binds a code to who asked for it (RFC 7636).
func (p *Provider) redeemCode(r *http.Request, c registration) (grant, bool) {
	g, ok := p.take(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	proof := base64.RawURLEncoding.EncodeToString(sum[:])
	return g, ok && g.client == c.ID && g.redirect == r.PostFormValue("redirect_uri") &&
		g.challenge == proof && p.config.Now().Before(g.until)
}

// issue makes the tokens of a grant. Without a resource they are good for the
// client alone.
func (p *Provider) issue(g grant) map[string]any {
	audience := g.resource
	if audience == "" {
		audience = g.client
	}
	claims := p.claims(audience, g.user)
	claims["client_id"], claims["scope"] = g.client, strings.Join(g.scopes, " ")
	key, kid := p.Key()
	access := Token{Header: map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": kid}, Claims: claims, Key: key}.String()
	if p.config.Opaque {
		access = "opaque-" + random()
	}
	refresh := "refresh-" + random()
	p.mu.Lock()
	p.tokens[access], p.refresh[refresh] = claims, g
	p.mu.Unlock()
	answer := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(p.config.Life / time.Second),
		"scope": claims["scope"], "refresh_token": refresh,
	}
	if strings.Contains(" "+strings.Join(g.scopes, " ")+" ", " openid ") {
		answer["id_token"] = p.idToken(g)
	}
	return answer
}

func (p *Provider) idToken(g grant) string {
	key, kid := p.Key()
	claims := p.claims(g.client, g.user)
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	return Token{Header: map[string]any{"alg": "ES256", "typ": "JWT", "kid": kid}, Claims: claims, Key: key}.String()
}

// serveIntrospect explains access tokens to clients that have a secret (RFC
// 7662).
func (p *Provider) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if c, ok := p.authenticated(r); !ok || c.Secret == "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="introspection"`)
		refuse(w, http.StatusUnauthorized, "invalid_client", "the client did not authenticate")
		return
	}
	p.mu.Lock()
	claims := maps.Clone(p.tokens[r.PostFormValue("token")])
	p.mu.Unlock()
	if claims == nil || expired(claims, p.config.Now()) {
		reply(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	claims["active"] = true
	reply(w, http.StatusOK, claims)
}

func expired(claims map[string]any, now time.Time) bool {
	exp, ok := claims["exp"].(int64)
	return ok && now.Unix() >= exp
}
