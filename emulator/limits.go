package emulator

import (
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// window counts requests in fixed stretches of a minute, each of which starts
// with its first request. Notion's limits work so, and not as an even flow: a
// burst is fine, and then nothing goes for the rest of the minute.
type window struct {
	start time.Time
	used  int
}

// take counts one request. If the limit has been reached it counts nothing and
// returns how long the window still lasts, else 0. A limit of 0 is none.
func (w *window) take(now time.Time, limit int) (wait time.Duration) {
	if limit <= 0 {
		return 0
	}
	if w.start.IsZero() || now.Sub(w.start) >= time.Minute {
		w.start, w.used = now, 0
	}
	if w.used >= limit {
		return w.start.Add(time.Minute).Sub(now)
	}
	w.used++
	return 0
}

// limit says 429 where a token or the workspace has used up its minute. The
// reasons are those that Notion sends. Retry-After is in whole seconds, rounded
// up: a client that waits exactly so long must not be refused again.
func (s *Server) limit(t *token) error {
	now := s.cfg.Now()
	wait, reason := t.window.take(now, s.cfg.PerMinute), "public_api_request_rate_limit"
	if wait == 0 {
		wait, reason = s.workspace.take(now, s.cfg.PerMinuteWorkspace), "public_api_space_request_rate_limit"
	}
	if wait == 0 {
		return nil
	}
	return &wire.Error{
		Status: 429, Code: "rate_limited", Reason: reason,
		Message:    "You have been rate limited. Please try again in a few minutes.",
		RetryAfter: int((wait + time.Second - 1) / time.Second),
	}
}
