package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens"
)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"0", 0, true},
		{" 7 ", 7 * time.Second, true},
		{"86400", time.Minute, true},
		{"Thu, 02 Jan 2031 03:04:15 GMT", 10 * time.Second, true},
		{"Thu, 02 Jan 2031 03:00:00 GMT", 0, true},
		{"Thu, 02 Jan 2032 03:00:00 GMT", time.Minute, true},
		{"", 0, false},
		{"-1", 0, false},
		{"1e3", 0, false},
		{"0x10", 0, false},
		{"99999999999999999999", 0, false},
		{"soon", 0, false},
	}
	for _, tt := range tests {
		if got, ok := parseRetryAfter(tt.in, now); got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %v, %v, want %v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestUnreachable shows that a broker out of reach is asked again, and that the
// error does not show where it was asked for whom.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := Client{Name: "X", HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			n++
			return nil, errors.New("no route to host")
		})}}
		_, err := c.Do(t.Context(), Request{Method: "GET", URL: "https://x.example/users/user_1"})
		if n != 3 || !errors.Is(err, tokens.ErrUnavailable) || strings.Contains(err.Error(), "user_1") || !strings.Contains(err.Error(), "no route") {
			t.Errorf("after %d attempts: %v", n, err)
		}
	})
}

// TestNoPointInWaiting shows that nobody waits for an answer that would come
// after their time.
func TestNoPointInWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := Client{HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header().Set("Retry-After", "5")
			rec.WriteHeader(429)
			return rec.Result(), nil
		})}}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Do(ctx, Request{Method: "GET", URL: "https://x.example"})
		if took := time.Since(start); took != 0 || !errors.Is(err, tokens.ErrUnavailable) {
			t.Errorf("it took %v: %v", took, err)
		}
	})
}

// TestBrokenBody shows that a good answer that breaks off is not asked for
// again: what was asked has been done.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.Header().Set("Content-Length", "100")
		w.Write([]byte("{"))
	}))
	t.Cleanup(srv.Close)
	_, err := Client{}.Do(t.Context(), Request{Method: "POST", URL: srv.URL})
	if n != 1 || !errors.Is(err, tokens.ErrUnavailable) {
		t.Errorf("asked %d times: %v", n, err)
	}
}

func TestSegment(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"user_1": "user_1", "a/b": "a%2Fb", "a?b#c": "a%3Fb%23c", "%2e": "%252e", "a..": "a.."} {
		if got, err := Segment(in); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, bad := range []string{"", ".", "..", "..."} {
		if got, err := Segment(bad); err == nil {
			t.Errorf("%q: got %q, want an error", bad, got)
		}
	}
}

// FuzzError shows that no answer of a broker gets more than a plain word into an
// error.
func FuzzError(f *testing.F) {
	for _, s := range []string{`{"code":"not_found"}`, `{"error":{"code":"forbidden"}}`, `{"error":"sk_live_1"}`, `[]`, `{"code":1,"error":[]}`, `{"code":"a\nb"}`} {
		f.Add(s, "req_1")
	}
	shape := regexp.MustCompile(`^it answered 400( [a-z_.-]{2,48})?( \(request [A-Za-z0-9._:-]{1,64}\))?$`)
	f.Fuzz(func(t *testing.T, body, id string) {
		resp := &http.Response{StatusCode: 400, Header: http.Header{"X-Request-Id": {id}}}
		if got := newError(resp, []byte(body)).Error(); !shape.MatchString(got) {
			t.Errorf("got %q", got)
		}
	})
}
