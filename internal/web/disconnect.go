package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const disconnectPath = ConnectPath + "/disconnect"

// question is the page that asks before a connection is ended.
type question struct {
	Title, Form string
	Name        string
	Handle      tokens.Handle
	Cannot      string // why it cannot be ended here
}

func (c *Connect) askDisconnect(w http.ResponseWriter, r *http.Request) {
	s, conn, ok := c.theirs(w, r)
	if !ok {
		return
	}
	q := question{Title: "Disconnect " + name(conn) + "?", Form: s.form, Name: name(conn), Handle: conn.Handle, Cannot: c.cannotEnd(conn)}
	c.render(w, http.StatusOK, "disconnect.html", q)
}

// cannotEnd says why a connection is not ended here; "" if it can be. Nothing
// says which member of an organization may end what all of them use, so none
// may.
func (c *Connect) cannotEnd(conn tokens.Connection) string {
	switch {
	case conn.IsShared():
		return "This connection belongs to your organization, and others use it too. Ask whoever manages it to end it where it was made."
	case c.cfg.Home.Disconnect == nil:
		return "This connection was not made here, and cannot be ended here. End it where it was made, or in Notion: Settings, Connections. What was read of your pages is deleted when Notion no longer accepts it."
	}
	return ""
}

// disconnect ends a connection and deletes its index at once. The broker comes
// first: while the grant stands, the index would be built again.
func (c *Connect) disconnect(w http.ResponseWriter, r *http.Request, s session) {
	conn, err := c.chosen(r, s)
	if err != nil || c.cannotEnd(conn) != "" {
		c.show(w, noConnection)
		return
	}
	ctx := tokens.WithCaller(context.WithoutCancel(r.Context()), tokens.Caller{Subject: s.who}) // not left half done
	if err := c.cfg.Home.Disconnect(ctx, conn); err != nil {
		c.cfg.Log.Warn("the broker does not disconnect", "connection", conn.Key(), "err", err)
		c.record(ctx, conn, audit.Entry{Action: audit.Disconnect, Outcome: audit.Unclear, Error: "broker"})
		c.show(w, notEnded)
		return
	}
	if err := c.cfg.Home.Purge(ctx, conn); err != nil {
		c.cfg.Log.Error("the index of a connection that was ended is still there", "connection", conn.Key(), "err", err)
		c.record(ctx, conn, audit.Entry{Action: audit.Disconnect, Outcome: audit.Unclear, Error: "purge"})
		c.show(w, notDeleted)
		return
	}
	c.record(ctx, conn, audit.Entry{Action: audit.Disconnect, Outcome: audit.Done})
	sealed := c.cfg.Sealer.Seal(noticePurpose+s.form, []byte(name(conn)+" is disconnected."), noticeLife)
	http.Redirect(w, r, ConnectPath+"?notice="+url.QueryEscape(sealed), http.StatusSeeOther)
}

const (
	noticePurpose = "notice to "
	noticeLife    = time.Minute
)

// notice is what has just been done in this session.
func (c *Connect) notice(r *http.Request, s session) string {
	data, err := c.cfg.Sealer.Open(noticePurpose+s.form, r.URL.Query().Get("notice"))
	if err != nil {
		return ""
	}
	return string(data)
}
