package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// EmulateConfig is the Config of Emulate.
type EmulateConfig struct {
	Dir         string        // folder or zip file of Markdown and CSV, or a Notion export
	Addr        string        // "" means 127.0.0.1:8765
	AllowRemote bool          // Addr may be reached from other machines
	Latency     time.Duration // of every answer
	PerMinute   int           // requests of one token in 60 seconds; 0 is no limit
	Tokens      []string      // the only ones accepted; none means every text that starts with ntn_
	LogLevel    string
}

// DefaultAddr is where Emulate listens if nothing else is said.
const DefaultAddr = "127.0.0.1:8765"

// Emulate serves a folder as a Notion API until ctx ends.
func Emulate(ctx context.Context, cfg EmulateConfig, t Terminal) error {
	if cfg.Dir == "" {
		return &Usage{Problem: "emulate needs a folder or a zip file", Hint: "mcp-notion emulate --dir Export.zip"}
	}
	if cfg.Latency < 0 {
		return &Usage{Problem: "--latency cannot be less than nothing", Hint: "--latency 200ms"}
	}
	addr := cmp.Or(cfg.Addr, DefaultAddr)
	if err := local(addr, cfg.AllowRemote); err != nil {
		return err
	}
	w, err := loadWorkspace(cfg.Dir)
	if err != nil {
		return err
	}
	h, err := cfg.handler(w, t)
	if err != nil {
		return err
	}
	e, err := serveEmulator(addr, h)
	if err != nil {
		return err
	}
	t.emulating(cfg, w, e.url)
	select {
	case <-ctx.Done():
		t.tell("Stopping after %s.", counted(int(h.Requests()), "request"))
		return e.close()
	case err := <-e.failed:
		return fmt.Errorf("serve the emulator: %w", err)
	}
}

// local refuses an address that other machines can reach, unless that is
// wanted.
func local(addr string, allowRemote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return &Usage{Problem: fmt.Sprintf("--addr %q is not host:port", addr), Hint: "--addr " + DefaultAddr}
	}
	if allowRemote || loopbackHost(host) {
		return nil
	}
	return &Usage{
		Problem: "--addr " + addr + " can be reached from other machines, and the emulator shows everything to everybody",
		Hint:    "use " + DefaultAddr + ", or add --allow-remote if the network is yours",
	}
}

// loadWorkspace reads a folder or a zip file.
func loadWorkspace(dir string) (*emulator.Workspace, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, hinted("name a folder of .md and .csv files, or the zip of a Notion export", "there is no %s", dir)
	}
	w, err := emulator.LoadDir(dir)
	if err != nil {
		return nil, hinted("the emulator reads folders and zip files of Markdown and CSV; a Notion export must be of the kind Markdown & CSV", "load %s: %w", dir, err)
	}
	return w, nil
}

// handler is the emulator of a workspace.
func (cfg EmulateConfig) handler(w *emulator.Workspace, t Terminal) (*emulator.Server, error) {
	log, err := Config{LogLevel: cfg.LogLevel}.log(t)
	if err != nil {
		return nil, err
	}
	ec := emulator.Config{PerMinute: cfg.PerMinute, Latency: cfg.Latency, Log: log}
	for _, secret := range cfg.Tokens {
		ec.Tokens = append(ec.Tokens, emulator.Token{Secret: secret, Name: "Emulator"})
	}
	return emulator.New(w, ec), nil
}

// emulating says what is served, where, and how to use it.
func (t Terminal) emulating(cfg EmulateConfig, w *emulator.Workspace, url string) {
	t.say("Serving %s as a Notion API: %s.", cfg.Dir, served(w))
	t.say("")
	t.say("  Address   %s", url)
	t.say("  Tokens    %s", acceptedTokens(cfg.Tokens))
	t.say("  Pages     %s/emulator/pages", url)
	t.say("")
	t.say("In another terminal:")
	t.say("  mcp-notion sync --notion-url %s", url)
	t.say("  mcp-notion search --notion-url %s your question", url)
	t.say("")
	for _, n := range w.Notes {
		t.tell("note: %s", printable(n))
	}
	if served(w).all() == 0 {
		t.tell("note: %s holds no .md or .csv file, so that the workspace is empty; pages can be made through the API", cfg.Dir)
	}
	if cfg.AllowRemote {
		t.tell("warning: whoever reaches this address can read and change all of it")
	}
	t.tell("Changes are kept in memory and end with this process. Ctrl-C stops it.")
}

// acceptedTokens never shows a token.
func acceptedTokens(all []string) string {
	if len(all) == 0 {
		return "any that starts with ntn_ (none needs to be set)"
	}
	return counted(len(all), "token") + " given, no other"
}
