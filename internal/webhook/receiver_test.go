package webhook_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
)

const key = "secret_of_the_subscription"

func post(h http.Handler, body []byte, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/notion", bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("X-Notion-Signature", "sha256="+signature)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// taker counts what was applied.
type taker struct {
	applied atomic.Int64
	busy    atomic.Bool
}

func (k *taker) read(body []byte) (webhook.Notice, error) {
	c, err := webhook.ParseChange(body)
	return webhook.Notice{Event: c.Event, At: c.At, Apply: func() error {
		if k.busy.Load() {
			return webhook.ErrBusy
		}
		k.applied.Add(1)
		return nil
	}}, err
}

func receiver(k *taker, log *slog.Logger, keys ...string) *webhook.Receiver {
	cfg := webhook.Config{
		Name: "notion", Scheme: webhook.Notion, Read: k.read, Log: log,
		Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) },
	}
	for _, k := range keys {
		cfg.Keys = append(cfg.Keys, auth.NewSecret(k))
	}
	return webhook.NewReceiver(cfg)
}

func TestReceiver(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	k := &taker{}
	r := receiver(k, slog.New(slog.NewTextHandler(&out, nil)), key, "secret_that_came_before")
	late := event("2026-11-20T23", "2026-11-18T23", "367cba44", "00000001")
	other := event("367cba44", "00000002")
	for _, tt := range []struct {
		name      string
		body      []byte
		signature string
		status    int
		applied   int64 // since the beginning
	}{
		{"signed", event(), sum(key, string(event())), 200, 1},
		{"again", event(), sum(key, string(event())), 200, 1},
		{"by the older secret", other, sum("secret_that_came_before", string(other)), 200, 2},
		{"not signed", event("367cba44", "00000003"), "", 401, 2},
		{"signed by somebody else", event("367cba44", "00000003"), sum("other", string(event("367cba44", "00000003"))), 401, 2},
		{"with the signature of another", event("367cba44", "00000003"), sum(key, string(event())), 401, 2},
		{"from two days ago", late, sum(key, string(late)), 200, 2},
		{"not an event", []byte(`{"text":"hush"}`), sum(key, `{"text":"hush"}`), 400, 2},
		{"too long", bytes.Repeat([]byte(" "), 1100<<10), "", 413, 2},
	} {
		if w := post(r, tt.body, tt.signature); w.Code != tt.status || k.applied.Load() != tt.applied {
			t.Errorf("%s: %d with %d applied, want %d with %d", tt.name, w.Code, k.applied.Load(), tt.status, tt.applied)
		}
	}
	w := httptest.NewRecorder()
	if r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/webhooks/notion", nil)); w.Code != 405 {
		t.Errorf("GET: %d, want 405", w.Code)
	}
	if n := strings.Count(out.String(), "not signed"); n != 1 {
		t.Errorf("%d complaints of what is not signed, want one:\n%s", n, out.String())
	}
	for _, secret := range []string{key, "secret_that", "hush", "Acme", page} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, out.String())
		}
	}
}

// What could not be taken is taken when it is sent again.
func TestReceiverBusy(t *testing.T) {
	t.Parallel()
	k := &taker{}
	k.busy.Store(true)
	r := receiver(k, nil, key)
	if w := post(r, event(), sum(key, string(event()))); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("busy: %d %v", w.Code, w.Header())
	}
	k.busy.Store(false)
	if w := post(r, event(), sum(key, string(event()))); w.Code != 200 || k.applied.Load() != 1 {
		t.Errorf("again: %d with %d applied", w.Code, k.applied.Load())
	}
}

// No key, no entry, not even with an empty one.
func TestReceiverWithoutKeys(t *testing.T) {
	t.Parallel()
	k := &taker{}
	for _, r := range []*webhook.Receiver{receiver(k, nil), receiver(k, nil, "")} {
		if w := post(r, event(), sum("", string(event()))); w.Code != 401 || k.applied.Load() != 0 {
			t.Errorf("%d with %d applied", w.Code, k.applied.Load())
		}
	}
}

// 500 events at once, each of which comes twice.
func TestReceiverBurst(t *testing.T) {
	t.Parallel()
	k := &taker{}
	srv := httptest.NewServer(receiver(k, nil, key))
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 64}}
	var all sync.WaitGroup
	for i := range 500 {
		body := event("367cba44", fmt.Sprintf("%08x", i))
		for range 2 {
			all.Go(func() {
				req, err := http.NewRequest(http.MethodPost, srv.URL, bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("X-Notion-Signature", "sha256="+sum(key, string(body)))
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				if err := res.Body.Close(); err != nil || res.StatusCode != 200 {
					t.Errorf("%d, %v", res.StatusCode, err)
				}
			})
		}
	}
	all.Wait()
	if n := k.applied.Load(); n != 500 {
		t.Errorf("%d applied, want 500", n)
	}
}

// slowly is a body that does not end until the test does.
type slowly struct{ until <-chan struct{} }

func (s slowly) Read([]byte) (int, error) { <-s.until; return 0, io.ErrUnexpectedEOF }

// Whoever sends much and slowly, which anybody can, keeps no event out.
func TestSlowSendersKeepNobodyOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, slowSenders)
}

func slowSenders(t *testing.T) {
	k := &taker{}
	r := receiver(k, nil, key)
	for _, length := range []int64{-1, 1000, 1 << 20} {
		var all sync.WaitGroup
		end := make(chan struct{})
		for range 200 {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/notion", slowly{end})
			req.ContentLength = length
			all.Go(func() { r.ServeHTTP(httptest.NewRecorder(), req) })
		}
		synctest.Wait() // until they are in
		begin := time.Now()
		body := event("367cba44", fmt.Sprintf("%08x", length&0xffffffff))
		if w := post(r, body, sum(key, string(body))); w.Code != 200 || time.Since(begin) > 5*time.Second {
			t.Errorf("beside bodies of %d bytes: %d after %v", length, w.Code, time.Since(begin))
		}
		close(end)
		all.Wait()
	}
	if n := k.applied.Load(); n != 3 {
		t.Errorf("%d applied, want 3", n)
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := &webhook.Handshake{File: filepath.Join(t.TempDir(), "token"), Log: slog.New(slog.NewTextHandler(&out, nil))}
	const token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"an event before", string(event()), 503},
		{"no token", `{"verification_token":""}`, 503},
		{"a token that is none", `{"verification_token":"secret_with\nnewline_and_more"}`, 503},
		{"Notion's", `{"verification_token":"` + token + `"}`, 200},
		{"somebody else's", `{"verification_token":"secret_somebody_else_sent"}`, 409},
		{"an event after", string(event()), 503},
	} {
		if w := post(h, []byte(tt.body), ""); w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.status)
		}
	}
	info, err := os.Stat(h.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v; want a file for its owner alone", info, err)
	}
	if kept, err := os.ReadFile(h.File); err != nil || strings.TrimSpace(string(kept)) != token {
		t.Errorf("kept another token than Notion's: %v", err)
	}
	if !strings.Contains(out.String(), h.File) || strings.Contains(out.String(), "secret_") {
		t.Errorf("the log must name the file and not the token:\n%s", out.String())
	}
	h.File = filepath.Join(t.TempDir(), "none", "token")
	if w := post(h, []byte(`{"verification_token":"`+token+`"}`), ""); w.Code != 500 {
		t.Errorf("with no folder: %d, want 500", w.Code)
	}
}
