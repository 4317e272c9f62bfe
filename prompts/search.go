package prompts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/passage"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// SearchText shows a result to a model: by page, best first, the blocks that
// answer, each with the anchor that opens it; then what the answer rests on.
// titleOnly tells which passages are no more than the title of a page that is
// still to be read; nil for none.
func SearchText(r retrieval.Result, now time.Time, titleOnly func(retrieval.Found) bool) string {
	data := struct {
		Pages    []foundPage
		More     []passage.Citation
		Today    string
		Count    string
		Notes    []string
		Coverage string
		Evidence string
		Meant    string
		Cold     bool
		Recent   bool
	}{
		More: r.More, Today: day(now), Recent: r.Recent, Evidence: evidence(r), Notes: r.Notes,
		Coverage: CoverageText(r, now), Cold: !r.Coverage.Settled(), Meant: Meant(r.Respelled),
	}
	titles := 0
	for _, f := range r.Found {
		only := titleOnly != nil && titleOnly(f)
		if only {
			titles++
		}
		data.Pages = onPage(data.Pages, f, only)
	}
	data.Count = counted(len(r.Found)-titles, titles)
	if r.Recent {
		data.Count = count(len(r.Found), "page") + " edited last"
	}
	return render("search.md", data)
}

// foundPage is a page with what was found on it, in the order of the page.
type foundPage struct {
	retrieval.Found          // the best passage
	Path            []string // titles above it
	TitleOnly       bool
	parts           []retrieval.Found
}

// onPage adds a passage to its page.
func onPage(pages []foundPage, f retrieval.Found, titleOnly bool) []foundPage {
	i := slices.IndexFunc(pages, func(p foundPage) bool { return p.Citation.PageID == f.Citation.PageID })
	if i < 0 {
		return append(pages, foundPage{Found: f, Path: Above(f), TitleOnly: titleOnly, parts: []retrieval.Found{f}})
	}
	p := &pages[i]
	at, _ := slices.BinarySearchFunc(p.parts, f.First, func(f retrieval.Found, first int) int { return f.First - first })
	p.parts = slices.Insert(p.parts, at, f)
	return pages
}

// Address is what the anchors of the page's blocks belong behind.
func (p foundPage) Address() string { return notion.PageURL(p.Citation.PageID) }

// Quoted is what is shown of the page.
func (p foundPage) Quoted() markdown.Text {
	var b markdown.Builder
	for i, f := range p.parts {
		first := f.Lines[0]
		if i > 0 || first.After {
			b.Put("…\n")
		}
		if len(f.Above) > 0 && passage.ShapeOf(first.Text).Heading == 0 {
			b.Put(Under(f.Above), "\n")
		}
		for i, l := range f.Lines {
			if i > 0 && l.After {
				b.Put("…\n")
			} else if i > 0 {
				b.Put(retrieval.Between(f.Lines[i-1], l))
			}
			b.Put(Cited(l.Text, l.Block, p.Citation.PageID), "\n")
		}
	}
	return b.Text().TrimRight("\n")
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

// Meant says which words stood for those that no page has; "" if none did.
func Meant(words []retrieval.Respelling) string {
	var lacking, near []string
	for _, w := range words {
		lacking = append(lacking, string(markdown.Sprintf("%q", markdown.Short(w.Said))))
		near = append(near, string(markdown.Sprintf("%q", markdown.Short(w.Meant))))
	}
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("no page has %s: searched for %s.", strings.Join(lacking, ", "), strings.Join(near, ", "))
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
		return "none - hardly any of the words asked for stand here. The answer may stand in other words: read on, or search with others in `also`, before you say that the pages do not answer."
	}
	return ""
}
