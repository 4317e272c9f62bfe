// Package tokentest holds the contract that every token broker passes: the
// right token for the right connection, an error for everybody else, and
// secrets nowhere but in the token.
package tokentest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// Harness is one broker, and what moves the world behind it. Functions that are
// nil are things that cannot happen to this broker.
type Harness struct {
	Broker tokens.Source
	// Mine and Yours are connections of two people. Yours is the zero Connection
	// where the broker serves one person alone.
	Mine, Yours tokens.Connection
	// Strangers are connections that must not get the token of Mine; nil means
	// Mine with each part of its Subject changed, and Mine under another handle.
	Strangers []tokens.Connection

	Grant   func(c tokens.Connection, secret string) // the user connects, and Notion grants secret
	Expire  func(c tokens.Connection)                // the grant no longer works
	Confuse func()                                   // the broker gives answers that it never gave before
	Hang    func()                                   // the broker no longer answers
	Break   func()                                   // the broker answers nothing but errors that repeat what they were sent
	As      func(ctx context.Context, c tokens.Connection) context.Context
	Secrets []string // which must never show, besides what is granted
}

// Contract runs the contract against brokers made by newHarness, a new one for
// each part.
func Contract(t *testing.T, newHarness func(t *testing.T) Harness) {
	t.Helper()
	parts := []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"connected", connected},
		{"not connected", notConnected},
		{"needs reauthorization", needsReauthorization},
		{"unknown answers", unknownAnswers},
		{"slow", slow},
		{"strangers", strangers},
		{"two people", twoPeople},
		{"connect URL", connectURL},
		{"secrets", secrets},
		{"disconnect", disconnect},
		{"list", list},
		{"all that it can do", complete},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, newHarness(t).withDefaults())
		})
	}
}

func (h Harness) withDefaults() Harness {
	if h.As == nil {
		h.As = func(ctx context.Context, _ tokens.Connection) context.Context { return ctx }
	}
	if h.Strangers == nil {
		h.Strangers = neighbours(h.Mine)
	}
	return h
}

// neighbours differ from a connection in one part each.
func neighbours(c tokens.Connection) []tokens.Connection {
	change := func(f func(*tokens.Connection)) tokens.Connection {
		n := c
		f(&n)
		return n
	}
	all := []tokens.Connection{
		{},
		{Handle: c.Handle},
		change(func(n *tokens.Connection) { n.Subject.Issuer += "x" }),
		change(func(n *tokens.Connection) { n.Subject.Issuer = "" }),
		change(func(n *tokens.Connection) { n.Subject.Organization += "x" }),
		change(func(n *tokens.Connection) { n.Subject.User += "x" }),
		change(func(n *tokens.Connection) { n.Subject.User = "" }),
		change(func(n *tokens.Connection) { n.Subject.User = ".." }),
		change(func(n *tokens.Connection) { n.Subject.User += "/" }),
		change(func(n *tokens.Connection) { n.Handle += "x" }),
	}
	if n := change(func(n *tokens.Connection) { n.Subject.Organization = "" }); n != c {
		all = append(all, n)
	}
	org := c
	if org.Subject.Organization == "" {
		org.Subject.Organization = "org"
	}
	if shared, err := org.Shared(); err == nil {
		all = append(all, shared)
	}
	return all
}

func (h Harness) token(t *testing.T, c tokens.Connection) (string, error) {
	t.Helper()
	tok, err := h.Broker.Token(h.As(t.Context(), c), c)
	if err != nil && tok.Reveal() != "" {
		t.Errorf("a token came with the error %v", err)
	}
	return tok.Reveal(), err
}

func connected(t *testing.T, h Harness) {
	h.Grant(h.Mine, "ntn_first")
	for range 2 {
		if got, err := h.token(t, h.Mine); got != "ntn_first" || err != nil {
			t.Errorf("got %q, %v, want ntn_first", got, err)
		}
	}
	h.Grant(h.Mine, "ntn_second")
	if got, err := h.token(t, h.Mine); got != "ntn_second" || err != nil {
		t.Errorf("after connecting again: got %q, %v, want ntn_second", got, err)
	}
}

func notConnected(t *testing.T, h Harness) {
	if got, err := h.token(t, h.Mine); got != "" || !errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization) {
		t.Errorf("got %q, %v, want ErrNotConnected", got, err)
	}
}

func needsReauthorization(t *testing.T, h Harness) {
	if h.Expire == nil {
		return
	}
	h.Grant(h.Mine, "ntn_old")
	h.Expire(h.Mine)
	if got, err := h.token(t, h.Mine); got != "" || !errors.Is(err, tokens.ErrNeedsReauthorization) || errors.Is(err, tokens.ErrNotConnected) {
		t.Errorf("got %q, %v, want ErrNeedsReauthorization", got, err)
	}
	h.Grant(h.Mine, "ntn_new")
	if got, err := h.token(t, h.Mine); got != "ntn_new" || err != nil {
		t.Errorf("after connecting again: got %q, %v, want ntn_new", got, err)
	}
}

// neither reports whether an error says that the broker could not find out.
func neither(err error) bool {
	return err != nil && !errors.Is(err, tokens.ErrNotConnected) && !errors.Is(err, tokens.ErrNeedsReauthorization)
}

func unknownAnswers(t *testing.T, h Harness) {
	h.Grant(h.Mine, "ntn_first")
	for _, spoil := range []func(){h.Confuse, h.Break} {
		if spoil == nil {
			continue
		}
		spoil()
		if got, err := h.token(t, h.Mine); got != "" || !neither(err) {
			t.Errorf("got %q, %v, want an error that is no normal answer", got, err)
		}
	}
}

func slow(t *testing.T, h Harness) {
	if h.Hang == nil {
		return
	}
	h.Grant(h.Mine, "ntn_first")
	ctx, cancel := context.WithCancel(h.As(t.Context(), h.Mine))
	cancel()
	if _, err := h.Broker.Token(ctx, h.Mine); !neither(err) {
		t.Errorf("cancelled before: got %v, want an error that is no normal answer", err)
	}
	h.Hang()
	ctx, cancel = context.WithTimeout(h.As(t.Context(), h.Mine), 50*time.Millisecond)
	defer cancel()
	tok, err := h.Broker.Token(ctx, h.Mine)
	if tok.Reveal() != "" || !neither(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func strangers(t *testing.T, h Harness) {
	h.Grant(h.Mine, "ntn_mine")
	for _, s := range h.Strangers {
		if got, err := h.token(t, s); got != "" || err == nil {
			t.Errorf("%+v got %q, %v, want an error", s, got, err)
		}
		// What the caller can prove about themselves does not open another's door.
		if tok, err := h.Broker.Token(h.As(t.Context(), h.Mine), s); tok.Reveal() != "" || err == nil {
			t.Errorf("%+v, asked for by the owner of %+v, got %q, %v, want an error", s, h.Mine, tok.Reveal(), err)
		}
	}
}

func list(t *testing.T, h Harness) {
	l := h.Broker.Lister
	if l == nil {
		return
	}
	h.Grant(h.Mine, "ntn_mine")
	for _, who := range []tokens.Connection{h.Mine, h.Yours} {
		got, err := l.Connections(h.As(t.Context(), who), who.Subject)
		if who == h.Mine && (err != nil || len(got) != 1 || got[0].Connection != h.Mine) {
			t.Errorf("got %+v, %v, want %+v", got, err, h.Mine)
		}
		if who != h.Mine && len(got) != 0 {
			t.Errorf("%+v: got %+v, want none", who, got)
		}
	}
	if got, _ := l.Connections(t.Context(), auth.Subject{}); len(got) != 0 {
		t.Errorf("nobody has %+v, want none", got)
	}
}

// complete holds the Source against the Broker itself: what it can do and does not
// say is not used.
func complete(t *testing.T, h Harness) {
	b := h.Broker.Broker
	_, disconnects := b.(tokens.Disconnecter)
	_, lists := b.(tokens.Lister)
	_, refreshes := b.(tokens.Refresher)
	_, notifies := b.(tokens.Notifier)
	said := h.Broker
	if disconnects != (said.Disconnecter != nil) || lists != (said.Lister != nil) || refreshes != (said.Refresher != nil) || notifies != (said.Notifier != nil) {
		t.Errorf("%T says that it is %+v", b, said)
	}
}

func disconnect(t *testing.T, h Harness) {
	d := h.Broker.Disconnecter
	if d == nil {
		return
	}
	h.Grant(h.Mine, "ntn_mine")
	h.Grant(h.Yours, "ntn_yours")
	for range 2 {
		if err := d.Disconnect(t.Context(), h.Mine); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	}
	if got, err := h.token(t, h.Mine); got != "" || !errors.Is(err, tokens.ErrNotConnected) {
		t.Errorf("disconnected: got %q, %v, want ErrNotConnected", got, err)
	}
	if got, err := h.token(t, h.Yours); got != "ntn_yours" || err != nil {
		t.Errorf("the other one: got %q, %v, want ntn_yours", got, err)
	}
	for _, s := range h.Strangers {
		d.Disconnect(t.Context(), s)
	}
	if got, err := h.token(t, h.Yours); got != "ntn_yours" || err != nil {
		t.Errorf("after strangers disconnected: got %q, %v, want ntn_yours", got, err)
	}
}
