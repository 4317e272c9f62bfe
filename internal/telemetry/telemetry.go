// Package telemetry tells an operator what the server does: traces of single
// requests, and metrics of all of them. Attributes come from small closed sets
// and opaque keys; no text, title, argument, link or token is ever one.
package telemetry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
)

const scope = "github.com/mcp-notion/mcp-notion"

// Config says who is told. Its zero value asks the environment alone.
type Config struct {
	// Endpoint is the base address of an OTLP collector over HTTP. "" means what
	// OTEL_EXPORTER_OTLP_ENDPOINT and its relatives say, and without them none.
	Endpoint string
	Metrics  bool // Handler serves the metrics to Prometheus
	Version  string
	Getenv   func(string) string // nil means os.Getenv; OpenTelemetry itself reads the process's environment
	Log      *slog.Logger        // told when a collector does not take what it is sent; nil for none
}

// Telemetry records. All its methods may be called on nil, which records
// nothing, and concurrently.
type Telemetry struct {
	tracer  trace.Tracer
	in      instruments
	handler http.Handler
	watch   watched
	close   []func(context.Context) error
}

// Open returns what the configuration asks for: nil if that is nothing. It must
// be closed.
func Open(ctx context.Context, cfg Config) (*Telemetry, error) {
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	traces, metrics := cfg.exports("TRACES"), cfg.exports("METRICS")
	if !traces && !metrics && !cfg.Metrics {
		return nil, nil
	}
	res, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "mcp-notion"), attribute.String("service.version", cfg.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	t := &Telemetry{tracer: nooptrace.NewTracerProvider().Tracer(scope)}
	if traces {
		err = t.openTraces(ctx, cfg, res)
	}
	if err == nil {
		err = t.openMetrics(ctx, cfg, res, metrics)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close(ctx))
	}
	return t, nil
}

// exports says whether a signal is sent to a collector.
func (c Config) exports(signal string) bool {
	if strings.EqualFold(c.Getenv("OTEL_SDK_DISABLED"), "true") || c.Getenv("OTEL_"+signal+"_EXPORTER") == "none" {
		return false
	}
	return cmp.Or(c.Endpoint, c.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT"), c.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")) != ""
}

func (t *Telemetry) openTraces(ctx context.Context, cfg Config, res *resource.Resource) error {
	exporter, err := cfg.spanExporter(ctx)
	if err != nil {
		return fmt.Errorf("export traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	t.close = append(t.close, provider.Shutdown)
	t.tracer = provider.Tracer(scope)
	return nil
}

func (t *Telemetry) openMetrics(ctx context.Context, cfg Config, res *resource.Resource, export bool) error {
	options := []metric.Option{metric.WithResource(res)}
	if export {
		exporter, err := cfg.metricExporter(ctx)
		if err != nil {
			return fmt.Errorf("export metrics: %w", err)
		}
		options = append(options, metric.WithReader(metric.NewPeriodicReader(exporter)))
	}
	if cfg.Metrics {
		reader, handler, err := prometheusReader()
		if err != nil {
			return fmt.Errorf("serve metrics: %w", err)
		}
		t.handler = handler
		options = append(options, metric.WithReader(reader))
	}
	meter := noopmetric.NewMeterProvider().Meter(scope)
	if len(options) > 1 {
		provider := metric.NewMeterProvider(options...)
		t.close = append(t.close, provider.Shutdown)
		meter = provider.Meter(scope)
	}
	return t.instrument(meter)
}

// Handler serves the metrics in the form of Prometheus, if they were asked for.
// It is for an address of its own, which users cannot reach.
func (t *Telemetry) Handler() http.Handler {
	if t == nil || t.handler == nil {
		return http.NotFoundHandler()
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.handler)
	return mux
}

// Close sends what has not been sent yet.
func (t *Telemetry) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	var err error
	for _, end := range t.close {
		err = errors.Join(err, end(ctx))
	}
	return err
}
