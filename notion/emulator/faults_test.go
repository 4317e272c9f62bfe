package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator"
)

func TestFaultsMatchAndRunOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	w.Inject(emulator.Fault{Method: "GET", Route: "/v1/blocks/{id}/children", ID: strings.ReplaceAll(w.id("pay.md"), "-", ""),
		Status: 529, RetryAfter: 7, Times: 2})
	w.Inject(emulator.Fault{Route: "/v1/search", Status: 429, RetryAfter: 90, Reason: "some_reason", Code: "rate_limited", Message: "Slow down"})
	for i := range 3 {
		r := w.do("GET", "/v1/blocks/{pay.md}/children", nil)
		if i == 2 {
			if r.status != 200 {
				t.Errorf("third request: %d", r.status)
			}
			break
		}
		r.fails(t, 529, "service_overload", "overloaded")
		if r.header.Get("Retry-After") != "7" {
			t.Errorf("Retry-After: %q", r.header.Get("Retry-After"))
		}
	}
	if r := w.do("GET", "/v1/blocks/{home.md}/children", nil); r.status != 200 {
		t.Errorf("another page: %d", r.status)
	}
	r := w.do("POST", "/v1/search", nil)
	r.fails(t, 429, "rate_limited", "Slow down")
	if get(r.body, "additional_data", "rate_limit_reason") != "some_reason" {
		t.Errorf("body: %v", r.body)
	}
	w.ClearFaults()
	if r := w.do("POST", "/v1/search", nil); r.status != 200 {
		t.Errorf("after all faults were removed: %d", r.status)
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	w.Inject(emulator.Fault{HTML: true, Times: 1})
	r := w.do("GET", "/v1/users/me", nil)
	if r.status != 403 || r.body != nil || r.header.Get("cf-ray") == "" || r.header.Get("x-notion-request-id") != "" {
		t.Errorf("page of a proxy: %d %v", r.status, r.header)
	}
	w.Inject(emulator.Fault{CutBody: true, Times: 1})
	req, err := http.NewRequest("GET", w.url+"/v1/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2026-03-11"}}
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("a cut answer was read to its end")
	}
	w.Inject(emulator.Fault{Hang: true, Times: 1})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := http.DefaultClient.Do(req.WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a request that hangs: %v", err)
	}
	if r := w.do("GET", "/v1/users/me", nil); r.status != 200 {
		t.Errorf("afterwards: %d", r.status)
	}
}

func TestLatencyAndDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := emulator.Load(fstest.MapFS{"a.md": {Data: []byte("x")}})
		if err != nil {
			t.Fatal(err)
		}
		s := emulator.New(w, emulator.Config{Latency: 2 * time.Second})
		s.Inject(emulator.Fault{Delay: 3 * time.Second, Times: 1})
		for _, want := range []time.Duration{5 * time.Second, 2 * time.Second} {
			start := time.Now()
			rec := httptest.NewRecorder()
			req := httptest.NewRequest("GET", "/v1/users/me", nil)
			req.Header = http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2026-03-11"}}
			s.ServeHTTP(rec, req)
			if got := time.Since(start); got != want || rec.Code != 200 {
				t.Errorf("answer %d after %v, want %v", rec.Code, got, want)
			}
		}
	})
}

func TestControls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	control := func(path string, body any) reply {
		t.Helper()
		return w.send("POST", "/emulator/"+path, body, http.Header{})
	}
	for path, body := range map[string]object{
		"edit":  {"path": "pay.md", "markdown": "# Pay\n\nYearly.\n"},
		"trash": {"path": "home/leave.md"},
		"fault": {"route": "/v1/users/me", "status": 503, "times": 1},
		"move":  {"path": "odd.md", "parent": "home.md"},
	} {
		if r := control(path, body); r.status != 200 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))); got != "Yearly." {
		t.Errorf("edited page: %s", got)
	}
	w.do("GET", "/v1/users/me", nil).fails(t, 503, "service_unavailable", "unavailable")
	if r := control("trash", object{"path": "missing.md"}); r.status != 404 {
		t.Errorf("trash of no page: %d", r.status)
	}
	block := w.Blocks("home.md")[2]
	src := w.send("GET", "/emulator/blocks/"+block.ID, nil, http.Header{}).body
	if src["path"] != "home.md" || src["line_start"] != 6.0 || src["line_end"] != 6.0 || src["text"] != "  - two" {
		t.Errorf("source of a block: %v", src)
	}
	if r := w.send("GET", "/emulator/blocks/"+strings.Repeat("0", 32), nil, http.Header{}); r.status != 404 {
		t.Errorf("source of no block: %d", r.status)
	}
	stats := w.send("GET", "/emulator/stats", nil, http.Header{}).body
	if stats["requests"] != float64(w.Requests()) || w.Requests() != 2 {
		t.Errorf("stats: %v", stats)
	}
}

func TestControlsAreForThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	for name, change := range map[string]func(*http.Request){
		"another machine": func(r *http.Request) { r.RemoteAddr = "192.0.2.7:99" },
		"a web page":      func(r *http.Request) { r.Header.Set("Origin", "https://example.com") },
		"another name":    func(r *http.Request) { r.Host = "evil.example" },
	} {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("GET", "http://localhost/emulator/pages", nil)
		req.RemoteAddr = "127.0.0.1:99"
		change(req)
		w.ServeHTTP(rec, req)
		if rec.Code != http.StatusForbidden {
			t.Errorf("request from %s: %d", name, rec.Code)
		}
	}
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("GET", "http://localhost/emulator/pages", nil)
	req.RemoteAddr = "[::1]:99"
	w.ServeHTTP(rec, req)
	var pages []emulator.PageInfo
	if err := json.Unmarshal(rec.Body.Bytes(), &pages); err != nil || len(pages) != 12 || pages[0].URL == "" {
		t.Errorf("pages: %v, %v", pages, err)
	}
}
