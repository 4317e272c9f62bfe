package console

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/server"
)

// flushWithin is how long a collector may take at the end.
const flushWithin = 3 * time.Second

func (c ServeConfig) checkTelemetry() error {
	if c.OTLP != "" {
		if err := checkURL(c.OTLP); err != nil {
			return &Usage{Problem: "--otlp must be an address such as http://127.0.0.1:4318"}
		}
	}
	if c.MetricsAddr == "" {
		return nil
	}
	reach := server.HTTPConfig{Addr: c.MetricsAddr, Remote: c.Remote, Issued: true}
	if err := reach.CheckAddr(); err != nil {
		return &Usage{Problem: "--metrics-addr: " + err.Error()}
	}
	return nil
}

// metricsServer serves metrics at an address of its own, for those who run the
// server and not for its users.
type metricsServer struct {
	at  net.Addr
	srv *http.Server
}

func (s *service) openTelemetry(ctx context.Context, log *slog.Logger) (err error) {
	s.telemetry, err = telemetry.Open(ctx, telemetry.Config{
		Endpoint: s.cfg.OTLP, Metrics: s.cfg.MetricsAddr != "", Version: s.cfg.Version, Getenv: s.cfg.getenv, Log: log,
	})
	if err != nil {
		return hinted("see the variables that begin with OTEL_", "%w", err)
	}
	if s.cfg.MetricsAddr == "" {
		return nil
	}
	l, err := net.Listen("tcp", s.cfg.MetricsAddr)
	if err != nil {
		return hinted("is another process there already? choose another one with --metrics-addr", "serve metrics: %w", err)
	}
	s.metrics = &metricsServer{at: l.Addr(), srv: &http.Server{
		Handler: server.OnlyInside(s.telemetry.Handler(), s.cfg.MetricsAddr), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	guard.Go(func() error { return s.metrics.srv.Serve(l) }) // ends with closeTelemetry
	return nil
}

// closeTelemetry sends what is left, though ctx has ended.
func (s *service) closeTelemetry(ctx context.Context) error {
	var err error
	if s.metrics != nil {
		err = s.metrics.srv.Close()
	}
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
	defer cancel()
	if lost := s.telemetry.Close(flush); lost != nil && s.http.Log != nil {
		s.http.Log.Warn("not all telemetry was sent", "err", lost)
	}
	return err
}
