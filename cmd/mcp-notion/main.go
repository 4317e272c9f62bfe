// Command mcp-notion gives assistants the Notion pages that a person shared, as
// passages cited down to the block. This package only turns flags and the
// environment into calls of package console.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the image holds no files of time zones, nor does Windows

	"github.com/mcp-notion/mcp-notion/internal/console"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	t := console.NewTerminal(os.Stdout, os.Stderr, os.Getenv)
	return console.Report(t, newRoot(t, os.Stdin, os.Getenv).ExecuteContext(ctx))
}
