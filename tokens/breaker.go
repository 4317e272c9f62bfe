package tokens

import (
	"errors"
	"time"
)

// A breaker keeps questions away from a broker that is broken. It opens after
// a number of failures in a row, if they came from more than one connection: one
// connection that the broker cannot handle is no reason to cut off the others.
// After a time of rest one question at a time probes whether the broker is back.
type breaker struct {
	limit    int
	cooldown time.Duration

	failures int
	first    Connection // that failed in this row
	several  bool       // whether another one did too
	until    time.Time  // zero while closed
	probing  bool
}

// allow reports whether a question may be asked, and whether it is a probe.
func (b *breaker) allow(now time.Time) (ok, probe bool) {
	switch {
	case b.until.IsZero():
		return true, false
	case now.Before(b.until) || b.probing:
		return false, false
	}
	b.probing = true
	return true, true
}

// record takes the outcome of a question that was allowed, and names the new
// state if it changed. Whatever the broker says for itself is a sign of life.
func (b *breaker) record(now time.Time, conn Connection, probe bool, err error) string {
	if !errors.Is(err, ErrUnavailable) {
		was := b.until
		*b = breaker{limit: b.limit, cooldown: b.cooldown}
		if was.IsZero() {
			return ""
		}
		return "back"
	}
	if probe {
		b.probing = false
		b.until = now.Add(b.cooldown)
		return ""
	}
	if !b.until.IsZero() {
		return ""
	}
	if b.failures == 0 {
		b.first = conn
	}
	b.failures++
	b.several = b.several || conn != b.first
	if b.failures < b.limit || !b.several {
		return ""
	}
	b.until = now.Add(b.cooldown)
	return "broken"
}
