package property

import (
	"regexp"
	"time"
)

var (
	relative = regexp.MustCompile(`^(?:in |within |over |during )?(last|past|previous|next|coming) (?:(\d{1,4}) )?(hour|day|week|month|quarter|year)s?$`)
	within   = regexp.MustCompile(`^(?:in|within) (\d{1,4}) (hour|day|week|month|quarter|year)s?$`)
	ago      = regexp.MustCompile(`^(\d{1,4}) (hour|day|week|month|quarter|year)s? ago$`)
	current  = regexp.MustCompile(`^(?:this|current) (week|month|quarter|year)$`)
	toDate   = regexp.MustCompile(`^(week|month|quarter|year) to date$`)
	weekday  = regexp.MustCompile(`^(?:(this|last|past|previous|next|coming) )?([a-z]+)$`)
)

// numbers are those that are written in words; a few are three.
var numbers = map[string]string{
	"a": "1", "an": "1", "one": "1", "two": "2", "couple": "2", "three": "3", "few": "3", "four": "4", "five": "5", "six": "6",
	"seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "first": "1", "second": "2", "third": "3", "fourth": "4",
}

// weekdays are the days of the week, Monday the first.
var weekdays = map[string]int{
	"monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 7,
	"mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6, "sun": 7,
}

// spoken reads periods in words, seen from now.
func spoken(s string, now time.Time) (Period, bool) {
	today := dayOf(now)
	switch s {
	case "today", "tonight":
		return days(today, 0), true
	case "yesterday", "last night":
		return days(today, -1), true
	case "day before yesterday":
		return days(today, -2), true
	case "tomorrow":
		return days(today, 1), true
	case "day after tomorrow":
		return days(today, 2), true
	case "now":
		return Period{now.UTC(), now.UTC()}, true
	}
	if m := current.FindStringSubmatch(s); m != nil {
		return unit(today, m[1], 0), true
	}
	if m := toDate.FindStringSubmatch(s); m != nil {
		return Period{unit(today, m[1], 0).Start, today.AddDate(0, 0, 1)}, true
	}
	if m := weekday.FindStringSubmatch(s); m != nil && weekdays[m[2]] != 0 {
		return dayOfWeek(today, m[1], weekdays[m[2]]), true
	}
	return shifted(s, now)
}

func days(today time.Time, from int) Period {
	return Period{today.AddDate(0, 0, from), today.AddDate(0, 0, from+1)}
}

// dayOfWeek is a day of this week; or the last one before today, or the next
// one after it.
func dayOfWeek(today time.Time, which string, wanted int) Period {
	from := wanted - (int(today.Weekday())+6)%7 - 1
	switch which {
	case "last", "past", "previous":
		if from >= 0 {
			from -= 7
		}
	case "next", "coming":
		if from <= 0 {
			from += 7
		}
	}
	return days(today, from)
}

// shifted reads periods that lie before or after now.
func shifted(s string, now time.Time) (Period, bool) {
	if m := relative.FindStringSubmatch(s); m != nil {
		back := m[1] == "last" || m[1] == "past" || m[1] == "previous"
		switch {
		case m[2] == "" && (m[1] == "past" || m[3] == "hour"): // the past week is the last seven days, as in Notion
			m[2] = "1"
		case m[2] == "" && back:
			return unit(dayOf(now), m[3], -1), true
		case m[2] == "":
			return unit(dayOf(now), m[3], 1), true
		}
		if back {
			return reaching(now, m[3], -numberOr(m[2], 0)), true
		}
		return reaching(now, m[3], numberOr(m[2], 0)), true
	}
	if m := within.FindStringSubmatch(s); m != nil {
		return reaching(now, m[2], numberOr(m[1], 0)), true
	}
	if m := ago.FindStringSubmatch(s); m != nil {
		at := step(base(now, m[2]), m[2], -numberOr(m[1], 0))
		if m[2] == "hour" {
			return Period{at, at.Add(time.Hour)}, true
		}
		return days(at, 0), true
	}
	return Period{}, false
}

// reaching is what lies between now and so many units before or after it, with
// today.
func reaching(now time.Time, name string, n int) Period {
	from, to := base(now, name), step(base(now, name), name, n)
	if n < 0 {
		from, to = to, from
	}
	if name != "hour" {
		to = to.AddDate(0, 0, 1)
	}
	return Period{from, to}
}

// base is what units are counted from: hours from the minute, others from the
// day.
func base(now time.Time, name string) time.Time {
	if name == "hour" {
		return now.UTC().Truncate(time.Minute)
	}
	return dayOf(now)
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
	case "hour":
		return t.Add(time.Duration(n) * time.Hour)
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
