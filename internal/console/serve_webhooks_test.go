package console

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// eventually waits for what webhooks bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2400 { // two minutes, so that a slow machine is waited for
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s did not come about", what)
}

// hear sends a webhook and returns the status of the answer.
func (v *serving) hear(path, body string) int {
	v.t.Helper()
	resp, err := http.Post(v.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode
}

// From the first words with Notion to an edit that is found though the poll is an
// hour away, and from a disconnect at WorkOS to the end of the index.
func TestServeWebhooks(t *testing.T) {
	t.Parallel()
	notion, notionURL := fakeNotion(t, emulator.Config{Gather: 50 * time.Millisecond}, nil)
	pipes := fake.New("sk_test")
	pipes.AddUser("user_1", "org_1")
	workosAPI := httptest.NewServer(pipes)
	t.Cleanup(workosAPI.Close)
	idp, stop := authtest.Start(authtest.Config{})
	t.Cleanup(stop)
	broker, err := workos.New(workos.Config{APIKey: tokens.NewToken("sk_test", time.Time{}), Issuer: idp.URL(), BaseURL: workosAPI.URL})
	if err != nil {
		t.Fatal(err)
	}
	cfg := ServeConfig{
		Addr: "127.0.0.1:0", Identity: Identity{Issuers: []string{idp.URL()}}, Broker: broker.Source(), BrokerName: "workos", Poll: time.Hour, AwaitWebhook: true,
		Config: Config{Data: shortFolder(t), NotionURL: notionURL, LogLevel: "debug", Getenv: environment()},
	}
	s := newScreen(t)
	v := startServe(t, cfg, s)
	if err := notion.Subscribe(t.Context(), v.base+"/webhooks/notion"); err != nil {
		t.Fatal(err)
	}
	if status := v.hear("/webhooks/workos", `{}`); status != http.StatusNotFound {
		t.Errorf("a webhook without a secret: %d", status)
	}
	path := filepath.Join(cfg.Data, "notion-verification-token")
	token, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := notion.Verify(strings.TrimSpace(string(token))); err != nil {
		t.Fatal(err)
	}
	if err := v.stop(); err != nil {
		t.Fatal(err)
	}
	if logged := s.err.String() + s.out.String(); strings.Contains(logged, string(bytes.TrimSpace(token))) || !strings.Contains(logged, path) {
		t.Errorf("the file is to be named, and the token is not:\n%s", logged)
	}

	cfg.Getenv = environment("MCP_NOTION_WEBHOOK_SECRET_FILE", path, "WORKOS_WEBHOOK_SECRET", "whsec_old,whsec_new")
	s = newScreen(t)
	v = startServe(t, cfg, s)
	notion.Send(v.base+"/webhooks/notion", strings.TrimSpace(string(token))) // the port is another one now
	pipes.AddWebhook(v.base+"/webhooks/workos", "whsec_new")
	bearer := idp.Mint(v.base+"/mcp", map[string]any{"scope": "notion:read"})
	finds := func(word, want string) bool {
		status, text := v.search(bearer, word)
		return status == http.StatusOK && strings.Contains(text, want)
	}
	if finds("About Travel", "About Travel.") {
		t.Fatal("an answer without a grant")
	}
	pipes.Connect(fake.Account{User: "user_1", Organization: "org_1", Secret: "ntn_user_1"})
	eventually(t, "the mirror of a user who has not asked since", func() bool { return notion.Counts()["GET /v1/blocks/{id}/children"] > 0 })
	eventually(t, "an answer from the whole index", func() bool { return finds("About Travel", "Searched all 4 pages") })
	if err := notion.AddPage("zoo.md", "# Zoo\n\nA walrus naps on ice.\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new page", func() bool { return finds("walrus naps", "A walrus naps on ice.") })
	if err := notion.Unshare("ntn_user_1", "zoo.md"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of what was unshared", func() bool { return !finds("walrus naps", "A walrus naps on ice.") })
	for _, path := range []string{"/webhooks/notion", "/webhooks/workos"} {
		if status := v.hear(path, `{"id":"e"}`); status != http.StatusUnauthorized {
			t.Errorf("%s, not signed: %d", path, status)
		}
	}
	if status := v.hear("/webhooks/nango", `{}`); status != http.StatusNotFound {
		t.Errorf("/webhooks/nango: %d", status)
	}
	indexes := func() int {
		all, err := filepath.Glob(filepath.Join(cfg.Data, strings.Repeat("[0-9a-f]", 32)))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := indexes(); n != 1 {
		t.Errorf("%d indexes", n)
	}
	pipes.SetState("user_1", "org_1", fake.NeedsReauthorization)
	eventually(t, "the end of the index", func() bool { return indexes() == 0 })
	for _, bad := range []string{"whsec_", string(bytes.TrimSpace(token)), "walrus", "Zoo", "user_1", "ntn_user"} {
		if strings.Contains(s.err.String(), bad) {
			t.Errorf("the log has %q", bad)
		}
	}
	if !strings.Contains(s.out.String(), v.base+"/webhooks/notion") {
		t.Errorf("%s", s.out.String())
	}
	eventually(t, "a line of the end in the log", func() bool { return strings.Contains(s.err.String(), `disconnect`) })
}
