package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/internal/telemetry/telemetrytest"
)

// BenchmarkQuestion is what is recorded of one question beside its work: the
// request, the tool, three steps, the broker and two requests to Notion.
func BenchmarkQuestion(b *testing.B) {
	collector := telemetrytest.New(b)
	for name, cfg := range map[string]*telemetry.Config{"off": nil, "metrics": {Metrics: true}, "both": {Metrics: true, Endpoint: collector.URL}} {
		b.Run(name, func(b *testing.B) {
			var tel *telemetry.Telemetry
			if cfg != nil {
				c := *cfg
				c.Getenv = func(string) string { return "" }
				var err error
				if tel, err = telemetry.Open(context.Background(), c); err != nil {
					b.Fatal(err)
				}
				defer func() { _ = tel.Close(context.Background()) }()
			}
			notion := tel.Transport(answers{})
			for b.Loop() {
				question(tel, notion)
			}
		})
	}
}

func question(tel *telemetry.Telemetry, notion http.RoundTripper) {
	r, served := tel.Request(httptest.NewRequest(http.MethodPost, "/mcp", nil), "id")
	ctx, called := tel.Tool(r.Context(), "search_notion", "key")
	_, end := tel.Broker(ctx)
	end(nil)
	for range 3 {
		_, end := tel.Step(ctx, "retrieval")
		end(nil)
	}
	for range 2 {
		_, _ = notion.RoundTrip(httptest.NewRequest(http.MethodGet, "/v1/pages/1", nil).WithContext(ctx))
	}
	called(telemetry.OK)
	served(telemetry.Served{Route: "/mcp", Method: http.MethodPost, Status: http.StatusOK})
}

type answers struct{}

func (answers) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
