package property

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Period is a span of time: from Start to before End. A moment has both the
// same. Days are days of UTC.
type Period struct{ Start, End time.Time }

// Day says whether the period is one whole day.
func (p Period) Day() bool {
	return p.End.Equal(p.Start.AddDate(0, 0, 1)) && dayOf(p.Start).Equal(p.Start)
}

// String is the period's days: one, or the first and the last.
func (p Period) String() string {
	if last := p.End.AddDate(0, 0, -1); last.After(p.Start) {
		return p.Start.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
	}
	return p.Start.Format(time.DateOnly)
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

var (
	quarter  = regexp.MustCompile(`^(?:q([1-4])[ -/]*(\d{4})?|(\d{4})[ -/]*q([1-4]))$`)
	relative = regexp.MustCompile(`^(?:in the |within the |over the |during the |within |the )?(last|past|previous|next|coming) (\d{1,4}|few)? ?(day|week|month|quarter|year)s?$`)
	within   = regexp.MustCompile(`^(?:in|within) (\d{1,4}) (day|week|month|quarter|year)s?$`)
	ahead    = regexp.MustCompile(`^in \d{1,4} (?:day|week|month|quarter|year)s?$`)
	ago      = regexp.MustCompile(`^(\d{1,4}) (day|week|month|quarter|year)s? ago$`)
	current  = regexp.MustCompile(`^this (week|month|quarter|year)$`)
	span     = regexp.MustCompile(`^(.+?)(?: to | until |\.\.+| – |/)(.+)$`)
)

// ParsePeriod reads a day, month, quarter, year, moment, or words for one such
// as "next month" or "last 30 days", seen from now. Weeks begin on Monday.
func ParsePeriod(s string, now time.Time) (Period, bool) {
	s = strings.Join(strings.Fields(strings.ToLower(unify.Text(s))), " ")
	if p, ok := writtenPeriod(s); ok {
		return p, true
	}
	if p, ok := spoken(s, now); ok {
		return p, true
	}
	if m := span.FindStringSubmatch(s); m != nil {
		from, ok := ParsePeriod(m[1], now)
		to, ok2 := ParsePeriod(m[2], now)
		if ok && ok2 && to.End.After(from.Start) {
			return Period{from.Start, to.End}, true
		}
	}
	return Period{}, false
}

// writtenPeriod reads dates as they are written.
func writtenPeriod(s string) (Period, bool) {
	if t, ok := writtenMoment(s); ok {
		return Period{t.UTC(), t.UTC()}, true
	}
	for _, l := range []struct {
		layout       string
		months, days int
	}{
		{"2006-01-02", 0, 1}, {"2006/01/02", 0, 1}, {"2006-1-2", 0, 1}, {"2 January 2006", 0, 1}, {"January 2, 2006", 0, 1}, {"2 Jan 2006", 0, 1}, {"Jan 2, 2006", 0, 1},
		{"2006-01", 1, 0}, {"January 2006", 1, 0}, {"Jan 2006", 1, 0}, {"2006", 12, 0},
	} {
		if t, err := time.Parse(l.layout, titled(s)); err == nil {
			return Period{t, t.AddDate(0, l.months, l.days)}, true
		}
	}
	return Period{}, false
}

// writtenMoment reads a time of a day, in the zone that is written; UTC if none
// is.
func writtenMoment(s string) (time.Time, bool) {
	upper := strings.ToUpper(strings.Join(strings.Fields(s), " "))
	for _, day := range []string{"2006-01-02T", "2006-01-02 "} {
		for _, clock := range []string{"15:04", "15:04:05"} { // the latter takes fractions too
			for _, zone := range []string{"", "Z07:00", " Z07:00"} {
				if t, err := time.Parse(day+clock+zone, upper); err == nil {
					return t, true
				}
			}
		}
	}
	return time.Time{}, false
}

// titled makes the names of months as time.Parse wants them.
func titled(s string) string {
	fields := strings.Fields(s)
	for i, f := range fields {
		if f[0] >= 'a' && f[0] <= 'z' {
			fields[i] = strings.ToUpper(f[:1]) + f[1:]
		}
	}
	return strings.Join(fields, " ")
}

func spoken(s string, now time.Time) (Period, bool) {
	today := dayOf(now)
	days := func(from int) (Period, bool) {
		return Period{today.AddDate(0, 0, from), today.AddDate(0, 0, from+1)}, true
	}
	switch s {
	case "today":
		return days(0)
	case "yesterday":
		return days(-1)
	case "tomorrow":
		return days(1)
	case "now":
		return Period{now.UTC(), now.UTC()}, true
	}
	if m := quarter.FindStringSubmatch(s); m != nil {
		year, err := strconv.Atoi(m[2] + m[3])
		if err != nil {
			year = today.Year()
		}
		q, _ := strconv.Atoi(m[1] + m[4])
		start := time.Date(year, time.Month(3*q-2), 1, 0, 0, 0, 0, time.UTC)
		return Period{start, start.AddDate(0, 3, 0)}, true
	}
	if m := current.FindStringSubmatch(s); m != nil {
		return unit(today, m[1], 0), true
	}
	return shifted(s, today)
}

// shifted reads periods that lie before or after today.
func shifted(s string, today time.Time) (Period, bool) {
	if m := relative.FindStringSubmatch(s); m != nil {
		back := m[1] == "last" || m[1] == "past" || m[1] == "previous"
		n, err := strconv.Atoi(m[2])
		switch {
		case m[2] == "few":
			n = 3
		case m[1] == "past" && err != nil: // the past week is the last seven days, as in Notion
			n = 1
		case err != nil && back:
			return unit(today, m[3], -1), true
		case err != nil:
			return unit(today, m[3], 1), true
		}
		if back {
			return Period{step(today, m[3], -n), today.AddDate(0, 0, 1)}, true
		}
		return Period{today, step(today, m[3], n).AddDate(0, 0, 1)}, true
	}
	if m := within.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		return Period{today, step(today, m[2], n).AddDate(0, 0, 1)}, true
	}
	if m := ago.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		at := step(today, m[2], -n)
		return Period{at, at.AddDate(0, 0, 1)}, true
	}
	return Period{}, false
}

// unit is the calendar's day, week, month, quarter or year that lies so many of
// them from today's.
func unit(today time.Time, name string, shift int) Period {
	start := today
	switch name {
	case "week":
		start = today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	case "month":
		start = today.AddDate(0, 0, 1-today.Day())
	case "quarter":
		start = time.Date(today.Year(), (today.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "year":
		start = time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return Period{step(start, name, shift), step(start, name, shift+1)}
}

func step(t time.Time, name string, n int) time.Time {
	switch name {
	case "week":
		return t.AddDate(0, 0, 7*n)
	case "month":
		return t.AddDate(0, n, 0)
	case "quarter":
		return t.AddDate(0, 3*n, 0)
	case "year":
		return t.AddDate(n, 0, 0)
	}
	return t.AddDate(0, 0, n)
}
