package query

import (
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// span is a stretch of time, without its end. A date without a clock is a whole
// day. Comparing with spans is what makes "on or before" a day include all of
// it.
type span struct{ start, end time.Time }

// parseSpan reads a date or a time; ok is false for anything else. A time is
// its whole minute, since no row can be told apart more finely.
func parseSpan(s string) (span, bool) {
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return span{t, t.AddDate(0, 0, 1)}, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			// Seconds are dropped from what a caller sends too, or equals would
			// never match.
			t = t.Truncate(time.Minute)
			return span{t, t.Add(time.Minute)}, true
		}
	}
	return span{}, false
}

// when is the time that a row has in a column; ok is false if it has none. The
// time of an edit is rounded down to the minute as everywhere, so "after" a
// minute leaves out what happened in it.
func when(p *workspace.Page, col *column.Column) (time.Time, bool) {
	switch col.Type {
	case "created_time":
		return p.Created.Truncate(time.Minute), true
	case "last_edited_time":
		return p.Edited.Truncate(time.Minute), true
	}
	s, ok := parseSpan(p.Values[col.Name].Start)
	return s.start, ok
}

// matchDate compares a time with one that is given, or with a stretch around
// now. A row without a date never matches, and a range counts by its start.
func matchDate(col *column.Column, op string, arg any, now time.Time) Match {
	// Relative words come with an empty object, all others with a date.
	within, ok := relative(op, now)
	if !ok {
		s, isString := arg.(string)
		at, parsed := parseSpan(s)
		if !isString || !parsed {
			return nil
		}
		if within, ok = compare(op, at); !ok {
			return nil
		}
	}
	return func(p *workspace.Page) bool {
		t, ok := when(p, col)
		return ok && !t.Before(within.start) && t.Before(within.end)
	}
}

var (
	// The ends of open spans, beyond all dates that a row could have.
	ever  = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// compare is the span that passes a comparison with at.
func compare(op string, at span) (span, bool) {
	switch op {
	case "equals":
		return at, true
	case "before":
		return span{ever, at.start}, true
	case "on_or_before":
		// Up to the end of the day or minute, which on_or_before includes.
		return span{ever, at.end}, true
	case "after":
		return span{at.end, never}, true
	case "on_or_after":
		return span{at.start, never}, true
	}
	return span{}, false
}

// relative is the span that a word such as past_week stands for, in whole days
// of UTC; ok is false for other words. Weeks begin on Sunday.
func relative(op string, now time.Time) (span, bool) {
	day := now.UTC().Truncate(24 * time.Hour)
	tomorrow := day.AddDate(0, 0, 1)
	switch op {
	case "past_week":
		return span{day.AddDate(0, 0, -7), tomorrow}, true
	case "past_month":
		return span{day.AddDate(0, -1, 0), tomorrow}, true
	case "past_year":
		return span{day.AddDate(-1, 0, 0), tomorrow}, true
	case "this_week":
		start := day.AddDate(0, 0, -int(day.Weekday()))
		return span{start, start.AddDate(0, 0, 7)}, true
	case "next_week":
		return span{day, day.AddDate(0, 0, 8)}, true
	case "next_month":
		return span{day, day.AddDate(0, 1, 1)}, true
	case "next_year":
		return span{day, day.AddDate(1, 0, 1)}, true
	}
	return span{}, false
}
