package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// leave writes down a comment as a process leaves it that was killed.
func leave(t *testing.T, dir string, owner tokens.Connection, page notion.ID) {
	t.Helper()
	now := time.Now().UTC()
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339Nano) }
	s := owner.Subject
	text := fmt.Sprintf(`{"id":"wleft","kind":"comment","payload":{"page":%q,"text":"Kept words"},"by":"x","not_before":%q,`+
		`"state":"waiting","made":%q,"expires":%q,"changed":%q,"owner":{"issuer":%q,"organization":%q,"user":%q,"handle":%q}}`,
		page, at(-time.Second), at(-time.Minute), at(time.Hour), at(-time.Minute), s.Issuer, s.Organization, s.User, owner.Handle)
	folder := filepath.Join(dir, "outbox")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "wleft.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// only is the one page that a token sees.
func only(t *testing.T, client *notion.Client) notion.ID {
	t.Helper()
	found, err := client.Search(t.Context(), notion.SearchRequest{})
	if err != nil || len(found.Pages) == 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	return found.Pages[0].ID
}

func comments(t *testing.T, client *notion.Client, page notion.ID) int {
	t.Helper()
	l, err := client.Comments(t.Context(), page, "")
	if err != nil {
		t.Fatal(err)
	}
	return len(l.Comments)
}

// A server that starts writes what an earlier one has left, with the token of
// its user, though nobody asks.
func TestPoolWritesWhatWasLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*crowd, *member) // before the start
		done   bool
		kept   bool // still there, a while later
	}{
		"as it is":     {change: func(*crowd, *member) {}, done: true, kept: true},
		"read-only":    {change: func(c *crowd, _ *member) { c.cfg.ReadOnly = true }, kept: true},
		"disconnected": {change: func(c *crowd, m *member) { c.broker.drop(m.conn) }},
		"another's":    {change: func(c *crowd, m *member) { rename(c.t, c.data, m.conn.Key(), strings.Repeat("0", 32)) }, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newCrowd(t, 1, server.PoolConfig{Poll: 50 * time.Millisecond})
				var trail bytes.Buffer
				m := w.people[0]
				w.share(m, 1, true)
				client := w.clientOf(m)
				page := only(t, client)
				if err := w.pool.Close(); err != nil {
					t.Fatal(err)
				}
				leave(t, filepath.Join(w.data, m.conn.Key()), m.conn, page)
				c.change(w, m)
				w.cfg.Audit = audit.New(&trail, nil)
				w.open()
				if c.done {
					waitFor(t, "the comment", func() bool { return comments(t, client, page) == 1 })
				}
				left := func() []string {
					all, _ := filepath.Glob(filepath.Join(w.data, "*", "outbox", "wleft.json"))
					return all
				}
				if !c.kept {
					waitFor(t, "the end of what was kept", func() bool { return len(left()) == 0 })
				}
				time.Sleep(10 * time.Second)
				if n := comments(t, client, page); n > 1 || n == 1 && !c.done {
					t.Errorf("%d comments", n)
				}
				if err := w.pool.Close(); err != nil {
					t.Fatal(err)
				}
				if c.kept != (len(left()) == 1) {
					t.Errorf("left: %v", left())
				}
				if got := trail.String(); c.done != strings.Contains(got, `"outcome":"done"`) || strings.Contains(got, "words") || strings.Contains(got, "user0") {
					t.Errorf("audit: %s", got)
				}
			})
		})
	}
}

func rename(t testing.TB, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		t.Fatal(err)
	}
}

// A write that Notion would not take in time is made in a turn of its user,
// once, and is gone with their connection.
func TestPoolWritesLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newCrowd(t, 1, server.PoolConfig{Poll: time.Hour}) // no turn but for the write
		t.Cleanup(func() { _ = w.pool.Close() })
		m := w.people[0]
		w.share(m, 1, true)
		client := w.clientOf(m)
		page := only(t, client)
		w.mirror(m)
		w.notion.Inject(emulator.Fault{Method: "POST", Route: "/v1/comments", Status: 429, RetryAfter: 11, Times: 1})
		args, _ := json.Marshal(map[string]any{"page": page, "text": "Later"})
		a, err := w.pool.Call(t.Context(), m.conn, "append_comment", args)
		if err != nil || a.IsError || !strings.Contains(a.Text, "Not posted yet") {
			t.Fatalf("%+v, %v", a, err)
		}
		if other, err := w.pool.Call(t.Context(), m.conn, "pending_writes", nil); err != nil || !strings.Contains(other.Text, "waiting") {
			t.Errorf("%+v, %v", other, err)
		}
		waitFor(t, "the comment", func() bool { return comments(t, client, page) == 1 })
		waitFor(t, "the end", func() bool {
			a, err := w.pool.Call(t.Context(), m.conn, "pending_writes", nil)
			return err == nil && strings.Contains(a.Text, "comment, done")
		})
		if err := w.pool.Purge(t.Context(), m.conn); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(w.data, "*", "outbox")); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// The process of one user writes what was left when it serves an assistant,
// and not in a command that runs for a moment or may only read.
func TestSessionWritesWhatWasLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*server.Config)
		want   int
	}{
		"serving":   {func(cfg *server.Config) { cfg.Mirror = server.MirrorAlways }, 1},
		"read-only": {func(cfg *server.Config) { cfg.Mirror, cfg.ReadOnly = server.MirrorAlways, true }, 0},
		"command":   {func(cfg *server.Config) { cfg.Mirror = server.MirrorCold }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg := alone(t, smallNotion(t, emulator.Config{}))
				c.change(&cfg)
				client := notion.New(secret, notion.Config{BaseURL: cfg.NotionURL, HTTP: &http.Client{Transport: cfg.Transport}})
				page := only(t, client)
				leave(t, filepath.Join(cfg.Data, cfg.Connection.Key()), cfg.Connection, page)
				s := open(t, cfg)
				if _, err := s.Sync(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Minute)
				if n := comments(t, client, page); n != c.want {
					t.Errorf("%d comments, want %d", n, c.want)
				}
			})
		})
	}
}
