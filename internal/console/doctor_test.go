package console

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// examine runs the doctor and returns what it says, line by line.
func examine(t *testing.T, cfg Config) (lines []string, err error) {
	t.Helper()
	if cfg.Data == "" {
		cfg.Data = filepath.Join(shortFolder(t), "data")
	}
	s := newScreen(t)
	err = Doctor(t.Context(), cfg, s.Terminal)
	if s.err.String() != "" {
		t.Errorf("stderr has %q", s.err.String())
	}
	return strings.Split(s.out.String(), "\n"), err
}

func verdictOf(t *testing.T, lines []string, check string) string {
	t.Helper()
	for _, l := range lines {
		if len(l) > 6 && strings.HasPrefix(l[6:], check+" ") {
			return strings.TrimSpace(l[:6]) + " " + strings.TrimSpace(l[6+len(check):])
		}
	}
	t.Fatalf("no line about %s in\n%s", check, strings.Join(lines, "\n"))
	return ""
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{Tokens: []emulator.Token{{Secret: secret, Name: "Docs bot"}}}, nil)
	lines, err := examine(t, Config{NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)})
	if err != nil {
		t.Errorf("Doctor: %v", err)
	}
	for _, check := range []string{"token", "network", "access", "capabilities", "sharing", "data folder", "index", "rate"} {
		if got := verdictOf(t, lines, check); !strings.HasPrefix(got, "ok ") {
			t.Errorf("%s: %s", check, got)
		}
	}
	if got := verdictOf(t, lines, "access"); !strings.Contains(got, `"Docs bot"`) {
		t.Errorf("access does not name the integration: %s", got)
	}
}

func TestDoctorFindsFaults(t *testing.T) {
	t.Parallel()
	only := func(tok emulator.Token) emulator.Config {
		tok.Secret, tok.Name = secret, "Docs bot"
		return emulator.Config{Tokens: []emulator.Token{tok}}
	}
	for _, tt := range []struct {
		name   string
		cfg    emulator.Config
		fault  emulator.Fault
		check  string
		want   string // how the line of the check begins
		todo   string // what is said to do
		after  string // a check that cannot be made then
		failed bool
	}{
		{
			name: "token not accepted", cfg: emulator.Config{Tokens: []emulator.Token{{Secret: "ntn_another"}}},
			check: "access", want: "FAIL Notion does not accept the token", todo: "notion.so/profile/integrations", after: "sharing", failed: true,
		},
		{
			name: "cannot read content", cfg: only(emulator.Token{NoRead: true}),
			check: "capabilities", want: "FAIL the integration lacks the capability Read content", todo: "Capabilities", after: "sharing", failed: true,
		},
		{
			name: "cannot read comments", cfg: only(emulator.Token{NoReadComments: true}),
			check: "capabilities", want: "warn reads content, but not comments", todo: "Insert comments",
		},
		{
			name: "nothing shared", cfg: only(emulator.Token{Roots: []string{}}),
			check: "sharing", want: "FAIL no page is shared", todo: "Connections", failed: true,
		},
		{
			name: "little shared", cfg: only(emulator.Token{Roots: []string{"Policies"}}),
			check: "sharing", want: "warn only 1 page is shared", todo: "Connections",
		},
		{
			name: "proxy page", fault: emulator.Fault{HTML: true},
			check: "network", want: "FAIL http", todo: "api.notion.com", after: "access", failed: true,
		},
		{
			name: "proxy page on search alone", fault: emulator.Fault{HTML: true, Route: "/v1/search"},
			check: "capabilities", want: "FAIL something between here and Notion refuses", todo: "proxy", after: "sharing", failed: true,
		},
		{
			name: "rate limited", fault: emulator.Fault{Route: "/v1/search", Status: 429, RetryAfter: 30, Reason: "public_api_request_rate_limit"},
			check: "rate", want: "warn Notion asks to wait 30 s (public_api_request_rate_limit)", todo: "same token", after: "sharing",
		},
		{
			name: "overloaded", fault: emulator.Fault{Route: "/v1/search", Status: 503},
			check: "capabilities", want: "warn Notion has trouble", todo: "status.notion.so",
		},
		{
			name: "cut answer", fault: emulator.Fault{Route: "/v1/users/me", CutBody: true},
			check: "access", want: "", todo: "", after: "capabilities", failed: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, url := fakeNotion(t, tt.cfg, nil)
			if tt.fault != (emulator.Fault{}) {
				e.Inject(tt.fault)
			}
			lines, err := examine(t, Config{NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)})
			if failed := errors.Is(err, errSaid); failed != tt.failed {
				t.Errorf("err = %v, want a failure: %v", err, tt.failed)
			}
			if tt.want != "" {
				if got := verdictOf(t, lines, tt.check); !strings.HasPrefix(got, tt.want) {
					t.Errorf("%s: %q, want it to begin %q", tt.check, got, tt.want)
				}
			}
			if text := strings.Join(lines, "\n"); !strings.Contains(text, tt.todo) {
				t.Errorf("%q is not said in\n%s", tt.todo, text)
			}
			if tt.after != "" {
				if got := verdictOf(t, lines, tt.after); !strings.HasPrefix(got, "- ") {
					t.Errorf("%s: %q, want it left out", tt.after, got)
				}
			}
		})
	}
}

func TestDoctorLooksAtTheToken(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	for name, tt := range map[string]struct {
		token, want string
	}{
		"none":        {"", "ok none is set"},
		"unlike one":  {"secret0", "warn NOTION_TOKEN holds 7 characters that do not begin like"},
		"with Bearer": {"Bearer " + secret, "FAIL the token in NOTION_TOKEN has a space"},
		"quoted":      {`"` + secret + `"`, "FAIL the token in NOTION_TOKEN has a quotation mark"},
		"not ASCII":   {secret + "…", "FAIL the token in NOTION_TOKEN has a character"},
		"line breaks": {"\n" + secret + "\n", "ok NOTION_TOKEN holds a token of the form ntn_…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, _ := examine(t, Config{NotionURL: url, Getenv: environment("NOTION_TOKEN", tt.token)})
			if got := verdictOf(t, lines, "token"); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want it to begin %q", got, tt.want)
			}
		})
	}
}

func TestDoctorLooksAtTheNetwork(t *testing.T) {
	t.Parallel()
	answer := func(change func(http.Header)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			change(w.Header())
			fmt.Fprint(w, `{}`)
		}
	}
	serve := func(h http.Handler, start func(http.Handler) *httptest.Server) string {
		s := start(h)
		s.Config.ErrorLog = discardLog()
		t.Cleanup(s.Close)
		return s.URL
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	tests := map[string]struct{ url, want string }{
		"nobody listens": {nobody, "FAIL nothing listens at "},
		"unknown name":   {"http://no-such-host.invalid", "FAIL "},
		"foreign certificate": {
			serve(answer(func(http.Header) {}), quietTLS),
			"FAIL the certificate of 127.0.0.1:",
		},
		"no TLS": {
			strings.Replace(serve(answer(func(http.Header) {}), httptest.NewServer), "http:", "https:", 1),
			"FAIL ",
		},
		"clock slow": {
			serve(answer(func(h http.Header) { h.Set("Date", time.Now().Add(5*time.Minute).UTC().Format(http.TimeFormat)) }), httptest.NewServer),
			"warn http://127.0.0.1:",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, _ := examine(t, Config{NotionURL: tt.url, Getenv: environment("NOTION_TOKEN", secret)})
			if got := verdictOf(t, lines, "network"); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want it to begin %q", got, tt.want)
			}
			if name == "clock slow" && !strings.Contains(strings.Join(lines, "\n"), "slow") {
				t.Errorf("the clock is not said to be slow")
			}
		})
	}
}

// quietTLS is a server whose certificate nobody knows.
func quietTLS(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = discardLog()
	s.StartTLS()
	return s
}

func TestDoctorLooksAtTheFolder(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	dir := shortFolder(t)
	file := filepath.Join(dir, "file")
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ data, want string }{
		"made":         {filepath.Join(dir, "a", "b"), "ok "},
		"is a file":    {file, "FAIL "},
		"open to all":  {open, "warn " + open + " can be entered by other users"},
		"below a file": {filepath.Join(file, "x"), "FAIL " + filepath.Join(file, "x") + " cannot be made"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, _ := examine(t, Config{NotionURL: url, Data: tt.data, Getenv: environment()})
			if got := verdictOf(t, lines, "data folder"); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want it to begin %q", got, tt.want)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(dir, "a", "b")); err == nil && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder was made with mode %04o", info.Mode().Perm())
	}
}

// One fault is one problem, although the index needs the folder.
func TestDoctorFailsOnAFullDisk(t *testing.T) {
	t.Parallel()
	for free, want := range map[uint64]verdict{0: failing, noSpace - 1: failing, noSpace: warning, leastSpace: fine} {
		x := &examination{cfg: Config{Data: shortFolder(t)}, free: func(string) (uint64, error) { return free, nil }}
		f := x.folder(t.Context())
		if f.verdict != want || x.noFolder != (want == failing) {
			t.Errorf("%d bytes free: %v", free, f)
		}
		if free == 0 && !strings.Contains(f.means, "is full: 0 MB are left") {
			t.Errorf("a full disk: %s", f.means)
		}
	}
}

func TestDoctorCountsAFolderOnce(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	file := filepath.Join(shortFolder(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := examine(t, Config{NotionURL: url, Data: file, Getenv: environment("NOTION_TOKEN", secret)})
	if !errors.Is(err, errSaid) {
		t.Errorf("err = %v", err)
	}
	if got := verdictOf(t, lines, "index"); !strings.HasPrefix(got, "- ") {
		t.Errorf("index: %q, want it left out", got)
	}
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "\n1 problem.") {
		t.Errorf("more than one problem:\n%s", text)
	}
}

func TestDoctorLooksAtLongPaths(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{}, nil)
	dir := shortFolder(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	cfg := Config{NotionURL: url, Data: filepath.Join(dir, strings.Repeat("x", 80)), Getenv: environment()}
	lines, _ := examine(t, cfg)
	if got := verdictOf(t, lines, "data folder"); !strings.HasPrefix(got, "ok ") {
		t.Errorf("got %q", got)
	}
	if err := os.RemoveAll(filepath.Join(dir, "mcp-notion")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "mcp-notion")); err != nil {
		t.Fatal(err)
	}
	lines, _ = examine(t, cfg)
	if got := verdictOf(t, lines, "data folder"); !strings.HasPrefix(got, "warn two assistants cannot use") || !strings.Contains(strings.Join(lines, "\n"), "symbolic link") {
		t.Errorf("got %q", got)
	}
}

func TestDoctorLooksAtTheIndex(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, fstest.MapFS{"Policies.md": {Data: []byte("# Policies\n\nBe kind.\n")}})
	cfg := Config{NotionURL: url, Data: filepath.Join(shortFolder(t), "data"), PerMinute: -1, Getenv: environment()}
	if err := Sync(t.Context(), SyncConfig{Config: cfg}, newScreen(t).Terminal); err != nil {
		t.Fatal(err)
	}
	lines, err := examine(t, cfg)
	if err != nil {
		t.Errorf("Doctor: %v", err)
	}
	if got, want := verdictOf(t, lines, "index"), "ok opens: 1 page or table, 1 complete"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
