package main

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http/httptest"

	"github.com/mcp-notion/mcp-notion/notion/emulator"
)

//go:embed testdata/workspace
var files embed.FS

// newWorld serves a workspace for one suite, which may change it at will. The
// suite asks for faults at the emulator's own controls.
func newWorld() (*httptest.Server, error) {
	folder, err := fs.Sub(files, "testdata/workspace")
	if err != nil {
		return nil, err
	}
	workspace, err := emulator.Load(folder)
	if err != nil {
		return nil, fmt.Errorf("load the workspace: %w", err)
	}
	return httptest.NewServer(emulator.New(workspace, emulator.Config{Tokens: tokens()})), nil
}

// tokens are the connections that world.mjs names.
func tokens() []emulator.Token {
	return []emulator.Token{
		{Secret: "ntn_test", Name: "Owner"},
		{Secret: "ntn_guest", Name: "Guest", Roots: []string{"Runbooks"}},
		{Secret: "ntn_reader", Name: "Reader", NoInsert: true, NoUpdate: true, NoComment: true},
	}
}
