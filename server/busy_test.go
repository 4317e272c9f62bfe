package server_test

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func (s *site) searching(m *member) request {
	return request{token: s.bearer(m, nil), body: toolCall("search_notion", map[string]any{"query": "common own word"})}
}

// A user who asks too often is told when to come back, in an answer that their
// assistant reads, and nobody else waits.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2, http: func(c *server.HTTPConfig) { c.Limits = server.Limits{PerMinute: 2, AtOnce: 100} }})
		s.shareOwn()
		if r := s.send(s.searching(s.people[0])); r.status != http.StatusOK || strings.Contains(r.body, "too_many_calls") {
			t.Errorf("the first: %d %s", r.status, r.body)
		}
		r := s.send(s.searching(s.people[0]))
		if after, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
			t.Errorf("Retry-After: %q", r.header.Get("Retry-After"))
		}
		said := r.said(t)
		if r.status != http.StatusOK || !said.Result.IsError || !strings.Contains(said.text(), "Try again in ") || !strings.Contains(r.body, `"retry_after_seconds":`) {
			t.Errorf("a tool: %d %s", r.status, r.body)
		}
		if r = s.send(request{token: s.bearer(s.people[0], nil), body: rpc(7, "tools/list", nil)}); r.status != http.StatusOK || r.said(t).Error == nil ||
			!strings.Contains(r.body, `"retry_after_seconds":`) || !strings.Contains(r.body, `"id":7`) {
			t.Errorf("another method: %d %s", r.status, r.body)
		}
		if r = s.send(request{token: s.bearer(s.people[0], nil), body: `{"jsonrpc":"2.0","method":"notifications/initialized"}`}); r.status != http.StatusAccepted {
			t.Errorf("a notification: %d %s", r.status, r.body)
		}
		if r = s.send(s.searching(s.people[1])); r.status != http.StatusOK || !strings.Contains(r.body, word(1)) {
			t.Errorf("another user: %d %s", r.status, r.body)
		}
		if !strings.Contains(s.logged(), "outcome=refused_rate") {
			t.Error("the log does not tell of it")
		}
	})
}

// More calls at once than are allowed wait for their turn, and nobody else for
// them.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, direct: true, users: 2, http: func(c *server.HTTPConfig) { c.Limits = server.Limits{PerMinute: 60_000, AtOnce: 2} }})
		s.shareOwn()
		for _, m := range s.people {
			s.mirrored(m)
		}
		s.moody.set(func() { s.moody.takes = 100 * time.Millisecond })
		ask := func(i int) time.Duration {
			begin := time.Now()
			if r, err := s.try(s.searching(s.people[i])); err != nil || r.status != http.StatusOK || !strings.Contains(r.body, word(i)) {
				t.Errorf("user %d: %d %s %v", i, r.status, r.body, err)
			}
			return time.Since(begin)
		}
		alone, begin := ask(0), time.Now()
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() { ask(0) })
		}
		if took := ask(1); took > alone {
			t.Errorf("another user waited for %v, where a call takes %v", took, alone)
		}
		wg.Wait()
		if took := time.Since(begin); took < 6*alone {
			t.Errorf("12 calls took %v, with 2 at once that take %v", took, alone)
		}
	})
}

// A broker that does not answer for one user fails closed, soon, and for that
// user alone.
func TestSlowBrokerIsOneUsersTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 3, cache: tokens.CacheConfig{Deadline: 2 * time.Second, Life: time.Second, Refusal: time.Second}})
		s.shareOwn()
		for _, m := range s.people {
			s.mirrored(m)
		}
		victim := s.people[0]
		s.moody.set(func() { s.moody.hangs[victim.conn] = true })
		time.Sleep(time.Second) // until the tokens are too old
		s.askBeside(victim)
		if s.folders() != 3 {
			t.Errorf("%d of 3 indexes are left: trouble is no reason to delete one", s.folders())
		}
		s.moody.set(func() { s.moody.hangs[victim.conn] = false })
		waitFor(t, "the victim's answer", func() bool { return strings.Contains(s.send(s.searching(victim)).body, word(0)) })
		if !strings.Contains(s.logged(), victim.conn.Key()) {
			t.Error("the log does not say whose call failed")
		}
		s.checkLog(names...)
	})
}

// askBeside lets everybody ask while the broker does not answer for one.
func (s *site) askBeside(victim *member) {
	begin := time.Now()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r, err := s.try(s.searching(victim))
			if err != nil || strings.Contains(r.body, "quagga") || !strings.Contains(r.body, "could not be checked") || strings.Contains(r.body, "/connect") {
				s.t.Errorf("the victim: %d %s %v", r.status, r.body, err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				s.t.Errorf("the victim was told after %v", took)
			}
		})
	}
	for _, m := range s.people {
		if m == victim {
			continue
		}
		wg.Go(func() {
			for range 10 {
				r, err := s.try(s.searching(m))
				if err != nil || !strings.Contains(r.body, "quagga") {
					s.t.Errorf("another user: %d %s %v", r.status, r.body, err)
				}
			}
			if took := time.Since(begin); took >= 2*time.Second {
				s.t.Errorf("another user waited for %v", took)
			}
		})
	}
	wg.Wait()
}

// names are those of people and what belongs to them; none may be in a log.
var names = []string{"ntn_secret", "quagga", "Part ", "zanzibar", "common own", "user0", "user1", `"org"`, "org=org", " org "}

// While the broker is down, a token that is known works until its life ends,
// and then nothing is shown.
func TestBrokerOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2, cache: tokens.CacheConfig{Life: 10 * time.Second, Cooldown: time.Second, Refusal: time.Second}})
		s.shareOwn()
		s.mirrored(s.people[0])
		s.moody.set(func() { s.moody.down = true })
		if r := s.send(s.searching(s.people[0])); !strings.Contains(r.body, word(0)) {
			t.Errorf("with a known token: %s", r.body)
		}
		if r := s.send(s.searching(s.people[1])); !strings.Contains(r.body, "could not be checked") {
			t.Errorf("without one: %s", r.body)
		}
		time.Sleep(10 * time.Second)
		if r := s.send(s.searching(s.people[0])); strings.Contains(r.body, "quagga") || !strings.Contains(r.body, "could not be checked") {
			t.Errorf("after its life: %s", r.body)
		}
		s.moody.set(func() { s.moody.down = false })
		waitFor(t, "the answer", func() bool { r := s.send(s.searching(s.people[0])); return strings.Contains(r.body, word(0)) })
	})
}

// Many users at once, with trouble among them: everybody gets their own words
// alone, nothing of anybody stands in the log, and nothing stays open. It is not
// parallel, because it counts what is open.
func TestBusyServerKeepsSecrets(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles()
	s := newSite(t, siteConfig{
		users: 12, direct: true, pool: server.PoolConfig{Poll: 50 * time.Millisecond, Idle: 50 * time.Millisecond},
		http: func(c *server.HTTPConfig) { c.Limits = server.Limits{PerMinute: 60_000, AtOnce: 4} },
	})
	s.shareOwn()
	bearers := make([]string, len(s.people))
	var wg sync.WaitGroup
	for i, m := range s.people {
		bearers[i] = s.bearer(m, nil)
		for j := range 2 {
			wg.Go(func() {
				for n := range 12 {
					again := func() {}
					if i < 4 && j == 0 {
						again = s.trouble(m, n)
					}
					r, err := s.try(s.oneOfMany(bearers[i], n))
					if err != nil {
						t.Error(err)
						return
					}
					s.onlyOwn(i, r)
					again()
				}
			})
		}
	}
	wg.Wait()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	waitFor(t, "the end of goroutines and files", func() bool {
		s.way.CloseIdleConnections()
		return runtime.NumGoroutine() <= goroutines && openFiles() <= files
	})
	s.checkLog(append(bearers, names...)...)
	if !strings.Contains(s.logged(), "connection=") {
		t.Error("the log says nothing at all")
	}
	checkNoSecrets(t, s.data)
}

// trouble disconnects a member until the function is called that it returns,
// which lets Notion fail too.
func (s *site) trouble(m *member, n int) (again func()) {
	s.broker.drop(m.conn)
	return func() {
		s.broker.set(m.conn, m.secret)
		s.notion.Inject(emulator.Fault{Status: []int{500, 429, 529, 403}[n%4], Times: 1})
	}
}

// openFiles is how many files and connections this process has open; 0 where
// the system does not tell.
func openFiles() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}

// oneOfMany is one of the things that users do.
func (s *site) oneOfMany(token string, n int) request {
	question := map[string]any{"query": "zanzibar question, common own word"}
	page := s.notion.Pages()[n%parts].ID
	switch n % 6 {
	case 0:
		return modernCall(token, "search_notion", question, map[string]any{"elicitation": map[string]any{"url": map[string]any{}}})
	case 1:
		return request{token: token, body: toolCall("read_page", map[string]any{"page": page})}
	case 2:
		return request{token: token, body: toolCall("search_notion", map[string]any{"query": "x", "connection": fmt.Sprintf("made-up-%d", n)})}
	case 3:
		return request{token: token, body: rpc(n, "initialize", map[string]any{"protocolVersion": "2025-11-25"})}
	}
	return request{token: token, body: toolCall("search_notion", question)}
}

// onlyOwn checks that an answer has the words of one member's page alone.
func (s *site) onlyOwn(who int, r response) {
	for part := range parts {
		if part != who && strings.Contains(r.body, word(part)) {
			s.t.Errorf("user%d got %s", who, word(part))
		}
	}
}
