package notion

import (
	"net/http"
	"time"
)

// The Date of an answer has whole seconds, and it was some time on its way: what
// is less tells nothing of the clocks. More than a day is not believed: it would
// be the clock of something in between.
const (
	leastBehind = 2 * time.Second
	mostBehind  = 24 * time.Hour
)

// hearTime compares the Date of an answer that has just come with our clock.
func (c *Client) hearTime(date string) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	behind := time.Since(at)
	if behind.Abs() > mostBehind {
		return
	}
	if behind.Abs() < leastBehind {
		behind = 0
	}
	c.behind.Store(int64(behind))
}

// Behind is how far Notion's clock is behind ours, by the last answer of this
// client or a copy of it, to two seconds and the way of the answer; below zero
// where it is ahead. It is 0 before the first answer.
func (c *Client) Behind() time.Duration { return time.Duration(c.behind.Load()) }
