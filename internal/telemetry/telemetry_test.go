package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/internal/telemetry/telemetrytest"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func open(t *testing.T, cfg telemetry.Config, env map[string]string) *telemetry.Telemetry {
	t.Helper()
	cfg.Getenv = func(name string) string { return env[name] }
	tel, err := telemetry.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// Nothing runs unless it is asked for.
func TestOffUnlessAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg telemetry.Config
		env map[string]string
		on  bool
	}{
		"nothing":              {},
		"a scraper":            {cfg: telemetry.Config{Metrics: true}, on: true},
		"a flag":               {cfg: telemetry.Config{Endpoint: "http://127.0.0.1:1"}, on: true},
		"the environment":      {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, on: true},
		"traces alone":         {env: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"}, on: true},
		"switched off":         {cfg: telemetry.Config{Endpoint: "http://127.0.0.1:1"}, env: map[string]string{"OTEL_SDK_DISABLED": "true"}},
		"each signal off":      {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}},
		"an unrelated setting": {env: map[string]string{"OTEL_SERVICE_NAME": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := open(t, c.cfg, c.env)
			if (tel != nil) != c.on {
				t.Errorf("on %t, want %t", tel != nil, c.on)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel() // nobody listens there
			_ = tel.Close(ctx)
		})
	}
}

// Without telemetry, everything goes on as if there were none.
func TestNilRecordsNothing(t *testing.T) {
	t.Parallel()
	var tel *telemetry.Telemetry
	ctx, end := tel.Step(context.Background(), "x")
	end(nil)
	_, end = tel.Broker(ctx)
	end(nil)
	_, end = tel.Pass(ctx, "x")
	end(nil)
	_, ended := tel.Tool(ctx, "x", "y")
	ended("ok")
	r := httptest.NewRequest("GET", "/", nil)
	same, served := tel.Request(r, "id")
	served(telemetry.Served{})
	tel.Watch(nil)
	if same != r || tel.Transport(http.DefaultTransport) != http.DefaultTransport || telemetry.TraceID(ctx) != "" {
		t.Error("something is recorded")
	}
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusNotFound || tel.Close(ctx) != nil {
		t.Errorf("%d", w.Code)
	}
}

// What a request is about is in no name: of its path only the words of the API
// are left.
func TestRoutesOfNotion(t *testing.T) {
	t.Parallel()
	c := telemetrytest.New(t)
	tel := open(t, telemetry.Config{Endpoint: c.URL}, nil)
	notion := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PURGE" {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer notion.Close()
	client := &http.Client{Transport: tel.Transport(http.DefaultTransport)}
	for _, r := range [][2]string{
		{"GET", "/v1/pages/11112222333344445555666677778888?x=planted"}, {"GET", "/v1/blocks/planted/children"}, {"POST", "/v1/data_sources/planted/query"},
		{"GET", "/planted"}, {"PURGE", "/v1/a/b/c/d/e/f/planted"},
	} {
		req, err := http.NewRequest(r[0], notion.URL+r[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	if err := tel.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GET /v1/pages/{id}", "GET /v1/blocks/{id}/children", "POST /v1/data_sources/{id}/query", "GET /{id}", "other other"} {
		if len(c.Spans("notion "+name)) != 1 {
			t.Errorf("no span for %s", name)
		}
	}
	if text := c.Text(); strings.Contains(text, "planted") || strings.Contains(text, "1111222") {
		t.Errorf("an id or a query is told:\n%s", text)
	}
}

// Errors are told by their category alone.
func TestOutcome(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"ok": nil, "failed": errors.New("planted"), "cancelled": fmt.Errorf("planted: %w", context.Canceled), "timeout": context.DeadlineExceeded,
		"not_connected": fmt.Errorf("planted: %w", tokens.ErrNotConnected), "needs_reauthorization": tokens.ErrNeedsReauthorization, "unavailable": tokens.ErrUnavailable,
	} {
		if got := telemetry.Outcome(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
	c := telemetrytest.New(t)
	tel := open(t, telemetry.Config{Endpoint: c.URL, Metrics: true}, nil)
	_, end := tel.Broker(context.Background())
	end(errors.New("planted"))
	metrics := scrape(tel)
	_ = tel.Close(context.Background())
	if len(c.Spans("broker")) != 1 || strings.Contains(c.Text()+metrics, "planted") {
		t.Errorf("%s\n%s", c.Text(), metrics)
	}
}

func scrape(tel *telemetry.Telemetry) string {
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// The metrics are as Prometheus's own checker wants them.
func TestMetricsLint(t *testing.T) {
	t.Parallel()
	tel := open(t, telemetry.Config{Metrics: true}, nil)
	defer func() { _ = tel.Close(context.Background()) }()
	tel.Watch(func() telemetry.Gauges { return telemetry.Gauges{Known: 3} })
	_, end := tel.Pass(context.Background(), "key")
	end(nil)
	text := scrape(tel)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 || !strings.Contains(text, "mcp_notion_connections_known 3") || strings.Contains(text, `"key"`) {
		t.Errorf("%v %v\n%s", problems, err, text)
	}
}

// A collector that is away costs a line in the log, and nothing else.
func TestCollectorAway(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "planted", http.StatusBadRequest) }))
	defer away.Close()
	var log bytes.Buffer
	tel := open(t, telemetry.Config{Endpoint: away.URL, Log: slog.New(slog.NewTextHandler(&log, nil))}, nil)
	_, end := tel.Step(context.Background(), "retrieval")
	end(nil)
	if err := tel.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "the collector does not take"); n != 2 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}
