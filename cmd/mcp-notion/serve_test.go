package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/console"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func getenv(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestBrokers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "connections.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	issuer := console.Identity{Issuers: []string{"https://idp.example"}}
	keys := map[string]string{"WORKOS_API_KEY": "sk_1", "NANGO_SECRET_KEY": "nango_1", "MCP_NOTION_EXCHANGE_SECRET": "s"}
	for _, tt := range []struct {
		name  string
		flags brokerFlags
		cfg   console.ServeConfig
		env   map[string]string
		want  string // type of the broker, or part of what is wrong
	}{
		{"of the environment", brokerFlags{name: "env"}, console.ServeConfig{}, nil, "<nil>"},
		{"file", brokerFlags{name: "file", file: path}, console.ServeConfig{}, nil, "*file.Broker"},
		{"file that is none", brokerFlags{name: "file", file: path + "x"}, console.ServeConfig{}, nil, "no such file"},
		{"WorkOS", brokerFlags{name: "workos"}, console.ServeConfig{Identity: issuer}, keys, "*workos.Broker"},
		{"WorkOS that cannot send people back", brokerFlags{name: "workos"}, console.ServeConfig{Identity: issuer, Addr: "127.0.0.1:0"}, keys, "send people back"},
		{"WorkOS of nobody", brokerFlags{name: "workos"}, console.ServeConfig{}, keys, "whose users are asking"},
		{"WorkOS without a key", brokerFlags{name: "workos"}, console.ServeConfig{Identity: issuer}, nil, "WORKOS_API_KEY is not set"},
		{"WorkOS in the open", brokerFlags{name: "workos", url: "http://workos.example"}, console.ServeConfig{Identity: issuer}, keys, "https"},
		{"Nango", brokerFlags{name: "nango", url: "https://nango.example.com"}, console.ServeConfig{Identity: issuer}, keys, "*nango.Broker"},
		{"exchange", brokerFlags{name: "exchange", url: "https://sts.example.com/token", connectURL: "https://app.example.com/notion", exchangeClient: "c"}, console.ServeConfig{Identity: issuer}, keys, "*exchange.Broker"},
		{"exchange without a secret", brokerFlags{name: "exchange", url: "https://sts.example.com/token", connectURL: "https://app.example.com/notion", exchangeClient: "c"}, console.ServeConfig{Identity: issuer}, nil, "MCP_NOTION_EXCHANGE_SECRET is not set"},
		{"exchange without a page", brokerFlags{name: "exchange", url: "https://sts.example.com/token"}, console.ServeConfig{Identity: issuer}, keys, "page where users connect"},
		{"another", brokerFlags{name: "vault"}, console.ServeConfig{}, nil, `no broker "vault"`},
		{"a handle that is none", brokerFlags{name: "workos", connections: []string{"My Notion"}}, console.ServeConfig{Identity: issuer}, keys, "--connection"},
		{"a handle twice", brokerFlags{name: "workos", connections: []string{"a", "a=b"}}, console.ServeConfig{Identity: issuer}, keys, "twice"},
		{"a shared handle that is none", brokerFlags{name: "workos"}, console.ServeConfig{Identity: issuer, Shared: []string{"-"}}, keys, "--shared"},
	} {
		tt.cfg.Config.Getenv = getenv(tt.env)
		b, err := tt.flags.open(tt.cfg)
		var usage *console.Usage
		switch {
		case err != nil && (!errors.As(err, &usage) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want a mistake with %q", tt.name, err, tt.want)
		case err == nil && fmt.Sprintf("%T", b.Broker) != tt.want:
			t.Errorf("%s: %T, want %s", tt.name, b.Broker, tt.want)
		}
	}
}

// The settings of a broker reach the wire: handles, their names, who shares.
func TestBrokerSettingsReachTheWire(t *testing.T) {
	t.Parallel()
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := new(strings.Builder)
		if err := r.Write(body); err != nil {
			t.Error(err)
		}
		asked = append(asked, body.String())
		http.Error(w, `{}`, http.StatusNotFound)
	}))
	t.Cleanup(srv.Close)
	cfg := console.ServeConfig{Base: "https://notion.example.com", Identity: console.Identity{Issuers: []string{"https://idp.example"}}, Shared: []string{"handbook"}}
	cfg.Config.Getenv = getenv(map[string]string{"WORKOS_API_KEY": "sk_1"})
	flags := brokerFlags{name: "workos", url: srv.URL, connections: []string{"my-notion", "handbook=notion-handbook"}}
	b, err := flags.open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := tokens.Connection{Handle: "handbook"}
	c.Subject.Issuer, c.Subject.Organization, c.Subject.User = "https://idp.example", "org_1", "user_1"
	if _, err := b.Token(t.Context(), c); err == nil || len(asked) != 0 {
		t.Errorf("a shared handle as one's own: %v, asked %q", err, asked)
	}
	shared, err := c.Shared()
	if err != nil {
		t.Fatal(err)
	}
	ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: c.Subject})
	_, _ = b.Token(ctx, shared) // 404 by the server above
	_, _ = b.ConnectURL(ctx, shared)
	if len(asked) != 2 {
		t.Fatalf("asked %q", asked)
	}
	for i, want := range []string{"/data-integrations/notion-handbook/token", "/data-integrations/notion-handbook/authorize"} {
		if !strings.Contains(asked[i], want) || !strings.Contains(asked[i], `"connection_owner":"organization"`) || !strings.Contains(asked[i], "Bearer sk_1") {
			t.Errorf("asked %q, want %s", asked[i], want)
		}
	}
	if !strings.Contains(asked[1], `"return_to":"https://notion.example.com/connect/done"`) {
		t.Errorf("asked %q", asked[1])
	}
}
