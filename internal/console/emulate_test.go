package console

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// emulate runs Emulate until the test ends and returns its address.
func emulate(t *testing.T, cfg EmulateConfig, s *screen) (url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Emulate(ctx, cfg, s.Terminal) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Emulate: %v", err)
		}
	})
	address := regexp.MustCompile(`Address   (http://\S+)`)
	for range 24_000 { // two minutes, so that a slow machine is waited for
		if m := address.FindStringSubmatch(s.out.String()); m != nil {
			return m[1]
		}
		select {
		case err := <-done:
			t.Fatalf("Emulate: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Fatal("no address is told")
	return ""
}

// ask makes a request with a token and returns the status.
func ask(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func folderOfPages(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Policies.md"), []byte("# Policies\n\nBe kind.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEmulate(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	url := emulate(t, EmulateConfig{
		Dir: folderOfPages(t), Addr: "127.0.0.1:0", Tokens: []string{secret}, PerMinute: 1, Latency: 30 * time.Millisecond,
	}, s)
	began := time.Now()
	if got := ask(t, url, "ntn_other"); got != http.StatusUnauthorized {
		t.Errorf("another token: status %d", got)
	}
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("answered in %v although the latency is 30 ms", took)
	}
	if got := ask(t, url, secret); got != http.StatusOK {
		t.Errorf("the token: status %d", got)
	}
	if got := ask(t, url, secret); got != http.StatusTooManyRequests {
		t.Errorf("the second request of the minute: status %d", got)
	}
	for _, want := range []string{": 1 page.", "1 token given, no other", url + "/emulator/pages", "mcp-notion sync --notion-url " + url} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("%q is not said in\n%s", want, s.out.String())
		}
	}
}

func TestEmulateRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	notZip := filepath.Join(empty, "x.zip")
	if err := os.WriteFile(notZip, []byte("PK no"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy := emulate(t, EmulateConfig{Dir: folderOfPages(t), Addr: "127.0.0.1:0"}, newScreen(t))
	for name, tt := range map[string]struct {
		cfg  EmulateConfig
		want string
	}{
		"no folder":      {EmulateConfig{}, "needs a folder"},
		"missing folder": {EmulateConfig{Dir: filepath.Join(empty, "none")}, "there is no "},
		"broken zip":     {EmulateConfig{Dir: notZip}, "load " + notZip},
		"remote":         {EmulateConfig{Dir: empty, Addr: ":8765"}, "other machines"},
		"in use":         {EmulateConfig{Dir: folderOfPages(t), Addr: strings.TrimPrefix(busy, "http://")}, "address already in use"},
	} {
		s := newScreen(t)
		err := Emulate(t.Context(), tt.cfg, s.Terminal)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v does not say %q", name, err, tt.want)
		}
		var h *Hinted
		var u *Usage
		if !errors.As(err, &h) && !errors.As(err, &u) {
			t.Errorf("%s: no next step in %v", name, err)
		}
		if s.out.String() != "" {
			t.Errorf("%s: stdout has %q", name, s.out.String())
		}
	}
}

// An empty folder is a workspace too, and is said to be empty.
func TestEmulateNothing(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	url := emulate(t, EmulateConfig{Dir: t.TempDir(), Addr: "127.0.0.1:0"}, s)
	if got := ask(t, url, secret); got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	eventually(t, "the last line", func() bool { return strings.Contains(s.err.String(), "Ctrl-C") })
	if !strings.Contains(s.out.String(), "0 pages") || !strings.Contains(s.err.String(), "the workspace is empty") {
		t.Errorf("said %q and %q", s.out.String(), s.err.String())
	}
}
