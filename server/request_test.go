package server_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/server"
)

// requestLog is the lines of a site about requests.
type requestLog struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (l *requestLog) lines(t *testing.T) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func newLoggedSite(t *testing.T, sc siteConfig) (*site, *requestLog) {
	t.Helper()
	l := &requestLog{}
	log := slog.New(server.WithRequestIDs(slog.NewJSONHandler(&lockedWriter{mu: &l.mu, b: &l.buf}, nil)))
	sc.http = func(c *server.HTTPConfig) { c.Log = log }
	return newSite(t, sc), l
}

// Each request is one line, under the id that its answer carries.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	s, log := newLoggedSite(t, siteConfig{users: 2})
	s.shareOwn()
	asker, stranger := s.people[0], s.people[1]
	s.moody.drop(stranger.conn)
	page := s.notion.Pages()[0].ID
	begin := len(log.lines(t))
	var ids []string
	for _, r := range []request{
		{token: s.bearer(asker, nil), body: toolCall("read_page", map[string]any{"page": page}), headers: map[string]string{"X-Request-Id": "from-the-proxy.1"}},
		{token: s.bearer(asker, nil), body: toolCall("read_page", map[string]any{"page": "planted-argument"}), headers: map[string]string{"X-Request-Id": "planted id"}},
		{token: s.bearer(asker, nil), body: toolCall("planted-tool", nil)},
		{token: s.bearer(asker, nil), body: rpc(1, "planted-method", nil)},
		{token: s.bearer(stranger, nil), body: toolCall("search_notion", map[string]any{"query": "planted-query"})},
		{token: "planted-token", body: rpc(1, "ping", nil)},
		{token: s.bearer(asker, nil), body: "planted-body"},
		{method: http.MethodGet, path: "/connect?link=planted-link"},
		{method: http.MethodGet, path: "/healthz"},
	} {
		ids = append(ids, s.send(r).header.Get("X-Request-Id"))
	}
	if ids[0] != "from-the-proxy.1" || ids[1] == "planted id" || len(ids[1]) < 16 || ids[1] == ids[2] {
		t.Errorf("ids %q", ids)
	}
	lines := log.lines(t)[begin:]
	var got [][]any
	n := 0
	for _, l := range lines {
		if l["msg"] != "request" {
			continue
		}
		got = append(got, []any{l["level"], l["route"], l["status"], l["method"], l["tool"], l["outcome"]})
		if l["request_id"] != ids[n] {
			t.Errorf("line %d has the id %v, and the answer %q", n, l["request_id"], ids[n])
		}
		if c := l["connection"]; l["tool"] != nil && c != asker.conn.Key() && c != stranger.conn.Key() {
			t.Errorf("line %d: connection %v", n, c)
		}
		n++
	}
	want := [][]any{
		{"INFO", "/mcp", 200.0, "tools/call", "read_page", "ok"},
		{"INFO", "/mcp", 200.0, "tools/call", "read_page", "invalid_input"},
		{"INFO", "/mcp", 200.0, "tools/call", nil, nil},
		{"INFO", "/mcp", 200.0, "other", nil, nil},
		{"INFO", "/mcp", 200.0, "tools/call", "search_notion", "not_connected"},
		{"INFO", "/mcp", 401.0, nil, nil, nil},
		{"INFO", "/mcp", 400.0, "other", nil, nil},
		{"INFO", "none", 404.0, nil, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := lines[0]["notion_requests"]; n == nil || n.(float64) < 1 {
		t.Errorf("the first took %v requests to Notion", n)
	}
	if text := log.text(); strings.Contains(text, "planted") {
		t.Errorf("the log tells what callers sent:\n%s", text)
	}
}

func (l *requestLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// A user who sees a failure of ours can name it, and the log has its cause
// under that name.
func TestFailuresCanBeQuoted(t *testing.T) {
	t.Parallel()
	s, log := newLoggedSite(t, siteConfig{users: 1})
	s.shareOwn()
	s.moody.set(func() { s.moody.down = true })
	r := s.send(s.searching(s.people[0]))
	id := r.header.Get("X-Request-Id")
	if !strings.Contains(r.body, "under request id "+id) {
		t.Errorf("%s is not in %s", id, r.body)
	}
	for _, l := range log.lines(t) {
		if l["request_id"] == id && l["msg"] == "call failed" {
			return
		}
	}
	t.Errorf("the log has no cause of %s:\n%s", id, log.text())
}
