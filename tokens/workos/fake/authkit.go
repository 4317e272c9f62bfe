package fake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// accessLife is how long the access token of a session is good for.
const accessLife = 5 * time.Minute

// signIn is somebody who signed in to an application.
type signIn struct {
	client, redirect, challenge string
	user, organization, session string
}

// AddClient makes an application known, and where it may send people back to.
func (s *Server) AddClient(id string, redirects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id] = append(s.clients[id], redirects...)
}

// application checks that a sign-in is for a known application and goes back to
// it.
func (s *Server) application(w http.ResponseWriter, q url.Values) bool {
	switch {
	case !slices.Contains(s.clients[q.Get("client_id")], q.Get("redirect_uri")):
		refuse(w, "The application is not known, or this is not where it may send people back to.")
	case q.Get("response_type") != "code" || q.Get("provider") != "authkit":
		refuse(w, "Only AuthKit with a code is known here.")
	default:
		return true
	}
	return false
}

// person is somebody who can sign in.
type person struct{ ID, Name, Email string }

// signInPage lets people choose who they are, in place of a password.
func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) {
	if !s.application(w, r.URL.Query()) {
		return
	}
	var people []person
	for id := range s.users {
		people = append(people, person{id, first(id), email(id)})
	}
	slices.SortFunc(people, func(a, b person) int { return strings.Compare(a.ID, b.ID) })
	show(w, http.StatusOK, "signin.html", people)
}

// signedIn sends a person back with a code.
func (s *Server) signedIn(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !s.application(w, q) {
		return
	}
	user := r.FormValue("user")
	organizations, ok := s.users[user]
	if !ok {
		refuse(w, "There is no such user.")
		return
	}
	in := signIn{client: q.Get("client_id"), redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), user: user, session: s.id("session")}
	if len(organizations) > 0 {
		in.organization = organizations[0]
	}
	code := secret()
	s.codes[code] = in
	to, err := url.Parse(in.redirect)
	if err != nil {
		refuse(w, "The application cannot be reached.")
		return
	}
	back := to.Query()
	back.Set("code", code)
	if q.Has("state") {
		back.Set("state", q.Get("state"))
	}
	to.RawQuery = back.Encode()
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// grantAsk is what an application shows to get tokens.
type grantAsk struct {
	Type     string `json:"grant_type"`
	Client   string `json:"client_id"`
	Secret   string `json:"client_secret"`
	Code     string `json:"code"`
	Verifier string `json:"code_verifier"`
	Refresh  string `json:"refresh_token"`
}

// authenticate exchanges a code, or a refresh token, for a session.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) {
	var q grantAsk
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Secret != s.key {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_client", "error_description": "Invalid client secret."})
		return
	}
	from, name := s.codes, q.Code
	if q.Type == "refresh_token" {
		from, name = s.sessions, q.Refresh
	}
	in, ok := from[name]
	delete(from, name)
	if !ok || in.client != q.Client || q.Type == "authorization_code" && !in.proved(q.Verifier) {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "The code or refresh token has expired or is invalid."})
		return
	}
	refresh := secret()
	s.sessions[refresh] = in
	send(w, http.StatusOK, map[string]any{
		"user": userWire(in.user), "organization_id": null(in.organization), "authentication_method": "Password",
		"access_token": s.accessToken(r, in), "refresh_token": refresh,
	})
}

// proved checks what binds a code to who asked for it (RFC 7636).
func (in signIn) proved(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return in.challenge == "" || in.challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

func userWire(id string) map[string]any {
	return map[string]any{
		"object": "user", "id": id, "email": email(id), "email_verified": true, "name": first(id),
		"first_name": first(id), "last_name": nil, "profile_picture_url": nil, "last_sign_in_at": stamp(now()), "locale": nil,
		"created_at": stamp(time.Unix(0, 0)), "updated_at": stamp(time.Unix(0, 0)), "metadata": map[string]string{},
	}
}

// signOut ends a session and sends the person back to an application that is
// known.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	for refresh, in := range s.sessions {
		if in.session == r.FormValue("session_id") {
			delete(s.sessions, refresh)
		}
	}
	back, err := url.Parse(r.FormValue("return_to"))
	for _, redirects := range s.clients {
		for _, known := range redirects {
			if u, kerr := url.Parse(known); err == nil && kerr == nil && u.Scheme == back.Scheme && u.Host == back.Host {
				http.Redirect(w, r, back.String(), http.StatusFound)
				return
			}
		}
	}
	refuse(w, "You are signed out.")
}

// first is the name of user_ada: Ada.
func first(id string) string { return title(strings.TrimPrefix(id, "user_")) }

func email(id string) string { return strings.TrimPrefix(id, "user_") + "@example.com" }
