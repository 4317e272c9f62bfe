package column

import "time"

// Stamp writes a time as the API does. Notion rounds down to the minute, so an
// edit can carry a time from before the read that missed it; a client that asks
// for "newer than the last one" loses edits.
func Stamp(t time.Time) string {
	return t.UTC().Truncate(time.Minute).Format("2006-01-02T15:04:05.000Z")
}

// Moment reads a day or a time as values hold it; a day is its first moment in
// UTC. ok is false for anything else.
func Moment(s string) (t time.Time, ok bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Time reads a day or a time in the forms that exports use.
func Time(s string, o Order) (time.Time, bool) {
	start, _ := Dates(s, o)
	return Moment(start)
}
