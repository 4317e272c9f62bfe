package auth_test

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

// TestMain fails if the package logs anything in any of its tests.
func TestMain(m *testing.M) {
	flag.Parse()
	var logged lockedBuffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.SetOutput(&logged)
	code := m.Run()
	if s := logged.String(); s != "" {
		fmt.Fprintln(os.Stderr, "the package must log nothing, but logged:", s)
		code = 1
	}
	os.Exit(code)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const resource = "https://notion.example.com/mcp"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a Verifier with the issuer that it trusts, and no network.
type world struct {
	clock  *clock
	issuer *authtest.Provider
	v      *auth.Verifier
}

func newWorld(t *testing.T, change func(*auth.Config)) *world {
	t.Helper()
	c := newClock()
	w := &world{clock: c, issuer: authtest.New(authtest.Config{Now: c.now})}
	config := auth.Config{
		Resource: resource, Issuers: []auth.Issuer{{URL: w.issuer.URL()}},
		HTTP: w.issuer.Client(), Now: c.now,
	}
	if change != nil {
		change(&config)
	}
	v, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	w.v = v
	return w
}

func (w *world) verify(t *testing.T, token string) (auth.Principal, error) {
	t.Helper()
	p, err := w.v.Verify(t.Context(), token)
	noLeak(t, token, fmt.Sprintf("%v %+v %#v %q", err, err, err, p), fmt.Sprintf("%#v", p))
	return p, err
}

func (w *world) accept(t *testing.T, token string) auth.Principal {
	t.Helper()
	p, err := w.verify(t, token)
	if err != nil {
		t.Fatalf("the token is refused: %v", err)
	}
	return p
}

// noLeak fails if any sizeable part of a token shows.
func noLeak(t *testing.T, token string, shown ...string) {
	t.Helper()
	for part := range strings.SplitSeq(token, ".") {
		if len(part) < 12 {
			continue
		}
		for _, s := range shown {
			if strings.Contains(s, part) || strings.Contains(s, part[:12]) && len(part) > 40 {
				t.Errorf("a part of the token shows in %q", s)
			}
		}
	}
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
