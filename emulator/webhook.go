package emulator

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/hook"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Subscribe begins a webhook: the address is sent a verification token, and
// every change of the workspace once Verify was called with it. Notion has no
// endpoint for it; people do it in the settings of an integration.
func (s *Server) Subscribe(ctx context.Context, url string) error { return s.hooks.Subscribe(ctx, url) }

// Verify ends what Subscribe began.
func (s *Server) Verify(token string) error { return s.hooks.Verify(token) }

// Send makes a webhook that is verified with a token that both sides know.
func (s *Server) Send(url, token string) { s.hooks.Set(url, token) }

// changed tells the subscription of a change. The caller holds the lock.
func (s *Server) changed(kind, id, by string) {
	e := hook.Event{Type: kind, Entity: wire.Object{"id": id, "type": "page"}, Author: s.author(by), Readers: s.readers(id)}
	if p := s.store.Pages[id]; p != nil {
		e.Parent = s.hookParent(p.Parent)
	}
	if d := s.store.Databases[id]; d != nil {
		e.Entity["type"], e.Parent = "database", s.hookParent(d.Parent)
	}
	s.hooks.Tell(e)
}

func (s *Server) hookParent(p workspace.Parent) wire.Object {
	o := wire.Object{"id": p.ID, "type": p.Kind}
	if d := s.store.Databases[p.ID]; d != nil {
		o["data_source_id"] = d.DataSourceID
	}
	if p.Kind == "workspace" {
		o["id"], o["type"] = s.store.W.ID, "space"
	}
	return o
}

// author is who made a change: a bot through the API, or else somebody in the
// app.
func (s *Server) author(by string) wire.Object {
	for _, t := range s.tokens {
		if t.caller.Bot == by {
			return wire.Object{"id": by, "type": "bot"}
		}
	}
	return wire.Object{"id": cmp.Or(by, s.store.W.Owner()), "type": "person"}
}

// readers are the bots that see an object.
func (s *Server) readers(id string) []any {
	all := []any{}
	for _, secret := range slices.Sorted(maps.Keys(s.tokens)) {
		if t := s.tokens[secret]; !t.revoked && s.store.Sees(t.caller.Roots, id) {
			all = append(all, wire.Object{"id": t.caller.Bot, "type": "bot"})
		}
	}
	return all
}
