// Command chatapp runs the example app on this machine, with stand-ins for WorkOS
// and Notion: no account is needed. Ctrl-C ends it.
//
//	go run ./rig/chatapp
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/mcp-notion/mcp-notion/rig/chatapp/stage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	addr := flag.String("addr", "127.0.0.1:3000", "`host:port` of the app")
	flag.Parse()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "chatapp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) error {
	fmt.Println("Building the app and mcp-notion. The first time, this takes a minute or two.")
	s, err := stage.Open(ctx, stage.Config{Addr: addr, Out: os.Stderr})
	if err != nil {
		return err
	}
	fmt.Printf(`
  The app      %s
  mcp-notion   %s
  Notion       %s (the emulator, with the sample workspace)

Sign in as Ada, who sees all of the workspace, or as Bob, who sees Engineering.
Ctrl-C ends it all.
`, s.URL, s.MCP, s.Notion)
	<-ctx.Done()
	return s.Close()
}
