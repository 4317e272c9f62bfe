// Package stage runs the example app with everything around it on this machine:
// the app as people build and start it, mcp-notion serve, and stand-ins for
// WorkOS and Notion.
package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// Who is known to WorkOS: two members of one organization, who are shown
// different parts of Notion.
const (
	Organization = "org_acme"
	Ada          = "user_ada" // to whom all pages are shared
	Bob          = "user_bob" // to whom the pages below Engineering are shared
)

const (
	apiKey = "sk_test_stage"
	client = "client_stage"
)

// Config says where the app is. The zero value takes a free port.
type Config struct {
	Addr  string    // of the app, host:port
	Model string    // address of an endpoint that speaks as OpenAI's does; "" for that of the environment, if any
	Out   io.Writer // gets what npm and the build say; nil for nobody
}

// Stage is all of it, running.
type Stage struct {
	URL       string // of the app
	MCP       string // of mcp-notion
	Notion    string // of the emulator
	Data      string // folder of mcp-notion
	WorkOS    *fake.Server
	WorkOSURL string

	app   toolchain.Toolchain
	dir   string // of this run
	close []func() error
}

// Open builds and starts everything. Close ends it.
func Open(ctx context.Context, cfg Config) (*Stage, error) {
	s := &Stage{WorkOS: fake.New(apiKey)}
	if err := s.open(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends what was opened, the last first.
func (s *Stage) Close() error {
	var err error
	for i := len(s.close) - 1; i >= 0; i-- {
		err = errors.Join(err, s.close[i]())
	}
	return err
}

func (s *Stage) open(ctx context.Context, cfg Config) (err error) {
	if s.dir, err = os.MkdirTemp("", "chatapp"); err != nil {
		return err
	}
	s.close = append(s.close, func() error { return os.RemoveAll(s.dir) })
	s.Data = filepath.Join(s.dir, "data")
	if s.app, err = prepare(ctx, s.dir, cmp.Or(cfg.Out, io.Discard)); err != nil {
		return err
	}
	addr, err := address(cfg.Addr)
	if err != nil {
		return err
	}
	s.URL = "http://" + addr
	if err := s.openNotion(); err != nil {
		return err
	}
	s.openWorkOS()
	if err := s.serveNotion(); err != nil {
		return err
	}
	return s.serveApp(cfg.model())
}

// address is where the app listens, whose browsers know it as localhost.
func address(wanted string) (string, error) {
	if wanted == "" {
		return toolchain.FreeAddr()
	}
	l, err := net.Listen("tcp", wanted)
	if err != nil {
		return "", fmt.Errorf("listen on %s (-addr names another address): %w", wanted, err)
	}
	return l.Addr().String(), l.Close()
}

// serve serves on a port of its own until the end.
func (s *Stage) serve(h http.Handler) string {
	srv := httptest.NewServer(h)
	s.close = append(s.close, func() error {
		srv.CloseClientConnections()
		srv.Close()
		return nil
	})
	return srv.URL
}

// openNotion serves the sample workspace.
func (s *Stage) openNotion() error {
	workspace, err := emulator.Load(sample.FS())
	if err != nil {
		return fmt.Errorf("load the sample workspace: %w", err)
	}
	s.Notion = s.serve(emulator.New(workspace, emulator.Config{Tokens: []emulator.Token{
		{Secret: secret(Ada), Name: "Ada"},
		{Secret: secret(Bob), Name: "Bob", Roots: []string{"engineering.md"}},
	}}))
	return nil
}

// secret is the token with which Notion knows a user.
func secret(user string) string { return "ntn_stage_" + user }

// openWorkOS makes the users and the app known to WorkOS.
func (s *Stage) openWorkOS() {
	s.WorkOS.AddUser(Ada, Organization)
	s.WorkOS.AddUser(Bob, Organization)
	s.WorkOS.AddClient(client, s.URL+"/callback", s.URL+"/")
	s.WorkOS.AllowOrigin(s.URL)
	s.WorkOS.Grants(func(a fake.Account) string { return secret(a.User) })
	// The widget leads its window on with the answer to this. If that comes at
	// once, as it never does over a network, the window may still be on its way
	// to the first page, and stay there.
	s.WorkOS.Fail(fake.Fault{Path: "/_widgets/DataIntegrations/notion/authorize", Delay: 300 * time.Millisecond})
	s.WorkOSURL = s.serve(s.WorkOS)
}
