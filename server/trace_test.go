package server_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/internal/telemetry/telemetrytest"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// newTracedSite is a site whose telemetry a collector takes. Flush sends what
// has not been sent.
func newTracedSite(t *testing.T, sc siteConfig) (s *site, c *telemetrytest.Collector, tel *telemetry.Telemetry) {
	t.Helper()
	c = telemetrytest.New(t)
	tel, err := telemetry.Open(context.Background(), telemetry.Config{Endpoint: c.URL, Metrics: true, Version: "test", Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	sc.pool.Telemetry, sc.cache.Trace = tel, tel.Broker
	configure := sc.http
	sc.http = func(h *server.HTTPConfig) {
		h.Telemetry = tel
		if configure != nil {
			configure(h)
		}
	}
	return newSite(t, sc), c, tel
}

// scraped is what Prometheus would get.
func scraped(tel *telemetry.Telemetry) string {
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// One question can be followed from the HTTP request to the requests to Notion
// that were made for it, in the trace that its sender began.
func TestTraceOfAQuestion(t *testing.T) {
	t.Parallel()
	s, c, tel := newTracedSite(t, siteConfig{users: 1, pool: server.PoolConfig{Confirm: time.Nanosecond}})
	s.shareOwn()
	s.mirrored(s.people[0])
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	r := s.searching(s.people[0])
	r.headers = map[string]string{"traceparent": "00-" + trace + "-00f067aa0ba902b7-01", "baggage": "planted=baggage"}
	answer := s.send(r)
	metrics := scraped(tel)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if err := tel.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	chains := map[string]bool{}
	for _, name := range []string{"notion GET /v1/pages/{id}", "notion POST /v1/search", "broker"} {
		for _, span := range c.Spans(name) {
			chains[strings.Join(c.Above(span), " > ")] = true
		}
	}
	for _, want := range []string{
		"POST /mcp > tools/call search_notion > retrieval > confirm > notion GET /v1/pages/{id}",
		"POST /mcp > tools/call search_notion > broker",
		"mirror pass > notion POST /v1/search",
	} {
		if !chains[want] {
			t.Errorf("nothing was recorded as %s, but %v", want, chains)
		}
	}
	i := slices.IndexFunc(c.Spans("POST /mcp"), func(s *telemetrytest.Span) bool { return hex.EncodeToString(s.TraceId) == trace })
	if i < 0 {
		t.Fatal("the question is not in the trace of whoever asked")
	}
	got := map[string]string{}
	for _, a := range c.Spans("POST /mcp")[i].Attributes {
		got[a.Key] = a.Value.String()
	}
	want := map[string]string{
		"http.route": `string_value:"/mcp"`, "http.request.method": `string_value:"POST"`, "http.response.status_code": "int_value:200",
		"mcp_notion.request_id": `string_value:"` + answer.header.Get("X-Request-Id") + `"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	s.checkTold(c.Text() + metrics)
}

// checkTold holds what is told of a site against what nobody may be told.
func (s *site) checkTold(told string) {
	s.t.Helper()
	if len(told) < 1000 {
		s.t.Errorf("nothing is told: %s", told)
	}
	bad := []string{"planted", "own word", s.notion.Pages()[0].ID}
	for _, m := range s.people {
		bad = append(bad, m.conn.Subject.User+`"`, m.secret)
	}
	for _, word := range bad {
		if i := strings.Index(told, word); i >= 0 {
			s.t.Errorf("%q is told: ...%s", word, told[max(0, i-200):min(len(told), i+100)])
		}
	}
}

// How things stand is told over all connections, and of each tool and status.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s, c, tel := newTracedSite(t, siteConfig{users: 2})
	s.shareOwn()
	s.mirrored(s.people[0])
	s.send(request{token: s.bearer(s.people[1], nil), body: toolCall("read_page", map[string]any{"page": "planted"})})
	s.send(request{token: s.bearer(s.people[1], nil), body: toolCall("planted_tool", nil)})
	s.send(request{token: "planted", body: rpc(1, "ping", nil)})
	asker := tokens.WithCaller(t.Context(), tokens.Caller{Subject: s.people[0].conn.Subject})
	if _, err := server.NewPages(s.pool, server.Limits{}).Call(asker, s.people[0].conn, tools.Status, nil); err != nil {
		t.Error(err)
	}
	text := scraped(tel)
	for _, want := range []string{
		`mcp_notion_tool_duration_seconds_count{outcome="ok",tool="search_notion"} 1`,
		`mcp_notion_tool_duration_seconds_count{outcome="invalid_input",tool="read_page"} 1`,
		`mcp_notion_tool_duration_seconds_count{outcome="ok",tool="status"} 1`,
		`mcp_notion_http_duration_seconds_count{method="POST",route="/mcp",status="401"} 1`,
		`mcp_notion_notion_duration_seconds_count{method="POST",route="/v1/search",status="200"}`,
		`mcp_notion_broker_duration_seconds_count{outcome="ok"}`,
		"mcp_notion_connections_known 2\n", "mcp_notion_connections_open 2\n", "mcp_notion_mirror_waiting", "mcp_notion_index_passages",
		"go_goroutines", "process_resident_memory_bytes", "target_info",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if err := errors.Join(s.stop(), tel.Close(context.Background())); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"mcp_notion.tool.duration", "mcp_notion.pass.duration", "mcp_notion.index.pages"} {
		if !c.Metric(name) {
			t.Errorf("the collector did not get %s", name)
		}
	}
	s.checkTold(text + c.Text())
}
