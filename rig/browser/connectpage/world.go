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
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const (
	apiKey       = "sk_test_connectpage"
	clientID     = "client_connectpage"
	person       = "user_ada"
	other        = "user_bo"
	organization = "org_acme"
)

// grants are the tokens that Notion hands out, one after the other.
var grants = []string{"ntn_connectpage_1", "ntn_connectpage_2", "ntn_connectpage_3"}

// world is the program as it is deployed, and everybody it talks to.
type world struct {
	base   string // of the program
	data   string
	notion *emulator.Server
	workos *fake.Server
	idp    *authtest.Provider
	given  atomic.Int64 // tokens so far
	ends   []func()
}

// newWorld starts it all. Whatever it returns has to be closed.
func newWorld(ctx context.Context) (*world, error) {
	w := &world{}
	temp, err := os.MkdirTemp("", "connectpage")
	if err != nil {
		return w, err
	}
	w.ends = append(w.ends, func() { _ = os.RemoveAll(temp) })
	w.data = filepath.Join(temp, "data")
	address, err := toolchain.FreeAddr()
	if err != nil {
		return w, err
	}
	// By name, because browsers keep secure cookies of localhost without TLS.
	_, port, _ := strings.Cut(address, ":")
	w.base = "http://localhost:" + port
	notionURL, err := w.startNotion()
	if err != nil {
		return w, err
	}
	return w, w.startServer(ctx, temp, address, notionURL)
}

// startNotion serves the sample workspace, slowly enough to watch it being
// read.
func (w *world) startNotion() (address string, err error) {
	ws, err := emulator.Load(sample.FS())
	if err != nil {
		return "", err
	}
	cfg := emulator.Config{Latency: 150 * time.Millisecond}
	for _, secret := range grants {
		cfg.Tokens = append(cfg.Tokens, emulator.Token{Secret: secret})
	}
	w.notion = emulator.New(ws, cfg)
	if err := w.trouble(); err != nil {
		return "", err
	}
	srv := httptest.NewServer(w.notion)
	w.ends = append(w.ends, srv.Close)
	return srv.URL, nil
}

// trouble adds what Notion does not hand out, and a page that cannot be read.
func (w *world) trouble() error {
	const text = "What was said, in short.\n\n<!-- unsupported: ai_block -->\n\n<!-- unsupported: drive -->\n"
	if err := w.notion.AddPage("Notes of the assistant.md", text); err != nil {
		return err
	}
	for _, p := range w.notion.Pages() {
		if p.Title == "Glossary" {
			w.notion.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", ID: p.ID, Status: 400})
			return nil
		}
	}
	return errors.New("the sample workspace has no glossary")
}

func (w *world) startServer(ctx context.Context, temp, address, notionURL string) error {
	w.workos = fake.New(apiKey)
	w.workos.AddUser(person, organization)
	w.workos.AddUser(other, organization)
	w.workos.Grants(func(fake.Account) string { return grants[int(w.given.Add(1)-1)%len(grants)] })
	broker := httptest.NewServer(w.workos)
	w.ends = append(w.ends, broker.Close)
	idp, stop := authtest.Start(authtest.Config{
		User:    authtest.User{ID: person, Organization: organization},
		Clients: []authtest.Client{{ID: clientID, RedirectURIs: []string{w.base + "/connect/callback"}}},
	})
	w.idp, w.ends = idp, append(w.ends, stop)
	root, err := toolchain.Root()
	if err != nil {
		return err
	}
	binary := filepath.Join(temp, "mcp-notion")
	if err := toolchain.Build(ctx, root, binary); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, "serve", "--addr", address, "--base", w.base, "--data", w.data, "--notion-url", notionURL,
		"--issuer", idp.URL(), "--login-client-id", clientID, "--broker", "workos", "--broker-url", broker.URL,
		"--rate", "0", "--workspace-rate", "0", "--poll", "1s", "--audit", w.audit())
	cmd.Env = append(os.Environ(), "WORKOS_API_KEY="+apiKey)
	end, err := toolchain.Start(cmd, w.base+"/readyz")
	w.ends = append(w.ends, func() { _ = end() })
	return err
}

func (w *world) audit() string { return filepath.Join(filepath.Dir(w.data), "audit.jsonl") }

// revoke is what happens when a person takes the permission back in Notion,
// and WorkOS learns of it.
func (w *world) revoke() {
	w.notion.Revoke(grants[int(w.given.Load()-1)%len(grants)])
	w.workos.SetState(person, organization, fake.NeedsReauthorization)
}

// indexes are the folders of what is indexed.
func (w *world) indexes() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(w.data, strings.Repeat("[0-9a-f]", 32)+"*"))
	if err != nil {
		return nil, fmt.Errorf("look for indexes: %w", err)
	}
	return all, nil
}

// checkAudit says whether the audit has what was done, and nothing in clear.
func (w *world) checkAudit() error {
	data, err := os.ReadFile(w.audit())
	if err != nil {
		return err
	}
	text := string(data)
	if strings.Count(text, `"action":"connect"`) != 2 || strings.Count(text, `"action":"disconnect"`) != 1 {
		return fmt.Errorf("the audit is not two connects and a disconnect: %s", text)
	}
	for _, clear := range []string{person, organization, "ntn_", "parental"} {
		if strings.Contains(text, clear) {
			return errors.New("the audit has in clear: " + clear)
		}
	}
	return nil
}

// close ends it all, the newest first.
func (w *world) close() {
	for i := len(w.ends) - 1; i >= 0; i-- {
		w.ends[i]()
	}
}
