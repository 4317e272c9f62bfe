package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// registry is a broker whose grants the test decides on.
type registry struct {
	mu     sync.Mutex
	grants map[tokens.Connection]string // "" means that the grant needs reauthorization
}

func (r *registry) set(c tokens.Connection, secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grants[c] = secret
}

func (r *registry) drop(c tokens.Connection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.grants, c)
}

func (r *registry) Token(_ context.Context, c tokens.Connection) (tokens.Token, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	secret, ok := r.grants[c]
	switch {
	case !ok:
		return tokens.Token{}, tokens.ErrNotConnected
	case secret == "":
		return tokens.Token{}, tokens.ErrNeedsReauthorization
	}
	return tokens.NewToken(secret, time.Time{}), nil
}

func (r *registry) ConnectURL(context.Context, tokens.Connection) (string, error) {
	return "https://broker.example/connect", nil
}

const parts = 12 // pages of the workspace, each with a word of its own

func word(i int) string { return fmt.Sprintf("zebra%dquagga", i) }

// crowd is a workspace that many users see different parts of, and a Pool.
type crowd struct {
	t      testing.TB
	notion *emulator.Server
	broker *registry
	pool   *server.Pool
	data   string
	cfg    server.PoolConfig
	log    *strings.Builder
	logMu  sync.Mutex
	people []*member
	hooks  http.ServeMux // takes webhooks
}

// member is one user. state is held for reading by calls and for writing by
// whatever changes what the user may read.
type member struct {
	conn    tokens.Connection
	state   sync.RWMutex
	secret  string
	revoked bool // at Notion
	shared  map[int]bool
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *strings.Builder
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func newCrowd(t *testing.T, n int, pc server.PoolConfig) *crowd {
	t.Helper()
	return newCrowdVia(t, n, pc, func(r *registry) tokens.Keeper { return memoryless{r} })
}

// newCrowdVia is newCrowd with something between the pool and the registry.
func newCrowdVia(t testing.TB, n int, pc server.PoolConfig, via func(*registry) tokens.Keeper) *crowd {
	t.Helper()
	fsys, written := fstest.MapFS{}, time.Now().Add(-24*time.Hour)
	for i := range parts {
		text := fmt.Sprintf("# Part %d\n\nThe shared word is common. The own word is %s.\n\n- nested\n  - below %s\n", i, word(i), word(i))
		fsys[fmt.Sprintf("part%d.md", i)] = &fstest.MapFile{Data: []byte(text), ModTime: written.Add(time.Duration(i) * time.Minute)}
	}
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, broker: &registry{grants: map[tokens.Connection]string{}}, data: t.TempDir(), log: &strings.Builder{}}
	var known []emulator.Token
	for i := range n {
		m := &member{
			conn:   tokens.Connection{Subject: auth.Subject{Issuer: "https://idp.example", Organization: "org", User: fmt.Sprintf("user%d", i)}, Handle: tokens.DefaultHandle},
			secret: fmt.Sprintf("ntn_secret%dA", i), shared: map[int]bool{},
		}
		// Several tokens a user: one to begin with, the others to reconnect with.
		for letter := 'A'; letter <= lastLetter; letter++ {
			secret := strings.TrimSuffix(m.secret, "A") + string(letter)
			known = append(known, emulator.Token{Secret: secret, Name: secret, Roots: []string{}})
		}
		c.broker.set(m.conn, m.secret)
		c.people = append(c.people, m)
	}
	c.notion = emulator.New(ws, emulator.Config{Tokens: known, HTTP: &http.Client{Transport: emulatortest.InProcess(&c.hooks)}})
	pc.Data, pc.NotionURL, pc.Broker = c.data, "http://notion.example", via(c.broker)
	pc.Transport = emulatortest.InProcess(c.notion)
	if _, measured := t.(*testing.B); measured {
		srv := httptest.NewServer(c.notion)
		t.Cleanup(srv.Close)
		pc.NotionURL, pc.Transport = srv.URL, nil
	}
	if pc.Pacer == nil {
		pc.Pacer = notion.NewPacer(notion.PacerConfig{PerToken: -1})
	}
	if pc.Log == nil {
		pc.Log = slog.New(slog.NewTextHandler(&lockedWriter{mu: &c.logMu, b: c.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c.cfg = pc
	c.open()
	return c
}

// clientOf is a client of Notion with a member's token.
func (c *crowd) clientOf(m *member) *notion.Client {
	return notion.New(m.secret, notion.Config{BaseURL: c.cfg.NotionURL, HTTP: &http.Client{Transport: c.cfg.Transport}})
}

// open opens the pool, or opens it again.
func (c *crowd) open() {
	c.t.Helper()
	pool, err := server.OpenPool(c.cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.pool = pool
	c.t.Cleanup(func() { _ = pool.Close() })
}

const lastLetter = 'P'

// other is the token that a member reconnects with: the same but for the last
// letter, which is the next one, until there are no more.
func (m *member) other() string {
	end := len(m.secret) - 1
	return m.secret[:end] + string(min(m.secret[end]+1, lastLetter))
}

func (c *crowd) share(m *member, part int, shared bool) {
	path := fmt.Sprintf("part%d.md", part)
	var err error
	if shared {
		err = c.notion.Share(m.secret, path)
	} else {
		err = c.notion.Unshare(m.secret, path)
	}
	if err != nil {
		c.t.Errorf("share %s: %v", path, err)
	}
	m.shared[part] = shared
}

// change does something at random to what a member may read.
func (c *crowd) change(m *member, r *rand.Rand) {
	m.state.Lock()
	defer m.state.Unlock()
	switch k := r.IntN(11); {
	case m.secret[len(m.secret)-1] == lastLetter: // no token is left to change to
		part := r.IntN(parts)
		c.share(m, part, !m.shared[part])
	case m.revoked, k == 7: // disconnect, and connect again with another token
		c.reconnect(m, r)
	case k < 7:
		part := r.IntN(parts)
		c.share(m, part, !m.shared[part])
	case k == 8: // at Notion, of which the broker knows nothing
		c.notion.Revoke(m.secret)
		m.revoked, m.shared = true, map[int]bool{}
	case k == 9:
		c.broker.set(m.conn, "")
	default:
		c.broker.set(m.conn, m.secret)
	}
}

func (c *crowd) reconnect(m *member, r *rand.Rand) {
	c.broker.drop(m.conn)
	old := m.shared
	if m.shared = map[int]bool{}; !m.revoked {
		for part, was := range old {
			if was {
				c.share(m, part, false)
			}
		}
	}
	m.secret, m.revoked = m.other(), false
	for part := range parts {
		if old[part] && r.IntN(2) == 0 || r.IntN(4) == 0 {
			c.share(m, part, true)
		}
	}
	c.broker.set(m.conn, m.secret)
}

// ask calls a tool for a member and checks every word of the answer.
func (c *crowd) ask(m *member, r *rand.Rand) {
	m.state.RLock()
	defer m.state.RUnlock()
	tool, args := "search_notion", map[string]any{"query": "common own word " + word(r.IntN(parts)), "limit": 20}
	if r.IntN(3) == 0 {
		pages := c.notion.Pages()
		tool, args = "read_page", map[string]any{"page": pages[r.IntN(len(pages))].ID}
	}
	raw, _ := json.Marshal(args)
	a, err := c.pool.Call(c.t.Context(), m.conn, tool, raw)
	gone := errors.Is(err, tokens.ErrNeedsReauthorization) || errors.Is(err, tokens.ErrNotConnected) || m.revoked && errors.Is(err, notion.ErrUnauthorized)
	if err != nil && !gone {
		c.t.Errorf("%s: %v", tool, err)
	}
	whole := a.Text + string(a.Structured)
	if tool == "search_notion" {
		whole = strings.ReplaceAll(whole, args["query"].(string), "")
	}
	for part := range parts {
		if strings.Contains(whole, word(part)) && !m.shared[part] {
			c.t.Errorf("%s gave %s, which its user may not read", tool, word(part))
		}
	}
}

// Many users with overlapping, changing shares, random calls, reconnects and
// revocations at once: nobody receives a word that their own token could not
// read at that time.
func TestNobodyReadsWhatIsNotTheirs(t *testing.T) {
	c := newCrowdVia(t, 16, server.PoolConfig{Confirm: time.Nanosecond, Poll: 20 * time.Millisecond, Idle: 50 * time.Millisecond}, func(r *registry) tokens.Keeper {
		return tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{Life: 20 * time.Millisecond, Refusal: time.Millisecond, Rejected: 50 * time.Millisecond})
	})
	goroutines, handles := runtime.NumGoroutine(), openFiles()
	var wg sync.WaitGroup
	for i, m := range c.people {
		for j := range 2 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				for range 40 {
					if r.IntN(3) == 0 {
						c.change(m, r)
					} else {
						c.ask(m, r)
					}
				}
			})
		}
	}
	wg.Wait()
	if err := c.pool.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the end of goroutines", func() bool { return runtime.NumGoroutine() <= goroutines })
	if n := openFiles(); n > handles {
		t.Errorf("%d files are open, %d were before", n, handles)
	}
	for _, bad := range []string{"ntn_secret", "quagga", "Part ", "user1", "org"} {
		if strings.Contains(c.log.String(), bad) {
			t.Errorf("the log has %q:\n%.2000s", bad, c.log)
		}
	}
	checkNoSecrets(t, c.data)
}

func checkNoSecrets(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), "ntn_secret") {
			t.Errorf("a token stands in %s", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// folders are the indexes on disk.
func (c *crowd) folders() int {
	all, err := filepath.Glob(filepath.Join(c.data, "*", "*"))
	if err != nil {
		c.t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range all {
		seen[filepath.Dir(f)] = true
	}
	return len(seen)
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 12_000 { // two minutes, so that a slow machine is waited for
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s did not come about", what)
}

// wrapped is what remembers tokens behind something that counts, traces or limits
// what it is asked: all that can be said to it still arrives.
type wrapped struct{ tokens.Keeper }

func TestDisconnectPurgesWithAPoll(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(*crowd, *member){
		"disconnect":      func(c *crowd, m *member) { c.broker.drop(m.conn) },
		"reauthorization": func(c *crowd, m *member) { c.broker.set(m.conn, "") },
		"revocation":      func(c *crowd, m *member) { c.notion.Revoke(m.secret) }, // the broker does not know
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCrowdVia(t, 1, server.PoolConfig{Poll: 500 * time.Millisecond}, func(r *registry) tokens.Keeper {
					return wrapped{tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{Refusal: time.Millisecond})} // tokens are good for minutes
				})
				t.Cleanup(func() { _ = c.pool.Close() })
				m := c.people[0]
				c.share(m, 3, true)
				c.ask(m, rand.New(rand.NewPCG(1, 1)))
				waitFor(t, "the mirror", func() bool {
					st, err := c.pool.Status(t.Context(), m.conn)
					return err == nil && st.Coverage.Ready()
				})
				if c.folders() != 1 {
					t.Fatalf("%d indexes on disk", c.folders())
				}
				cut(c, m)
				waitFor(t, "the purge", func() bool { return c.folders() == 0 })
			})
		})
	}
}

func TestAnotherWorkspaceStartsANewIndex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, server.PoolConfig{Poll: time.Hour, Confirm: time.Hour})
		t.Cleanup(func() { _ = c.pool.Close() })
		m := c.people[0]
		c.share(m, 1, true)
		search := func() string {
			a, err := c.pool.Call(t.Context(), m.conn, "search_notion", json.RawMessage(`{"query":"common own word"}`))
			if err != nil {
				t.Fatal(err)
			}
			return a.Text
		}
		if text := search(); !strings.Contains(text, word(1)) {
			t.Fatalf("before: %s\n%s", text, c.log)
		}
		m.secret = m.other() // the same user, another authorization
		m.shared = map[int]bool{}
		c.share(m, 2, true)
		c.broker.set(m.conn, m.secret)
		if text := search(); strings.Contains(text, word(1)) || !strings.Contains(text, word(2)) {
			t.Errorf("after connecting another workspace: %s", text)
		}
	})
}

// All who use one workspace keep to its budget together, and all are mirrored.
func TestUsersOfAWorkspaceShareItsBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const most, window = 20, 300 * time.Millisecond
		c := newCrowd(t, 3, server.PoolConfig{Poll: time.Hour, Pacer: notion.NewPacer(notion.PacerConfig{PerToken: -1, PerWorkspace: most, Window: window})})
		t.Cleanup(func() { _ = c.pool.Close() })
		for _, m := range c.people {
			for part := range parts {
				c.share(m, part, true)
			}
		}
		begin, before := time.Now(), c.notion.Requests()
		for _, m := range c.people {
			if _, err := c.pool.Status(t.Context(), m.conn); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range c.people {
			waitFor(t, "the mirror", func() bool {
				st, err := c.pool.Status(t.Context(), m.conn)
				return err == nil && st.Coverage.Ready()
			})
		}
		took, sent := time.Since(begin), int(c.notion.Requests()-before)
		if windows := int(took/window) + 1; sent > most*windows+len(c.people) { // whose workspace it is, each has to ask first
			t.Errorf("%d requests in %v, with %d in %v", sent, took, most, window)
		}
		if sent < 3*most {
			t.Errorf("%d requests are too few to tell", sent)
		}
	})
}

// memoryless lets a broker that remembers nothing stand for one that does.
type memoryless struct{ tokens.Broker }

func (memoryless) Invalidate(context.Context, tokens.Connection, tokens.Token) {}
func (memoryless) Check(context.Context, tokens.Connection) error              { return nil }
func (memoryless) Forget(tokens.Connection)                                    {}
