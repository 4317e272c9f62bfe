package fake

import (
	"crypto/subtle"
	"net/http"
)

// authorization is one that is under way. One that a widget began waits for the
// widget to hand over a token, so that nobody can be sent a link that connects
// their account to somebody else's.
type authorization struct {
	Account
	handoff  string // "" where none is needed
	redirect string // by which page and widget know each other
	handed   bool
}

// begin returns the opaque name of an authorization.
func (s *Server) begin(a authorization) string {
	name := s.id("authorization")
	s.authorize[name] = a
	return name
}

// visit is what a browser sees that opens the link. Without a handoff the
// provider's consent is given at once, and the link is used up.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	a, ok := s.authorize[name]
	switch {
	case !ok:
		refuse(w, "This link has been used, or never was one.")
	case a.handoff != "":
		show(w, http.StatusOK, "handoff.html", map[string]string{"Name": name, "Redirect": a.redirect})
	default:
		s.finish(w, r, name)
	}
}

// handOver goes on to the provider once the widget has proved that it began
// this.
func (s *Server) handOver(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	a, ok := s.authorize[name]
	if !ok || subtle.ConstantTimeCompare([]byte(r.FormValue("handoff")), []byte(a.handoff)) != 1 {
		refuse(w, "This window was not opened by the app that wants to connect.")
		return
	}
	a.handed = true
	s.authorize[name] = a
	show(w, http.StatusOK, "consent.html", map[string]string{"Name": name, "Provider": title(a.Slug), "User": email(a.User)})
}

// consent is the provider's answer.
func (s *Server) consent(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	a, ok := s.authorize[name]
	switch {
	case !ok || !a.handed:
		refuse(w, "This link has been used, or never was one.")
	case r.FormValue("answer") != "allow":
		delete(s.authorize, name)
		s.tellFailed(a.Account)
		refuse(w, title(a.Slug)+" was not connected. You can close this window.")
	default:
		s.finish(w, r, name)
	}
}

// finish connects the account.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, name string) {
	a := s.authorize[name].Account
	delete(s.authorize, name)
	a.Secret = s.grant(a)
	s.connect(a, false)
	if to := r.URL.Query().Get("return_to"); to != "" {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	show(w, http.StatusOK, "connected.html", title(a.Slug))
}
