// Command chatapp plays the example app in a real Chromium, with the real Pipes
// widget: people sign in, connect Notion, ask, authorize again and disconnect.
// It needs npm and Chromium.
//
//	go run ./rig/browser/chatapp [-shots DIR]
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"time"

	"github.com/mcp-notion/mcp-notion/rig/browser"
	"github.com/mcp-notion/mcp-notion/rig/browser/axe"
	"github.com/mcp-notion/mcp-notion/rig/chatapp/stage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	shots := flag.String("shots", "", "`folder` that gets screenshots")
	flag.Parse()
	if err := run(ctx, *shots); err != nil {
		fmt.Fprintln(os.Stderr, "chatapp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, shots string) (err error) {
	writer := httptest.NewServer(http.HandlerFunc(model))
	defer writer.Close()
	s, err := stage.Open(ctx, stage.Config{Out: os.Stderr, Model: writer.URL})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}()
	if err := s.Test(ctx); err != nil {
		return err
	}
	rules, err := axe.Install(ctx, os.Stderr)
	if err != nil {
		return err
	}
	for _, who := range []struct{ id, name string }{{stage.Ada, "ada"}, {stage.Bob, "bob"}} {
		if err := visitor(ctx, visit{stage: s, user: who.id, name: who.name, rules: rules}, shots); err != nil {
			return fmt.Errorf("%s: %w", who.name, err)
		}
	}
	return nil
}

// visitor lets one person come and go, with a browser of their own.
func visitor(ctx context.Context, v visit, shots string) error {
	b, err := browser.Start(ctx, browser.Config{Shots: shots, Within: 30 * time.Second})
	if err != nil {
		return err
	}
	defer b.Close()
	v.Browser = b
	return v.play()
}
