package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

// secret opens the emulator, and nothing else.
const secret = "ntn_tasks"

// today is the day on which the tasks are done: the sample workspace ends then.
var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// A world is the sample workspace as it was, behind an emulated Notion.
type world struct {
	emulator *emulator.Server
	http     *httptest.Server
	notion   *notion.Client
	pages    map[string]bool // ids at the beginning
	data     string          // folder for an index
}

func openWorld() (*world, error) {
	ws, err := emulator.Load(sample.FS())
	if err != nil {
		return nil, fmt.Errorf("load the sample workspace: %w", err)
	}
	dir, err := os.MkdirTemp("", "mn") // short, because it holds a socket
	if err != nil {
		return nil, err
	}
	w := &world{data: dir, pages: map[string]bool{}}
	w.emulator = emulator.New(ws, emulator.Config{Now: func() time.Time { return today }})
	w.http = httptest.NewServer(w.emulator)
	w.notion = notion.New(secret, notion.Config{BaseURL: w.http.URL})
	for _, p := range w.emulator.Pages() {
		w.pages[p.ID] = true
	}
	return w, nil
}

func (w *world) Close() error {
	w.http.Close()
	return os.RemoveAll(w.data)
}

// A side is one of the two servers: how it is started for a world.
type side struct {
	name  string
	ways  func(Task) []Way
	start func(context.Context, *world) (*ask.Server, error)
}

// sides are both, each as its own documentation says it is started over stdio.
func sides(tools toolchain.Toolchain, binary string) [2]side {
	return [2]side{
		{"mcp-notion", func(t Task) []Way { return t.Product }, func(ctx context.Context, w *world) (*ask.Server, error) {
			return startProduct(ctx, w, binary)
		}},
		{"official server", func(t Task) []Way { return t.Official }, func(ctx context.Context, w *world) (*ask.Server, error) {
			return startOfficial(ctx, w, tools)
		}},
	}
}

// startProduct mirrors the workspace first: otherwise a run would measure how
// far the mirror has come.
func startProduct(ctx context.Context, w *world, binary string) (*ask.Server, error) {
	env := []string{"MCP_NOTION_MODEL=none", "NOTION_TOKEN=" + secret, "MCP_NOTION_URL=" + w.http.URL, "MCP_NOTION_DATA=" + w.data}
	mirror := exec.CommandContext(ctx, binary, "sync", "--rate", "0")
	mirror.Env = append(os.Environ(), env...)
	if out, err := mirror.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mirror the workspace: %w\n%s", err, out)
	}
	return ask.Connect(ctx, ask.ServerConfig{Command: quoted(binary) + " stdio --rate 0", Env: env})
}

// startOfficial gives the token by way of OPENAPI_MCP_HEADERS. With
// NOTION_TOKEN alone, version 2.5.2 sends its comments without Notion-Version,
// and Notion refuses them.
func startOfficial(ctx context.Context, w *world, tools toolchain.Toolchain) (*ask.Server, error) {
	cli := filepath.Join(tools.Dir, "node_modules", "@notionhq", "notion-mcp-server", "bin", "cli.mjs")
	headers := `{"Authorization":"Bearer ` + secret + `","Notion-Version":"2026-03-11"}`
	return ask.Connect(ctx, ask.ServerConfig{
		Command: quoted(tools.Node) + " " + quoted(cli),
		Env:     []string{"BASE_URL=" + w.http.URL, "OPENAPI_MCP_HEADERS=" + headers},
	})
}

func quoted(path string) string { return `"` + path + `"` }

// try plays one way of a task in a world of its own. It returns also what a
// model is shown of the tools.
func (s side) try(ctx context.Context, t Task, way Way) (r Run, shown string, err error) {
	w, err := openWorld()
	if err != nil {
		return r, "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	server, err := s.start(ctx, w)
	if err != nil {
		return r, "", fmt.Errorf("start %s: %w", s.name, err)
	}
	r, err = play(ctx, server, t, way)
	err = errors.Join(err, server.Close())
	if err == nil && r.Wrong == "" {
		r.Wrong, err = w.judge(ctx, t, r)
	}
	return r, server.Shown, err
}

// best tries all ways, and returns them with the one first that counts: right
// before wrong, then the fewest tokens.
func (s side) best(ctx context.Context, t Task) ([]Run, string, error) {
	var runs []Run
	var shown string
	for _, way := range s.ways(t) {
		r, list, err := s.try(ctx, t, way)
		if err != nil {
			return nil, "", fmt.Errorf("%s, %s, %s: %w", t.Name, s.name, way.Why, err)
		}
		shown = list
		runs = append(runs, r)
	}
	sortRuns(runs)
	return runs, strings.TrimSpace(shown), nil
}
