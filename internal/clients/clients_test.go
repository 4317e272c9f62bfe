package clients_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/clients"
)

var ours = clients.Server{Name: "notion", Command: "/opt/mcp-notion", Args: []string{"stdio"}, Env: map[string]string{"NOTION_TOKEN_FILE": "/home/ada/token"}}

// machine has these programs, and folders below its home.
func machine(t *testing.T, programs []string, folders ...string) (m clients.Machine, called *[][]string) {
	t.Helper()
	home := t.TempDir()
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(home, f), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	called = new([][]string)
	return clients.Machine{
		Home: home, Config: filepath.Join(home, "config"),
		Now: func() time.Time { return time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC) },
		Look: func(p string) (string, error) {
			if slices.Contains(programs, p) {
				return "/bin/" + p, nil
			}
			return "", errors.New("not there")
		},
		Run: func(_ context.Context, program string, args []string) ([]byte, error) {
			*called = append(*called, append([]string{program}, args...))
			return nil, nil
		},
	}, called
}

func named(t *testing.T, m clients.Machine, name string) clients.Client {
	t.Helper()
	all := m.Known()
	i := slices.IndexFunc(all, func(c clients.Client) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no client %s", name)
	}
	return all[i]
}

func TestFound(t *testing.T) {
	t.Parallel()
	m, _ := machine(t, []string{"claude", "codex"}, ".cursor", "config/Claude")
	var got []string
	for _, c := range m.Found() {
		got = append(got, c.Name)
	}
	if diff := cmp.Diff([]string{"claude-code", "claude-desktop", "cursor", "codex"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A client that has a command is told by it, and what is run is what was shown.
func TestCommands(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"claude-code": "claude mcp add notion --scope user --transport stdio --env NOTION_TOKEN_FILE=/home/ada/token -- /opt/mcp-notion stdio",
		"codex":       "codex mcp add notion --env NOTION_TOKEN_FILE=/home/ada/token -- /opt/mcp-notion stdio",
		"gemini":      "gemini mcp add --scope user --env NOTION_TOKEN_FILE=/home/ada/token notion /opt/mcp-notion stdio",
		"vscode":      `code --add-mcp '{"args":["stdio"],"command":"/opt/mcp-notion","env":{"NOTION_TOKEN_FILE":"/home/ada/token"},"name":"notion","type":"stdio"}'`,
	} {
		m, called := machine(t, []string{"claude", "codex", "gemini", "code"})
		c := named(t, m, name)
		if got := c.Where(ours); got != want {
			t.Errorf("%s: shows\n%s\nwant\n%s", name, got, want)
		}
		if backup, err := m.Add(t.Context(), c, ours); err != nil || backup != "" {
			t.Errorf("%s: %q, %v", name, backup, err)
		}
		if got := strings.Join((*called)[0], " "); got != "/bin/"+strings.ReplaceAll(want, "'", "") {
			t.Errorf("%s: runs %s", name, got)
		}
	}
}

func TestCommandThatRefuses(t *testing.T) {
	t.Parallel()
	m, _ := machine(t, []string{"codex"})
	m.Run = func(context.Context, string, []string) ([]byte, error) {
		return []byte("MCP server notion already exists\nusage"), errors.New("exit status 1")
	}
	_, err := m.Add(t.Context(), named(t, m, "codex"), ours)
	if want := "codex does not take it: MCP server notion already exists (exit status 1)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

const entry = `"notion": {
      "args": [
        "stdio"
      ],
      "command": "/opt/mcp-notion",
      "env": {
        "NOTION_TOKEN_FILE": "/home/ada/token"
      }
    }`

// What else a file says stays as it was, in its order, and a copy is kept.
func TestFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, want string }{
		{"none", "", "{\n  \"mcpServers\": {\n    " + entry + "\n  }\n}\n"},
		{"others", `{"z":1,"mcpServers":{"b":{"command":"b"}},"a":[]}`,
			"{\n  \"z\": 1,\n  \"mcpServers\": {\n    \"b\": {\n      \"command\": \"b\"\n    },\n    " + entry + "\n  },\n  \"a\": []\n}\n"},
		{"former", `{"mcpServers":{"notion":{"command":"old","env":{"NOTION_TOKEN":"x"}}}}`, "{\n  \"mcpServers\": {\n    " + entry + "\n  }\n}\n"},
	}
	for _, tt := range tests {
		m, _ := machine(t, nil, ".cursor")
		file := filepath.Join(m.Home, ".cursor", "mcp.json")
		if tt.old != "" {
			if err := os.WriteFile(file, []byte(tt.old), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		backup, err := m.Add(t.Context(), named(t, m, "cursor"), ours)
		got, readErr := os.ReadFile(file)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if kept, _ := os.ReadFile(backup); string(kept) != tt.old {
			t.Errorf("%s: kept %q in %q, want %q", tt.name, kept, backup, tt.old)
		}
	}
}

// Comments stay, and what is no JSON is left alone.
func TestFileOfAPerson(t *testing.T) {
	t.Parallel()
	m, _ := machine(t, nil, ".cursor")
	file := filepath.Join(m.Home, ".cursor", "mcp.json")
	for old, want := range map[string]string{"{\n  // mine\n  \"a\": 1,\n}": "// mine", "{\"a\": ": "is not the JSON", "[]": "has no place"} {
		if err := os.WriteFile(file, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := m.Add(t.Context(), named(t, m, "cursor"), ours)
		got, readErr := os.ReadFile(file)
		if readErr != nil {
			t.Fatal(readErr)
		}
		switch {
		case err == nil && (!strings.Contains(string(got), want) || !strings.Contains(string(got), "mcpServers")):
			t.Errorf("%s became %s", old, got)
		case err != nil && (!strings.Contains(err.Error(), want) || string(got) != old):
			t.Errorf("%s: %v, and is %s", old, err, got)
		}
	}
}
