package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

const serveHelp = `Serves MCP over streamable HTTP at /mcp, to one user of this machine or to all
users of a product. Each user is answered from the pages of their own Notion,
with the token that a broker has for them, and from nobody else's.

For yourself, with the token of the environment. A bearer token is made and kept
in the data folder; what is printed says how to use it:

  $ mcp-notion serve

For the users of an identity provider, who connect Notion with WorkOS Pipes:

  $ export WORKOS_API_KEY_FILE=/run/secrets/workos
  $ mcp-notion serve --base https://notion.example.com \
      --issuer https://login.example.com --login-client-id client_123 \
      --broker workos

Clients find out where to sign in by themselves (RFC 9728). Tokens must be
signed, unexpired and issued for BASE/mcp, with the scopes notion:read and, for
comments, notion:comment. Users who are not connected get a link to BASE/connect,
where they sign in (--login-client-id) before the broker asks for their Notion.
Opened without such a link, BASE/connect shows people their connections, what is
read and what is not, and lets them search, reconnect and disconnect; with
--connect-page, a page of your own does that.
Put TLS in front. /healthz and /readyz are for supervisors.

What is no secret can also stand in the environment, as MCP_NOTION_ and the name
of the flag (MCP_NOTION_LOGIN_CLIENT_ID), lists with commas; or in a file that
--config names. The command line goes before the environment, and that before
the file. --print-config shows what came of it.

Secrets come from the environment, or from a file that only its owner can read
and that the same name with _FILE names. None is a flag:

  NOTION_TOKEN                     broker env: the token of the one user
  MCP_NOTION_BEARER                the bearer token of the one user
  WORKOS_API_KEY                   broker workos
  NANGO_SECRET_KEY                 broker nango
  MCP_NOTION_EXCHANGE_SECRET       broker exchange
  MCP_NOTION_LOGIN_SECRET          of --login-client-id, unless it is a public client
  MCP_NOTION_INTROSPECTION_SECRET  of --introspection-client
  MCP_NOTION_WEBHOOK_SECRET        webhooks of Notion: the verification token
  WORKOS_WEBHOOK_SECRET            webhooks of broker workos
  NANGO_WEBHOOK_SECRET             webhooks of broker nango
  MCP_NOTION_SEAL_KEY              so that links to connect survive a restart and
                                   work with every replica: openssl rand -hex 32.
                                   Several keys: the first seals, all open.

Webhooks make changes show within seconds instead of at the next poll. They are
taken at BASE/webhooks/notion, /webhooks/workos and /webhooks/nango where the
secret is set. That of Notion comes from Notion: start with --await-webhook,
create the subscription, paste the token from DATA/notion-verification-token into
Notion, and start again with MCP_NOTION_WEBHOOK_SECRET_FILE naming that file.

A data folder belongs to one process: a second one is refused. Replicas have a
folder each, and so an index of each user who reaches them; they share the seal
key and, so that a link to connect works once among all of them, --spent.`

func (a *app) serve() *cobra.Command {
	cfg, broker, show := console.ServeConfig{}, brokerFlags{}, false
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the users of a product over HTTP, each from their own Notion",
		Long:  serveHelp,
		Args:  args(cobra.NoArgs, "serve takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Config = a.common
			if show {
				return console.ShowSettings(a.common, a.shown, a.term)
			}
			if cfg.Forget == 0 {
				cfg.Forget = -1 // never
			}
			if a.common.Handle != "" {
				return &console.Usage{Problem: "--handle is not for serve", Hint: "callers name one of their connections; --connection says which there are"}
			}
			b, err := broker.open(cfg)
			if err != nil {
				return err
			}
			cfg.Broker, cfg.BrokerName = b, broker.name
			return console.Serve(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	reachFlags(f, &cfg)
	identityFlags(f, &cfg.Identity)
	broker.flags(f)
	f.StringArrayVar(&cfg.Shared, "shared", nil, "`handle` that belongs to the organization, whose members share one index; may be repeated")
	f.StringVar(&cfg.ConnectPage, "connect-page", "", "`page` of your own where users connect Notion, in place of the one served here;\n{connection} in it becomes the connection's handle")
	f.StringVar(&cfg.Spent, "spent", "", "`folder` that all replicas share, where it is kept which links to connect\nwere used (default DATA/spent)")
	workFlags(f, &cfg)
	f.BoolVar(&show, printConfig, false, "show what is in force and where it comes from, and end")
	return cmd
}

func reachFlags(f *pflag.FlagSet, cfg *console.ServeConfig) {
	f.StringVar(&cfg.Addr, "addr", console.DefaultServeAddr, "`host:port` to listen on")
	f.BoolVar(&cfg.Remote, "remote", false, "let other machines reach it; needs an issuer, and TLS in front")
	f.StringVar(&cfg.Base, "base", "", "`address` of this server as its users see it (default http://ADDR)")
	f.StringArrayVar(&cfg.Origins, "origin", nil, "`origin` of browser pages that may call; may be repeated")
}

func identityFlags(f *pflag.FlagSet, i *console.Identity) {
	f.StringArrayVar(&i.Issuers, "issuer", nil, "accept the tokens of this `issuer`; may be repeated")
	f.StringVar(&i.Audience, "audience", "", "`audience` that its tokens have instead of BASE/mcp")
	f.StringVar(&i.UserClaim, "user-claim", "", "`claim` that names the user (default sub)")
	f.StringVar(&i.OrgClaim, "org-claim", "", "`claim` that names the organization (default org_id)")
	f.StringVar(&i.JWKS, "jwks", "", "`address` of its keys, if discovery shall not be asked")
	f.StringSliceVar(&i.GrantScopes, "grant-scopes", nil, "`scopes` that all of its tokens have, if it cannot be taught ours")
	f.StringVar(&i.IntrospectionURL, "introspection-url", "", "`address` that explains opaque tokens (RFC 7662)")
	f.StringVar(&i.IntrospectionClient, "introspection-client", "", "client `id` to ask it with")
	f.StringVar(&i.Backend, "backend-issuer", "", "`name` of a backend that signs tokens for its users")
	f.StringVar(&i.BackendKey, "backend-key", "", "`file` of its public key, PEM or JWK")
	f.StringVar(&i.SubjectIssuer, "backend-subject-issuer", "", "`issuer` whose users these are (default the backend)")
	f.StringVar(&i.LoginClient, "login-client-id", "", "client `id` with which people sign in at the first issuer to connect Notion")
}

const auditFlag = "`file` that gets a JSON line for every write, connect and disconnect: who, what, when, no content\n(default the log, from level info)"

func workFlags(f *pflag.FlagSet, cfg *console.ServeConfig) {
	f.BoolVar(&cfg.AwaitWebhook, "await-webhook", false, "keep the verification token that Notion sends when a webhook is made")
	f.BoolVar(&cfg.ReadOnly, "read-only", false, "leave out the tools that write")
	f.StringVar(&cfg.Audit, "audit", "", auditFlag)
	f.StringVar(&cfg.MetricsAddr, "metrics-addr", "", "`host:port` that serves /metrics to Prometheus")
	f.StringVar(&cfg.OTLP, "otlp", "", "`address` of a collector that gets traces and metrics (default what OTEL_EXPORTER_OTLP_ENDPOINT says)")
	f.StringVar(&cfg.Toolset, "toolset", "", "offer these `tools`: core, databases, write, or chatgpt alone (default the first three)")
	f.DurationVar(&cfg.Poll, "poll", time.Minute, "look for changes this often while a connection is in use")
	f.DurationVar(&cfg.Confirm, "confirm", 10*time.Minute, "show a page no longer than this without asking Notion again whether its user may see it")
	f.DurationVar(&cfg.Idle, "idle", 15*time.Minute, "close an index that nobody asks for so long")
	f.DurationVar(&cfg.Forget, "forget", 30*24*time.Hour, "delete an index that nobody asks for so long; 0 for never")
	f.IntVar(&cfg.PerUserRate, "per-user-rate", 240, "`requests` a minute of one user")
	f.Var(rate{&cfg.PerWorkspace, 600}, "workspace-rate", "requests to Notion a minute for all users of one workspace; 0 for no limit")
	f.Var(rate{&cfg.EmbedRate, 600}, "embed-rate", "requests to the embeddings endpoint a minute for all users; 0 for no limit")
	f.IntVar(&cfg.EmbedAtOnce, "embed-at-once", 8, "`requests` to the embeddings endpoint at once")
	f.IntVar(&cfg.PerUserCalls, "per-user-calls", 8, "`requests` of one user at once")
}
