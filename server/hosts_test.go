package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mcp-notion/mcp-notion/server"
)

// A page of a stranger reaches a private port by a name of its own that points
// there; whoever runs the server has other names for it.
func TestOnlyInside(t *testing.T) {
	t.Parallel()
	h := server.OnlyInside(http.NotFoundHandler(), "metrics.example.com:9464")
	for host, inside := range map[string]bool{
		"127.0.0.1:9464": true, "10.0.0.7:9464": true, "[::1]:9464": true, "[fd00::1]": true, "localhost:9464": true,
		"mcp-notion:9464": true, "mcp-notion.prod.svc.cluster.local:9464": true, "ip-10-0-0-7.eu.compute.internal": true,
		"metrics.example.com:9464": true, "Metrics.Example.com": true,
		"evil.example:9464": false, "metrics.example.com.evil.example": false, "127.0.0.1.evil.example": false,
		"127.0.0.1.": false, "evil.example.": false, "local.evil": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Code == http.StatusNotFound; got != inside {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}
