package property

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

var (
	ordinal      = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|er|º|\.)$`)
	writtenYear  = regexp.MustCompile(`^(\d{4})$`)
	writtenMonth = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})$`)
	writtenDate  = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})$`)
	compact      = regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)$`)
	dotted       = regexp.MustCompile(`^(\d{1,2})([./])(\d{1,2})([./])(\d{4})$`)
	named        = regexp.MustCompile(`^(?:(\d{1,2}) )?([a-z]{3})(?: (\d{1,2}))?(?: (\d{4}))?$`)
	turned       = regexp.MustCompile(`^(\d{4}) ([a-z]{3})(?: (\d{1,2}))?$`)
	writtenWeek  = regexp.MustCompile(`^(?:(\d{4})[- ]?)?(?:(?:calendar |iso )?week |cw ?|kw ?|w)(\d{1,2})(?: (\d{4}))?$`)
	writtenPart  = regexp.MustCompile(`^(?:(\d{4})[-/ ]*)?(?:([qh])([1-4])|([1-4]) (quarter|half))(?:[-/ ]*(\d{4}))?$`)
	cjk          = regexp.MustCompile(`(\d{4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日号號일])?)?`)
)

// eastern brings dates with signs for year, month and day into the form of the
// others.
func eastern(s string) string {
	s = unify.Text(s)
	if !strings.ContainsAny(s, "年년") {
		return s
	}
	return cjk.ReplaceAllStringFunc(s, func(found string) string {
		m := cjk.FindStringSubmatch(found)
		return " " + strings.Trim(strings.Join(m[1:], "-"), "-") + " "
	})
}

// months are the names of months, by their first three letters in English.
var months = monthsOf(map[string]string{
	"jan": "january januar enero janvier gennaio janeiro januari jänner",
	"feb": "february februar febrero février fevrier febbraio fevereiro februari",
	"mar": "march märz maerz marzo mars março marco maart mrz",
	"apr": "april abril avril aprile",
	"may": "mai mayo maggio maio mei",
	"jun": "june juni junio juin giugno junho",
	"jul": "july juli julio juillet luglio julho",
	"aug": "august agosto août aout augustus",
	"sep": "september septiembre septembre settembre setembro sept",
	"oct": "october oktober octubre octobre ottobre outubro okt",
	"nov": "november noviembre novembre novembro",
	"dec": "december dezember diciembre décembre decembre dicembre dezembro dez",
})

func monthsOf(by map[string]string) map[string]string {
	all := map[string]string{}
	for short, names := range by {
		all[short] = short
		for name := range strings.FieldsSeq(names) {
			all[name] = short
		}
	}
	return all
}

// written reads dates as they are written; those without a year are of the
// given one.
func written(s string, thisYear int) (Period, bool) {
	if t, ok := writtenMoment(s); ok {
		return Period{t.UTC(), t.UTC()}, true
	}
	if m := writtenWeek.FindStringSubmatch(s); m != nil && (m[1] == "" || m[3] == "") {
		return weekOf(numberOr(m[1]+m[3], thisYear), numberOr(m[2], 0))
	}
	if m := writtenPart.FindStringSubmatch(s); m != nil && (m[1] == "" || m[6] == "") {
		months := 3
		if m[2] == "h" || m[5] == "half" {
			months = 6
		}
		return dates(numberOr(m[1]+m[6], thisYear), (numberOr(m[3]+m[4], 0)-1)*months+1, 0, months)
	}
	if m := writtenYear.FindStringSubmatch(s); m != nil {
		return dates(numberOr(m[1], 0), 1, 0, 12)
	}
	if m := writtenMonth.FindStringSubmatch(s); m != nil {
		return dates(numberOr(m[1], 0), numberOr(m[2], 0), 0, 1)
	}
	return writtenDay(s, thisYear)
}

// writtenDay reads days, and months by their names.
func writtenDay(s string, thisYear int) (Period, bool) {
	if m := writtenDate.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return dates(numberOr(m[1], 0), numberOr(m[3], 0), numberOr(m[5], 0), 0)
	}
	if m := compact.FindStringSubmatch(s); m != nil {
		return dates(numberOr(m[1], 0), numberOr(m[2], 0), numberOr(m[3], 0), 0)
	}
	if m := dotted.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		d, mon := numberOr(m[1], 0), numberOr(m[3], 0)
		switch {
		case m[2] == "/" && mon > 12:
			d, mon = mon, d
		case m[2] == "/" && d <= 12 && d != mon: // who writes so means either
			return Period{}, false
		}
		return dates(numberOr(m[5], 0), mon, d, 0)
	}
	if m := turned.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[2]+" "+m[3]) + " " + m[1]
	}
	m := named.FindStringSubmatch(s)
	if m == nil || months[m[2]] == "" || m[1] != "" && m[3] != "" {
		return Period{}, false
	}
	t, err := time.Parse("Jan", m[2])
	d := m[1] + m[3]
	if err != nil || d == "" {
		return dates(numberOr(m[4], thisYear), int(t.Month()), 0, 1)
	}
	return dates(numberOr(m[4], thisYear), int(t.Month()), numberOr(d, 0), 0)
}

// numberOr is the number that some digits make; the other if there are none.
func numberOr(digits string, other int) int {
	if n, err := strconv.Atoi(digits); err == nil {
		return n
	}
	return other
}

// dates is the day, or so many months from the first one on; false where the
// calendar has no such day.
func dates(year, month, d, months int) (Period, bool) {
	start := time.Date(year, time.Month(month), max(d, 1), 0, 0, 0, 0, time.UTC)
	ok := year > 0 && int(start.Month()) == month && (months > 0 || start.Day() == d)
	if months > 0 {
		return Period{start, start.AddDate(0, months, 0)}, ok
	}
	return Period{start, start.AddDate(0, 0, 1)}, ok
}

// weekOf is a week as ISO 8601 counts them.
func weekOf(year, n int) (Period, bool) {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // is in the first week
	start := unit(fourth, "week", n-1).Start
	y, w := start.ISOWeek()
	return Period{start, start.AddDate(0, 0, 7)}, year > 0 && y == year && w == n
}

// writtenMoment reads a time of a day, in the zone that is written; UTC if none
// is.
func writtenMoment(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04") {
		return time.Time{}, false
	}
	upper := strings.ToUpper(s)
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
