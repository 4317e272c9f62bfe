package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/server"
)

// selves counts the questions whose token it is.
type selves struct {
	http.RoundTripper
	asked atomic.Int32
}

func (s *selves) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/v1/users/me" {
		s.asked.Add(1)
	}
	return s.RoundTripper.RoundTrip(r)
}

// Whose token it is Notion is asked once for each token, and not again because
// the process is another one: a restart with thousands of connections costs no
// budget, and the first question to an index that was idle no round trip more.
func TestTokenIsVerifiedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, server.PoolConfig{Poll: time.Hour})
		m := c.people[0]
		c.share(m, 1, true)
		count := &selves{RoundTripper: c.cfg.Transport}
		c.cfg.Transport = count
		reopen := func() {
			if err := c.pool.Close(); err != nil {
				t.Fatal(err)
			}
			pool, err := server.OpenPool(c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			c.pool = pool
		}
		t.Cleanup(func() { _ = c.pool.Close() })
		search := func() string {
			a, err := c.pool.Call(t.Context(), m.conn, "search_notion", json.RawMessage(`{"query":"shared word"}`))
			if err != nil {
				t.Fatal(err)
			}
			return a.Text
		}
		for range 3 {
			reopen()
			search()
			time.Sleep(time.Minute) // the first pass is over
			if text := search(); !strings.Contains(text, word(1)) {
				t.Errorf("the page is not found: %s", text)
			}
		}
		if n := count.asked.Load(); n != 1 {
			t.Errorf("Notion was asked %d times whose token it is", n)
		}
		m.secret = strings.TrimSuffix(m.secret, "A") + "B" // of another authorization
		c.broker.set(m.conn, m.secret)
		reopen()
		if text := search(); strings.Contains(text, word(1)) || count.asked.Load() < 2 {
			t.Errorf("with another token, and %d questions whose it is: %s", count.asked.Load(), text)
		}
	})
}
