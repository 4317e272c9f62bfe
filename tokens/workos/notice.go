package workos

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

var _ tokens.Notifier = (*Broker)(nil)

// grantEvent is what an event says of a grant, if it says anything.
func grantEvent(name string) tokens.Outcome {
	switch name {
	case "pipes.connected_account.connected":
		return tokens.Granted
	case "pipes.connected_account.disconnected", "pipes.connected_account.reauthorization_needed":
		return tokens.Ended
	case "pipes.connected_account.connection_failed":
		return tokens.Refused
	}
	return ""
}

// Notice reads a webhook of WorkOS. Events that are not about connected accounts
// are no error: an endpoint may be subscribed to more than is needed here.
func (b *Broker) Notice(body []byte) (tokens.Notice, error) {
	var said struct {
		ID    string          `json:"id"`
		Event string          `json:"event"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.ID == "" || said.Event == "" {
		return tokens.Notice{}, errors.New("read a webhook of WorkOS: it does not have the form of one")
	}
	n := tokens.Notice{Event: said.ID, Outcome: grantEvent(said.Event)}
	if n.Outcome == "" {
		return n, nil
	}
	var about struct {
		ID           string `json:"id"`
		Slug         string `json:"provider_slug"`
		User         string `json:"user_id"`
		Organization string `json:"organization_id"`
	}
	if err := json.Unmarshal(said.Data, &about); err != nil {
		return tokens.Notice{}, errors.New("read a webhook of WorkOS: it does not say which account it is about")
	}
	owner := auth.Subject{Issuer: b.cfg.Issuer, Organization: about.Organization, User: about.User}
	for _, h := range slices.Sorted(maps.Keys(b.cfg.Connections)) {
		if t := b.cfg.Connections[h]; cmp.Or(t.Slug, defaultSlug) == about.Slug && (t.Account == "" || t.Account == about.ID) {
			n.Connections = append(n.Connections, b.standing(owner, h, t, about.ID)...)
		}
	}
	return n, nil
}

// standing are the connections of an owner that may stand on an account: by the
// handle, or by the account's own where an owner has several.
func (b *Broker) standing(owner auth.Subject, h tokens.Handle, t Target, account string) []tokens.Connection {
	handles := []tokens.Handle{h}
	if further, ok := furtherHandle(h, account); ok && b.cfg.Multiple && t.Account == "" {
		handles = append(handles, further)
	}
	var all []tokens.Connection
	for _, h := range handles {
		c := tokens.Connection{Subject: owner, Handle: h}
		switch {
		case t.Shared && owner.User == "":
			if shared, err := c.Shared(); err == nil {
				all = append(all, shared)
			}
		case !t.Shared && owner.User != "":
			all = append(all, c)
		}
	}
	return all
}
