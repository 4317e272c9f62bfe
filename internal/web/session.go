package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

const (
	signInPath  = ConnectPath + "/sign-in"
	signOutPath = ConnectPath + "/sign-out"

	sessionCookie  = "__Host-mcp-notion-session"
	sessionPurpose = "session of a browser"
	sessionLife    = 8 * time.Hour

	maxForm = 16 << 10
)

// session is somebody who has signed in with this browser. All of it is in the
// cookie, sealed; signing out uses the cookie up.
type session struct {
	who  auth.Subject
	form string // what the forms of this session carry, and no other site knows
}

// begin signs a person in, if there is a page for them to see.
func (c *Connect) begin(w http.ResponseWriter, who auth.Subject) error {
	if c.cfg.Home == nil {
		return nil
	}
	data, err := json.Marshal(who)
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	setSession(w, c.cfg.Sealer.Seal(sessionPurpose, data, sessionLife), int(sessionLife/time.Second))
	return nil
}

func setSession(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// session says who has signed in. Where it cannot be found out whether they
// have signed out again, nobody has.
func (c *Connect) session(r *http.Request) (session, bool) {
	cookies := r.CookiesNamed(sessionCookie)
	if c.cfg.Home == nil || len(cookies) != 1 {
		return session{}, false
	}
	sealed := cookies[0].Value
	data, err := c.cfg.Sealer.OpenUnused(sessionPurpose, sealed)
	if err != nil {
		return session{}, false
	}
	var who auth.Subject
	if err := json.Unmarshal(data, &who); err != nil || who.User == "" {
		return session{}, false
	}
	sum := sha256.Sum256([]byte("form of " + sealed))
	return session{who: who, form: base64.RawURLEncoding.EncodeToString(sum[:])}, true
}

// bounded bounds what one person asks for. Who has not signed in costs nobody
// anything yet, and everybody can sign in and out.
func (c *Connect) bounded(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := c.session(r)
		if !ok || c.cfg.Home.Enter == nil {
			do(w, r)
			return
		}
		leave := c.cfg.Home.Enter(s.who)
		if leave == nil {
			w.Header().Set("Retry-After", "5")
			c.show(w, tooMany)
			return
		}
		defer leave()
		do(w, r)
	}
}

// posted lets a form through that came from a page of the same session.
func (c *Connect) posted(do func(http.ResponseWriter, *http.Request, session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		s, ok := c.session(r)
		if !ok || subtle.ConstantTimeCompare([]byte(r.PostFormValue("form")), []byte(s.form)) != 1 {
			c.show(w, oldForm)
			return
		}
		do(w, r, s)
	}
}

func (c *Connect) signIn(w http.ResponseWriter, r *http.Request) {
	if err := c.cfg.Login.Start(w, r, ""); err != nil {
		c.cfg.Log.Warn("sign-in could not begin", "err", err)
		c.show(w, trouble)
	}
}

// signOut ends the session here. That at the identity provider is not ours.
func (c *Connect) signOut(w http.ResponseWriter, r *http.Request, _ session) {
	for _, cookie := range r.CookiesNamed(sessionCookie) {
		if _, err := c.cfg.Sealer.OpenOnce(sessionPurpose, cookie.Value); err != nil {
			c.cfg.Log.Warn("a session cannot be ended for good", "err", err)
		}
	}
	setSession(w, "", -1)
	http.Redirect(w, r, ConnectPath, http.StatusSeeOther)
}
