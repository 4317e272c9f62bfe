package prompts

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/retrieval"
)

// share is the one thing that a person can do about a page that is missing.
const share = "share more pages with the integration in Notion (page menu > Connections)"

// CoverageText says in a few short lines what an answer rests on: how much of
// what is shared has been read, what cannot be read, and the next step where
// that leaves the answer thin. Only the coverage, notes and counts of r are
// looked at.
func CoverageText(r retrieval.Result, now time.Time) string {
	lines := []string{searched(r, now)}
	for _, s := range []string{unreadable(r), dropped(r), stopped(r), next(r)} {
		if s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}

// searched is the line with the counts.
func searched(r retrieval.Result, now time.Time) string {
	c := r.Coverage
	if c.Known == 0 {
		if c.Ready() {
			return "No page is shared with this connection yet."
		}
		if !reading(r) {
			return "The list of shared pages has not been fetched from Notion" + live(r) + "."
		}
		return "The list of shared pages is still being fetched from Notion" + live(r) + "."
	}
	when := ""
	switch {
	case c.Ready():
		when = ", as of " + Clock(c.LastComplete, now)
	case reading(r):
		when = ", as of " + Clock(now, now)
	}
	if c.Complete == 1 && c.Known == 1 {
		return "Searched the only page shared with this connection" + when + "."
	}
	if c.Complete == c.Known {
		return fmt.Sprintf("Searched all %s shared with this connection%s.", count(c.Known, "page"), when)
	}
	s := fmt.Sprintf("Searched %d of %s shared with this connection", c.Complete, count(c.Known, "page"))
	if rest := unfinished(r); rest != "" {
		s += " (" + rest + ")"
	}
	return s + when + live(r) + "."
}

// unfinished says what has become of the pages that are not complete.
func unfinished(r retrieval.Result) string {
	c := r.Coverage
	var parts []string
	if c.Partial > 0 {
		parts = append(parts, fmt.Sprintf("%d more without nested text so far", c.Partial))
	}
	if c.Listed > 0 {
		parts = append(parts, fmt.Sprintf("%d by title only so far", c.Listed))
	}
	if c.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d cannot be read", c.Failed))
	}
	return strings.Join(parts, ", ")
}

func live(r retrieval.Result) string {
	if len(r.Live) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s read from Notion for this answer", count(len(r.Live), "page"))
}

// unreadable sums up what Notion does not hand out.
func unreadable(r retrieval.Result) string {
	total := 0
	var kinds []string
	for _, s := range r.Coverage.Skipped {
		total += s.Count
		if len(kinds) < 3 {
			kinds = append(kinds, fmt.Sprintf("%d %s", s.Count, Line(s.Type)))
		}
	}
	if total == 0 {
		return ""
	}
	if len(r.Coverage.Skipped) > len(kinds) {
		kinds = append(kinds, "others")
	}
	return fmt.Sprintf("%s cannot be read through Notion's API (%s).", count(total, "block"), strings.Join(kinds, ", "))
}

func dropped(r retrieval.Result) string {
	if r.Dropped == 0 {
		return ""
	}
	return fmt.Sprintf("%s left out: no longer readable with this connection.", count(r.Dropped, "passage"))
}

// The phases of a Coverage that matter here.
const (
	idle    = "idle"
	filling = "reading"
)

// reading says whether a first mirror is on its way. One that stopped with an
// error is not, also while it looks whether it can go on.
func reading(r retrieval.Result) bool {
	c := r.Coverage
	switch {
	case c.Ready(), c.Phase == idle:
		return false
	case c.Phase == filling:
		return true
	}
	return c.Error == ""
}

// stopped is what keeps the index from being whole.
func stopped(r retrieval.Result) string {
	c := r.Coverage
	switch {
	case c.Error != "" && c.Ready():
		return "The index may be out of date: " + Line(c.Error) + "."
	case c.Error != "" && !reading(r):
		return "Reading the pages stopped before the end: " + Line(c.Error) + "."
	case c.Truncated:
		return "Notion's list of shared pages was cut short, so that pages may be missing."
	}
	return ""
}

// next is the step to take when the answer may be missing something.
func next(r retrieval.Result) string {
	c := r.Coverage
	switch {
	case !c.Ready() && !reading(r) && c.Error != "":
		return "Tell the user what stopped it: the answer may be on a page that was not read."
	case !c.Ready() && !reading(r):
		return "Not all pages have been read: the answer may be on one of the others."
	case !c.Ready() && len(r.Found) == 0:
		return "Pages are still being read: ask again in a minute. If the answer should be here even then, " + share + "."
	case !c.Ready():
		return "Pages are still being read: a later search may find more."
	case len(r.Found) == 0:
		return "If the answer should be here, " + share + "."
	}
	return ""
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
