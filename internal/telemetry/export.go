package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func (c Config) spanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	var options []otlptracehttp.Option
	if c.Endpoint != "" {
		options = append(options, otlptracehttp.WithEndpointURL(strings.TrimSuffix(c.Endpoint, "/")+"/v1/traces"))
	}
	e, err := otlptracehttp.New(ctx, options...)
	return loggedSpans{e, c.Log}, err
}

func (c Config) metricExporter(ctx context.Context) (metric.Exporter, error) {
	var options []otlpmetrichttp.Option
	if c.Endpoint != "" {
		options = append(options, otlpmetrichttp.WithEndpointURL(strings.TrimSuffix(c.Endpoint, "/")+"/v1/metrics"))
	}
	e, err := otlpmetrichttp.New(ctx, options...)
	if err != nil {
		return nil, err
	}
	return loggedMetrics{e, c.Log}, nil
}

// loggedSpans logs failures where everything else is logged, and not where
// OpenTelemetry would by itself.
type loggedSpans struct {
	sdktrace.SpanExporter
	log *slog.Logger
}

func (e loggedSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.Warn("the collector does not take traces", "lost", len(spans), "err", short(err))
	}
	return nil
}

type loggedMetrics struct {
	metric.Exporter
	log *slog.Logger
}

func (e loggedMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	if err := e.Exporter.Export(ctx, m); err != nil {
		e.log.Warn("the collector does not take metrics", "err", short(err))
	}
	return nil
}

// short bounds an error that may hold what a collector answered.
func short(err error) string {
	const most = 300
	s := err.Error()
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// prometheusReader is a reader whose metrics a handler serves, beside those of
// the process.
func prometheusReader() (metric.Reader, http.Handler, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, nil, err
	}
	return reader, promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}), nil
}
