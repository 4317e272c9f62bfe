package server

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// outboxFolder is the folder of kept writes within that of an index, so that
// both are deleted together.
const outboxFolder = "outbox"

// openOutbox opens what is kept for a connection. That it cannot is no reason
// to serve nothing: writes then fail when Notion is busy.
func (e *engine) openOutbox() {
	if e.cfg.ReadOnly {
		return
	}
	owner, err := json.Marshal(ownerOf(e.cfg.Connection))
	if err != nil {
		owner = nil // texts and a bool
	}
	box, err := outbox.Open(outbox.Config{Dir: filepath.Join(e.store.Dir(e.cfg.Connection), outboxFolder), Owner: owner, Log: e.cfg.Log})
	if err != nil {
		e.cfg.Log.Error("cannot keep writes for later", "err", err)
		return
	}
	e.outbox = box
}

// ownerRecord is a connection as it stands in its outbox, so that a later process
// knows whose token to ask for.
type ownerRecord struct {
	Issuer       string        `json:"issuer"`
	Organization string        `json:"organization,omitempty"`
	User         string        `json:"user,omitempty"`
	Handle       tokens.Handle `json:"handle"`
	Shared       bool          `json:"shared,omitempty"`
}

func ownerOf(c tokens.Connection) ownerRecord {
	return ownerRecord{Issuer: c.Subject.Issuer, Organization: c.Subject.Organization, User: c.Subject.User, Handle: c.Handle, Shared: c.IsShared()}
}

// connection is the one of the key, or ok is false.
func (r ownerRecord) connection(key string) (c tokens.Connection, ok bool) {
	c = tokens.Connection{Subject: auth.Subject{Issuer: r.Issuer, Organization: r.Organization, User: r.User}, Handle: r.Handle}
	if r.Shared {
		shared, err := c.Shared()
		if err != nil {
			return c, false
		}
		c = shared
	}
	return c, c.Key() == key
}

// resume takes up the writes that an earlier process has left.
func (p *Pool) resume() {
	entries, err := os.ReadDir(p.cfg.Data)
	if err != nil || p.cfg.ReadOnly {
		return
	}
	for _, e := range entries {
		var r ownerRecord
		i, ok := outbox.Peek(filepath.Join(p.cfg.Data, e.Name(), outboxFolder))
		if !ok || json.Unmarshal(i.Owner, &r) != nil {
			continue
		}
		if conn, ok := r.connection(e.Name()); ok {
			p.tenant(conn, i.Made)
		}
	}
}

// writeSoon brings a tenant's next turn forward to when something that is kept
// is due. Its lock is held.
func (t *tenant) writeSoon() {
	if t.engine == nil {
		return
	}
	if at, ok := t.engine.set.NextWrite(); ok && at.Before(t.next) {
		t.next = at
	}
}

// planWrite is writeSoon after a call.
func (t *tenant) planWrite() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writeSoon()
}
