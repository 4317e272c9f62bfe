package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	maxNotices = 4096 // that wait; the broker is asked to send further ones again
	lookers    = 4    // who ask the broker what holds now
	lookWithin = 30 * time.Second
)

// notice is the part of a tokens.Notice that is about one connection.
type notice struct {
	conn    tokens.Connection
	outcome tokens.Outcome
	likely  bool // the connection that is meant, if several may be
}

// BrokerNotice reads webhooks of a broker for a webhook.Receiver.
func (p *Pool) BrokerNotice(b tokens.Notifier) func(body []byte) (webhook.Notice, error) {
	return func(body []byte) (webhook.Notice, error) {
		n, err := b.Notice(body)
		return webhook.Notice{Event: n.Event, Apply: func() error { return p.Noticed(n) }}, err
	}
}

// Noticed takes a broker's word that grants may have changed: what is remembered
// of their tokens is dropped at once, and what the broker says now is seen to
// soon. It never waits; the error is webhook.ErrBusy where too much is waiting.
func (p *Pool) Noticed(n tokens.Notice) error {
	for i, conn := range n.Connections {
		if n.Outcome == tokens.Refused {
			p.cfg.Log.Info("a user tried to connect, and it came to nothing", "connection", conn.Key())
			continue
		}
		p.cfg.Broker.Forget(conn)
		select {
		case p.notices <- notice{conn: conn, outcome: n.Outcome, likely: i == 0}:
		default:
			return webhook.ErrBusy
		}
	}
	return nil
}

// heed works off what was noticed until ctx ends. What is left then is found
// when the users ask, or by their next poll.
func (p *Pool) heed(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-p.notices:
			if err := guard.Call(func() error { return p.see(ctx, n) }); err != nil && ctx.Err() == nil {
				p.cfg.Log.Warn("see what has become of a connection", "connection", n.conn.Key(), "err", err)
			}
		}
	}
}

// see asks the broker what holds now, whatever it said before: notices may be
// late or out of order. Without a grant the index goes at once; with one, the
// mirror begins.
func (p *Pool) see(ctx context.Context, n notice) error {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	t, stored := p.kept(n.conn)
	who := tokens.Caller{Subject: n.conn.Subject}
	if t != nil {
		who = t.lastCaller(time.Now())
	}
	if ctx = tokens.WithCaller(ctx, who); n.conn.IsShared() && who.Subject.User == "" {
		return p.seeAlone(ctx, n, stored)
	}
	err := p.granted(ctx, n.conn)
	trail := p.cfg.Audit.For(n.conn)
	switch {
	case disconnected(err):
		if stored {
			trail.Record(ctx, audit.Entry{Action: audit.Disconnect, Outcome: audit.Done})
		}
		return nil
	case err != nil:
		return err
	case n.likely && n.outcome == tokens.Granted:
		trail.Record(ctx, audit.Entry{Action: audit.Connect, Outcome: audit.Done})
		p.tenant(n.conn, time.Now()).hurry()
	}
	return nil
}

// seeAlone is see for a shared connection that no member has used since the
// start, so that nobody can be asked for. Its index can be made again; one that
// must not be there cannot be taken back.
func (p *Pool) seeAlone(ctx context.Context, n notice, stored bool) error {
	if !stored || n.outcome != tokens.Ended {
		return nil
	}
	if err := p.Purge(ctx, n.conn); err != nil {
		return err
	}
	p.cfg.Audit.For(n.conn).Record(ctx, audit.Entry{Action: audit.Disconnect, Outcome: audit.Done})
	return nil
}

// kept returns the tenant of a connection, nil if there is none, and whether
// anything is stored for it.
func (p *Pool) kept(conn tokens.Connection) (t *tenant, stored bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := os.Stat(p.store.Dir(conn))
	return p.tenants[conn.Key()], !errors.Is(err, fs.ErrNotExist)
}

// hurry makes a tenant's pass due now.
func (t *tenant) hurry() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next = time.Time{}
}
