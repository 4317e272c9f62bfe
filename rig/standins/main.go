// Command standins stands in for everybody that mcp-notion serve works with, on
// this machine: Notion with the sample workspace, an identity provider in which
// Ada is signed in, and a token broker. It prints the settings that lead there,
// as shell commands, and ends with Ctrl-C.
//
//	go run ./rig/standins workos    # or nango
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
	nango "github.com/mcp-notion/mcp-notion/tokens/nango/fake"
	workos "github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const (
	ada          = "user_ada"
	organization = "org_acme"
	client       = "client_standin"
	loginSecret  = "standin-login-secret"
	appClient    = "client_standin_app"
	brokerKey    = "sk_standin_key"
	notionToken  = "ntn_standin_ada"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "standins:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("name the broker: workos or nango")
	}
	app, err := toolchain.FreeAddr()
	if err != nil {
		return err
	}
	broker, keyFile, err := openBroker(args[0], "http://"+app)
	if err != nil {
		return err
	}
	defer broker.Close()
	workspace, err := emulator.Load(sample.FS())
	if err != nil {
		return fmt.Errorf("load the sample workspace: %w", err)
	}
	notion := httptest.NewServer(emulator.New(workspace, emulator.Config{Tokens: []emulator.Token{{Secret: notionToken, Name: "Ada"}}}))
	defer notion.Close()
	addr, err := toolchain.FreeAddr()
	if err != nil {
		return err
	}
	metrics, err := toolchain.FreeAddr()
	if err != nil {
		return err
	}
	base := "http://" + addr
	idp, stop := authtest.Start(authtest.Config{
		User:    authtest.User{ID: ada, Organization: organization},
		Clients: []authtest.Client{{ID: client, Secret: loginSecret, RedirectURIs: []string{base + "/connect/callback"}}},
	})
	defer stop()
	fmt.Printf(`export BASE=%s ADDR=%s METRICS_ADDR=%s
export ISSUER=%s LOGIN_CLIENT_ID=%s
umask 077
mkdir -p secrets
printf %%s %s > secrets/login-secret
printf %%s %s > secrets/%s
export APP=http://%s APP_PORT=%s WORKOS_CLIENT_ID=%s WORKOS_API_URL=%s
export MCP_NOTION_URL=%s MCP_NOTION_BROKER_URL=%s MCP_NOTION_RATE=0
export USER_TOKEN=%s
# ready
`, base, addr, metrics, idp.URL(), client, loginSecret, brokerKey, keyFile, app, app[strings.LastIndex(app, ":")+1:], appClient, broker.URL, notion.URL, broker.URL,
		idp.Mint(base+"/mcp", map[string]any{"scope": "notion:read notion:comment"}))
	<-ctx.Done()
	return nil
}

// openBroker serves a broker at which Ada has not connected yet, and says in
// which file its key belongs. The app is that of the users of WorkOS.
func openBroker(name, app string) (srv *httptest.Server, keyFile string, err error) {
	var h http.Handler
	switch name {
	case "workos":
		s := workos.New(brokerKey)
		s.AddUser(ada, organization)
		s.AddClient(appClient, app+"/callback", app+"/")
		s.AllowOrigin(app)
		s.Grants(func(workos.Account) string { return notionToken })
		h, keyFile = s, "workos-api-key"
	case "nango":
		s := nango.New(brokerKey)
		s.Grants(func(map[string]string) string { return notionToken })
		h, keyFile = s, "nango-secret-key"
	default:
		return nil, "", fmt.Errorf("there is no stand-in for the broker %q: name workos or nango", name)
	}
	return httptest.NewServer(h), keyFile, nil
}
