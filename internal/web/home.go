package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// HomeConfig is what the page of connections can ask and do. All of it is done
// for the person who has signed in, who is the caller in the context.
type HomeConfig struct {
	// Enter lets a request of a person begin, and gives the function that ends
	// it; nil if they make too many, each of which may ask the broker. A nil
	// Enter sets no limit.
	Enter func(auth.Subject) (leave func())
	// Call calls a tool that reads, with the checks of every other call. The
	// error is tokens.ErrNotConnected or tokens.ErrNeedsReauthorization where
	// the connection does not stand.
	Call func(ctx context.Context, conn tokens.Connection, tool string, args json.RawMessage) (tools.Answer, error)
	// Purge deletes what is indexed for a connection.
	Purge func(context.Context, tokens.Connection) error
	// Disconnect makes the broker forget the grant; nil if it cannot.
	Disconnect func(context.Context, tokens.Connection) error
	// List lists the connections that the broker knows of; nil if it cannot.
	List   func(context.Context, auth.Subject) ([]tokens.Listed, error)
	Shared []tokens.Handle // connections that belong to a person's organization
	Audit  *audit.Log      // told of connections that are made and ended; nil means none
}

const (
	startPath = ConnectPath + "/start"
	statePath = ConnectPath + "/state"
)

const pageTitle = "Notion connections"

// homePage is what the page of connections shows.
type homePage struct {
	Title, Said string
	Form        string // of the session
	Who         auth.Subject
	Notice      string // what was just done
	Cards       []card
	Search      *found // nil before anything was searched
}

// Busy says whether anything on the page is about to change.
func (p homePage) Busy() bool { return slices.ContainsFunc(p.Cards, card.Busy) }

// Searchable are the connections in which something can be found.
func (p homePage) Searchable() []card {
	return slices.DeleteFunc(slices.Clone(p.Cards), func(c card) bool { return c.State != stands })
}

func (c *Connect) home(w http.ResponseWriter, r *http.Request) {
	s, ok := c.session(r)
	if !ok {
		c.render(w, http.StatusOK, "sign-in.html", homePage{Title: pageTitle})
		return
	}
	p := c.page(r.Context(), s)
	p.Notice = c.notice(r, s)
	c.render(w, http.StatusOK, "home.html", p)
}

// state is the part of the page that changes by itself.
func (c *Connect) state(w http.ResponseWriter, r *http.Request) {
	s, ok := c.session(r)
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	c.render(w, http.StatusOK, "cards", c.page(r.Context(), s))
}

func (c *Connect) page(ctx context.Context, s session) homePage {
	ctx = tokens.WithCaller(ctx, tokens.Caller{Subject: s.who})
	p := homePage{Title: pageTitle, Form: s.form, Who: s.who}
	for _, l := range c.listed(ctx, s.who) {
		p.Cards = append(p.Cards, c.card(ctx, l))
	}
	for _, card := range p.Cards {
		p.Said += card.Said() + " "
	}
	return p
}

// listed are the connections to show: that which everybody may make, those of
// the organization, and whatever else the broker knows.
func (c *Connect) listed(ctx context.Context, who auth.Subject) []tokens.Listed {
	var all []tokens.Listed
	if c.cfg.Home.List != nil {
		known, err := c.cfg.Home.List(ctx, who)
		if err != nil {
			c.cfg.Log.Warn("the broker does not list connections", "err", err)
		}
		for _, l := range known {
			if owns(who, l.Connection) {
				all = append(all, l)
			}
		}
	}
	for _, h := range append([]tokens.Handle{tokens.DefaultHandle}, c.cfg.Home.Shared...) {
		conn, err := tokens.Choose(who, h, c.cfg.Home.Shared)
		if err != nil || slices.ContainsFunc(all, func(l tokens.Listed) bool { return l.Connection == conn }) {
			continue // nothing is shared with somebody of no organization
		}
		all = append(all, tokens.Listed{Connection: conn})
	}
	slices.SortStableFunc(all, func(a, b tokens.Listed) int { return rank(a) - rank(b) })
	return all
}

// rank puts one's own before what is shared, and the usual one before others.
func rank(l tokens.Listed) int {
	switch {
	case l.Connection.IsShared():
		return 2
	case l.Connection.Handle != tokens.DefaultHandle:
		return 1
	}
	return 0
}

// chosen is the connection that a form or an address names, of the person who
// has signed in.
func (c *Connect) chosen(r *http.Request, s session) (tokens.Connection, error) {
	h, err := tokens.ParseHandle(r.FormValue("connection"))
	if err != nil {
		return tokens.Connection{}, err
	}
	return tokens.Choose(s.who, h, c.cfg.Home.Shared)
}

// theirs is chosen for a page that is opened and not posted to. It answers
// itself, and reports false, where nobody has signed in or there is no such
// connection.
func (c *Connect) theirs(w http.ResponseWriter, r *http.Request) (session, tokens.Connection, bool) {
	s, ok := c.session(r)
	if !ok {
		http.Redirect(w, r, ConnectPath, http.StatusSeeOther)
		return session{}, tokens.Connection{}, false
	}
	conn, err := c.chosen(r, s)
	if err != nil {
		c.show(w, noConnection)
		return session{}, tokens.Connection{}, false
	}
	return s, conn, true
}

// start leads a person who has signed in to the broker, and back to the page
// of connections.
func (c *Connect) start(w http.ResponseWriter, r *http.Request) {
	s, conn, ok := c.theirs(w, r)
	if !ok {
		return
	}
	sealed, err := c.seal(link{Subject: conn.Subject, Handle: conn.Handle, Shared: conn.IsShared(), Home: true})
	if err != nil {
		c.cfg.Log.Error("start to connect", "err", err)
		c.show(w, trouble)
		return
	}
	c.connect(w, r, s.who, sealed)
}

// gone says that a connection does not stand, and its user has to act.
func gone(err error) bool {
	return errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization)
}

func (c *Connect) record(ctx context.Context, conn tokens.Connection, e audit.Entry) {
	if c.cfg.Home != nil {
		c.cfg.Home.Audit.For(conn).Record(ctx, e)
	}
}
