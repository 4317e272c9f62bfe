package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
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
	leave(t, req, w.counted("GET /v1/users/me", 3))
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

// leave sends a request that gets no answer, whose caller leaves once it has
// arrived.
func leave(t *testing.T, req *http.Request, arrived func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for !arrived() && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := http.DefaultClient.Do(req.WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("a request without an answer: %v", err)
	}
}

// counted says whether so many requests of a route have arrived.
func (w *world) counted(route string, n int) func() bool {
	return func() bool { return w.Counts()[route] >= n }
}

// plainWriter is a ResponseWriter without anything beyond the interface.
type plainWriter struct{ http.ResponseWriter }

// hanging is a server of its own whose requests hang. ended gets a value when
// the emulator is through with a request.
func hanging(t *testing.T, s *emulator.Server, wrap func(http.ResponseWriter) http.ResponseWriter) (hs *httptest.Server, ended chan struct{}) {
	t.Helper()
	s.Inject(emulator.Fault{Hang: true})
	ended = make(chan struct{}, 1)
	hs = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		s.ServeHTTP(wrap(w), r)
	}))
	return hs, ended
}

func soon(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatalf("%s: not after two minutes", what)
	}
}

func closed(hs *httptest.Server) <-chan struct{} {
	done := make(chan struct{})
	go func() { hs.Close(); close(done) }()
	return done
}

func TestHangNoticesThatTheCallerLeft(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"connection taken": func(w http.ResponseWriter) http.ResponseWriter { return w },
		"connection kept":  func(w http.ResponseWriter) http.ResponseWriter { return plainWriter{w} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Config{})
			hs, ended := hanging(t, w.Server, wrap)
			body := strings.NewReader(`{"query":"` + strings.Repeat("x", 64<<10) + `"}`)
			req, err := http.NewRequest("POST", hs.URL+"/v1/search", body)
			if err != nil {
				t.Fatal(err)
			}
			leave(t, req, w.counted("POST /v1/search", 1))
			soon(t, "the request ends", ended)
			soon(t, "the server closes", closed(hs))
		})
	}
}

func TestHangDoesNotKeepAServerOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	hs, ended := hanging(t, w.Server, func(w http.ResponseWriter) http.ResponseWriter { return w })
	conn, err := net.Dial("tcp", hs.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The body is announced and only half of it sent, by a caller that waits.
	if _, err := io.WriteString(conn, "POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{\"query\":"); err != nil {
		t.Fatal(err)
	}
	for arrived := w.counted("POST /v1/search", 1); !arrived(); {
		time.Sleep(time.Millisecond)
	}
	soon(t, "the server closes", closed(hs))
	select {
	case <-ended:
		t.Error("the request ended before its caller left")
	default:
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	soon(t, "the request ends", ended)
	if answer, _ := io.ReadAll(conn); len(answer) > 0 { // its error is that of a connection that was cut
		t.Errorf("a request that hangs was answered: %q", answer)
	}
}

func TestHangThatNobodyEndsIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := emulator.Load(fstest.MapFS{"a.md": {Data: []byte("x")}})
		if err != nil {
			t.Fatal(err)
		}
		s := emulator.New(w, emulator.Config{})
		s.Inject(emulator.Fault{Hang: true})
		start := time.Now()
		defer func() {
			if recover() != http.ErrAbortHandler || time.Since(start) < time.Minute {
				t.Errorf("ended after %v, and not by cutting the connection", time.Since(start))
			}
		}()
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/v1/search", strings.NewReader("{}")))
	})
}

func TestDelayEndsWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	w.Inject(emulator.Fault{Delay: time.Hour})
	req, err := http.NewRequest("POST", w.url+"/v1/search", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	leave(t, req, w.counted("POST /v1/search", 1))
	// The server of the world closes when the test ends, and would wait for an hour.
}
