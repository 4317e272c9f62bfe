// Package web holds the pages that a person sees: the way from a link in an
// assistant's answer to the broker, and the page of their connections. Who they
// are is what they signed in as; nothing in an address is trusted but what was
// sealed here, and what comes from Notion is shown without its
// HTML and pictures.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// ConnectConfig says who signs people in and where they connect Notion.
type ConnectConfig struct {
	Base   string        // this server as its users see it
	Login  *auth.Login   // its redirect URL is Base + CallbackPath
	Sealer *auth.Sealer  // seals the links
	Broker tokens.Keeper // says where a connection is made
	Log    *slog.Logger  // nil means no log
	// Busy is told of each sign-in that is refused because too many were tried;
	// nil for nobody.
	Busy func(context.Context)
	// Home is the page of a person's connections. Without it there are only
	// links to connect.
	Home *HomeConfig
	Now  func() time.Time // nil means time.Now
}

// Paths below the base URL.
const (
	ConnectPath  = "/connect"
	CallbackPath = "/connect/callback"
	DonePath     = "/connect/done" // where brokers send people back to
)

// linkLife is how long a link to connect works.
const linkLife = 10 * time.Minute

const linkPurpose = "connect link"

// Connect serves the way from a link in an assistant's answer to the broker's
// page. A link works once, for ten minutes, and only for the person whose
// connection it is about, who has to sign in: whoever opens a broker's own
// link would connect their Notion to somebody else's account.
type Connect struct {
	cfg  ConnectConfig
	mux  *http.ServeMux
	safe http.Handler // the mux, behind the check that forms are our own
}

// NewConnect returns the handler of everything below ConnectPath.
func NewConnect(cfg ConnectConfig) *Connect {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Connect{cfg: cfg, mux: http.NewServeMux()}
	c.mux.HandleFunc("GET "+ConnectPath, c.bounded(c.open))
	c.mux.HandleFunc("GET "+CallbackPath, c.callback)
	c.mux.HandleFunc("GET "+DonePath, c.bounded(c.done))
	c.mux.HandleFunc("GET "+staticPath+"{version}/{file}", static)
	if cfg.Home != nil {
		c.mux.HandleFunc("GET "+signInPath, c.signIn)
		c.mux.HandleFunc("POST "+signOutPath, c.posted(c.signOut))
		c.mux.HandleFunc("GET "+statePath, c.bounded(c.state))
		c.mux.HandleFunc("POST "+searchPath, c.bounded(c.posted(c.search)))
		c.mux.HandleFunc("GET "+disconnectPath, c.askDisconnect)
		c.mux.HandleFunc("POST "+disconnectPath, c.bounded(c.posted(c.disconnect)))
		c.mux.HandleFunc("GET "+startPath, c.bounded(c.start))
	}
	c.safe = http.NewCrossOriginProtection().Handler(c.mux)
	return c
}

// link is what a link says, sealed.
type link struct {
	Subject auth.Subject  `json:"subject"`
	Handle  tokens.Handle `json:"handle"`
	Shared  bool          `json:"shared,omitempty"`
	Home    bool          `json:"home,omitempty"` // it was made for the page of connections, and leads back there
}

func (l link) connection() (tokens.Connection, error) {
	conn := tokens.Connection{Subject: l.Subject, Handle: l.Handle}
	if l.Shared {
		return conn.Shared()
	}
	return conn, nil
}

// Link makes a link for the owner of a connection.
func (c *Connect) Link(conn tokens.Connection) (string, error) {
	sealed, err := c.seal(link{Subject: conn.Subject, Handle: conn.Handle, Shared: conn.IsShared()})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(c.cfg.Base, "/") + ConnectPath + "?link=" + url.QueryEscape(sealed), nil
}

func (c *Connect) seal(l link) (string, error) {
	data, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("make a link to connect: %w", err)
	}
	return c.cfg.Sealer.Seal(linkPurpose, data, linkLife), nil
}

// policy lets pages have what this server itself serves, and no script or style
// within them.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// ServeHTTP serves the pages, none of which may be framed, cached or told to
// others.
func (c *Connect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	c.safe.ServeHTTP(w, r)
}

// open is the page of connections, or with a link the way to the broker.
func (c *Connect) open(w http.ResponseWriter, r *http.Request) {
	if c.cfg.Home != nil && !r.URL.Query().Has("link") {
		c.home(w, r)
		return
	}
	c.follow(w, r)
}

// follow leads whoever has a link to the broker, after they have signed in if
// they are not signed in as its owner.
func (c *Connect) follow(w http.ResponseWriter, r *http.Request) {
	sealed := r.URL.Query().Get("link")
	conn, err := c.unseal(c.cfg.Sealer.Open, sealed)
	if err != nil {
		c.show(w, expired)
		return
	}
	if s, ok := c.session(r); ok && owns(s.who, conn) {
		c.connect(w, r, s.who, sealed)
		return
	}
	if err := c.cfg.Login.Start(w, r, sealed); err != nil {
		c.cfg.Log.Warn("sign-in could not begin", "err", err)
		c.show(w, trouble)
	}
}

func (c *Connect) callback(w http.ResponseWriter, r *http.Request) {
	who, sealed, err := c.cfg.Login.Callback(w, r)
	if errors.Is(err, auth.ErrTooMany) {
		if c.cfg.Busy != nil {
			c.cfg.Busy(r.Context())
		}
		w.Header().Set("Retry-After", "60")
		c.show(w, tooMany)
		return
	}
	if err != nil {
		c.cfg.Log.Info("sign-in failed", "err", err)
		c.show(w, notSignedIn)
		return
	}
	if err := c.begin(w, who); err != nil {
		c.cfg.Log.Error("a session cannot begin", "err", err)
		c.show(w, trouble)
		return
	}
	if sealed == "" && c.cfg.Home != nil {
		http.Redirect(w, r, ConnectPath, http.StatusSeeOther)
		return
	}
	c.connect(w, r, who, sealed)
}

// connect sends a person who has signed in to the broker.
func (c *Connect) connect(w http.ResponseWriter, r *http.Request, who auth.Subject, sealed string) {
	to, m := c.broker(r.Context(), who, sealed)
	if to == "" {
		c.show(w, m)
		return
	}
	setReturning(w, sealed, int(linkLife/time.Second))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// returningCookie holds the link, sealed and spent, while its person is at the
// broker.
const returningCookie = "__Host-mcp-notion-connect"

func setReturning(w http.ResponseWriter, sealed string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: returningCookie, Value: sealed, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// broker finds where to send a person who has signed in, or the page that says
// why not.
func (c *Connect) broker(ctx context.Context, who auth.Subject, sealed string) (string, message) {
	conn, err := c.unseal(c.cfg.Sealer.Open, sealed)
	if err != nil {
		return "", expired
	}
	if !owns(who, conn) {
		return "", notYours // and the link stays good for its owner
	}
	to, err := c.cfg.Broker.ConnectURL(tokens.WithCaller(ctx, tokens.Caller{Subject: who}), conn)
	if err != nil {
		c.cfg.Log.Warn("broker has no link to connect", "connection", conn.Key(), "err", err)
		return "", trouble // and the link can be tried again
	}
	switch _, err := c.unseal(c.cfg.Sealer.OpenOnce, sealed); {
	case errors.Is(err, auth.ErrUsed), errors.Is(err, auth.ErrExpired):
		return "", expired
	case err != nil:
		c.cfg.Log.Error("a link to connect cannot be used up", "connection", conn.Key(), "err", err)
		return "", trouble
	}
	if u, err := url.Parse(to); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", message{Status: http.StatusOK, Title: "Connect Notion", Text: to} // brokers without a page have words
	}
	return to, message{}
}

func (c *Connect) unseal(with func(purpose, sealed string) ([]byte, error), sealed string) (tokens.Connection, error) {
	l, err := readLink(with, sealed)
	if err != nil {
		return tokens.Connection{}, err
	}
	return l.connection()
}

func readLink(with func(purpose, sealed string) ([]byte, error), sealed string) (link, error) {
	var l link
	data, err := with(linkPurpose, sealed)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return l, errors.New("the link is of another version")
	}
	return l, nil
}

// owns says whether a person may make a connection: their own, or one of their
// organization.
func owns(who auth.Subject, conn tokens.Connection) bool {
	mine := tokens.Connection{Subject: who, Handle: conn.Handle}
	if conn.IsShared() {
		var err error
		if mine, err = mine.Shared(); err != nil {
			return false
		}
	}
	return mine == conn
}

// done greets who comes back from the broker. What is remembered from before is
// not true any more, and their assistant may ask at once.
func (c *Connect) done(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(returningCookie)
	if err != nil {
		c.show(w, connected)
		return
	}
	setReturning(w, "", -1)
	l, err := readLink(c.cfg.Sealer.Open, cookie.Value)
	if err != nil {
		c.show(w, connected)
		return
	}
	if !c.arrived(r, l) {
		c.show(w, notConnected)
		return
	}
	if _, ok := c.session(r); ok && l.Home {
		http.Redirect(w, r, ConnectPath, http.StatusSeeOther)
		return
	}
	c.show(w, connected)
}

// arrived says whether a connection stands, unless that cannot be found out,
// and writes down that it was made.
func (c *Connect) arrived(r *http.Request, l link) bool {
	conn, err := l.connection()
	if err != nil {
		return true
	}
	c.cfg.Broker.Forget(conn)
	s, ok := c.session(r)
	if !ok || !owns(s.who, conn) {
		return true // a shared connection is asked for on behalf of somebody
	}
	ctx := tokens.WithCaller(r.Context(), tokens.Caller{Subject: s.who})
	switch _, err := c.cfg.Broker.Token(ctx, conn); {
	case err == nil:
		c.record(ctx, conn, audit.Entry{Action: audit.Connect, Outcome: audit.Done})
	case gone(err):
		return false
	}
	return true
}
