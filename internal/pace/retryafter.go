package pace

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// LongestPause is the most that is believed of a Retry-After: then it is tried
// whether the wait is over. No fault of a header shall hold up for hours all
// who share a budget.
const LongestPause = 10 * time.Minute

// RetryAfter reads the header's seconds or date. Nonsense is 0, and nothing is
// more than LongestPause.
func RetryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(at), 0), LongestPause)
	}
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil || !(seconds > 0) { // NaN too
		return 0
	}
	return time.Duration(min(seconds, LongestPause.Seconds()) * float64(time.Second))
}
