package pace

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := func(in time.Duration) string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
		for s, want := range map[string]time.Duration{
			"": 0, "soon": 0, "NaN": 0, "-1": 0, "-Inf": 0, "0": 0, "7": 7 * time.Second, " 0.5 ": 500 * time.Millisecond,
			"600": 10 * time.Minute, "601": LongestPause, "3600": LongestPause, "86400": LongestPause, "1e300": LongestPause, "+Inf": LongestPause,
			date(time.Minute): time.Minute, date(-time.Minute): 0, date(time.Hour): LongestPause, date(200 * 365 * 24 * time.Hour): LongestPause,
		} {
			if got := RetryAfter(http.Header{"Retry-After": {s}}); got != want {
				t.Errorf("%q: %v, want %v", s, got, want)
			}
		}
	})
}
