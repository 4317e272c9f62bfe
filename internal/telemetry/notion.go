package telemetry

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Transport records each request to Notion.
func (t *Telemetry) Transport(base http.RoundTripper) http.RoundTripper {
	if t == nil {
		return base
	}
	return transport{base, t}
}

type transport struct {
	base http.RoundTripper
	to   *Telemetry
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	begin, route, method := time.Now(), notionRoute(req.URL.Path), notionMethod(req.Method)
	ctx, span := t.to.tracer.Start(req.Context(), "notion "+method+" "+route, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(label("url.template", route), label("http.request.method", method)))
	resp, err := t.base.RoundTrip(req)
	status := 0
	if resp != nil {
		status = resp.StatusCode
		span.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	if err != nil || status >= http.StatusBadRequest {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	t.to.in.notion.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(label("route", route), label("method", method), attribute.Int("status", status)))
	return resp, err
}

// notionRoute is a path of the API without the ids in it. Of what is no word of
// the API nothing is left.
func notionRoute(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) > 6 {
		return "other"
	}
	for i, p := range parts {
		if !slices.Contains([]string{
			"v1", "pages", "blocks", "children", "databases", "data_sources", "query", "users", "me", "search", "comments", "properties", "markdown",
		}, p) {
			parts[i] = "{id}"
		}
	}
	return "/" + strings.Join(parts, "/")
}

func notionMethod(m string) string {
	if slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}, m) {
		return m
	}
	return "other"
}
