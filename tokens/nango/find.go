package nango

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/internal/wire"
)

// Tags that say whose a connection is. The first two are Nango's own customary
// names, so that connections made by the product itself are found too.
const (
	tagUser         = "end_user_id"
	tagOrganization = "organization_id"
	tagHandle       = "mcp_notion_handle" // absent means my-notion
	tagShared       = "mcp_notion_shared" // "true" where the organization owns it
)

// connection is one of Nango's, without credentials.
type connection struct {
	ID          string            `json:"connection_id"`
	Integration string            `json:"provider_config_key"`
	Created     string            `json:"created"`
	Tags        map[string]string `json:"tags"`
	Errors      []struct {
		Type string `json:"type"`
	} `json:"errors"`
	EndUser *struct {
		Name string `json:"display_name"`
	} `json:"end_user"`
}

// broken reports whether Nango could not refresh the grant lately.
func (c connection) broken() bool {
	for _, e := range c.Errors {
		if e.Type == "auth" {
			return true
		}
	}
	return false
}

func (c connection) label() string {
	if c.EndUser == nil {
		return ""
	}
	return c.EndUser.Name
}

// tags are what a connection is made with.
func tags(c tokens.Connection) map[string]string {
	t := map[string]string{tagHandle: string(c.Handle)}
	if c.Subject.Organization != "" {
		t[tagOrganization] = c.Subject.Organization
	}
	if c.IsShared() {
		t[tagShared] = "true"
	} else {
		t[tagUser] = c.Subject.User
	}
	return t
}

// belongs reports whether tags say just that a connection is c: no more owners,
// and no fewer.
func belongs(t map[string]string, c tokens.Connection) bool {
	want := tags(c)
	return t[tagUser] == want[tagUser] && t[tagOrganization] == want[tagOrganization] && t[tagShared] == want[tagShared] &&
		cmp.Or(t[tagHandle], string(tokens.DefaultHandle)) == want[tagHandle]
}

// find returns Nango's connections that are c, the newest first. The filter in
// the question spares traffic; belongs is what counts.
func (b *Broker) find(ctx context.Context, c tokens.Connection) ([]connection, Target, error) {
	t, err := b.target(c)
	if err != nil {
		return nil, t, err
	}
	query := url.Values{"integrationId": {t.Integration}}
	for k, v := range tags(c) {
		if k != tagHandle {
			query.Set("tags["+k+"]", v)
		}
	}
	a, err := b.wire.Do(ctx, wire.Request{Method: http.MethodGet, URL: b.base + "/connections?" + query.Encode(), Header: b.header()})
	if err != nil {
		return nil, t, fmt.Errorf("find the connection: %w", err)
	}
	var said struct {
		Connections *[]connection `json:"connections"`
	}
	if err := a.Decode(&said); err != nil {
		return nil, t, err
	}
	if said.Connections == nil {
		return nil, t, errors.New("find the connection: Nango answered with no list of connections")
	}
	all := slices.DeleteFunc(*said.Connections, func(x connection) bool {
		return x.ID == "" || x.Integration != t.Integration || !belongs(x.Tags, c)
	})
	slices.SortStableFunc(all, func(x, y connection) int { return cmp.Compare(y.Created, x.Created) })
	return all, t, nil
}

// target finds what stands behind a connection's handle, and that it is for the
// connection's owner.
func (b *Broker) target(c tokens.Connection) (Target, error) {
	t, err := tokens.Configured(b.cfg.Connections, c, func(t Target) bool { return t.Shared })
	if err != nil {
		return Target{}, err
	}
	t.Integration = cmp.Or(t.Integration, defaultIntegration)
	return t, c.CheckOwner(b.cfg.Issuer, t.Shared)
}
