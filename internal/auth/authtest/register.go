package authtest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
)

// registration is a client with what it said of itself (RFC 7591).
type registration struct {
	Client
	authMethod string
}

func preregistered(c Client) registration {
	method := "client_secret_basic"
	if c.Secret == "" {
		method = "none"
	}
	return registration{Client: c, authMethod: method}
}

func (p *Provider) serveRegister(w http.ResponseWriter, r *http.Request) {
	var said map[string]any
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&said) != nil {
		refuse(w, http.StatusBadRequest, "invalid_client_metadata", "the body is not a JSON object")
		return
	}
	var redirects []string
	list, _ := said["redirect_uris"].([]any)
	for _, v := range list {
		s, _ := v.(string)
		if !redirectable(s) {
			refuse(w, http.StatusBadRequest, "invalid_redirect_uri", "a redirect URI needs https, loopback or a scheme of its own")
			return
		}
		redirects = append(redirects, s)
	}
	method, _ := said["token_endpoint_auth_method"].(string)
	if method == "" {
		method = "client_secret_basic"
	}
	if len(redirects) == 0 || !slices.Contains([]string{"none", "client_secret_basic", "client_secret_post"}, method) {
		refuse(w, http.StatusBadRequest, "invalid_client_metadata", "redirect_uris or token_endpoint_auth_method is not acceptable")
		return
	}
	c := registration{Client: Client{ID: "client-" + random(), RedirectURIs: redirects}, authMethod: method}
	said["client_id"], said["client_id_issued_at"], said["token_endpoint_auth_method"] = c.ID, p.config.Now().Unix(), method
	if method != "none" {
		c.Secret = random()
		said["client_secret"], said["client_secret_expires_at"] = c.Secret, 0
	}
	p.mu.Lock()
	p.clients[c.ID] = c
	p.mu.Unlock()
	reply(w, http.StatusCreated, said)
}

func redirectable(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Fragment != "" {
		return false
	}
	return u.Scheme != "http" || isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// mayRedirect compares exactly, but for the port on loopback (RFC 8252, 7.3).
func (c registration) mayRedirect(to string) bool {
	return slices.ContainsFunc(c.RedirectURIs, func(registered string) bool {
		return registered == to || withoutLoopbackPort(registered) == withoutLoopbackPort(to)
	})
}

func withoutLoopbackPort(s string) string {
	u, err := url.Parse(s)
	if err == nil && u.Scheme == "http" && isLoopback(u.Hostname()) {
		u.Host = u.Hostname()
		return u.String()
	}
	return s
}

// authenticated returns the client that sends a form, as it registered to do.
func (p *Provider) authenticated(r *http.Request) (registration, bool) {
	id, secret, method := r.PostFormValue("client_id"), r.PostFormValue("client_secret"), "client_secret_post"
	if user, pass, ok := r.BasicAuth(); ok {
		var err1, err2 error
		id, err1 = url.QueryUnescape(user)
		secret, err2 = url.QueryUnescape(pass)
		if err1 != nil || err2 != nil {
			return registration{}, false
		}
		method = "client_secret_basic"
	} else if secret == "" {
		method = "none"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.clients[id]
	return c, ok && c.authMethod == method && c.Secret == secret
}
