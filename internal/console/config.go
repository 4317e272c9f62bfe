package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Config is what all commands have in common. The token is not in it: it is
// read from the environment when it is used.
type Config struct {
	Data      string              // folder of the indexes; "" means DefaultData
	NotionURL string              // "" means Notion itself
	Handle    string              // of the connection; "" means tokens.DefaultHandle
	PerMinute int                 // requests to Notion per 60 seconds; 0 means 180, or no limit where NotionURL is of this machine; below 0 unlimited
	LogLevel  string              // debug, info, warn or error; "" means info for Serve, warn for Stdio, else error
	LogFormat string              // text or json; "" means text
	Version   string              // of the program
	Getenv    func(string) string // nil means os.Getenv

	Embeddings Embeddings // finds passages by meaning too; zero is off
}

func (c Config) getenv(name string) string {
	if c.Getenv == nil {
		return os.Getenv(name)
	}
	return c.Getenv(name)
}

func (c Config) folder() (string, error) {
	dir := cmp.Or(c.Data, DefaultData(c.getenv))
	if dir == "" {
		return "", &Usage{Problem: "this system does not say where data belongs", Hint: "name a folder with --data"}
	}
	return dir, nil
}

// perMinute is the budget of a token. Notion allows about 180 requests a minute;
// an emulator on this machine has no such limit unless it was asked for, and
// then says so with 429.
func (c Config) perMinute() int {
	if u, err := url.Parse(c.NotionURL); c.PerMinute == 0 && err == nil && loopbackHost(u.Hostname()) {
		return -1
	}
	return c.PerMinute
}

// loopbackHost says whether a host is this machine.
func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// log writes to Err, so that nothing but results is on Out.
func (c Config) log(t Terminal) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmp.Or(c.LogLevel, "warn"))); err != nil {
		return nil, &Usage{Problem: fmt.Sprintf("--log-level is one of debug, info, warn and error, not %q", c.LogLevel)}
	}
	if t.Err == nil {
		return slog.New(slog.DiscardHandler), nil
	}
	o := &slog.HandlerOptions{Level: level}
	switch c.LogFormat {
	case "", "text":
		return slog.New(server.WithRequestIDs(slog.NewTextHandler(t.Err, o))), nil
	case "json":
		return slog.New(server.WithRequestIDs(slog.NewJSONHandler(t.Err, o))), nil
	}
	return nil, &Usage{Problem: fmt.Sprintf("--log-format is text or json, not %q", c.LogFormat)}
}

// server is the configuration of a Session for the token of the environment.
func (c Config) server(t Terminal) (server.Config, error) {
	if err := checkURL(c.NotionURL); err != nil {
		return server.Config{}, err
	}
	found, err := findCredential(c.getenv, c.NotionURL)
	if err != nil {
		return server.Config{}, err
	}
	if found.made {
		t.tell("note: no token is set; the emulator is asked with %q", emulatorToken)
	}
	if plain(c.NotionURL) {
		t.tell("warning: nothing on the way to %s is encrypted, the token neither", c.NotionURL)
	}
	return c.serverWith(t, found.Token)
}

func (c Config) serverWith(t Terminal, token tokens.Token) (server.Config, error) {
	dir, err := c.folder()
	if err != nil {
		return server.Config{}, err
	}
	handle, err := tokens.ParseHandle(cmp.Or(c.Handle, string(tokens.DefaultHandle)))
	if err != nil {
		return server.Config{}, &Usage{Problem: "--handle: " + err.Error()}
	}
	log, err := c.log(t)
	if err != nil {
		return server.Config{}, err
	}
	endpoint, err := c.Endpoint()
	if err != nil {
		return server.Config{}, err
	}
	return server.Config{
		Data:      dir,
		NotionURL: c.NotionURL,
		Broker:    tokens.Uncached(env.New(token.Reveal(), handle)),
		Connection: tokens.Connection{
			Subject: auth.Local(c.NotionURL + "\x00" + token.Reveal()),
			Handle:  handle,
		},
		PerMinute:  c.perMinute(),
		Embeddings: endpoint,
		Version:    c.Version,
		Log:        log,
	}, nil
}

// quiet is the configuration of commands, which say themselves what the log
// would warn of.
func (c Config) quiet(t Terminal) (server.Config, error) {
	c.LogLevel = cmp.Or(c.LogLevel, "error")
	sc, err := c.server(t)
	if sc.Embeddings.Local != nil {
		sc.Embeddings.Within = modelReady // a command asks once, before the model is ready
	}
	return sc, err
}

// modelReady is how long a command waits for a model that has to be read first.
const modelReady = 30 * time.Second

// withSession runs do with a Session and closes it afterwards.
func (c Config) withSession(t Terminal, mirror server.Mirror, do func(*server.Session) error) error {
	cfg, err := c.quiet(t)
	if err != nil {
		return err
	}
	cfg.Mirror = mirror
	return session(cfg, do)
}

func session(cfg server.Config, do func(*server.Session) error) error {
	if err := makeData(cfg.Data); err != nil {
		return err
	}
	s, err := server.Open(cfg)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// Stdio serves the tools to an assistant over MCP until in ends or ctx does.
// Nothing but MCP is written to out.
func Stdio(ctx context.Context, cfg StdioConfig, in io.Reader, t Terminal) error {
	sc, err := cfg.stdio(t)
	if err != nil {
		return err
	}
	if sc.Toolsets, err = toolsets(cfg.Toolset); err != nil {
		return err
	}
	if err := makeData(sc.Data); err != nil {
		return err
	}
	sc.ReadOnly = cfg.ReadOnly
	trail, file, err := openAudit(cfg.Audit, sc.Log)
	if err != nil {
		return err
	}
	defer file.Close()
	sc.Audit = trail
	return server.Stdio(ctx, sc, in, t.Out)
}

// stdio is the configuration of a server whose clients show nothing of what it
// says when it ends: with a token that cannot be used it is served all the same,
// and every call is answered with what is wrong.
func (c StdioConfig) stdio(t Terminal) (server.Config, error) {
	if err := checkURL(c.NotionURL); err != nil {
		return server.Config{}, err
	}
	_, err := findCredential(c.getenv, c.NotionURL)
	if err == nil {
		return c.server(t)
	}
	words := "The Notion token of this server cannot be used: " + err.Error() + "."
	var hinted *Hinted
	if errors.As(err, &hinted) {
		words += " Tell the user: " + hinted.Hint + ". Then they have to start this server again."
	}
	t.tell("error: %v", err)
	sc, err := c.serverWith(t, tokens.Token{})
	sc.Unusable = words
	return sc, err
}

// StdioConfig is the Config of Stdio.
type StdioConfig struct {
	Config
	ReadOnly bool   // without the tools that write
	Audit    string // file that is told of every write; "" means the log
	Toolset  string // names of toolsets, separated by commas; "" means all but chatgpt
}

// toolsets reads the names of toolsets.
func toolsets(names string) ([]tools.Toolset, error) {
	sets, err := tools.ParseToolsets(names)
	if err != nil {
		return nil, &Usage{Problem: "--toolset: " + err.Error()}
	}
	return sets, nil
}

// call calls a tool with arguments as an assistant would.
func call(ctx context.Context, s *server.Session, tool string, args map[string]any) (tools.Answer, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return tools.Answer{}, fmt.Errorf("write down the arguments: %w", err)
	}
	return s.Call(ctx, tool, raw)
}
