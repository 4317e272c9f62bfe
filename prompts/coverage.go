package prompts

import (
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// share is the one thing that a person can do about a page that is missing.
const share = "share more pages with the integration in Notion (page menu > Connections)"

// CoverageText says in a few short lines what an answer rests on: how much of
// what is shared has been read, what cannot be read, and the next step where
// that leaves the answer thin. Only the coverage, notes and counts of r are
// looked at.
func CoverageText(r retrieval.Result, now time.Time) markdown.Text {
	return nonEmpty(narrowed(r, searched(r.Coverage, now))+live(r)+".", languages(r), unreadable(r), dropped(r), state(r.Coverage), next(r))
}

// nonEmpty are the lines that are not empty.
func nonEmpty(lines ...markdown.Text) markdown.Text {
	return markdown.Join(slices.DeleteFunc(lines, func(s markdown.Text) bool { return s == "" }), "\n")
}

// searched is the line with the counts, without its end.
func searched(c ingest.Coverage, now time.Time) markdown.Text {
	if c.Known == 0 {
		switch c.State() {
		case ingest.Settled:
			return "No page is shared with this connection yet"
		case ingest.Asking, ingest.StillReading:
			return "The list of shared pages is still being fetched from Notion"
		}
		return "The list of shared pages has not been fetched from Notion"
	}
	s := markdown.Sprintf("Searched %d of %s shared with this connection", c.Complete, markdown.Count(c.Known, "page"))
	switch {
	case c.Complete < c.Known:
	case !c.Settled():
		s = markdown.Sprintf("Searched the %s known so far", markdown.Count(c.Known, "page"))
	case c.Known == 1:
		s = "Searched the only page shared with this connection"
	default:
		s = markdown.Sprintf("Searched all %s shared with this connection", markdown.Count(c.Known, "page"))
	}
	if rest := unfinished(c); rest != "" {
		s += " (" + rest + ")"
	}
	switch at := c.AsOf; {
	case !at.IsZero():
		s += markdown.Sprintf(", as of %s", Clock(at, now))
	case c.State() == ingest.StillReading:
		s += markdown.Sprintf(", as of %s", Clock(now, now))
	}
	return s
}

// narrowed says of a search of some pages alone that it was one.
func narrowed(r retrieval.Result, searched markdown.Text) markdown.Text {
	const begins = "Searched "
	if !r.Narrowed || r.Within >= r.Coverage.Known || !strings.HasPrefix(string(searched), begins) {
		return searched
	}
	return markdown.Sprintf("Searched only %s, narrowed by `under` or `edited_after`, of %s", markdown.Count(r.Within, "page"), searched[len(begins):])
}

// unfinished says what has become of the pages that are not complete.
func unfinished(c ingest.Coverage) markdown.Text {
	var parts []markdown.Text
	if c.Partial > 0 {
		parts = append(parts, markdown.Sprintf("%d more without nested text so far", c.Partial))
	}
	if c.Listed > 0 {
		parts = append(parts, markdown.Sprintf("%d by title only so far", c.Listed))
	}
	if c.Failed > 0 {
		parts = append(parts, markdown.Sprintf("%d cannot be read", c.Failed))
	}
	return markdown.Join(parts, ", ")
}

func live(r retrieval.Result) markdown.Text {
	if len(r.Live) == 0 {
		return ""
	}
	return markdown.Sprintf("; %s read from Notion for this answer", markdown.Count(len(r.Live), "page"))
}

// languages are those to ask in, of a question in another one.
func languages(r retrieval.Result) markdown.Text {
	if len(r.Languages) == 0 {
		return ""
	}
	last := len(r.Languages) - 1
	names := markdown.Line(r.Languages[last])
	if last > 0 {
		names = markdown.Join(markdown.Lines(r.Languages[:last]), ", ") + " and " + names
	}
	return "The pages are in " + names + ": ask in " + names + " as well (`also`)."
}

// unreadable sums up what Notion does not hand out.
func unreadable(r retrieval.Result) markdown.Text {
	total := 0
	var kinds []markdown.Text
	for _, s := range r.Coverage.Skipped {
		total += s.Count
		if len(kinds) < 3 {
			kinds = append(kinds, markdown.Sprintf("%d %s", s.Count, markdown.Line(s.Type)))
		}
	}
	if total == 0 {
		return ""
	}
	if len(r.Coverage.Skipped) > len(kinds) {
		kinds = append(kinds, "others")
	}
	return markdown.Sprintf("%s cannot be read through Notion's API (%s).", markdown.Count(total, "block"), markdown.Join(kinds, ", "))
}

func dropped(r retrieval.Result) markdown.Text {
	if r.Dropped == 0 {
		return ""
	}
	return markdown.Sprintf("%s left out: no longer readable with this connection.", markdown.Count(r.Dropped, "passage"))
}

// state says whether more is to come, and what keeps the index from being whole.
func state(c ingest.Coverage) markdown.Text {
	switch c.State() {
	case ingest.Asking:
		return markdown.Sprintf("Still reading: ask again in %d s.", max(c.AskAgain, 1))
	case ingest.StillReading:
		return markdown.Sprintf("Still reading, %d of %s; ask again in %d s, when all should be read.", c.Done(), markdown.Count(c.Known, "page"), max(c.AskAgain, 1))
	case ingest.Stopped:
		return "Reading the pages stopped before the end: " + markdown.Line(c.Error) + ". Tell the user what stopped it: the answer may be on a page that was not read."
	case ingest.Unfinished:
		return "Not all pages have been read: the answer may be on one of the others."
	}
	switch {
	case c.Error != "":
		return "The index may be out of date: " + markdown.Line(c.Error) + "."
	case c.Truncated:
		return "Notion's list of shared pages was cut short, so that pages may be missing."
	}
	return ""
}

// next is the step to take when nothing was found.
func next(r retrieval.Result) markdown.Text {
	switch {
	case len(r.Found) > 0:
	case r.Coverage.Settled():
		return "If the answer should be here, " + share + "."
	case r.Coverage.State() == ingest.StillReading:
		return "If the answer should be here even then, " + share + "."
	}
	return ""
}
