package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/hook"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/server"
)

const hookSecret = "secret_of_the_subscription"

// postman stands between Notion and the server, and may keep letters.
type postman struct {
	t    testing.TB
	hook http.Handler

	mu   sync.Mutex
	keep bool
	kept [][]byte
}

// deliver hands a letter over as it came, or with another signature.
func (p *postman) deliver(body []byte, signature string) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/notion", bytes.NewReader(body))
	r.Header.Set("X-Notion-Signature", signature)
	w := httptest.NewRecorder()
	p.hook.ServeHTTP(w, r)
	return w.Code
}

func (p *postman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	keep := p.keep
	p.kept = append(p.kept, body)
	p.mu.Unlock()
	if !keep {
		w.WriteHeader(p.deliver(body, r.Header.Get("X-Notion-Signature")))
	}
}

// letters waits for n letters and returns all there are.
func (p *postman) letters(n int) [][]byte {
	var all [][]byte
	waitFor(p.t, "webhooks", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		all = slices.Clone(p.kept)
		return len(all) >= n
	})
	return all
}

// hooked is a crowd to whom Notion sends webhooks, each with its pages
// mirrored. They share part 0; each has a part of their own as well.
func hooked(t *testing.T, n int, cfg server.PoolConfig) (*crowd, *postman) {
	t.Helper()
	if cfg.Poll == 0 {
		cfg.Poll = time.Hour
	}
	cfg.Confirm = time.Hour
	c := newCrowd(t, n, cfg)
	for i, m := range c.people {
		c.share(m, 0, true)
		c.share(m, i+1, true)
		c.mirror(m)
	}
	p := &postman{t: t, hook: c.receiver()}
	c.hooks.Handle("/", p)
	c.notion.Send("http://mcp-notion.example", hookSecret)
	return c, p
}

func (c *crowd) receiver() http.Handler {
	return webhook.NewReceiver(webhook.Config{
		Name: "notion", Scheme: webhook.Notion, Keys: []auth.Secret{auth.NewSecret(hookSecret)},
		Read: func(body []byte) (webhook.Notice, error) { return c.pool.NotionNotice(body) }, Log: c.cfg.Log,
	})
}

// edit writes a word into a part.
func (c *crowd) edit(part int, word string) {
	c.t.Helper()
	if err := c.notion.Edit(fmt.Sprintf("part%d.md", part), fmt.Sprintf("# Part %d\n\nNow it says %s.\n", part, word)); err != nil {
		c.t.Fatal(err)
	}
}

// finds says whether a member's search finds a word.
func (c *crowd) finds(m *member, word string) bool {
	c.t.Helper()
	a, err := c.pool.Call(c.t.Context(), m.conn, "search_notion", json.RawMessage(fmt.Sprintf(`{"query":%q}`, word)))
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Contains(string(a.Structured), "Now it says "+word)
}

// quiet waits until the server asks Notion nothing more, and returns how many
// requests there were.
func (c *crowd) quiet() int64 {
	before := c.notion.Requests()
	for {
		time.Sleep(1500 * time.Millisecond) // longer than hints are gathered, and a look for what is due
		now := c.notion.Requests()
		if now == before {
			return now
		}
		before = now
	}
}

func TestWebhookBringsAChangeToAllWhoSeeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := hooked(t, 3, server.PoolConfig{})
		c.edit(0, "walrus")
		c.edit(1, "narwhal")
		for _, m := range c.people {
			waitFor(t, "the change of the shared part", func() bool { return c.finds(m, "walrus") })
		}
		waitFor(t, "the change of one's own part", func() bool { return c.finds(c.people[0], "narwhal") })
		if c.finds(c.people[1], "narwhal") || c.finds(c.people[2], "narwhal") {
			t.Error("a change of somebody else's part is found")
		}
		// The poll is an hour away, and those who may not see a page did not ask for it.
		counts := c.notion.Counts()
		if n := counts["GET /v1/pages/{id}"]; n != 4 {
			t.Errorf("%d pages were asked for, want the shared one three times and the other once", n)
		}
	})
}

// What cannot be trusted, or was there already, makes nobody ask Notion.
func TestWebhookForgedReplayedForeign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 1, server.PoolConfig{})
		c.edit(0, "walrus")
		letter := p.letters(1)[0]
		waitFor(t, "the change", func() bool { return c.finds(c.people[0], "walrus") })
		const other = "13950b26-c203-4f3b-b97d-93ec06319565"
		changed := func(key string, value any) []byte {
			return altered(t, letter, map[string]any{"id": "event " + key, key: value})
		}
		asked := func() int { return int(c.notion.Counts()["GET /v1/pages/{id}"]) }
		before := asked()
		for _, tt := range []struct {
			name   string
			body   []byte
			secret string
			status int
		}{
			{"replayed", letter, hookSecret, 200},
			{"replayed once more", letter, hookSecret, 200},
			{"forged", changed("id", "forged"), "secret_of_somebody", 401},
			{"late", changed("timestamp", time.Now().Add(-72*time.Hour).Format(time.RFC3339)), hookSecret, 200},
			{"of another workspace", changed("workspace_id", other), hookSecret, 200},
			{"of a comment", changed("entity", map[string]any{"id": other, "type": "comment"}), hookSecret, 200},
			{"of a page that others see", altered(t, letter, map[string]any{
				"id": "event of others", "entity": map[string]any{"id": other, "type": "page"}, "accessible_by": []any{map[string]any{"id": other, "type": "bot"}},
			}), hookSecret, 200},
		} {
			if status := p.deliver(tt.body, hook.Sign(tt.secret, tt.body)); status != tt.status {
				t.Errorf("%s: %d, want %d", tt.name, status, tt.status)
			}
		}
		c.quiet()
		if now := asked(); now != before {
			t.Errorf("%d pages were asked for", now-before)
		}
		// One who may be trusted does.
		c.edit(0, "narwhal")
		waitFor(t, "the next change", func() bool { return c.finds(c.people[0], "narwhal") })
		if now := asked(); now != before+1 {
			t.Errorf("%d pages were asked for, want the one that changed", now-before)
		}
	})
}

// altered is an event with other fields.
func altered(t testing.TB, letter []byte, fields map[string]any) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(letter, &e); err != nil {
		t.Fatal(err)
	}
	maps.Copy(e, fields)
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Whatever order events come in, and however often, the index ends as Notion is.
func TestWebhookOutOfOrderAndDoubled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 1, server.PoolConfig{})
		p.keep = true
		m := c.people[0]
		c.edit(0, "first")
		p.letters(1)
		c.edit(0, "second")
		p.letters(2)
		if err := c.notion.Trash("part1.md"); err != nil {
			t.Fatal(err)
		}
		letters := p.letters(3)
		slices.Reverse(letters)
		for _, body := range slices.Concat(letters, letters) {
			if status := p.deliver(body, hook.Sign(hookSecret, body)); status != 200 {
				t.Fatalf("%d", status)
			}
		}
		waitFor(t, "the last change", func() bool { return c.finds(m, "second") })
		if c.finds(m, "first") {
			t.Error("the older text is found")
		}
		waitFor(t, "the end of the page in the trash", func() bool {
			st, err := c.pool.Status(t.Context(), m.conn)
			return err == nil && st.Coverage.Known == 1
		})
	})
}

// A page that went out of a user's sight leaves their index, though they are not
// among those who are said to see it.
func TestWebhookTakesAwayWhatIsSeenNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := hooked(t, 2, server.PoolConfig{})
		m := c.people[0]
		c.share(m, 0, false)
		if err := c.notion.Move("part0.md", "part11.md"); err != nil {
			t.Fatal(err)
		}
		c.edit(0, "walrus")
		waitFor(t, "the end of the page", func() bool {
			st, err := c.pool.Status(t.Context(), m.conn)
			return err == nil && st.Coverage.Known == 1
		})
		waitFor(t, "the change", func() bool { return c.finds(c.people[1], "walrus") })
		if c.finds(m, "walrus") {
			t.Error("it is found by one who sees it no more")
		}
	})
}

// What is lost, the next poll finds.
func TestLostWebhookIsHealedByThePoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 1, server.PoolConfig{Poll: 2 * time.Second})
		p.keep = true
		c.edit(0, "walrus")
		edited := time.Now()
		waitFor(t, "the change", func() bool { return c.finds(c.people[0], "walrus") })
		if took := time.Since(edited); took > 3*time.Second {
			t.Errorf("it came after %v, and not with the next poll", took)
		}
	})
}

// A connection that nobody uses is not opened by events. It polls when its user
// comes back, and so does one whose events ended with the process.
func TestWebhookForThoseWhoAreAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 1, server.PoolConfig{Idle: 300 * time.Millisecond})
		m := c.people[0]
		c.quiet() // long enough to be closed
		before := c.notion.Requests()
		c.edit(0, "walrus")
		p.letters(1)
		if now := c.quiet(); now != before {
			t.Errorf("%d requests for a user who is away", now-before)
		}
		waitFor(t, "the change, after coming back", func() bool { return c.finds(m, "walrus") })
		c.edit(0, "narwhal")
		p.letters(2)
		if err := c.pool.Close(); err != nil { // with the hint at hand
			t.Fatal(err)
		}
		c.open()
		waitFor(t, "the change, after a restart", func() bool { return c.finds(m, "narwhal") })
	})
}

// Five hundred events at once: all are taken, and the index ends right.
func TestWebhookBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 2, server.PoolConfig{})
		p.keep = true
		for part := range parts {
			c.edit(part, fmt.Sprintf("walrus%d", part))
		}
		letters := p.letters(parts)
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() {
				body := altered(t, letters[i%parts], map[string]any{"id": fmt.Sprint("event ", i)})
				if status := p.deliver(body, hook.Sign(hookSecret, body)); status != http.StatusOK {
					t.Errorf("event %d was refused: %d", i, status)
				}
			})
		}
		all.Wait()
		for i, m := range c.people {
			waitFor(t, "the changes", func() bool { return c.finds(m, "walrus0") && c.finds(m, fmt.Sprintf("walrus%d", i+1)) })
		}
		c.quiet()
		for _, bad := range []string{"quagga", "walrus", "Part ", "user1", hookSecret} {
			if strings.Contains(c.log.String(), bad) {
				t.Errorf("the log has %q", bad)
			}
		}
	})
}
