package prompts

import (
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// SearchText shows a result, and the Pages of what was found, to a model: by
// page, best first, the blocks that answer, each with the anchor that opens it;
// then what the answer rests on.
func SearchText(r retrieval.Result, now time.Time, pages []FoundPage) markdown.Text {
	data := struct {
		Pages    markdown.Text
		More     []retrieval.More
		Others   int
		Today    string
		Count    markdown.Text
		Notes    []string
		Coverage markdown.Text
		Evidence markdown.Text
		Meant    markdown.Text
		Cold     bool
		Recent   bool
		Rest     markdown.Text
	}{
		More: Unseen(r), Others: r.Others, Today: Day(now), Recent: r.Recent, Evidence: Evidence(r), Notes: r.Notes,
		Coverage: CoverageText(r, now), Cold: !r.Coverage.Settled(), Meant: Meant(r.Respelled), Rest: others(r),
	}
	titles := 0
	var shown markdown.Builder
	for _, p := range pages {
		titles += p.titles
		p.put(&shown)
	}
	data.Pages, data.Count = shown.Text(), counted(len(r.Found)-titles, titles)
	if r.Recent {
		data.Count = lately(r)
	}
	return texts.Fill("search.md", data)
}

// mostHeading is how much is told of a heading of what is not shown, in characters.
const mostHeading = 40

// FoundPage is a page with what was found on it, in the order of the page.
type FoundPage struct {
	retrieval.Found                 // the best passage
	Path            []string        // titles above it
	Blocks          []markdown.Text // what is shown of it, apart where a blank line parts them
	TitleOnly       bool
	Left            markdown.Text // where on the page more was found that is not shown; "" for nothing
	parts           []retrieval.Found
	titles          int // of these, those that are no more than the page's title
}

// Bare says that nothing of the page is shown but where it lies.
func (p *FoundPage) Bare() bool { return len(p.Lines) == 0 }

// Pages puts what was found together by page, best first. titleOnly tells which
// passages are no more than the title of a page that is still to be read; nil
// for none.
func Pages(r retrieval.Result, titleOnly func(retrieval.Found) bool) []FoundPage {
	pages := make([]FoundPage, 0, len(r.Found))
	for _, f := range r.Found {
		i := slices.IndexFunc(pages, func(p FoundPage) bool { return p.Citation.PageID == f.Citation.PageID })
		if i < 0 {
			i = len(pages)
			pages = append(pages, FoundPage{Found: f, Path: Above(f)})
		}
		p := &pages[i]
		if titleOnly != nil && titleOnly(f) {
			p.titles++
			p.TitleOnly = p.TitleOnly || len(p.parts) == 0
		}
		at, _ := slices.BinarySearchFunc(p.parts, f.First, func(f retrieval.Found, first int) int { return f.First - first })
		p.parts = slices.Insert(p.parts, at, f)
	}
	for i := range pages {
		p := &pages[i]
		if !p.Bare() {
			p.Blocks = p.blocks()
		}
		for _, m := range r.More {
			if m.PageID == p.Citation.PageID {
				p.Left = Places(m)
			}
		}
	}
	return pages
}

// Unseen are the pages named of which nothing is shown.
func Unseen(r retrieval.Result) []retrieval.More {
	return slices.DeleteFunc(slices.Clone(r.More), func(m retrieval.More) bool { return m.Shown })
}

// Inside is the page that one lies in whose path is given; "" for none.
func Inside(path []string) markdown.Text {
	if len(path) == 0 {
		return ""
	}
	return markdown.Line(path[len(path)-1])
}

// Places are the headings that what is not shown stands under, of a page of which
// nothing is shown the first, "" if it has none.
func Places(m retrieval.More) markdown.Text {
	if !m.Shown && m.Headings[0] == "" {
		return ""
	}
	var all []markdown.Text
	for _, h := range m.Headings {
		if h == "" {
			all = append(all, "more text")
		} else {
			all = append(all, "§ "+markdown.Opening(markdown.Start(h), mostHeading))
		}
		if !m.Shown {
			break
		}
	}
	return markdown.Join(all, ", ")
}

// Place is where the page lies, and how old what is shown of it.
func (p *FoundPage) Place() markdown.Text {
	place := markdown.Join(p.states(), ", ")
	if len(p.Path) > 0 {
		place = "in " + trail(p.Path) + ", " + place
	}
	if p.TitleOnly {
		place += ": read_page reads it"
	}
	if p.Left != "" {
		place += ", not shown: " + p.Left
	}
	return place
}

// states are how old what is shown of the page is, and what is not known of it.
func (p *FoundPage) states() []markdown.Text {
	all := []markdown.Text{"edited " + markdown.Line(Day(p.Citation.LastEdited))}
	if p.Unchecked {
		all = append(all, "not re-checked with Notion just now")
	}
	if p.TitleOnly {
		all = append(all, "known by title only, not read yet")
	}
	return all
}

// named is a page by its title, and where it lies.
func named(title string, path []string) markdown.Text {
	if len(path) == 0 {
		return trail(title)
	}
	return trail(title) + " (in " + trail(path) + ")"
}

// put shows the page.
func (p *FoundPage) put(b *markdown.Builder) {
	title, address, state := named(p.Citation.Title, p.Path), markdown.Page(p.Citation.PageID), markdown.Join(p.states(), " · ")
	if p.Bare() {
		b.Put("\n- ", title, " · ", state, ": ", address)
		return
	}
	b.Put("\n# ", title, "\n", address, " · ", state)
	if p.TitleOnly {
		b.Put(": read_page reads it")
	} else {
		b.Put("\n<quoted>\n", markdown.Join(p.Blocks, "\n\n").TrimRight("\n"), "\n</quoted>")
	}
	if p.Left != "" {
		b.Put("\nNot shown: ", p.Left)
	}
	b.Put("\n")
}

func (p *FoundPage) blocks() []markdown.Text {
	var all, block []markdown.Text
	for i, f := range p.parts {
		first := f.Lines[0]
		if i > 0 || first.After {
			block = append(block, "…")
		}
		if len(f.Above) > 0 && passage.ShapeOf(first.Text).Heading == 0 {
			block = append(block, Under(f.Above))
		}
		for i, l := range f.Lines {
			switch {
			case i == 0:
			case l.After:
				block = append(block, "…")
			case retrieval.Between(f.Lines[i-1], l) != "":
				all, block = append(all, markdown.Join(block, "\n")), nil
			}
			if next := i + 1; l.Near && next < len(f.Lines) && f.Lines[next].Block == l.Block && !f.Lines[next].After {
				block = append(block, l.Text) // the address comes once, behind the last of these lines
				continue
			}
			block = append(block, Cited(l.Text, l.Block, p.Citation.PageID))
		}
	}
	return append(all, markdown.Join(block, "\n"))
}

// counted says how many results there are of each kind.
func counted(passages, titles int) markdown.Text {
	switch {
	case titles == 0:
		return markdown.Count(passages, "passage")
	case passages == 0:
		return markdown.Count(titles, "page") + " known by title only"
	}
	return markdown.Count(passages, "passage") + " and " + markdown.Count(titles, "page") + " known by title only"
}

// lately says how many of the pages edited last these are.
func lately(r retrieval.Result) markdown.Text {
	if n := len(r.Found); n < r.Within {
		return markdown.Sprintf("%d of %s", n, markdown.Count(r.Within, "page"))
	}
	return markdown.Count(len(r.Found), "page")
}

// Rest says how many of the pages edited last are shown, and how to see more;
// "" if these are all.
func Rest(r retrieval.Result) markdown.Text {
	if more := others(r); more != "" {
		return lately(r) + ". " + more
	}
	return ""
}

// others are the pages edited last that are not shown.
func others(r retrieval.Result) markdown.Text {
	if !r.Recent || len(r.Found) == 0 || len(r.Found) >= r.Within {
		return ""
	}
	return "Others: raise `limit` (to 50) and `max_tokens`, or narrow by `under` and `edited_after`."
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
func Meant(words []retrieval.Respelling) markdown.Text {
	var lacking, near []markdown.Text
	for _, w := range words {
		lacking = append(lacking, markdown.Sprintf("%q", markdown.Short(w.Said)))
		near = append(near, markdown.Sprintf("%q", markdown.Short(w.Meant)))
	}
	if len(words) == 0 {
		return ""
	}
	return "no page has " + markdown.Join(lacking, ", ") + ": searched for " + markdown.Join(near, ", ") + "."
}

// Evidence warns of passages that may not answer; "" if they probably do.
func Evidence(r retrieval.Result) markdown.Text {
	switch {
	case len(r.Found) == 0, r.Recent:
	case r.Evidence == retrieval.Weak:
		return "weak - " + Odds(r.Evidence) + ". Answer no more than they say; other words in `also` may find better."
	case r.Evidence == retrieval.Unread:
		return markdown.Sprintf("unread - what has been read so far may not answer, and %d of %s are still unread. Do not say that the pages do not answer.", r.Coverage.Unread(), markdown.Count(r.Coverage.Known, "page"))
	case r.Evidence == retrieval.None:
		return "none - " + Odds(r.Evidence) + ". Search once more with other words in `also`, before you say that the pages do not answer."
	}
	return ""
}

// Odds says how many questions with such evidence were answered, of those whose
// answers are known; "" while pages are unread.
func Odds(e retrieval.Evidence) markdown.Text {
	share := map[retrieval.Evidence]markdown.Text{
		retrieval.Strong:  "four of five questions or more",
		retrieval.Partial: "half of the questions or more",
		retrieval.Weak:    "half of the questions or fewer",
		retrieval.None:    "a third of the questions or fewer",
	}[e]
	if share == "" {
		return ""
	}
	return "in tests, passages that match like these answered " + share
}
