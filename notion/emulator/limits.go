package emulator

import (
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// window counts requests in fixed stretches of a minute, each of which starts
// with its first request.
type window struct {
	start time.Time
	used  int
}

// take counts one request; wait is how long until the window ends if the
// limit has been reached.
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

// limit says 429 where a token or the workspace has used up its minute.
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
