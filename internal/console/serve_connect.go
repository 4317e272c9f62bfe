package console

import (
	"cmp"
	"context"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// connect says where people connect Notion: on our pages, on a page of the
// operator's, or where they signed in.
func (s *service) connect(broker *tokens.Cache, trail *audit.Log) error {
	if s.cfg.ConnectPage != "" {
		s.http.Link, s.http.LinkLasts = ownPage(s.cfg.ConnectPage), true
		return nil
	}
	if s.cfg.Identity.LoginClient == "" {
		return nil
	}
	sealer, err := s.sealer()
	if err != nil {
		return err
	}
	secret, err := s.cfg.secret(loginVariable)
	if err != nil {
		return err
	}
	login, err := auth.NewLogin(auth.LoginConfig{
		Issuer: s.issuer, ClientID: s.cfg.Identity.LoginClient, ClientSecret: secret,
		RedirectURL: s.http.Base + web.CallbackPath, Sealer: sealer,
	})
	if err != nil {
		return &Usage{Problem: err.Error()}
	}
	pages := web.NewConnect(web.ConnectConfig{
		Base: s.http.Base, Login: login, Sealer: sealer, Broker: broker, Log: s.http.Log, Home: s.home(broker, trail),
		Busy: func(ctx context.Context) { s.telemetry.Refused(ctx, "sign_in") },
	})
	s.http.Connect, s.http.Link, s.http.Sealer = pages, pages.Link, sealer
	return nil
}

// home is what the page of connections may ask and do.
func (s *service) home(broker *tokens.Cache, trail *audit.Log) *web.HomeConfig {
	pages := server.NewPages(s.http.Pool, s.http.Limits)
	h := &web.HomeConfig{
		Enter: pages.Enter, Call: pages.Call,
		Purge:  s.http.Pool.Purge,
		Shared: s.http.Shared, Audit: trail,
	}
	if broker.Disconnects() {
		h.Disconnect = broker.Disconnect
	}
	if broker.Lists() {
		h.List = broker.Connections
	}
	return h
}

// sealer seals links, sessions and the state of sign-ins.
func (s *service) sealer() (*auth.Sealer, error) {
	keys, err := s.cfg.secrets(sealVariable)
	if err != nil {
		return nil, err
	}
	sealer, err := auth.NewSealer(auth.SealerConfig{Keys: keys, Spent: cmp.Or(s.cfg.Spent, filepath.Join(s.dir, "spent"))})
	if err != nil {
		return nil, &Usage{Problem: sealVariable + ": " + err.Error(), Hint: "openssl rand -hex 32 makes one"}
	}
	if len(keys) == 0 {
		s.term.tell("note: without %s, links to connect and sign-ins end with this process and work with no other replica", sealVariable)
	}
	return sealer, nil
}

// connectionPart stands in ConnectPage for the handle of the connection.
const connectionPart = "{connection}"

// ownPage makes links to a page of the operator's. It says which connection is
// meant, and nothing about whose.
func ownPage(address string) func(tokens.Connection) (string, error) {
	return func(conn tokens.Connection) (string, error) {
		return strings.ReplaceAll(address, connectionPart, string(conn.Handle)), nil
	}
}

func (c ServeConfig) checkConnect() error {
	if c.ConnectPage == "" {
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(c.ConnectPage, connectionPart, "my-notion"))
	switch {
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil:
		return &Usage{Problem: "--connect-page is not the address of a page", Hint: "as in https://app.example.com/settings/notion?connection=" + connectionPart}
	case c.Identity.LoginClient != "":
		return &Usage{Problem: "--connect-page and --login-client-id are two places to connect", Hint: "keep one: your own page, or the one served here"}
	case !c.Identity.issued():
		return &Usage{Problem: "--connect-page is for many users, and one user connects on this machine", Hint: "configure an --issuer"}
	}
	return nil
}
