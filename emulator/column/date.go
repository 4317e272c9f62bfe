package column

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Order says which number comes first in a date such as 02/03/2026.
type Order int

// MonthFirst is what Notion writes unless somebody chose otherwise.
const (
	MonthFirst Order = iota
	DayFirst
)

// OrderOf tells month and day apart by the values of a column: a number above
// 12 is no month. sure is false if none is above 12, ok is false if the values
// contradict each other.
func OrderOf(values []string) (o Order, sure, ok bool) {
	var month, day, open bool
	for _, v := range values {
		for part := range strings.SplitSeq(v, "→") {
			m := numericDate.FindStringSubmatch(strings.TrimSpace(part))
			if m == nil {
				continue
			}
			first, second := atoi(m[1]), atoi(m[2])
			month, day, open = month || second > 12, day || first > 12, true
		}
	}
	if day {
		o = DayFirst
	}
	return o, month || day || !open, !month || !day
}

var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,2})(?:\.|T|\b|$)`)
	numericDate = regexp.MustCompile(`^(\d{1,2})[-/.]\s?(\d{1,2})[-/.]\s?(\d{4})(?:\b|$)`)
	eastDate    = regexp.MustCompile(`^(\d{4})[年년]\s*(\d{1,2})[月월]\s*(\d{1,2})[日일号]?`)
	clock       = regexp.MustCompile(`(?i)^(上午|下午|午前|午後|오전|오후)?\s*(\d{1,2})[:.h](\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?\s?m\.?)?`)
	offset      = regexp.MustCompile(`^(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$`)
)

// stamp is one date: a day, or a time of it, perhaps of a zone.
type stamp struct {
	day     time.Time
	clock   time.Duration
	zone    *time.Location // nil if none was given
	hasTime bool
}

// Dates reads a date or a range of two in the forms that exports and people
// use. Both are "" if either is not a date. A time alone at the end of a range
// is of the same day, and a zone behind one end counts for both.
func Dates(v string, o Order) (start, end string) {
	from, to, ranged := strings.Cut(v, "→")
	a, ok := readStamp(from, o)
	if !ok {
		return "", ""
	}
	if !ranged {
		return a.String(), ""
	}
	b, ok := readStamp(to, o)
	if !ok {
		b = stamp{day: a.day}
		if !a.hasTime || !b.readTime(strings.TrimSpace(to)) {
			return "", ""
		}
	}
	if a.zone == nil {
		a.zone = b.zone
	} else if b.zone == nil {
		b.zone = a.zone
	}
	return a.String(), b.String()
}

// String is the form of the API: a day stays a day, and a time keeps its zone;
// without one it is of UTC.
func (s stamp) String() string {
	if !s.hasTime {
		return s.day.Format(time.DateOnly)
	}
	zone := s.zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := s.day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).Add(s.clock).Format("2006-01-02T15:04:05.000-07:00")
}

// readStamp reads one date; ok is false for anything else.
func readStamp(v string, o Order) (s stamp, ok bool) {
	v = strings.TrimPrefix(strings.TrimSpace(v), "@")
	day, rest, ok := readDay(v, o)
	if !ok {
		return s, false
	}
	s.day = day
	rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(rest, "T"), ","))
	return s, rest == "" || s.readTime(rest)
}

// readDay reads the date at the beginning of v.
func readDay(v string, o Order) (day time.Time, rest string, ok bool) {
	for _, form := range []*regexp.Regexp{isoDate, eastDate} {
		if m := form.FindStringSubmatch(v); m != nil {
			day, ok = date(atoi(m[1]), atoi(m[2]), atoi(m[3]))
			return day, v[len(strings.TrimSuffix(m[0], "T")):], ok
		}
	}
	if m := numericDate.FindStringSubmatch(v); m != nil {
		month, d := atoi(m[1]), atoi(m[2])
		if o == DayFirst {
			month, d = d, month
		}
		day, ok = date(atoi(m[3]), month, d)
		return day, v[len(m[0]):], ok
	}
	return wordDay(v)
}

// wordDay reads a date with the month in words: three parts in some order, with
// a weekday before them and small words between.
func wordDay(v string) (day time.Time, rest string, ok bool) {
	var y, m, d int
	rest = v
	for range 8 {
		word := strings.TrimLeft(rest, " ,")
		n := strings.IndexAny(word, " ,")
		if n < 0 {
			n = len(word)
		}
		rest = word[n:]
		word = strings.ToLower(strings.TrimRight(word[:n], "."))
		number := strings.TrimRightFunc(word, unicode.IsLetter)
		switch {
		case months[word] > 0 && m == 0:
			m = months[word]
		case len(number) == 4 && number == word && y == 0:
			y = atoi(number)
		case isDigits(number) && len(number) < 3 && ordinal[word[len(number):]] && d == 0:
			d = atoi(number)
		case small[word] || y+m+d == 0 && weekday(word):
		default:
			return day, "", false
		}
		if y > 0 && m > 0 && d > 0 {
			day, ok = date(y, m, d)
			return day, rest, ok
		}
	}
	return day, "", false
}

// readTime reads a time of day with or without a zone.
func (s *stamp) readTime(v string) bool {
	for _, word := range []string{"at ", "um ", "à ", "kl. ", "a las "} {
		v = strings.TrimPrefix(v, word)
	}
	m := clock.FindStringSubmatch(v)
	if m == nil {
		return false
	}
	hour, minute, second := atoi(m[2]), atoi(m[3]), atoi(m[4])
	half := strings.ToLower(m[5] + m[1])
	if half != "" {
		if hour < 1 || hour > 12 {
			return false
		}
		hour %= 12
		if half[0] == 'p' || strings.Contains("下午 午後 오후", half) {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		return false
	}
	s.hasTime, s.clock = true, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute+time.Duration(second)*time.Second
	zone := strings.TrimSuffix(strings.TrimSpace(v[len(m[0]):]), "Uhr")
	if zone = strings.Trim(strings.TrimSpace(zone), "()"); zone == "" {
		return true
	}
	s.zone = zoneOf(zone)
	return s.zone != nil
}

// zoneOf is a zone by its letters or by its distance from UTC, nil if it is
// neither.
func zoneOf(name string) *time.Location {
	if m := offset.FindStringSubmatch(name); m != nil {
		minutes := atoi(m[2])*60 + atoi(m[3])
		if m[1] == "-" {
			minutes = -minutes
		}
		if minutes < -14*60 || minutes > 14*60 {
			return nil
		}
		return time.FixedZone("", minutes*60)
	}
	if minutes, ok := zones[strings.ToUpper(name)]; ok {
		return time.FixedZone("", minutes*60)
	}
	if loc, err := time.LoadLocation(name); err == nil && strings.Contains(name, "/") {
		return loc
	}
	return nil
}

func date(y, m, d int) (time.Time, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, m > 0 && d > 0 && t.Day() == d && int(t.Month()) == m
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
