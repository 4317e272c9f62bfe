package console

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/tokens/file"
)

// serving is a Serve that runs.
type serving struct {
	t    *testing.T
	base string
	stop func() error
}

func startServe(t *testing.T, cfg ServeConfig, s *screen) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, cfg, s.Terminal) }()
	v := &serving{t: t}
	ended := false
	v.stop = func() error {
		cancel()
		if ended {
			return nil
		}
		ended = true
		return <-done
	}
	t.Cleanup(func() {
		if err := v.stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	address := regexp.MustCompile(`Serving MCP at (http\S+)/mcp`)
	for range 24_000 { // two minutes, so that a slow machine is waited for
		if m := address.FindStringSubmatch(s.out.String()); m != nil {
			v.base = m[1]
			return v
		}
		select {
		case err := <-done:
			ended = true
			t.Fatalf("Serve: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Fatal("no address is told")
	return nil
}

// search asks over HTTP and returns the status and the answer.
// search asks until everything has been read.
func (v *serving) search(bearer, question string) (status int, text string) {
	v.t.Helper()
	eventually(v.t, "the end of reading", func() bool {
		status, text = v.searchWith(bearer, fmt.Sprintf(`{"query":%q}`, question))
		return !strings.Contains(text, "Still reading")
	})
	return status, text
}

func (v *serving) searchWith(bearer, args string) (int, string) {
	v.t.Helper()
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_notion","arguments":` + args + `}}`
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+"/mcp", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServeOneUser(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	cfg := ServeConfig{Addr: "127.0.0.1:0", Config: Config{Data: shortFolder(t), NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)}}
	s := newScreen(t)
	v := startServe(t, cfg, s)
	path := filepath.Join(cfg.Data, "bearer")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	data, err := os.ReadFile(path)
	bearer := strings.TrimSpace(string(data))
	if err != nil || len(bearer) < 40 {
		t.Fatalf("a bearer token of %d characters: %v", len(bearer), err)
	}
	for _, want := range []string{path, "claude mcp add --transport http notion " + v.base + "/mcp", "$(cat " + path + ")"} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("%q is not told:\n%s", want, s.out.String())
		}
	}
	if status, text := v.search(bearer, "About Travel"); status != http.StatusOK || !strings.Contains(text, "About Travel") {
		t.Errorf("%d %s", status, text)
	}
	if _, text := v.searchWith(bearer, `{"query":"About Travel","connection":"work"}`); !strings.Contains(text, "isError") ||
		!strings.Contains(text, "There is no connection") || !strings.Contains(text, "my-notion") || strings.Contains(text, "About Travel") {
		t.Errorf("another handle: %s", text)
	}
	if status, text := v.search("x"+bearer[1:], "About Travel"); status != http.StatusUnauthorized {
		t.Errorf("another token: %d %s", status, text)
	}
	var hinted *Hinted
	if err := Serve(t.Context(), cfg, newScreen(t).Terminal); !errors.As(err, &hinted) || !strings.Contains(err.Error(), "another `mcp-notion serve`") {
		t.Errorf("a second one: %v", err)
	}
	if err := v.stop(); err != nil {
		t.Error(err)
	}
	again := startServe(t, cfg, newScreen(t))
	if status, text := again.search(bearer, "About Travel"); status != http.StatusOK {
		t.Errorf("the token is another one after a restart: %d %s", status, text)
	}
	if all := s.out.String() + s.err.String(); strings.Contains(all, bearer) {
		t.Errorf("the bearer token is shown:\n%s", all)
	}
}

func TestServeWithOwnBearer(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	s := newScreen(t)
	v := startServe(t, ServeConfig{Addr: "127.0.0.1:0", Config: Config{Data: shortFolder(t), NotionURL: url,
		Getenv: environment("NOTION_TOKEN", secret, "MCP_NOTION_BEARER", "a-bearer-of-my-own-making")}}, s)
	if status, _ := v.search("a-bearer-of-my-own-making", "x"); status != http.StatusOK {
		t.Errorf("%d", status)
	}
	if !strings.Contains(s.out.String(), "$MCP_NOTION_BEARER") || strings.Contains(s.out.String(), "my-own") {
		t.Errorf("told:\n%s", s.out.String())
	}
}

// company is an issuer and a file of its users' tokens.
func company(t *testing.T) (idp *authtest.Provider, cfg ServeConfig) {
	t.Helper()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	idp, stop := authtest.Start(authtest.Config{Clients: []authtest.Client{{ID: "resource", Secret: "introspect-secret"}}})
	t.Cleanup(stop)
	path := filepath.Join(t.TempDir(), "connections.json")
	list := fmt.Sprintf(`{"subjects":[{"issuer":%q,"organization":"org_1","user":"user_1","connections":{"my-notion":%q}}]}`, idp.URL(), secret)
	if err := os.WriteFile(path, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := file.New(path)
	if err != nil {
		t.Fatal(err)
	}
	return idp, ServeConfig{
		Addr: "127.0.0.1:0", Broker: b.Source(), BrokerName: "file", Identity: Identity{Issuers: []string{idp.URL()}},
		Config: Config{Data: shortFolder(t), NotionURL: url, Getenv: environment()},
	}
}

func TestServeManyUsers(t *testing.T) {
	t.Parallel()
	idp, cfg := company(t)
	cfg.Identity.LoginClient = "client"
	cfg.Getenv = environment("MCP_NOTION_SEAL_KEY", strings.Repeat("0a", 32)+","+strings.Repeat("0b", 32))
	s := newScreen(t)
	v := startServe(t, cfg, s)
	mint := func(claims map[string]any) string { return idp.Mint(v.base+"/mcp", claims) }
	read := map[string]any{"scope": "notion:read"}
	if status, text := v.search(mint(read), "About Travel"); status != http.StatusOK || !strings.Contains(text, "About Travel") {
		t.Errorf("%d %s", status, text)
	}
	stranger := map[string]any{"scope": "notion:read", "sub": "user_2"}
	if status, text := v.search(mint(stranger), "About Travel"); status != http.StatusOK || strings.Contains(text, "About Travel.") || !strings.Contains(text, v.base+"/connect?link=") {
		t.Errorf("a user who is not connected: %d %s", status, text)
	}
	if status, text := v.search(mint(nil), "x"); status != http.StatusForbidden {
		t.Errorf("without a scope: %d %s", status, text)
	}
	if status, text := v.search(idp.Mint("https://other.example/mcp", read), "x"); status != http.StatusUnauthorized {
		t.Errorf("for another resource: %d %s", status, text)
	}
	for _, want := range []string{idp.URL(), v.base + "/connect/callback", "/.well-known/oauth-protected-resource/mcp"} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("%q is not told:\n%s", want, s.out.String())
		}
	}
	if strings.Contains(s.err.String(), "MCP_NOTION_SEAL_KEY") {
		t.Errorf("it warns of a missing key:\n%s", s.err.String())
	}
}

// An operator who has a page of their own gets links to it, and none of ours.
func TestServeWithThePageOfAnOperator(t *testing.T) {
	t.Parallel()
	idp, cfg := company(t)
	cfg.ConnectPage = "https://app.example.com/settings?notion={connection}"
	v := startServe(t, cfg, newScreen(t))
	stranger := idp.Mint(v.base+"/mcp", map[string]any{"scope": "notion:read", "sub": "user_2"})
	status, text := v.search(stranger, "About Travel")
	if status != http.StatusOK || !strings.Contains(text, "https://app.example.com/settings?notion=my-notion") || strings.Contains(text, "user_2") || strings.Contains(text, "ten minutes") {
		t.Errorf("%d %s", status, text)
	}
	resp, err := http.Get(v.base + "/connect")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("a page of ours: %d", resp.StatusCode)
	}
}

// Each way to say who is calling, through the configuration.
func TestServeKindsOfTokens(t *testing.T) {
	t.Parallel()
	idp, cfg := company(t)
	key := authtest.NewKey()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "backend.pem")
	if err := os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg.Identity.Backend, cfg.Identity.BackendKey, cfg.Identity.SubjectIssuer = "chat-backend", public, idp.URL()
	cfg.Identity.IntrospectionURL, cfg.Identity.IntrospectionClient = idp.URL()+"/introspect", "resource"
	cfg.Identity.GrantScopes, cfg.Identity.UserClaim = []string{"notion:read"}, "uid"
	cfg.Identity.Audience = "notion-api"
	cfg.Getenv = environment("MCP_NOTION_INTROSPECTION_SECRET", "introspect-secret")
	v := startServe(t, cfg, newScreen(t))
	now := time.Now()
	delegated := authtest.Token{Header: map[string]any{"alg": "ES256"}, Key: key, Claims: map[string]any{
		"iss": "chat-backend", "azp": "chat-backend", "uid": "user_1", "org_id": "org_1", "aud": v.base + "/mcp", "scope": "notion:read",
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}}.String()
	claims := map[string]any{"uid": "user_1"}
	for name, token := range map[string]string{
		"signed": idp.Mint("notion-api", claims), "opaque": idp.Opaque("notion-api", claims), "of the backend": delegated,
	} {
		if status, text := v.search(token, "About Travel"); status != http.StatusOK || !strings.Contains(text, "About Travel.") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := v.search(idp.Mint(v.base+"/mcp", claims), "x"); status != http.StatusUnauthorized {
		t.Errorf("the audience that was replaced: %d %s", status, text)
	}
}

// All mistakes are found at the start, told in words, and end with status 2.
func TestServeMistakes(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "open")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := errors.Join(os.WriteFile(open, []byte(strings.Repeat("k", 64)), 0o644), os.WriteFile(empty, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	idp := []string{"https://idp.example"}
	b, err := file.New(writePrivate(t, `{}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		says string
		cfg  ServeConfig
		env  []string
	}{
		{"can be reached by others", ServeConfig{Addr: "0.0.0.0:0"}, nil},
		{"can be reached by others", ServeConfig{Addr: "0.0.0.0:0", Remote: true}, nil},
		{"say so with --remote", ServeConfig{Addr: "0.0.0.0:0", Broker: b.Source(), Identity: Identity{Issuers: idp}}, nil},
		{"not host:port", ServeConfig{Addr: "8080"}, nil},
		{"--base", ServeConfig{Base: "notion.example.com"}, nil},
		{"--base", ServeConfig{Base: "https://notion.example.com/mcp"}, nil},
		{"--base", ServeConfig{Base: "https://user@notion.example.com"}, nil},
		{"--origin", ServeConfig{Origins: []string{"*"}}, nil},
		{"--origin", ServeConfig{Origins: []string{"https://chat.example.com/app"}}, nil},
		{"--shared", ServeConfig{Shared: []string{"Hand Book"}}, nil},
		{"--shared is for organizations", ServeConfig{Shared: []string{"handbook"}}, nil},
		{"--poll", ServeConfig{Poll: time.Millisecond}, nil},
		{"--confirm", ServeConfig{Confirm: -time.Hour}, nil},
		{"--per-user", ServeConfig{PerUserRate: -1}, nil},
		{"one person's", ServeConfig{Identity: Identity{Issuers: idp}}, nil},
		{"--jwks needs just one --issuer", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: append(idp, "https://b.example"), JWKS: "https://idp.example/keys"}}, nil},
		{"--audience needs --issuer", ServeConfig{Identity: Identity{Audience: "x"}}, nil},
		{"--login-client-id needs --issuer", ServeConfig{Identity: Identity{LoginClient: "x"}}, nil},
		{"not the address of a page", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp}, ConnectPage: "app.example.com/notion"}, nil},
		{"not the address of a page", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp}, ConnectPage: "javascript:alert(1)"}, nil},
		{"two places", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp, LoginClient: "c"}, ConnectPage: "https://app.example.com/notion"}, nil},
		{"for many users", ServeConfig{ConnectPage: "https://app.example.com/notion"}, nil},
		{"--backend-issuer needs --backend-key", ServeConfig{Broker: b.Source(), Identity: Identity{Backend: "x"}}, nil},
		{"--backend-key", ServeConfig{Broker: b.Source(), Identity: Identity{Backend: "x", BackendKey: filepath.Join(t.TempDir(), "none")}}, nil},
		{"identity", ServeConfig{Broker: b.Source(), Identity: Identity{Backend: "x", BackendKey: empty}}, nil},
		{"--grant-scopes", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp, GrantScopes: []string{"admin"}}}, nil},
		{"--introspection-url needs --introspection-client", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp, IntrospectionURL: "https://idp.example/i"}}, nil},
		{"needs a client secret", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp, IntrospectionURL: "https://idp.example/i", IntrospectionClient: "c"}}, nil},
		{"https is needed", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: []string{"http://idp.example"}}}, nil},
		{"https is needed", ServeConfig{Base: "http://notion.example.com", Broker: b.Source(), Identity: Identity{Issuers: idp}}, nil},
		{"configured twice", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: append(idp, idp...)}}, nil},
		{"MCP_NOTION_BEARER is for one user", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp}}, []string{"MCP_NOTION_BEARER", secret}},
		{"shorter than 20", ServeConfig{}, []string{"MCP_NOTION_BEARER", "password"}},
		{"shorter than 20", ServeConfig{}, []string{"MCP_NOTION_BEARER", "with a space in the middle of it"}},
		{"both set", ServeConfig{}, []string{"MCP_NOTION_BEARER", secret, "MCP_NOTION_BEARER_FILE", empty}},
		{"is empty", ServeConfig{}, []string{"MCP_NOTION_BEARER_FILE", empty}},
		{"may be read by other users", ServeConfig{}, []string{"MCP_NOTION_BEARER_FILE", open}},
		{"no such file", ServeConfig{}, []string{"MCP_NOTION_BEARER_FILE", open + "x"}},
		{"reads no webhooks", ServeConfig{Broker: b.Source(), BrokerName: "workos", Identity: Identity{Issuers: idp}}, []string{"WORKOS_WEBHOOK_SECRET", secret}},
		{"shorter than 32", ServeConfig{Broker: b.Source(), Identity: Identity{Issuers: idp, LoginClient: "c"}}, []string{"MCP_NOTION_SEAL_KEY", "short"}},
	} {
		if tt.cfg.Addr == "" {
			tt.cfg.Addr = "127.0.0.1:0"
		}
		tt.cfg.Config = Config{Data: t.TempDir(), NotionURL: "http://127.0.0.1:1", Getenv: environment(append(tt.env, "NOTION_TOKEN", secret)...)}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		s := newScreen(t)
		err := Serve(ctx, tt.cfg, s.Terminal)
		cancel()
		if code := Report(s.Terminal, err); code != exitUsage || !strings.Contains(s.err.String(), tt.says) || s.out.String() != "" {
			t.Errorf("%+v: status %d, %q, want one that says %q", tt.cfg.Identity, code, s.err.String(), tt.says)
		}
	}
}

func writePrivate(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "private")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServeWarnings(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	s := newScreen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg := ServeConfig{Addr: "127.0.0.1:0", Base: "http://notion.example.com/", Config: Config{Data: shortFolder(t), NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)}}
	if err := Serve(ctx, cfg, s.Terminal); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.err.String(), "warning: http://notion.example.com is not encrypted") {
		t.Errorf("told:\n%s", s.err.String())
	}
	_, many := company(t)
	many.Identity.LoginClient = "client"
	s = newScreen(t)
	if err := Serve(ctx, many, s.Terminal); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.err.String(), "note: without MCP_NOTION_SEAL_KEY") || strings.Contains(s.err.String(), "not encrypted") {
		t.Errorf("told:\n%s", s.err.String())
	}
}

// A secret comes from its variable or its file, and is printed by neither.
func TestSecrets(t *testing.T) {
	t.Parallel()
	c := Config{Getenv: environment("A", " one\n", "B_FILE", writePrivate(t, "two\n"))}
	for name, want := range map[string]string{"A": "one", "B": "two"} {
		if got, err := c.Secret(name); err != nil || got.Reveal() != want {
			t.Errorf("%s: %q, %v", name, got.Reveal(), err)
		}
	}
	var usage *Usage
	if _, err := c.Secret("C"); !errors.As(err, &usage) || !strings.Contains(usage.Problem, "C is not set") {
		t.Errorf("one that is not set: %v", err)
	}
	if raw, err := json.Marshal(struct{ S any }{must(c.Secret("A"))}); err != nil || strings.Contains(string(raw), "one") {
		t.Errorf("%s %v", raw, err)
	}
}

func must[T any](v T, _ error) T { return v }

func TestShellQuoted(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/home/ann/.local/share/mcp-notion/bearer": "/home/ann/.local/share/mcp-notion/bearer",
		"/Users/ann/Application Support/bearer":    "'/Users/ann/Application Support/bearer'",
		"/tmp/it's":                                `'/tmp/it'\''s'`,
		"/tmp/$(rm)":                               "'/tmp/$(rm)'",
	} {
		if got := shellQuoted(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
