package workos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/internal/wire"
)

// Account is a connected account as WorkOS describes it.
type Account struct {
	ID      string    `json:"id"`
	Name    string    `json:"account_display_name"`
	Login   string    `json:"account_identifier"`
	State   string    `json:"state"`           // connected, needs_reauthorization or disconnected
	Role    string    `json:"connection_role"` // compatibility (the first one) or standard
	User    string    `json:"user_id"`         // empty if the organization owns it
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`
}

// Account reads the connected account behind a connection. The error is
// tokens.ErrNotConnected if there is none.
func (b *Broker) Account(ctx context.Context, c tokens.Connection) (Account, error) {
	a, err := b.account(ctx, http.MethodGet, c)
	if err != nil {
		return Account{}, fmt.Errorf("read the connected account: %w", err)
	}
	var x Account
	if err := a.Decode(&x); err != nil {
		return Account{}, err
	}
	if x.ID == "" {
		return Account{}, errors.New("WorkOS described an account without an id")
	}
	return x, nil
}

// Disconnect makes WorkOS forget the tokens. Notion goes on showing the
// integration to the user, who can remove it there.
func (b *Broker) Disconnect(ctx context.Context, c tokens.Connection) error {
	_, err := b.account(ctx, http.MethodDelete, c)
	if err != nil && !errors.Is(err, tokens.ErrNotConnected) {
		return fmt.Errorf("disconnect: %w", err)
	}
	return nil
}

func (b *Broker) account(ctx context.Context, method string, c tokens.Connection) (wire.Answer, error) {
	t, err := b.target(c)
	if err != nil {
		return wire.Answer{}, err
	}
	path, query, err := owned(c.Subject, t.Shared)
	if err != nil {
		return wire.Answer{}, err
	}
	slug, err := wire.Segment(t.Slug)
	if err != nil {
		return wire.Answer{}, err
	}
	if t.Account != "" {
		query.Set("connected_account_id", t.Account)
		query.Set("supports_multiple_connections", "true")
	}
	a, err := b.get(ctx, method, path+"/connected_accounts/"+slug, query)
	var e *wire.Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return wire.Answer{}, tokens.ErrNotConnected
	}
	if err != nil {
		return wire.Answer{}, explain(err)
	}
	return a, nil
}

// owned is the path of an owner, and the query that goes with it.
func owned(s auth.Subject, shared bool) (string, url.Values, error) {
	if shared {
		org, err := wire.Segment(s.Organization)
		return "/organizations/" + org, url.Values{}, err
	}
	query := url.Values{}
	if s.Organization != "" {
		query.Set("organization_id", s.Organization)
	}
	user, err := wire.Segment(s.User)
	return "/user_management/users/" + user, query, err
}

// provider is one provider with the accounts that an owner has there.
type provider struct {
	Slug      string    `json:"slug"`
	Ownership string    `json:"ownership"` // userland_user or organization
	Account   *Account  `json:"connected_account"`
	Accounts  []Account `json:"connected_accounts"`
}

// serves reports whether accounts of such owners stand behind a target there.
func (p provider) serves(t Target) bool {
	other := "organization"
	if t.Shared {
		other = "userland_user"
	}
	return p.Slug == cmp.Or(t.Slug, defaultSlug) && p.Ownership != other
}

// all returns each account once.
func (p provider) all() []Account {
	all := slices.Clone(p.Accounts)
	if p.Account != nil && !slices.ContainsFunc(all, func(a Account) bool { return a.ID == p.Account.ID }) {
		all = append(all, *p.Account)
	}
	return all
}

// Connections lists the accounts of the user, and of their organization where
// shared ones are configured.
func (b *Broker) Connections(ctx context.Context, s auth.Subject) ([]tokens.Listed, error) {
	own := tokens.Connection{Subject: s}
	if err := own.CheckOwner(b.cfg.Issuer, false); err != nil {
		return nil, fmt.Errorf("list the connections: %w", err)
	}
	all, err := b.list(ctx, own)
	if err != nil {
		return nil, fmt.Errorf("list the connections: %w", err)
	}
	if shared, err := own.Shared(); err == nil {
		more, err := b.list(ctx, shared)
		if err != nil {
			return nil, fmt.Errorf("list the shared connections: %w", err)
		}
		all = append(all, more...)
	}
	slices.SortFunc(all, func(x, y tokens.Listed) int {
		return strings.Compare(string(x.Connection.Handle), string(y.Connection.Handle))
	})
	return all, nil
}

// list returns the connections of one owner. It asks nothing if no handle is
// for owners of that kind.
func (b *Broker) list(ctx context.Context, owner tokens.Connection) ([]tokens.Listed, error) {
	var all []tokens.Listed
	var providers []provider
	for h, t := range b.cfg.Connections {
		if t.Shared != owner.IsShared() {
			continue
		}
		if providers == nil {
			var err error
			if providers, err = b.providers(ctx, owner); err != nil {
				return nil, err
			}
		}
		for _, p := range providers {
			if p.serves(t) {
				all = append(all, b.listed(owner, h, t, p)...)
			}
		}
	}
	return all, nil
}

func (b *Broker) providers(ctx context.Context, owner tokens.Connection) ([]provider, error) {
	path, query, err := owned(owner.Subject, owner.IsShared())
	if err != nil {
		return nil, err
	}
	if b.cfg.Multiple {
		query.Set("supports_multiple_connections", "true")
	}
	a, err := b.get(ctx, http.MethodGet, path+"/data_providers", query)
	if err != nil {
		return nil, explain(err)
	}
	said := struct {
		Data []provider `json:"data"`
	}{Data: []provider{}}
	err = a.Decode(&said)
	return said.Data, err
}

// listed names the accounts that stand behind a handle: the one that the handle
// itself means, and further ones by handles of their own.
func (b *Broker) listed(owner tokens.Connection, h tokens.Handle, t Target, p provider) []tokens.Listed {
	var all []tokens.Listed
	for _, a := range p.all() {
		c := owner
		switch c.Handle = h; {
		case a.State == "disconnected" || a.User != "" && a.User != owner.Subject.User:
			continue
		case t.Account != "":
			if a.ID != t.Account {
				continue
			}
		case a.Role == "standard":
			var ok bool
			if c.Handle, ok = furtherHandle(h, a.ID); !ok || !b.cfg.Multiple {
				continue
			}
		}
		all = append(all, tokens.Listed{Connection: c, Label: cmp.Or(a.Name, a.Login), NeedsReauthorization: a.State != "connected"})
	}
	return all
}
