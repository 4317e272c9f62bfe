package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/exchange"
	"github.com/mcp-notion/mcp-notion/tokens/file"
	"github.com/mcp-notion/mcp-notion/tokens/nango"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
)

// brokerFlags say where the tokens of users come from.
type brokerFlags struct {
	name        string
	url         string
	file        string
	connections []string // HANDLE or HANDLE=NAME
	multiple    bool

	exchangeClient string
	resource       string
	scope          string
	notConnected   []string
	reauthorize    []string
	connectURL     string
}

func (b *brokerFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&b.name, "broker", "env", "`name` of where tokens come from: env, file, workos, nango or exchange")
	f.StringVar(&b.url, "broker-url", "", "`address` of the broker; with exchange the token endpoint")
	f.StringVar(&b.file, "connections-file", "", "`file` of the broker file: JSON, readable by its owner alone")
	f.StringArrayVar(&b.connections, "connection", nil, "`handle[=name]` of a connection; its name is the provider's slug at WorkOS, the\nintegration at Nango, the audience in an exchange; may be repeated (default my-notion)")
	f.BoolVar(&b.multiple, "multiple", false, "users may have several accounts behind one handle (WorkOS)")
	f.StringVar(&b.exchangeClient, "exchange-client", "", "client `id` at the token endpoint")
	f.StringVar(&b.resource, "exchange-resource", "", "`resource` to ask for")
	f.StringVar(&b.scope, "exchange-scope", "", "`scope` to ask for")
	f.StringSliceVar(&b.notConnected, "exchange-not-connected", nil, "error `codes` that say that a user has not connected")
	f.StringSliceVar(&b.reauthorize, "exchange-reauthorize", nil, "error `codes` that say that a user must connect again")
	f.StringVar(&b.connectURL, "connect-url", "", "`page` where users connect Notion (exchange)")
}

// open returns the broker, or none for that of the environment.
func (b *brokerFlags) open(cfg console.ServeConfig) (tokens.Source, error) {
	handles, err := b.handles(cfg.Shared)
	if err != nil {
		return tokens.Source{}, err
	}
	switch b.name {
	case "env":
		return tokens.Source{}, nil
	case "file":
		return usable(file.New(b.file))
	case "workos":
		return b.workOS(cfg, handles)
	case "nango":
		return b.nango(cfg, handles)
	case "exchange":
		return b.exchange(cfg, handles)
	}
	return tokens.Source{}, &console.Usage{Problem: fmt.Sprintf("there is no broker %q", b.name), Hint: "--broker is one of env, file, workos, nango and exchange"}
}

// usable is all that a broker can do, or says what is wrong.
func usable[B interface{ Source() tokens.Source }](broker B, err error) (tokens.Source, error) {
	if err != nil {
		return tokens.Source{}, &console.Usage{Problem: "--broker: " + err.Error(), Hint: "`mcp-notion serve --help` lists the settings of brokers"}
	}
	return broker.Source(), nil
}

// connection is what stands behind a handle.
type connection struct {
	name   string
	shared bool
}

// handles are the connections that there are, those of the organization among
// them.
func (b *brokerFlags) handles(shared []string) (map[tokens.Handle]connection, error) {
	all := map[tokens.Handle]connection{}
	given := b.connections
	if len(given) == 0 {
		given = []string{string(tokens.DefaultHandle)}
	}
	for _, c := range given {
		text, name, _ := strings.Cut(c, "=")
		h, err := tokens.ParseHandle(text)
		if err != nil {
			return nil, &console.Usage{Problem: "--connection: " + err.Error()}
		}
		if _, twice := all[h]; twice {
			return nil, &console.Usage{Problem: fmt.Sprintf("--connection: %s is there twice", h)}
		}
		all[h] = connection{name: name}
	}
	for _, text := range shared {
		h, err := tokens.ParseHandle(text)
		if err != nil {
			return nil, &console.Usage{Problem: "--shared: " + err.Error()}
		}
		all[h] = connection{name: all[h].name, shared: true}
	}
	return all, nil
}

// needsIssuer is for brokers that know users by the names of an issuer.
func needsIssuer(cfg console.ServeConfig, broker string) (string, error) {
	issuer := cfg.Identity.UserIssuer()
	if issuer == "" {
		return "", &console.Usage{Problem: "--broker " + broker + " needs to know whose users are asking", Hint: "name an --issuer, or a --backend-issuer"}
	}
	return issuer, nil
}

func (b *brokerFlags) workOS(cfg console.ServeConfig, handles map[tokens.Handle]connection) (tokens.Source, error) {
	issuer, err := needsIssuer(cfg, b.name)
	if err != nil {
		return tokens.Source{}, err
	}
	if cfg.Base == "" && strings.HasSuffix(cfg.Addr, ":0") {
		return tokens.Source{}, &console.Usage{Problem: "WorkOS has to be told where to send people back to, and the port is not known yet", Hint: "choose one with --addr, or name the address with --base"}
	}
	key, err := cfg.Config.Secret("WORKOS_API_KEY")
	if err != nil {
		return tokens.Source{}, err
	}
	targets := map[tokens.Handle]workos.Target{}
	for h, c := range handles {
		targets[h] = workos.Target{Slug: c.name, Shared: c.shared}
	}
	return usable(workos.New(workos.Config{
		APIKey: key, Issuer: issuer, BaseURL: b.url, Connections: targets, Multiple: b.multiple, ReturnTo: cfg.DoneURL(),
	}))
}

func (b *brokerFlags) nango(cfg console.ServeConfig, handles map[tokens.Handle]connection) (tokens.Source, error) {
	issuer, err := needsIssuer(cfg, b.name)
	if err != nil {
		return tokens.Source{}, err
	}
	key, err := cfg.Config.Secret("NANGO_SECRET_KEY")
	if err != nil {
		return tokens.Source{}, err
	}
	targets := map[tokens.Handle]nango.Target{}
	for h, c := range handles {
		targets[h] = nango.Target{Integration: c.name, Shared: c.shared}
	}
	return usable(nango.New(nango.Config{APIKey: key, Issuer: issuer, BaseURL: b.url, Connections: targets}))
}

func (b *brokerFlags) exchange(cfg console.ServeConfig, handles map[tokens.Handle]connection) (tokens.Source, error) {
	issuer, err := needsIssuer(cfg, b.name)
	if err != nil {
		return tokens.Source{}, err
	}
	c := exchange.Config{
		TokenURL: b.url, Issuer: issuer, ClientID: b.exchangeClient, Connect: b.connectURL,
		NotConnected: b.notConnected, NeedsReauthorization: b.reauthorize,
		Connections: map[tokens.Handle]exchange.Target{},
	}
	if b.exchangeClient != "" {
		if c.ClientSecret, err = cfg.Config.Secret("MCP_NOTION_EXCHANGE_SECRET"); err != nil {
			return tokens.Source{}, err
		}
	}
	for h, at := range handles {
		c.Connections[h] = exchange.Target{Audience: some(at.name), Resource: some(b.resource), Scope: b.scope, Shared: at.shared}
	}
	return usable(exchange.New(c))
}

// some is a list of what is there.
func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
