package notion

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script answers requests one after the other, without a network, so that time
// can be faked. The last answer repeats.
type script struct {
	steps []step
	times []time.Duration // when requests came, after the first call of New
	start time.Time
}

type step struct {
	status int
	after  string // Retry-After
	body   string
	err    error
}

func (s *script) RoundTrip(*http.Request) (*http.Response, error) {
	now := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	s.times = append(s.times, time.Since(s.start))
	if now.err != nil {
		return nil, now.err
	}
	resp := &http.Response{StatusCode: now.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(now.body))}
	if now.after != "" {
		resp.Header.Set("Retry-After", now.after)
	}
	return resp, nil
}

func (s *script) client(cfg Config) *Client {
	s.start = time.Now()
	cfg.HTTP = &http.Client{Transport: s}
	return New(testSecret, cfg)
}

var (
	good = step{status: 200, body: onePage}
	cut  = step{status: 200, body: onePage[:10]}
	lost = step{err: io.ErrUnexpectedEOF}
)

func busy(status int, after, more string) step {
	return step{status: status, after: after, body: apiError(status, "rate_limited", more)}
}

func fault(status int) step { return step{status: status, body: apiError(status, "fault", "")} }

func TestRetry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		steps    []step
		cfg      Config
		time     time.Duration // deadline; none if 0
		write    bool
		want     []error // categories; nil for success
		requests int
		from, to time.Duration // how long it may take
	}{
		{name: "429 of a read", steps: []step{busy(429, "7", ""), good}, requests: 2, from: 7 * time.Second, to: 8 * time.Second},
		{name: "429 of a write", steps: []step{busy(429, "7", ""), good}, write: true, requests: 2, from: 7 * time.Second, to: 8 * time.Second},
		{name: "529 of a write", steps: []step{busy(529, "2", ""), busy(529, "2", ""), good}, write: true, requests: 3, from: 4 * time.Second, to: 5 * time.Second},
		{name: "over a minute", steps: []step{busy(429, "200", ""), good}, time: time.Hour, requests: 2, from: 200 * time.Second, to: 201 * time.Second},
		{name: "longer than MaxWait with a deadline", steps: []step{busy(429, "600", ""), good}, time: time.Hour, requests: 2, from: 600 * time.Second, to: 601 * time.Second},
		{name: "longer than MaxWait", steps: []step{busy(429, "600", ""), good}, want: []error{ErrRateLimited}, requests: 1},
		{name: "past the deadline", steps: []step{busy(429, "7", ""), good}, time: 5 * time.Second, want: []error{ErrRateLimited}, requests: 1},
		{name: "529 past the deadline", steps: []step{busy(529, "7", ""), good}, time: 5 * time.Second, want: []error{ErrOverloaded}, requests: 1},
		{name: "more often than MaxRetries", steps: []step{busy(429, "1", ""), busy(429, "1", ""), busy(429, "1", ""), good}, cfg: Config{MaxRetries: 1}, requests: 4, from: 3 * time.Second, to: 4 * time.Second},
		{name: "no Retry-After", steps: []step{busy(429, "", ""), busy(429, "0", ""), busy(429, "nonsense", ""), good}, requests: 4, from: 1750 * time.Millisecond, to: 3500 * time.Millisecond},
		{name: "never ends, but the deadline", steps: []step{busy(429, "1", "")}, time: 10 * time.Second, want: []error{ErrRateLimited}, requests: 10, from: 9 * time.Second, to: 10 * time.Second},
		{name: "faults of a read", steps: []step{fault(500), fault(502), fault(503), fault(504), good}, requests: 5, from: 3750 * time.Millisecond, to: 7500 * time.Millisecond},
		{name: "fault with Retry-After", steps: []step{{status: 503, after: "20", body: apiError(503, "x", "")}, good}, requests: 2, from: 20 * time.Second, to: 21 * time.Second},
		{name: "fault past the deadline", steps: []step{{status: 503, after: "20", body: apiError(503, "x", "")}, good}, time: 10 * time.Second, want: []error{ErrServer}, requests: 1},
		{name: "lost read", steps: []step{lost, cut, good}, requests: 3, from: 750 * time.Millisecond, to: 1500 * time.Millisecond},
		{name: "faults without end", steps: []step{fault(500)}, cfg: Config{MaxRetries: 2}, want: []error{ErrServer}, requests: 3, from: 750 * time.Millisecond, to: 1500 * time.Millisecond},
		{name: "fault of a write", steps: []step{fault(500), good}, write: true, want: []error{ErrServer, ErrUnclear}, requests: 1},
		{name: "timeout of a write", steps: []step{fault(504), good}, write: true, want: []error{ErrServer, ErrUnclear}, requests: 1},
		{name: "lost write", steps: []step{lost, good}, write: true, want: []error{ErrUnreachable, ErrUnclear}, requests: 1},
		{name: "refusals are final", steps: []step{{status: 404, body: apiError(404, "object_not_found", "")}, good}, want: []error{ErrNotFound}, requests: 1},
		{name: "wrong types are final", steps: []step{{status: 200, body: `{"object":"page","id":1}`}, good}, want: []error{ErrMalformed}, requests: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: c.steps}
				client := s.client(c.cfg)
				ctx := t.Context()
				if c.time > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.time)
					defer cancel()
				}
				var err error
				if c.write {
					_, err = client.UpdatePage(ctx, idA, UpdatePage{})
				} else {
					_, err = client.Page(ctx, idA)
				}
				took := time.Since(s.start)
				if !isKind(err, c.want...) || (err == nil) != (c.want == nil) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if len(s.times) != c.requests || client.Requests() != int64(c.requests) {
					t.Errorf("%d requests came, %d were counted, want %d", len(s.times), client.Requests(), c.requests)
				}
				if took < c.from || took > c.to {
					t.Errorf("took %v, want %v to %v", took, c.from, c.to)
				}
			})
		})
	}
}

func TestRetryEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, s := range map[string]*script{"busy": {steps: []step{busy(429, "60", "")}}, "fault": {steps: []step{{status: 503, after: "60"}}}} {
			client := s.client(Config{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() { time.Sleep(3 * time.Second); cancel() }()
			_, err := client.Page(ctx, idA)
			if took := time.Since(s.start); err == nil || took != 3*time.Second || len(s.times) != 1 {
				t.Errorf("%s: ended after %v and %d requests with %v", name, took, len(s.times), err)
			}
		}
	})
}

// After a 429 no other client of the token tries before its time, and those
// that have no time for it learn so at once.
func TestRateLimitStopsTheOthers(t *testing.T) {
	t.Parallel()
	const space = `,"additional_data":{"rate_limit_reason":"public_api_space_request_rate_limit"}`
	for _, c := range []struct {
		name, more  string
		token       string
		workspace   string
		mustNotPass bool
	}{
		{"same token", "", testSecret, "w", true},
		{"same token, other workspace", "", testSecret, "v", true},
		{"other token", "", "other", "w", false},
		{"other token of the workspace", space, "other", "w", true},
		{"same token elsewhere", space, testSecret, "v", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pacer := NewPacer(PacerConfig{})
				s := &script{steps: []step{busy(429, "40", c.more), good}}
				hit := s.client(Config{Pacer: pacer, Workspace: "w"})
				soon, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if _, err := hit.Page(soon, idA); !isKind(err, ErrRateLimited) {
					t.Fatalf("got %v", err)
				}
				other := New(c.token, Config{HTTP: &http.Client{Transport: s}, Pacer: pacer}).WithWorkspace(c.workspace)
				_, err := other.Page(soon, idA)
				var e *Error
				if c.mustNotPass && (!isKind(err, ErrRateLimited) || !errors.As(err, &e) || e.RetryAfter != 40*time.Second || len(s.times) != 1) {
					t.Errorf("got %v after %d requests", err, len(s.times))
				}
				if !c.mustNotPass && err != nil {
					t.Errorf("got %v", err)
				}
				if took := time.Since(s.start); took != 0 {
					t.Errorf("took %v", took)
				}
				if _, err := other.Page(t.Context(), idA); err != nil || c.mustNotPass && time.Since(s.start) != 40*time.Second {
					t.Errorf("with time to wait: %v after %v", err, time.Since(s.start))
				}
			})
		})
	}
}

// A deadline that ends while the pacer holds the call is told as such.
func TestTurnDoesNotComeInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{good}}
		client := s.client(Config{Pacer: NewPacer(PacerConfig{PerToken: 1})})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := client.Page(ctx, idA); err != nil {
			t.Fatal(err)
		}
		_, err := client.UpdatePage(ctx, idA, UpdatePage{})
		if !isKind(err, ErrRateLimited) || !errors.Is(err, context.DeadlineExceeded) || len(s.times) != 1 {
			t.Errorf("got %v after %d requests", err, len(s.times))
		}
	})
}
