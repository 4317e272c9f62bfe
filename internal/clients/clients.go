// Package clients finds the applications on this machine that start MCP
// servers, and tells them of one more: through the application's own command
// where it has one, else in its configuration.
package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Server is what a client starts.
type Server struct {
	Name    string            // by which the client shows it
	Command string            // an absolute path
	Args    []string          // for the command
	Env     map[string]string // beside what the client has
}

// A Client is an application that starts MCP servers.
type Client struct {
	Name  string // as a person types it: claude-desktop
	Title string // as it calls itself: Claude Desktop

	program string                // its command, looked for in PATH
	add     func(Server) []string // the arguments that tell it of a server
	path    string                // else its configuration, looked for by its folder
}

// Machine is where clients are looked for.
type Machine struct {
	Home   string // the person's folder
	Config string // the folder of applications' settings, as os.UserConfigDir
	Now    func() time.Time
	Look   func(program string) (string, error)
	Run    func(ctx context.Context, program string, args []string) (output []byte, err error)
}

// This returns the machine that the process runs on.
func This() (Machine, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Machine{}, err
	}
	config, err := os.UserConfigDir()
	return Machine{Home: home, Config: config, Now: time.Now, Look: exec.LookPath, Run: run}, err
}

func run(ctx context.Context, program string, args []string) ([]byte, error) {
	return exec.CommandContext(ctx, program, args...).CombinedOutput()
}

// Known are all clients that this package knows, whether they are there or not.
// The arguments and files are those of each client's own documentation.
func (m Machine) Known() []Client {
	return []Client{
		{Name: "claude-code", Title: "Claude Code", program: "claude", add: func(s Server) []string {
			return append(environment([]string{"mcp", "add", s.Name, "--scope", "user", "--transport", "stdio"}, s), append([]string{"--", s.Command}, s.Args...)...)
		}},
		{Name: "claude-desktop", Title: "Claude Desktop", path: filepath.Join(m.Config, "Claude", "claude_desktop_config.json")},
		{Name: "cursor", Title: "Cursor", path: filepath.Join(m.Home, ".cursor", "mcp.json")},
		{Name: "vscode", Title: "VS Code", program: "code", add: func(s Server) []string {
			entry, _ := json.Marshal(map[string]any{"name": s.Name, "type": "stdio", "command": s.Command, "args": s.Args, "env": s.Env}) // strings alone
			return []string{"--add-mcp", string(entry)}
		}},
		{Name: "codex", Title: "Codex", program: "codex", add: func(s Server) []string {
			return append(environment([]string{"mcp", "add", s.Name}, s), append([]string{"--", s.Command}, s.Args...)...)
		}},
		{Name: "gemini", Title: "Gemini CLI", program: "gemini", add: func(s Server) []string {
			return append(environment([]string{"mcp", "add", "--scope", "user"}, s), append([]string{s.Name, s.Command}, s.Args...)...)
		}},
		{Name: "windsurf", Title: "Windsurf", path: filepath.Join(m.Home, ".codeium", "windsurf", "mcp_config.json")},
	}
}

// environment adds a flag for each variable of a server.
func environment(args []string, s Server) []string {
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		args = append(args, "--env", name+"="+s.Env[name])
	}
	return args
}

// Found are the clients that are there.
func (m Machine) Found() []Client {
	return slices.DeleteFunc(m.Known(), func(c Client) bool {
		if c.program != "" {
			_, err := m.Look(c.program)
			return err != nil
		}
		info, err := os.Stat(filepath.Dir(c.path))
		return err != nil || !info.IsDir()
	})
}

// Where says what Add changes: a file, or what a command is called with.
func (c Client) Where(s Server) string {
	if c.program == "" {
		return c.path
	}
	words := []string{c.program}
	for _, a := range c.add(s) {
		if strings.ContainsAny(a, " \"{}") {
			a = "'" + a + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// Add tells a client of a server. Where that changes a file of the client that
// was there, backup is the copy of what it was. A server of that name is
// replaced in a file; a client's own command may refuse it, with its words in
// the error.
func (m Machine) Add(ctx context.Context, c Client, s Server) (backup string, err error) {
	if c.program == "" {
		return m.addToFile(c.path, s)
	}
	program, err := m.Look(c.program)
	if err != nil {
		return "", err
	}
	if output, err := m.Run(ctx, program, c.add(s)); err != nil {
		return "", fmt.Errorf("%s does not take it: %s (%w)", c.program, firstLine(output), err)
	}
	return "", nil
}

func firstLine(output []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
	return line
}
