// Package web holds the pages that a person sees. It shows nothing that comes
// from Notion, and trusts nothing in a link but what it sealed itself.
package web

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

//go:embed templates
var files embed.FS

var pages = template.Must(template.ParseFS(files, "templates/*.html"))

// ConnectConfig says who signs people in and where they connect Notion.
type ConnectConfig struct {
	Base   string        // this server as its users see it
	Login  *auth.Login   // its redirect URL is Base + CallbackPath
	Sealer *auth.Sealer  // seals the links
	Broker tokens.Broker // says where a connection is made
	Log    *slog.Logger  // nil means no log
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
	cfg ConnectConfig
	mux *http.ServeMux
}

// NewConnect returns the handler of everything below ConnectPath.
func NewConnect(cfg ConnectConfig) *Connect {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Connect{cfg: cfg, mux: http.NewServeMux()}
	c.mux.HandleFunc("GET "+ConnectPath, c.start)
	c.mux.HandleFunc("GET "+CallbackPath, c.callback)
	c.mux.HandleFunc("GET "+DonePath, c.done)
	return c
}

// link is what a link says, sealed.
type link struct {
	Subject auth.Subject  `json:"subject"`
	Handle  tokens.Handle `json:"handle"`
	Shared  bool          `json:"shared,omitempty"`
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
	data, err := json.Marshal(link{Subject: conn.Subject, Handle: conn.Handle, Shared: conn.IsShared()})
	if err != nil {
		return "", fmt.Errorf("make a link to connect: %w", err)
	}
	sealed := c.cfg.Sealer.Seal(linkPurpose, data, linkLife)
	return strings.TrimSuffix(c.cfg.Base, "/") + ConnectPath + "?link=" + url.QueryEscape(sealed), nil
}

// ServeHTTP serves the pages, none of which may be framed, cached or told to
// others.
func (c *Connect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	c.mux.ServeHTTP(w, r)
}

func (c *Connect) start(w http.ResponseWriter, r *http.Request) {
	sealed := r.URL.Query().Get("link")
	if _, err := c.cfg.Sealer.Open(linkPurpose, sealed); err != nil {
		c.show(w, http.StatusGone, expired)
		return
	}
	if err := c.cfg.Login.Start(w, r, sealed); err != nil {
		c.cfg.Log.Warn("sign-in could not begin", "err", err)
		c.show(w, http.StatusServiceUnavailable, trouble)
	}
}

func (c *Connect) callback(w http.ResponseWriter, r *http.Request) {
	who, sealed, err := c.cfg.Login.Callback(w, r)
	if err != nil {
		c.cfg.Log.Info("sign-in failed", "err", err)
		c.show(w, http.StatusForbidden, notSignedIn)
		return
	}
	to, p := c.broker(r.Context(), who, sealed)
	if to == "" {
		c.show(w, p.Status, p)
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
func (c *Connect) broker(ctx context.Context, who auth.Subject, sealed string) (string, page) {
	conn, err := c.open(c.cfg.Sealer.Open, sealed)
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
	switch _, err := c.open(c.cfg.Sealer.OpenOnce, sealed); {
	case errors.Is(err, auth.ErrUsed), errors.Is(err, auth.ErrExpired):
		return "", expired
	case err != nil:
		c.cfg.Log.Error("a link to connect cannot be used up", "connection", conn.Key(), "err", err)
		return "", trouble
	}
	if u, err := url.Parse(to); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", page{Status: http.StatusOK, Title: "Connect Notion", Text: to} // brokers without a page have words
	}
	return to, page{}
}

func (c *Connect) open(with func(purpose, sealed string) ([]byte, error), sealed string) (tokens.Connection, error) {
	data, err := with(linkPurpose, sealed)
	if err != nil {
		return tokens.Connection{}, err
	}
	var l link
	if err := json.Unmarshal(data, &l); err != nil {
		return tokens.Connection{}, errors.New("the link is of another version")
	}
	return l.connection()
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

// forgetter is a Broker that remembers what it was told, also that somebody is
// not connected.
type forgetter interface {
	Forget(tokens.Connection)
}

// done greets who comes back from the broker. What is remembered from before is
// not true any more, and their assistant may ask at once.
func (c *Connect) done(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(returningCookie); err == nil {
		setReturning(w, "", -1)
		conn, err := c.open(c.cfg.Sealer.Open, cookie.Value)
		if f, ok := c.cfg.Broker.(forgetter); ok && err == nil {
			f.Forget(conn)
		}
	}
	c.show(w, http.StatusOK, connected)
}

// page is what one of the plain pages says.
type page struct {
	Status int
	Title  string
	Text   string
}

var (
	expired     = page{http.StatusGone, "This link no longer works", "It was used already, or is older than ten minutes. Ask your assistant again, and it will give you a new one."}
	notYours    = page{http.StatusForbidden, "This link is for somebody else", "You are signed in as another person than the one this link was made for. Sign out there, or ask your own assistant for a link."}
	notSignedIn = page{http.StatusForbidden, "You were not signed in", "The sign-in did not come to its end. Open the link from your assistant again."}
	trouble     = page{http.StatusServiceUnavailable, "This did not work", "The service that connects Notion could not be reached. Try again in a minute."}
	connected   = page{http.StatusOK, "Notion is connected", "Go back to your assistant and ask again. Your pages are being read; the newest come first."}
)

func (c *Connect) show(w http.ResponseWriter, status int, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, "page.html", p); err != nil {
		c.cfg.Log.Debug("page not sent", "err", err) // the reader has gone
	}
}
