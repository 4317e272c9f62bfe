package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// DefaultServeAddr is where Serve listens if nothing else is said.
const DefaultServeAddr = "127.0.0.1:8080"

// ServeConfig is the Config of Serve. Secrets are not in it: they are read from
// the environment when they are used.
type ServeConfig struct {
	Config
	Addr   string // host:port; "" means DefaultServeAddr
	Remote bool   // Addr may be other than loopback
	Base   string // this server as its users see it; "" means http://Addr

	Identity Identity // the zero value serves one user on this machine

	// Broker says whose tokens are whose; none means the one token of the
	// environment, for one user.
	Broker      tokens.Source
	BrokerName  string   // for people
	Shared      []string // handles of connections that organizations own
	ConnectPage string   // page of the operator's where users connect, in place of ours; {connection} in it is the handle
	Spent       string   // folder that tells which links to connect were used, of all replicas; "" means one in Data

	Origins      []string // origins of browser pages that may call
	AwaitWebhook bool     // keep the verification token that Notion sends for a webhook
	ReadOnly     bool
	Audit        string        // file that is told of every write; "" means the log
	MetricsAddr  string        // host:port that serves /metrics to Prometheus; "" means nowhere
	OTLP         string        // address of a collector of traces and metrics; "" means what the variables of OpenTelemetry say
	Toolset      string        // as in StdioConfig
	PerUserRate  int           // requests a minute of one user; 0 means 240
	PerUserCalls int           // requests of one user at once; 0 means 8
	PerWorkspace int           // requests to Notion per 60 seconds for all users of a workspace; 0 means 600, below 0 unlimited
	EmbedRate    int           // requests to the embeddings endpoint a minute for all users; 0 means 600, below 0 unlimited
	EmbedAtOnce  int           // requests to it at once; 0 means 8
	Poll         time.Duration // 0 means one minute
	Confirm      time.Duration // 0 means ten minutes
	Idle         time.Duration // 0 means 15 minutes
	Forget       time.Duration // 0 means 30 days, below 0 never
}

// PublicURL is Base without a slash at the end, or what follows from Addr.
func (c ServeConfig) PublicURL() string {
	if c.Base != "" {
		return strings.TrimSuffix(c.Base, "/")
	}
	return "http://" + cmp.Or(c.Addr, DefaultServeAddr)
}

// DoneURL is where brokers send people who have connected.
func (c ServeConfig) DoneURL() string { return c.PublicURL() + web.DonePath }

// Serve serves MCP over streamable HTTP until ctx ends, and then finishes what
// runs. All that is wrong with the configuration is said before anything is
// served.
func Serve(ctx context.Context, cfg ServeConfig, t Terminal) (err error) {
	if err := cfg.check(); err != nil {
		return err
	}
	dir, err := cfg.folder()
	if err != nil {
		return err
	}
	if err := makeData(dir); err != nil {
		return err
	}
	unlock, err := holdFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := cfg.listen()
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // again, where it was served
	s := &service{cfg: cfg, dir: dir, term: t}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if err := s.assemble(ctx, l.Addr()); err != nil {
		return err
	}
	s.announce()
	defer t.tell("Stopped.")
	return server.ServeOn(ctx, l, s.http)
}

// holdFolder keeps a second server out of a folder, where each would find half
// of the indexes in use by the other.
func holdFolder(dir string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(dir, "serve.lock"), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !ok {
		return nil, hinted("end it, or give each a folder of its own with --data", "another `mcp-notion serve` uses %s", dir)
	}
	return lock.Close, nil
}

func (c ServeConfig) listen() (net.Listener, error) {
	l, err := server.Listen(server.HTTPConfig{Addr: cmp.Or(c.Addr, DefaultServeAddr), Remote: c.Remote, Issued: c.Identity.issued()})
	if err != nil {
		return nil, hinted("is another process there already? choose another one with --addr", "%w", err)
	}
	return l, nil
}

// check says what is wrong with all that needs no file and no network.
func (c ServeConfig) check() error {
	reach := server.HTTPConfig{Addr: cmp.Or(c.Addr, DefaultServeAddr), Remote: c.Remote, Issued: c.Identity.issued()}
	if err := reach.CheckAddr(); err != nil {
		return &Usage{Problem: "--addr: " + err.Error()}
	}
	for _, check := range []func() error{c.checkBase, c.checkOrigins, c.checkShared, c.checkNumbers, c.checkBroker, c.checkTelemetry, c.Identity.check, c.checkConnect} {
		if err := check(); err != nil {
			return err
		}
	}
	return checkURL(c.NotionURL)
}

func (c ServeConfig) checkBase() error {
	u, err := url.Parse(c.PublicURL())
	if err != nil || !isOrigin(u) {
		return &Usage{Problem: fmt.Sprintf("--base %q is not the address of this server", c.Base), Hint: "give scheme and host alone, as in https://notion.example.com; the endpoint is /mcp below it"}
	}
	return nil
}

func isOrigin(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Path == "" && u.RawQuery == "" && u.Fragment == ""
}

func (c ServeConfig) checkOrigins() error {
	for _, origin := range c.Origins {
		u, err := url.Parse(strings.TrimSuffix(origin, "/"))
		if err != nil || !isOrigin(u) {
			return &Usage{Problem: fmt.Sprintf("--origin %q is not an origin", origin), Hint: "give scheme and host alone, as in https://chat.example.com"}
		}
	}
	return nil
}

func (c ServeConfig) checkShared() error {
	for _, name := range c.Shared {
		if _, err := tokens.ParseHandle(name); err != nil {
			return &Usage{Problem: "--shared: " + err.Error()}
		}
	}
	if len(c.Shared) > 0 && !c.Identity.issued() {
		return &Usage{Problem: "--shared is for organizations, and one user without an issuer has none", Hint: "configure an --issuer"}
	}
	return nil
}

func (c ServeConfig) checkNumbers() error {
	for _, d := range []struct {
		flag string
		wait time.Duration
	}{{"--poll", c.Poll}, {"--confirm", c.Confirm}, {"--idle", c.Idle}, {"--forget", max(c.Forget, 0)}} {
		if d.wait < 0 || d.wait > 0 && d.wait < time.Second {
			return &Usage{Problem: fmt.Sprintf("%s %v is too short", d.flag, d.wait), Hint: "a second is the least"}
		}
	}
	if c.PerUserRate < 0 || c.PerUserCalls < 0 || c.EmbedAtOnce < 0 {
		return &Usage{Problem: "--per-user-rate, --per-user-calls and --embed-at-once cannot be below one"}
	}
	return nil
}

func (c ServeConfig) checkBroker() error {
	if c.Identity.issued() && (c.getenv(bearerVariable) != "" || c.getenv(bearerVariable+"_FILE") != "") {
		return &Usage{Problem: bearerVariable + " is for one user, and an issuer vouches for many", Hint: "unset it, or leave out the issuer"}
	}
	if c.Broker.Broker == nil && c.Identity.issued() {
		return &Usage{
			Problem: "the token of the environment is one person's, and an issuer vouches for many",
			Hint:    "say with --broker where each user's token comes from: workos, nango, exchange or file",
		}
	}
	return nil
}

// handles are those of Shared, which were checked.
func (c ServeConfig) handles() []tokens.Handle {
	var all []tokens.Handle
	for _, name := range c.Shared {
		all = append(all, tokens.Handle(name))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// defaultPerWorkspace is several people's budgets. Notion has a limit for each
// workspace and does not say how large; when it is hit, Notion says so, and the
// workspace waits as long as it is told.
const defaultPerWorkspace = 600

func (c ServeConfig) pacer() *notion.Pacer {
	return notion.NewPacer(notion.PacerConfig{PerToken: c.perMinute(), PerWorkspace: cmp.Or(c.PerWorkspace, defaultPerWorkspace)})
}

func (c ServeConfig) embedPacer() *embed.Pacer {
	return embed.NewPacer(embed.PacerConfig{PerMinute: c.EmbedRate, AtOnce: c.EmbedAtOnce})
}
