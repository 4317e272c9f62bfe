package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// HTTPConfig says how MCP is served over streamable HTTP on behalf of many
// users. Verifier and Pool are needed.
type HTTPConfig struct {
	Addr     string         // host:port to listen on
	Remote   bool           // Addr may be other than loopback
	Base     string         // this server as its users see it, such as https://notion.example.com; the endpoint is Base/mcp
	Verifier *auth.Verifier // who is calling
	Issued   bool           // Verifier checks tokens of an issuer, not one fixed token
	Pool     *Pool

	// Connect serves the pages below /connect, and Link makes a link to them
	// that lets the owner of a connection connect it. Without them, users who
	// are not connected are told so in words. LinkLasts says that the link is to
	// a page of the operator's own, where people sign in, and does not end.
	Connect   http.Handler
	Link      func(tokens.Connection) (string, error)
	LinkLasts bool

	// Webhooks take what is sent without a caller's token, by their paths. Each
	// checks who has sent it.
	Webhooks map[string]http.Handler

	// Sealer seals the state that a client of the newer protocol sends back with
	// a call that had to wait for its user. Without one, such a state says
	// nothing and is not looked at.
	Sealer *auth.Sealer

	Shared    []tokens.Handle // connections that belong to the caller's organization
	Origins   []string        // origins of browser pages that may call, beside Base
	ReadOnly  bool
	Toolsets  []tools.Toolset // nil means tools.DefaultToolsets
	Limits    Limits
	Version   string
	Log       *slog.Logger         // nil means no log
	Telemetry *telemetry.Telemetry // nil records nothing
}

const (
	maxBody      = 1 << 20          // of an MCP request
	arriveWithin = 25 * time.Second // of a request, whole
	headerWithin = 10 * time.Second
	answerWithin = 2 * time.Minute
	finishWithin = 30 * time.Second // calls under way, at the end
	endpoint     = "/mcp"
)

// CheckAddr refuses addresses that others can reach unless that is meant and
// callers are identified by an issuer.
func (c HTTPConfig) CheckAddr() error {
	host, _, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil:
		return fmt.Errorf("the address %q is not host:port", c.Addr)
	case loopback(host):
	case !c.Issued:
		return fmt.Errorf("%s can be reached by others, and without an issuer anybody who finds the one bearer token is you: listen on 127.0.0.1, or configure an issuer", c.Addr)
	case !c.Remote:
		return fmt.Errorf("%s can be reached by others: say so with --remote, behind TLS", c.Addr)
	}
	return nil
}

// Listen opens the port, if CheckAddr allows it.
func Listen(cfg HTTPConfig) (net.Listener, error) {
	if err := cfg.CheckAddr(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// ServeOn serves on a port that is open.
func ServeOn(ctx context.Context, l net.Listener, cfg HTTPConfig) error {
	h, err := Handler(cfg)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       arriveWithin,
		WriteTimeout:      answerWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.logger().Handler(), slog.LevelWarn),
	}
	served := guard.Go(func() error { return srv.Serve(l) })
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	if err := srv.Shutdown(finish); err != nil {
		return errors.Join(fmt.Errorf("calls did not end in time: %w", err), srv.Close())
	}
	return nil
}

func (c HTTPConfig) logger() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// Handler is everything that is served: /mcp, the metadata that tells clients
// where to sign in, /connect, the webhooks, /healthz and /readyz.
func Handler(cfg HTTPConfig) (http.Handler, error) {
	base, err := url.Parse(cfg.Base)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the base URL %q is not a URL", cfg.Base)
	}
	// Supervisors ask for health by address and not by name.
	all := http.NewServeMux()
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	all.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { cfg.ready(w) })
	mux := http.NewServeMux()
	if paths := cfg.Verifier.MetadataPaths(); len(paths) > 0 {
		metadata := cfg.Verifier.MetadataHandler()
		for _, path := range paths {
			handleTyped(mux, path, metadata)
		}
	}
	if cfg.Connect != nil {
		mux.Handle("/connect", cfg.Connect)
		mux.Handle("/connect/", cfg.Connect)
	}
	for path, hook := range cfg.Webhooks {
		mux.Handle(path, hook)
	}
	mcp, err := cfg.mcp()
	if err != nil {
		return nil, err
	}
	handleTyped(mux, endpoint, mcp)
	mux.HandleFunc("GET /{$}", cfg.front)
	all.Handle("/", onlyHosts(mux, base.Host))
	return cfg.observed(all), nil
}

// handleTyped serves an address that people type, with a slash at its end too.
func handleTyped(mux *http.ServeMux, path string, h http.Handler) {
	mux.Handle(path, h)
	mux.Handle(path+"/{$}", h)
}

// front tells who comes to the address itself what this is and where to go.
func (c HTTPConfig) front(w http.ResponseWriter, _ *http.Request) {
	base := strings.TrimSuffix(c.Base, "/")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "This is mcp-notion, an MCP server: it answers an assistant from your Notion pages, with links to what it quotes.\n\n"+
		"Add this address to your assistant: %s%s\n", base, endpoint)
	if c.Issued {
		fmt.Fprintln(w, "It will ask you to sign in.")
	} else {
		fmt.Fprintln(w, "It has to send the bearer token that this server was started with.")
	}
	if c.Connect != nil {
		fmt.Fprintf(w, "Your connections to Notion: %s/connect\n", base)
	}
}

func (c HTTPConfig) ready(w http.ResponseWriter) {
	if !c.Pool.Open() {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// mcp is the endpoint, with everything that has to hold before the library
// sees a request. The library itself checks none of it.
func (c HTTPConfig) mcp() (http.Handler, error) {
	gate := &gateway{cfg: c, limits: newLimiter(c.Limits)}
	stream := mcpserver.NewStreamableHTTPServer(gate.server(),
		mcpserver.WithStateLess(true),
		mcpserver.WithDisableStreaming(true), // nothing is ever pushed
		mcpserver.WithStreamableHTTPLogger(c.logger()),
		mcpserver.WithDisableLocalhostProtection(true), // onlyHosts does that, for every host
	)
	cross := http.NewCrossOriginProtection()
	for _, origin := range append([]string{c.Base}, c.Origins...) {
		if err := cross.AddTrustedOrigin(strings.TrimSuffix(origin, "/")); err != nil {
			return nil, fmt.Errorf("origin %q: %w", origin, err)
		}
	}
	return forPages(cross.Handler(c.Verifier.Require(gate.admit(stream), wants)), c.Origins), nil
}
