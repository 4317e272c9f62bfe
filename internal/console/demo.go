package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// DemoConfig is the Config of Demo. It has no token, folder or address: a demo
// brings its own, and leaves nothing behind.
type DemoConfig struct {
	Question string // "" means one that the sample workspace answers well
	LogLevel string
	Version  string
}

const demoQuestion = "Which renewals are at risk?"

// demoPassages is how many passages a demo shows.
const demoPassages = 3

// Demo serves the sample workspace in this process, mirrors it, and answers a
// question from it.
func Demo(ctx context.Context, cfg DemoConfig, t Terminal) error {
	return withSample(cfg, t, func(sc server.Config) error {
		sc.Mirror = server.MirrorNever
		s, err := server.Open(sc)
		if err != nil {
			return err
		}
		return errors.Join(demo(ctx, s, cmp.Or(cfg.Question, demoQuestion), t), s.Close())
	})
}

func demo(ctx context.Context, s *server.Session, question string, t Terminal) error {
	sum, err := watchedSync(ctx, s, t)
	if err != nil {
		return fmt.Errorf("mirror the sample workspace: %w", err)
	}
	t.note(fmt.Sprintf("Mirrored the Notion of Fennimark, an invented company: %s, %s, %s, %s.",
		pagesAndTables(sum.Known), counted(sum.Blocks, "block"), counted(int(sum.Requests), "request"), span(sum.Took.Duration())))
	t.say("")
	for _, l := range wrap(printable(question), t.width()) {
		t.say("%s", t.style(bold, l))
	}
	t.say("")
	a, err := call(ctx, s, tools.SearchNotion, map[string]any{"query": question, "limit": demoPassages})
	if err != nil {
		return err
	}
	if a.IsError {
		return t.failed(tools.SearchNotion, a, FormPretty)
	}
	var out tools.SearchOut
	if err := json.Unmarshal(a.Full(), &out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", tools.SearchNotion, err)
	}
	if len(out.Passages) == 0 {
		t.say("Nothing found. Ask about its customers, runbooks, specs, policies or meetings.\n")
	}
	t.passages(out, questionWords(question), passageLines)
	t.note(evidence(out))
	t.note(out.Coverage.Statement.Plain())
	t.say("")
	t.connect()
	return nil
}

// connect says how to go on with an assistant.
func (t Terminal) connect() {
	for _, l := range [][2]string{
		{"Install", "go install ./cmd/mcp-notion"},
		{"This sample", "claude mcp add sample --transport stdio -- mcp-notion demo stdio"},
		{"Your Notion", "claude mcp add notion --transport stdio --env NOTION_TOKEN=ntn_… -- mcp-notion stdio"},
	} {
		t.say("%s %s", t.style(bold, pad(l[0], 11)), l[1])
	}
}

// DemoStdio serves the sample workspace to an assistant over MCP until in ends
// or ctx does. Nothing but MCP is written to t.Out.
func DemoStdio(ctx context.Context, cfg DemoConfig, in io.Reader, t Terminal) error {
	return withSample(cfg, t, func(sc server.Config) error {
		return server.Stdio(ctx, sc, in, t.Out)
	})
}

// withSample serves the sample workspace on a port of this machine, makes a
// folder for its index, and takes both away afterwards.
func withSample(cfg DemoConfig, t Terminal, do func(server.Config) error) error {
	w, err := emulator.Load(sample.FS())
	if err != nil {
		return fmt.Errorf("load the sample workspace: %w", err)
	}
	dir, err := os.MkdirTemp("", "mcp-notion-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer os.RemoveAll(dir)
	e, err := serveEmulator("127.0.0.1:0", emulator.New(w, emulator.Config{}))
	if err != nil {
		return err
	}
	defer e.close()
	common := Config{Data: dir, NotionURL: e.url, PerMinute: -1, LogLevel: cmp.Or(cfg.LogLevel, "error"), Version: cfg.Version}
	sc, err := common.serverWith(t, tokens.NewToken(emulatorToken, time.Time{}))
	if err != nil {
		return err
	}
	return do(sc)
}

// emulated is an emulator that listens.
type emulated struct {
	url    string
	http   *http.Server
	failed <-chan error // why it stopped listening, once
}

func serveEmulator(address string, h http.Handler) (*emulated, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, hinted("choose another address with --addr", "listen for the emulator: %w", err)
	}
	e := &emulated{
		url:  "http://" + l.Addr().String(),
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
	}
	e.failed = guard.Go(func() error { return e.http.Serve(l) })
	return e, nil
}

// close waits a moment for answers under way.
func (e *emulated) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if e.http.Shutdown(ctx) != nil {
		return e.http.Close()
	}
	return nil
}
