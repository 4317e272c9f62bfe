package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
)

//go:embed testdata/workspace
var files embed.FS

// A world is all that one suite meets, which may change it at will: a Notion
// workspace, and a server of many users with everything around it.
type world struct {
	env   map[string]string // what the scripts are told
	close []func() error    // in the order of opening
}

// newWorld opens a world that keeps its files in a folder, for a binary of
// mcp-notion.
func newWorld(binary, dir string) (*world, error) {
	w := &world{env: map[string]string{}}
	if err := w.open(binary, dir); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *world) open(binary, dir string) error {
	folder, err := fs.Sub(files, "testdata/workspace")
	if err != nil {
		return err
	}
	workspace, err := emulator.Load(folder)
	if err != nil {
		return fmt.Errorf("load the workspace: %w", err)
	}
	w.env["INTEROP_NOTION_URL"] = w.serve(emulator.New(workspace, emulator.Config{Tokens: notionTokens()}))
	types, err := emulator.Load(sample.Types())
	if err != nil {
		return fmt.Errorf("load the workspace of types: %w", err)
	}
	tuesday := func() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }
	w.env["INTEROP_TYPES_URL"] = w.serve(emulator.New(types, emulator.Config{Tokens: notionTokens()[:1], Now: tuesday}))
	if w.env["INTEROP_HOSTILE"], err = writeHostile(dir); err != nil {
		return fmt.Errorf("write hostile pages: %w", err)
	}
	return w.openService(binary, dir)
}

// serve serves on a port of its own until the world ends.
func (w *world) serve(h http.Handler) string {
	srv := httptest.NewServer(h)
	w.close = append(w.close, func() error {
		srv.CloseClientConnections()
		srv.Close()
		return nil
	})
	return srv.URL
}

// Close ends what was opened, the last first.
func (w *world) Close() error {
	var err error
	for i := len(w.close) - 1; i >= 0; i-- {
		err = errors.Join(err, w.close[i]())
	}
	return err
}

// notionTokens are the connections that world.mjs names.
func notionTokens() []emulator.Token {
	return []emulator.Token{
		{Secret: "ntn_test", Name: "Owner"},
		{Secret: "ntn_guest", Name: "Guest", Roots: []string{"Runbooks"}},
		{Secret: "ntn_reader", Name: "Reader", NoInsert: true, NoUpdate: true, NoComment: true},
	}
}
