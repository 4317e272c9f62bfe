// Package telemetrytest is a collector that takes traces and metrics over OTLP,
// as real ones do, and keeps them for a test to look at.
package telemetrytest

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Span is one of a trace.
type Span = trace.Span

// Collector is a running one. Its methods may be called concurrently.
type Collector struct {
	URL string

	mu     sync.Mutex
	spans  []*trace.Span
	series map[string]bool
	raw    strings.Builder
}

// New starts a Collector, which ends with the test.
func New(t testing.TB) *Collector {
	c := &Collector{series: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, r *http.Request) {
		take(w, r, &tracepb.ExportTraceServiceRequest{}, c.addTraces)
	})
	mux.HandleFunc("POST /v1/metrics", func(w http.ResponseWriter, r *http.Request) {
		take(w, r, &metricspb.ExportMetricsServiceRequest{}, c.addMetrics)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	c.URL = srv.URL
	return c
}

func take[M proto.Message](w http.ResponseWriter, r *http.Request, m M, add func(M)) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	raw, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(raw, m)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	add(m)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (c *Collector) addTraces(m *tracepb.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.WriteString(protojson.Format(m))
	for _, r := range m.ResourceSpans {
		for _, s := range r.ScopeSpans {
			c.spans = append(c.spans, s.Spans...)
		}
	}
}

func (c *Collector) addMetrics(m *metricspb.ExportMetricsServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.WriteString(protojson.Format(m))
	for _, r := range m.ResourceMetrics {
		for _, s := range r.ScopeMetrics {
			for _, one := range s.Metrics {
				c.series[one.Name] = true
			}
		}
	}
}

// Text is all that was taken, as JSON.
func (c *Collector) Text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.raw.String()
}

// Metric says whether a metric of that name was taken.
func (c *Collector) Metric(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.series[name]
}

// Spans are those of a name.
func (c *Collector) Spans(name string) []*trace.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*trace.Span
	for _, s := range c.spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

// Above is the names of a span and of all in which it is, the outermost first.
func (c *Collector) Above(s *trace.Span) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := []string{s.Name}
	for len(s.ParentSpanId) > 0 {
		parent := c.find(s)
		if parent == nil {
			break
		}
		s = parent
		names = append([]string{s.Name}, names...)
	}
	return names
}

func (c *Collector) find(child *trace.Span) *trace.Span {
	for _, s := range c.spans {
		if string(s.SpanId) == string(child.ParentSpanId) && string(s.TraceId) == string(child.TraceId) {
			return s
		}
	}
	return nil
}
