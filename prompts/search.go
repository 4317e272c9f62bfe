package prompts

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/retrieval"
)

// SearchText shows a result to a model: numbered passages with title, path,
// link and date, then what the answer rests on. titleOnly tells which of them
// are no more than the title of a page that is still to be read; nil for none.
func SearchText(r retrieval.Result, now time.Time, titleOnly func(retrieval.Found) bool) string {
	type shown struct {
		N int
		retrieval.Found
		Above     []string
		TitleOnly bool
	}
	data := struct {
		Found    []shown
		Count    string
		Notes    []string
		Coverage string
		Evidence string
		Cold     bool
		Recent   bool
	}{Recent: r.Recent, Evidence: evidence(r), Notes: r.Notes, Coverage: CoverageText(r, now), Cold: !r.Coverage.Settled()}
	titles := 0
	for i, f := range r.Found {
		one := shown{N: i + 1, Found: f, Above: Above(f), TitleOnly: titleOnly != nil && titleOnly(f)}
		if one.TitleOnly {
			titles++
		}
		data.Found = append(data.Found, one)
	}
	data.Count = counted(len(r.Found)-titles, titles)
	if r.Recent {
		data.Count = count(len(r.Found), "page") + " edited last"
	}
	return render("search.md", data)
}

// counted says how many results there are of each kind.
func counted(passages, titles int) string {
	switch {
	case titles == 0:
		return count(passages, "passage")
	case passages == 0:
		return count(titles, "page") + " known by title only"
	}
	return count(passages, "passage") + " and " + count(titles, "page") + " known by title only"
}

// Above is the path of the page that a passage is on: the pages above it,
// without the headings that a citation's path ends with.
func Above(f retrieval.Found) []string {
	path, heads := f.Citation.Path, f.Headings
	if len(path) < len(heads) {
		return path
	}
	cut := len(path) - len(heads)
	if strings.Join(path[cut:], "\n") != strings.Join(heads, "\n") {
		return path
	}
	return path[:cut]
}

// evidence warns of passages that may not answer; "" if they probably do.
func evidence(r retrieval.Result) string {
	switch {
	case len(r.Found) == 0, r.Recent:
	case r.Evidence == retrieval.Weak:
		return "weak - the best passage has only some of the words asked for. Answer no more than it says; other words in `also` may find better."
	case r.Evidence == retrieval.Unread:
		return fmt.Sprintf("unread - what has been read so far has hardly any of the words asked for, and %d of %s are still unread. Do not say that the pages do not answer.", r.Coverage.Unread(), count(r.Coverage.Known, "page"))
	case r.Evidence == retrieval.None:
		return "none - the best passage has hardly any of the words asked for, so these pages probably do not answer. Try other words in `also`; failing that, say that they do not."
	}
	return ""
}
