package wire

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstWait = 200 * time.Millisecond
	maxWait   = time.Minute // longer is not believed
)

// A retry says when to ask again.
type retry struct {
	after time.Duration // as the broker said
	said  bool
}

// wait is how long to wait after the n-th attempt.
func (r retry) wait(n int) time.Duration {
	if r.said {
		return r.after
	}
	d := firstWait << (n - 1)
	return d/2 + rand.N(d) // so that many callers do not come back at once
}

func retryUnlessDone(ctx context.Context) *retry {
	if ctx.Err() != nil {
		return nil
	}
	return &retry{}
}

// retryAfter is nil where the status says that asking again is of no use.
func retryAfter(resp *http.Response) *retry {
	if !busy(resp.StatusCode) {
		return nil
	}
	d, ok := parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return &retry{after: d, said: ok}
}

func busy(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// parseRetryAfter reads seconds or a date (RFC 9110, 10.2.3).
func parseRetryAfter(s string, now time.Time) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxWait), true
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), maxWait), true
	}
	return 0, false
}

// sleep waits, and reports false where the context would end first: then there
// is no point in waiting at all.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
