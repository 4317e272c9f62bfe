package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFindCredential(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	private := write("private", secret+"\n", 0o600)
	public := write("public", secret, 0o644)
	group := write("group", secret, 0o640)
	empty := write("empty", "\n", 0o600)
	for _, tt := range []struct {
		name, token, file, url string
		want, err              string // token, or what the error says
	}{
		{name: "variable", token: secret, want: secret},
		{name: "variable with line break", token: secret + "\r\n", want: secret},
		{name: "file", file: private, want: secret},
		{name: "both", token: secret, file: private, err: "both set"},
		{name: "public file", file: public, err: "may be read by other users (mode 0644)"},
		{name: "group file", file: group, err: "may be read by other users (mode 0640)"},
		{name: "empty file", file: empty, err: "is empty"},
		{name: "no file", file: filepath.Join(dir, "none"), err: "no such file"},
		{name: "a folder", file: dir, err: "may be read by other users"},
		{name: "none", err: "no Notion token is set"},
		{name: "none for an emulator", url: "http://127.0.0.1:8765", want: emulatorToken},
		{name: "none for one by name", url: "http://localhost:8765/v1", want: emulatorToken},
		{name: "none for one at ::1", url: "http://[::1]:8765", want: emulatorToken},
		{name: "one for an emulator", token: secret, url: "http://127.0.0.1:8765", want: secret},
		{name: "none for another host", url: "http://127.0.0.1.example.com", err: "no Notion token is set"},
		{name: "two words", token: "Bearer " + secret, err: "has a space"},
		{name: "inner line break", token: secret + "\nX-Header: 1", err: "has a space or a line break"},
		{name: "control character", token: secret + "\x00", err: "has a space or a line break"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.Contains(tt.err, "other users") {
				return // rights are kept elsewhere there
			}
			c, err := findCredential(environment("NOTION_TOKEN", tt.token, "NOTION_TOKEN_FILE", tt.file), tt.url)
			if tt.err == "" && err != nil || c.Token.Reveal() != tt.want {
				t.Fatalf("got %q, %v; want %q", c.Token.Reveal(), err, tt.want)
			}
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v does not say %q", err, tt.err)
				}
				var h *Hinted
				if !errors.As(err, &h) || h.Hint == "" {
					t.Errorf("%v has no hint", err)
				}
			}
			if text := fmt.Sprintf("%v %+v %#v", err, c, c); strings.Contains(text, "secret0") {
				t.Errorf("the token is shown by %s", text)
			}
		})
	}
}

func TestDefaultData(t *testing.T) {
	t.Parallel()
	abs, err := filepath.Abs("xdg")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := DefaultData(environment("XDG_DATA_HOME", abs)), filepath.Join(abs, "mcp-notion"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := DefaultData(environment("XDG_DATA_HOME", "relative")); got != "" {
		t.Errorf("a relative XDG_DATA_HOME gives %q; the standard says to ignore it", got)
	}
	if got := DefaultData(environment("HOME", abs, "LocalAppData", abs)); !strings.HasPrefix(got, abs) {
		t.Errorf("got %q, want a folder below the home folder", got)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"nothing", nil, 0, ""},
		{"said already", fmt.Errorf("x: %w", errSaid), 1, ""},
		{"usage", &Usage{Problem: "bad flag", Hint: "read on"}, 2, "error: bad flag\nhint: read on\n"},
		{"usage within", fmt.Errorf("x: %w", &Usage{Problem: "bad flag"}), 2, "error: bad flag\n"},
		{"hinted", hinted("do that", "open %s", "it"), 1, "error: open it\nhint: do that\n"},
		{"hinted within", fmt.Errorf("x: %w", hinted("do that", "open it")), 1, "error: x: open it\nhint: do that\n"},
		{"interrupted", fmt.Errorf("search: %w", context.Canceled), 130, "error: stopped\n"},
		{"other", errors.New("boom"), 1, "error: boom\nhint: `mcp-notion doctor` looks for what is wrong\n"},
		{"hostile", hinted("", "title \x1b[31m\u202ered\nnext"), 1, "error: title [31mred next\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScreen(t)
			if code := Report(s.Terminal, tt.err); code != tt.code {
				t.Errorf("code %d, want %d", code, tt.code)
			}
			if got := s.err.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if s.out.String() != "" {
				t.Errorf("stdout has %q", s.out.String())
			}
		})
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "localhost:8765": true, "[::1]:1": true, "127.8.9.1:1": true,
		"0.0.0.0:1": false, ":8765": false, "192.168.1.2:1": false, "example.com:1": false, "8765": false, "": false,
	} {
		var u *Usage
		if err := local(addr, false); (err == nil) != ok || err != nil && !errors.As(err, &u) {
			t.Errorf("local(%q) = %v", addr, err)
		}
	}
	if err := local("0.0.0.0:1", true); err != nil {
		t.Errorf("although it is allowed: %v", err)
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"": true, "http://127.0.0.1:8765": true, "https://api.notion.com/v1": true, "https://proxy.example.com/notion/": true,
		"notion.com": false, "ftp://x": false, "http://": false, "http://me:pw@x": false, "http://x?q=1": false, "http://x#a": false, "://": false,
	} {
		if err := checkURL(url); (err == nil) != ok {
			t.Errorf("checkURL(%q) = %v", url, err)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"": false, "https://notion.example": false, "http://127.0.0.1:8765": false,
		"http://notion.example": true, "HTTP://10.0.0.8:8765": true,
	} {
		if got := plain(url); got != want {
			t.Errorf("plain(%q) = %v", url, got)
		}
		s := newScreen(t)
		cfg := Config{Data: t.TempDir(), NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)}
		if _, err := cfg.server(s.Terminal); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(s.err.String(), "warning:"); got != want {
			t.Errorf("%q: warned: %v", url, got)
		}
	}
}

// Only Notion itself counts requests; an emulator on this machine is not spared
// unless somebody wants that.
func TestPerMinute(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url         string
		asked, want int
	}{
		{"", 0, 0},
		{"https://api.notion.com", 0, 0},
		{"http://emulator.example:8765", 0, 0},
		{"http://127.0.0.1:8765", 0, -1},
		{"http://[::1]:8765", 0, -1},
		{"http://localhost", 0, -1},
		{"http://localhost", 180, 180},
		{"https://api.notion.com", -1, -1},
	} {
		if got := (Config{NotionURL: tt.url, PerMinute: tt.asked}).perMinute(); got != tt.want {
			t.Errorf("%q with %d asked for: %d, want %d", tt.url, tt.asked, got, tt.want)
		}
	}
}
