// Package e2e_test holds what must be true of the whole path from Notion to a
// passage: nothing with text is lost, no request is wasted, and the rate is
// kept and used.
package e2e_test

import (
	"context"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const secret = "ntn_test"

func client(h http.Handler, pacer *notion.Pacer) *notion.Client {
	return notion.New(secret, notion.Config{BaseURL: "http://127.0.0.1", HTTP: &http.Client{Transport: emulatortest.InProcess(h)}, Pacer: pacer})
}

func load(t *testing.T, fsys fstest.MapFS, cfg emulator.Config) *emulator.Server {
	t.Helper()
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return emulator.New(ws, cfg)
}

// mirror reads the whole workspace into a new index.
func mirror(t *testing.T, c *notion.Client) (*index.Index, ingest.Summary) {
	t.Helper()
	store, err := index.OpenStore(t.TempDir(), index.Config{IdleClose: -1})
	if err != nil {
		t.Fatal(err)
	}
	x, err := store.Open(t.Context(), tokens.Connection{Subject: auth.Local(secret), Handle: tokens.DefaultHandle})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close(); _ = store.Close() })
	s, err := ingest.New(ingest.Config{Index: x, Client: func(context.Context) (*notion.Client, error) { return c, nil }})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return x, sum
}

// written is before all clocks begin, also those of synctest.
var written = time.Date(1999, 3, 1, 9, 0, 0, 0, time.UTC)
