package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
)

// service is what Serve is about to serve.
type service struct {
	cfg       ServeConfig
	dir       string
	term      Terminal
	http      server.HTTPConfig
	audit     io.Closer
	telemetry *telemetry.Telemetry
	metrics   *metricsServer
	issuer    auth.Issuer // where people sign in, if there is one
	key       string      // file of the one user's bearer token; "" if it is in the environment
}

// assemble puts the parts together. The address is where the server listens
// already, which may be a port of the system's choice.
func (s *service) assemble(ctx context.Context, at net.Addr) error {
	s.cfg.LogLevel = cmp.Or(s.cfg.LogLevel, "info")
	log, err := s.cfg.log(s.term)
	if err != nil {
		return err
	}
	sets, err := toolsets(s.cfg.Toolset)
	if err != nil {
		return err
	}
	if err := s.openTelemetry(ctx, log); err != nil {
		return err
	}
	s.http = server.HTTPConfig{
		Addr: at.String(), Remote: s.cfg.Remote, Base: s.base(at), Issued: s.cfg.Identity.issued(),
		Shared: s.cfg.handles(), Origins: s.cfg.Origins, ReadOnly: s.cfg.ReadOnly, Toolsets: sets,
		Limits:  server.Limits{PerMinute: s.cfg.PerUserRate, AtOnce: s.cfg.PerUserCalls},
		Version: s.cfg.Version, Log: log, Telemetry: s.telemetry,
	}
	broker, who, err := s.broker()
	if err != nil {
		return err
	}
	cached := tokens.Cached(broker, tokens.CacheConfig{Log: log, Trace: s.telemetry.Broker})
	if err := s.identify(who); err != nil {
		return err
	}
	endpoint, err := s.cfg.Endpoint()
	if err != nil {
		return err
	}
	endpoint.Pacer = s.cfg.embedPacer()
	trail, file, err := openAudit(s.cfg.Audit, log)
	if err != nil {
		return err
	}
	s.audit = file
	s.http.Pool, err = server.OpenPool(server.PoolConfig{
		Data: s.dir, NotionURL: s.cfg.NotionURL, Broker: cached, Pacer: s.cfg.pacer(),
		Poll: s.cfg.Poll, Confirm: s.cfg.Confirm, Idle: s.cfg.Idle, Forget: s.cfg.Forget,
		ReadOnly: s.cfg.ReadOnly, Audit: trail, Version: s.cfg.Version, Telemetry: s.telemetry, Log: log, Embeddings: endpoint,
	})
	if err != nil {
		return err
	}
	if err := s.webhooks(); err != nil {
		return err
	}
	return s.connect(cached, trail)
}

// close closes what assemble has opened.
func (s *service) close(ctx context.Context) (err error) {
	if s.http.Pool != nil {
		err = s.http.Pool.Close()
	}
	err = errors.Join(err, s.closeTelemetry(ctx))
	if s.audit != nil {
		err = errors.Join(err, s.audit.Close())
	}
	return err
}

// base is the public address. Only where the system chose the port does it
// come from the listener.
func (s *service) base(at net.Addr) string {
	if _, port, err := net.SplitHostPort(cmp.Or(s.cfg.Addr, DefaultServeAddr)); s.cfg.Base == "" && err == nil && port == "0" {
		return "http://" + at.String()
	}
	return s.cfg.PublicURL()
}

// broker is the configured one, or that of the one token in the environment,
// and who the one user is, should there be but one.
func (s *service) broker() (tokens.Source, auth.Subject, error) {
	if s.cfg.Broker.Broker != nil {
		return s.cfg.Broker, auth.Local("serve\x00" + s.cfg.NotionURL), nil
	}
	found, err := findCredential(s.cfg.getenv, s.cfg.NotionURL)
	if err != nil {
		return tokens.Source{}, auth.Subject{}, err
	}
	secret := found.Token.Reveal()
	// Another Subject than that of the stdio server, whose index may be open.
	return env.New(secret, tokens.DefaultHandle).Source(), auth.Local("serve\x00" + s.cfg.NotionURL + "\x00" + secret), nil
}

// identify decides who is let in: the users of an issuer, or one with a bearer
// token.
func (s *service) identify(one auth.Subject) (err error) {
	resource := s.http.Base + "/mcp"
	if !s.cfg.Identity.issued() {
		var bearer auth.Secret
		if bearer, s.key, err = s.cfg.bearer(s.dir); err != nil {
			return err
		}
		s.http.Verifier = auth.Static(bearer, one)
		return nil
	}
	ac, err := s.cfg.Identity.verifier(s.cfg.Config, resource)
	if err != nil {
		return err
	}
	s.issuer = ac.Issuers[0]
	if s.http.Verifier, err = auth.New(ac); err != nil {
		return &Usage{Problem: "identity: " + err.Error()}
	}
	return nil
}

// announce says what is served, where, and how to use it.
func (s *service) announce() {
	t, base := s.term, s.http.Base
	t.say("Serving MCP at %s/mcp, listening on %s.", base, s.http.Addr)
	t.say("")
	if s.cfg.Identity.issued() {
		t.say("  Users     %s", strings.Join(s.cfg.Identity.names(), ", "))
		t.say("  Tokens    %s", cmp.Or(s.cfg.BrokerName, "as configured"))
		t.say("  Connect   %s", s.connectWords())
		t.say("  Metadata  %s/.well-known/oauth-protected-resource/mcp", base)
		t.say("")
	} else {
		s.announceOne()
	}
	s.announceWebhooks()
	if s.metrics != nil {
		t.say("Serving metrics at http://%s/metrics.", s.metrics.at)
		t.say("")
	}
	if plain(base) {
		t.tell("warning: %s is not encrypted: whoever is on the way to it can read tokens and pages; put TLS in front and name it with --base https://...", base)
	}
	t.tell("Ctrl-C finishes what runs, and ends.")
}

func (s *service) connectWords() string {
	if s.cfg.ConnectPage != "" {
		return "a page of your own: " + s.cfg.ConnectPage
	}
	if s.http.Connect == nil {
		return "no page here (--login-client-id or --connect-page); users who are not connected are told to connect where they signed in"
	}
	return s.http.Base + web.ConnectPath + "; sign in at " + s.cfg.Identity.Issuers[0] + "; redirect URL to register there: " + s.http.Base + web.CallbackPath
}

// announceOne never shows the bearer token, only where it is.
func (s *service) announceOne() {
	t := s.term
	value := "$" + bearerVariable
	if s.key != "" {
		t.say("  Users     one: whoever has the bearer token in %s", s.key)
		value = "$(cat " + shellQuoted(s.key) + ")"
	} else {
		t.say("  Users     one: whoever has the bearer token in %s", bearerVariable)
	}
	t.say("")
	t.say("In another terminal:")
	t.say("  claude mcp add --transport http notion %s/mcp --header \"Authorization: Bearer %s\"", s.http.Base, value)
	t.say("")
}

// shellQuoted is a path as a shell takes it within $(...).
func shellQuoted(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+=@:,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0 {
		return path
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(path, "'", `'\''`))
}
