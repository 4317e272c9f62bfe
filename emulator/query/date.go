package query

import (
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
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

// dates compares a time with one that is given, or with a stretch around now. A
// row without a date never matches, and a range counts by its start.
func (t Table) dates(op string, value any, at string) (test, error) {
	within, err := t.within(op, value, at)
	return func(v column.Value) bool {
		s, ok := parseSpan(v.Start)
		return ok && within.has(s.start)
	}, err
}

func (s span) has(t time.Time) bool { return !t.Before(s.start) && t.Before(s.end) }

// within is the stretch of time that a condition asks for.
func (t Table) within(op string, value any, at string) (span, error) {
	if within, ok := relative(op, t.Now); ok {
		if o, isObject := value.(wire.Object); !isObject || len(o) > 0 {
			return within, wrong(at, "an empty object", value)
		}
		return within, nil
	}
	word, _ := value.(string)
	day, known := t.named(word)
	if !known {
		day, known = parseSpan(word)
	}
	within, ok := compare(op, day)
	switch {
	case !ok:
		return within, unknown(at, value)
	case !known:
		return within, wrong(at, "a valid ISO 8601 date string", value)
	}
	return within, nil
}

// isStamp says whether a column is one of the times that every row has.
func isStamp(col *column.Column) bool {
	return col.Type == "created_time" || col.Type == "last_edited_time"
}

// stamp is such a time, rounded down to the minute as everywhere, so that
// "after" a minute leaves out what happened in it. There is no detour over its
// text, since tables can be long.
func stamp(p *workspace.Page, col *column.Column) time.Time {
	if col.Type == "created_time" {
		return p.Created.Truncate(time.Minute)
	}
	return p.Edited.Truncate(time.Minute)
}

// stamps compares the time of a row.
func (t Table) stamps(col *column.Column, arg any, at string) (Match, error) {
	op, value, err := operator(arg, at)
	if err != nil {
		return nil, err
	}
	at += "." + op
	if op == "is_empty" || op == "is_not_empty" {
		return func(*workspace.Page) bool { return op == "is_not_empty" }, exists(value, at)
	}
	within, err := t.within(op, value, at)
	return func(p *workspace.Page) bool { return within.has(stamp(p, col)) }, err
}

// named is the day that a word stands for; ok is false for other words.
func (t Table) named(word string) (day span, ok bool) {
	today := t.Now.UTC().Truncate(24 * time.Hour)
	start, ok := map[string]time.Time{
		"today": today, "tomorrow": today.AddDate(0, 0, 1), "yesterday": today.AddDate(0, 0, -1),
		"one_week_ago": today.AddDate(0, 0, -7), "one_week_from_now": today.AddDate(0, 0, 7),
		"one_month_ago": today.AddDate(0, -1, 0), "one_month_from_now": today.AddDate(0, 1, 0),
	}[word]
	return span{start, start.AddDate(0, 0, 1)}, ok
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
