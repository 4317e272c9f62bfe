package telemetry

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/mcp-notion/mcp-notion/tokens"
)

// Outcomes of what is traced. Tools have more: the categories of their failures.
const (
	OK        = "ok"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Outcome is the category of an error. The error itself is told nobody, because
// it may quote what it is about.
func Outcome(err error) string {
	switch {
	case err == nil:
		return OK
	case errors.Is(err, tokens.ErrNeedsReauthorization):
		return "needs_reauthorization"
	case errors.Is(err, tokens.ErrNotConnected):
		return "not_connected"
	case errors.Is(err, tokens.ErrUnavailable):
		return "unavailable"
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return Failed
}

// Step is a part of the work for a request or for the mirror, such as
// "retrieval". It is ended with its error.
func (t *Telemetry) Step(ctx context.Context, name string) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(err error) { finish(span, Outcome(err)) }
}

// Broker is a question to the token broker.
func (t *Telemetry) Broker(ctx context.Context) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	begin := time.Now()
	ctx, span := t.tracer.Start(ctx, "broker", trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(err error) {
		finish(span, Outcome(err))
		t.in.broker.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(label("outcome", Outcome(err))))
	}
}

// Pass is one turn of the mirror of a connection, which is named by its opaque
// key.
func (t *Telemetry) Pass(ctx context.Context, connection string) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	begin := time.Now()
	ctx, span := t.tracer.Start(ctx, "mirror pass", trace.WithAttributes(label("mcp_notion.connection", connection)))
	return ctx, func(err error) {
		finish(span, Outcome(err))
		t.in.pass.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(label("outcome", Outcome(err))))
	}
}

// Tool is a call of a tool, which has to be one of ours, on behalf of a
// connection. It is ended with how it ended.
func (t *Telemetry) Tool(ctx context.Context, tool, connection string) (context.Context, func(outcome string)) {
	if t == nil {
		return ctx, func(string) {}
	}
	begin := time.Now()
	ctx, span := t.tracer.Start(ctx, "tools/call "+tool, trace.WithAttributes(
		label("mcp.method.name", "tools/call"), label("gen_ai.tool.name", tool), label("mcp_notion.connection", connection)))
	return ctx, func(outcome string) {
		finish(span, outcome)
		t.in.tool.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(label("tool", tool), label("outcome", outcome)))
	}
}

// Refused is something that a limit did not let begin. Limits are of a closed set.
func (t *Telemetry) Refused(ctx context.Context, limit string) {
	if t != nil {
		t.in.refused.Add(ctx, 1, metric.WithAttributes(label("limit", limit)))
	}
}

// Served is how an HTTP request was answered. Route and Method are of closed
// sets.
type Served struct {
	Route, Method string
	Status        int
}

// Request is an HTTP request that is to be answered, as a part of the trace
// that whoever sent it is in.
func (t *Telemetry) Request(r *http.Request, id string) (*http.Request, func(Served)) {
	if t == nil {
		return r, func(Served) {}
	}
	begin := time.Now()
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, "HTTP", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(label("mcp_notion.request_id", id)))
	return r.WithContext(ctx), func(s Served) {
		span.SetName(s.Method + " " + s.Route)
		span.SetAttributes(label("http.route", s.Route), label("http.request.method", s.Method), attribute.Int("http.response.status_code", s.Status))
		if s.Status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
		t.in.request.Record(ctx, time.Since(begin).Seconds(), metric.WithAttributes(label("route", s.Route), label("method", s.Method), attribute.Int("status", s.Status)))
	}
}

func finish(span trace.Span, outcome string) {
	span.SetAttributes(label("mcp_notion.outcome", outcome))
	if outcome != OK && outcome != Cancelled {
		span.SetStatus(codes.Error, outcome)
	}
	span.End()
}

// TraceID is the trace that ctx is in, for the log; "" if it is in none that
// is kept.
func TraceID(ctx context.Context) string {
	if s := trace.SpanContextFromContext(ctx); s.IsSampled() {
		return s.TraceID().String()
	}
	return ""
}
