package property

import (
	"regexp"
	"strings"
	"time"
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
	if !dayOf(p.Start).Equal(p.Start) && p.End.After(p.Start) {
		return p.Start.Format("2006-01-02 15:04") + " to " + p.End.Format("2006-01-02 15:04")
	}
	if last := p.End.AddDate(0, 0, -1); last.After(p.Start) {
		return p.Start.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
	}
	return p.Start.Format(time.DateOnly)
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Times says, for errors, what ParsePeriod reads.
const Times = "a day (2026-07-01, 1 July 2026, Monday), a week (2026-W27), a month (2026-07, July), a quarter (Q3 2026), a year, a span (2026-07-01 to 2026-07-15), a moment (2026-07-01T09:00:00Z), or words such as yesterday, last week, this month, next quarter, last 30 days, 3 days ago, in 30 days, since Monday"

// ParsePeriod reads what Times lists, seen from now. Weeks begin on Monday; what
// names no year is of this one.
func ParsePeriod(s string, now time.Time) (Period, bool) {
	return parse(spelled(s), now)
}

// ParsePast is ParsePeriod for what lies behind: July, said in June, is that of
// last year, and Friday, said on Thursday, that of last week.
func ParsePast(s string, now time.Time) (Period, bool) {
	return past(spelled(s), now)
}

func past(s string, now time.Time) (Period, bool) {
	p, ok := parse(s, now)
	return behind(s, p, now), ok
}

// behind is the last of what s names that has begun, where it names several:
// p is the one that parse has read.
func behind(s string, p Period, now time.Time) Period {
	if !p.Start.After(now) {
		return p
	}
	if m := at.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if _, dated := written(s, now.Year()); dated {
		p, _ = written(s, p.Start.Year())
		if other, _ := written(s, p.Start.Year()-1); !other.Start.Equal(p.Start) {
			return other
		}
	}
	if weekdays[s] != 0 {
		return Period{p.Start.AddDate(0, 0, -7), p.End.AddDate(0, 0, -7)}
	}
	return p
}

// Written says whether a text is a date with its year, which means the same on
// every day.
func Written(s string) bool {
	s = spelled(s)
	p, ok := written(s, 2000)
	other, _ := written(s, 2001)
	return ok && p == other
}

var (
	span  = regexp.MustCompile(`^(?:between |from )?(.+?)(?: to | until | through | and |\.\.+| [–—-] |/)(.+)$`)
	since = regexp.MustCompile(`^(?:ever )?(?:since|from) (.+)$`)
	edge  = regexp.MustCompile(`^(beginning|start|end) (.+)$`)
	ahead = regexp.MustCompile(`^in \d{1,4} (?:hour|day|week|month|quarter|year)s?$`)
	at    = regexp.MustCompile(`^(?:in|within|im|en|au|em|a) (.+)$`)
)

// longest is how long the words for a period may be.
const longest = 200

// parse reads a period that is spelled.
func parse(s string, now time.Time) (Period, bool) {
	if len(s) > longest {
		return Period{}, false
	}
	if p, ok := said(s, now); ok {
		return p, true
	}
	if m := span.FindStringSubmatch(s); m != nil {
		from, ok := oneTime(m[1], now)
		to, ok2 := oneTime(m[2], now)
		if ok && ok2 && to.End.After(from.Start) {
			return Period{from.Start, to.End}, true
		}
	}
	return oneTime(s, now)
}

// said reads a period that is a date, or is in plain words.
func said(s string, now time.Time) (Period, bool) {
	if p, ok := written(s, now.UTC().Year()); ok {
		return p, true
	}
	return spoken(s, now)
}

// oneTime is parse for what is no span of two: neither is what stands within, or
// the work would double with each word.
func oneTime(s string, now time.Time) (Period, bool) {
	if p, ok := said(s, now); ok {
		return p, true
	}
	if m := since.FindStringSubmatch(s); m != nil {
		p, ok := oneTime(m[1], now)
		p, end := behind(m[1], p, now), dayOf(now).AddDate(0, 0, 1)
		return Period{p.Start, end}, ok && p.Start.Before(end)
	}
	if m := edge.FindStringSubmatch(s); m != nil {
		p, ok := oneTime(m[2], now)
		if !ok {
			p, ok = said("this "+m[2], now)
		}
		if m[1] == "end" {
			return Period{p.End.AddDate(0, 0, -1), p.End}, ok
		}
		return Period{p.Start, p.Start.AddDate(0, 0, 1)}, ok
	}
	if m := at.FindStringSubmatch(s); m != nil {
		return oneTime(m[1], now)
	}
	return Period{}, false
}

// spelled brings what is said of a time into one form: lower case, numbers in
// digits, months in three English letters, without the words that say nothing.
func spelled(s string) string {
	var out []string
	for _, w := range strings.Fields(strings.ToLower(eastern(s))) {
		w = strings.Trim(w, ",.;:!?()\"'")
		switch {
		case w == "the" || w == "of" || w == "de" || w == "del" || w == "":
			continue
		case ordinal.MatchString(w):
			w = ordinal.FindStringSubmatch(w)[1]
		case months[w] != "":
			w = months[w]
		case numbers[w] != "":
			w = numbers[w]
		}
		out = append(out, w)
	}
	joined := strings.Join(out, " ")
	for _, p := range filler {
		joined = strings.TrimPrefix(joined, p)
	}
	return joined
}

// filler stands before a time and says nothing of it.
var filler = []string{"dated ", "during ", "over ", "on ", "as ", "um "}
