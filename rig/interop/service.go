package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// How the server is known to the identity provider and to WorkOS.
const (
	loginClient = "mcp-notion"
	loginSecret = "login-secret"
	pipesKey    = "sk_test_interop"
)

// appClient is an application that signs its users in with WorkOS.
const (
	appClient   = "client_interop"
	appCallback = "http://127.0.0.1:1/callback"
)

// connectedUser has connected Notion already, and is signed in at first.
const connectedUser = "user_connected"

// A service is mcp-notion serve, with the identity provider that signs its
// users in and the broker that keeps their tokens.
type service struct {
	base  string // of mcp-notion
	idp   *authtest.Provider
	pipes *fake.Server
}

// openService opens an identity provider, WorkOS, and mcp-notion serve between
// them.
func (w *world) openService(binary, dir string) error {
	addr, err := toolchain.FreeAddr()
	if err != nil {
		return err
	}
	s := &service{base: "http://" + addr, pipes: fake.New(pipesKey)}
	var stop func()
	s.idp, stop = authtest.Start(authtest.Config{
		User:    authtest.User{ID: connectedUser},
		Clients: []authtest.Client{{ID: loginClient, Secret: loginSecret, RedirectURIs: []string{s.base + "/connect/callback"}}},
	})
	w.close = append(w.close, func() error { stop(); return nil })
	s.pipes.AddUser(connectedUser)
	s.pipes.AddClient(appClient, appCallback)
	s.pipes.Connect(fake.Account{User: connectedUser, Secret: "ntn_test"})
	s.pipes.Grants(func(fake.Account) string { return "ntn_guest" })
	w.env["INTEROP_WORKOS_URL"] = w.serve(s.pipes)
	w.env["INTEROP_WORKOS_KEY"] = pipesKey
	w.env["INTEROP_MCP_URL"] = s.base + "/mcp"
	w.env["INTEROP_CONTROL_URL"] = w.serve(s.controls())
	w.env["INTEROP_SIGNED_IN_URL"] = w.serve(s.signedIn()) + "/mcp"
	serve := exec.Command(binary, "serve", "--addr", addr, "--per-user-rate", "60000",
		"--issuer", s.idp.URL(), "--login-client-id", loginClient, "--broker", "workos", "--broker-url", w.env["INTEROP_WORKOS_URL"],
		"--notion-url", w.env["INTEROP_NOTION_URL"], "--data", filepath.Join(dir, "serve"), "--rate", "0", "--workspace-rate", "0")
	serve.Env = []string{"PATH=" + os.Getenv("PATH"), "WORKOS_API_KEY=" + pipesKey, "MCP_NOTION_LOGIN_SECRET=" + loginSecret,
		"MCP_NOTION_WEBHOOK_SECRET=secret_interop_notion", "WORKOS_WEBHOOK_SECRET=whsec_interop"}
	end, err := toolchain.Start(serve, s.base+"/readyz")
	w.close = append(w.close, end)
	return err
}

// signedIn passes requests on with the token of the connected user, for suites
// that have no way to send one.
func (s *service) signedIn() http.Handler {
	base, err := url.Parse(s.base)
	if err != nil {
		return http.NotFoundHandler()
	}
	bearer := "Bearer " + s.idp.Mint(s.base+"/mcp", map[string]any{"sub": connectedUser, "scope": "notion:read notion:comment"})
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(base)
		r.Out.Host = r.In.Host // a strange name is for mcp-notion to refuse
		r.Out.Header.Set("Authorization", bearer)
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The whole body first: net/http closes it with the first word of the
		// answer, and a transport that still looks for its end then drops the
		// connection in the middle of a quick answer.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	})
}
