package stage

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

// prepare installs the packages of the app, makes its keys and builds it, and
// builds mcp-notion.
func prepare(ctx context.Context, dir string, out io.Writer) (toolchain.Toolchain, error) {
	root, err := toolchain.Root()
	if err != nil {
		return toolchain.Toolchain{}, err
	}
	if err := toolchain.Build(ctx, root, filepath.Join(dir, "mcp-notion")); err != nil {
		return toolchain.Toolchain{}, err
	}
	app, err := toolchain.InstallIn(ctx, filepath.Join(root, "examples", "chatapp"), out)
	if err != nil {
		return app, err
	}
	for _, c := range []struct{ in, script string }{
		{app.Dir, "node_modules/vite/bin/vite.js build"},
		{dir, "server/keys.mjs"},
	} {
		script, args, _ := strings.Cut(c.script, " ")
		cmd := exec.CommandContext(ctx, app.Node, append([]string{filepath.Join(app.Dir, script)}, strings.Fields(args)...)...)
		cmd.Dir = c.in
		if text, err := cmd.CombinedOutput(); err != nil {
			return app, fmt.Errorf("%s: %w\n%s", c.script, err, text)
		}
	}
	return app, nil
}

// serveNotion starts mcp-notion for the users of the app.
func (s *Stage) serveNotion() error {
	addr, err := toolchain.FreeAddr()
	if err != nil {
		return err
	}
	s.MCP = "http://" + addr + "/mcp"
	cmd := exec.Command(filepath.Join(s.dir, "mcp-notion"), "serve", "--addr", addr,
		"--backend-issuer", "chatapp", "--backend-key", filepath.Join(s.dir, "chatapp.pub"),
		"--backend-subject-issuer", s.WorkOSURL+"/user_management/"+client,
		"--broker", "workos", "--broker-url", s.WorkOSURL, "--notion-url", s.Notion, "--data", s.Data,
		"--rate", "0", "--workspace-rate", "0", "--poll", "5s") // the emulator has no limits, and people want to see things happen
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "WORKOS_API_KEY=" + apiKey}
	end, err := toolchain.Start(cmd, "http://"+addr+"/readyz")
	s.close = append(s.close, end)
	return err
}

// model is what the app is told of a model.
func (c Config) model() []string {
	if c.Model != "" {
		return []string{"MODEL=stage", "MODEL_URL=" + c.Model}
	}
	var all []string
	for _, name := range []string{"MODEL", "MODEL_URL", "MODEL_API_KEY"} {
		if value, ok := os.LookupEnv(name); ok {
			all = append(all, name+"="+value)
		}
	}
	return all
}

// serveApp starts the app.
func (s *Stage) serveApp(model []string) error {
	u, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	cmd := exec.Command(s.app.Node, filepath.Join("server", "main.mjs"))
	cmd.Dir = s.app.Dir
	cmd.Env = append(model,
		"PATH="+os.Getenv("PATH"), "HOST="+u.Hostname(), "PORT="+u.Port(), "CHATAPP_URL="+s.URL,
		"WORKOS_API_KEY="+apiKey, "WORKOS_CLIENT_ID="+client, "WORKOS_API_URL="+s.WorkOSURL,
		"WORKOS_COOKIE_PASSWORD=a password for sessions on a stage",
		"MCP_NOTION_URL="+s.MCP, "CHATAPP_KEY_FILE="+filepath.Join(s.dir, "chatapp.key"))
	end, err := toolchain.Start(cmd, s.URL+"/healthz")
	s.close = append(s.close, end)
	return err
}

// Test runs the app's own tests.
func (s *Stage) Test(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, s.app.Node, "--test", filepath.Join("server", "people.test.mjs"))
	cmd.Dir = s.app.Dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm test: %w\n%s", err, text)
	}
	return nil
}
