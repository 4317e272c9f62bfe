// Command connectpage goes through the page of connections as a person would, in
// a real Chromium: sign in, connect, watch the pages being read, search,
// reconnect after Notion's permission was taken back, disconnect. It needs
// Chromium and, once, npm. The server is the real program; Notion, WorkOS and the identity
// provider are those of the tests.
//
//	go run ./rig/browser/connectpage [-shots FOLDER] [-chromium PROGRAM]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/mcp-notion/mcp-notion/rig/browser"
	"github.com/mcp-notion/mcp-notion/rig/browser/axe"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "connectpage:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("connectpage", flag.ContinueOnError)
	var cfg browser.Config
	flags.StringVar(&cfg.Shots, "shots", "", "`folder` for screenshots")
	flags.StringVar(&cfg.Chromium, "chromium", "", "the `program` (default the one in PATH)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	rules, err := axe.Install(ctx, out)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx)
	defer w.close()
	if err != nil {
		return err
	}
	b, err := browser.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.Close()
	v := visit{world: w, Browser: b, rules: rules}
	for _, step := range v.steps() {
		begin := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if all := b.Complaints(); len(all) > 0 {
			return fmt.Errorf("%s: the browser complains: %q", step.name, all)
		}
		fmt.Fprintf(out, "ok   %-60s %5.1f s\n", step.name, time.Since(begin).Seconds())
	}
	return nil
}
