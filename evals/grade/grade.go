// Package grade says where in an answer the needs of a question are met.
package grade

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/notion"
)

// excerpt is how much of a passage a report keeps, in characters.
const excerpt = 600

// Passage is one piece of text that was offered as evidence.
type Passage struct {
	Page  notion.ID
	Block notion.ID // that the address opens; "" if it opens the page only
	URL   string
	Title string
	Text  string // "" if none was shown
	ID    string // by which its server is asked for Text; "" if it need not be
}

// Grader describes passages from one corpus. It remembers where texts stand,
// since the same ones come again and again. It is not for concurrent use.
type Grader struct {
	corpus  *corpus.Corpus
	located map[stretch][]questions.Lines
}

type stretch struct {
	page notion.ID
	text string
}

// New returns a Grader.
func New(c *corpus.Corpus) *Grader { return &Grader{c, map[stretch][]questions.Lines{}} }

func (g *Grader) locate(page notion.ID, text string) []questions.Lines {
	at := stretch{page, text}
	lines, known := g.located[at]
	if !known {
		lines = g.corpus.Locate(page, text)
		g.located[at] = lines
	}
	return lines
}

// Found describes what came, and marks what is gold.
func (g *Grader) Found(q questions.Question, all []Passage) []report.Found {
	var out []report.Found
	for _, p := range all {
		f := report.Found{Title: p.Title, Path: g.corpus.Path(p.Page), URL: p.URL, Text: short(p.Text)}
		if p.Text != "" {
			f.Lines = g.locate(p.Page, p.Text)
		}
		if at, ok := g.corpus.Block(p.Block); ok {
			f.Cited = &at
		}
		f.Gold = slices.ContainsFunc(q.Gold, func(gold questions.Gold) bool { return holds(f, gold) })
		f.Cites = slices.ContainsFunc(q.Gold, func(gold questions.Gold) bool { return cites(f, gold) })
		out = append(out, f)
	}
	return out
}

func short(text string) string {
	runes := []rune(text)
	if len(runes) <= excerpt {
		return text
	}
	return string(runes[:excerpt]) + "…"
}

func holds(f report.Found, g questions.Gold) bool {
	return slices.ContainsFunc(f.Lines, func(l questions.Lines) bool { return l.Holds(g) })
}

func cites(f report.Found, g questions.Gold) bool { return f.Cited != nil && f.Cited.Holds(g) }

// Ranks are, for each need of a question, where it was first met: by a page,
// counting each page once; by a passage; by a citation. 0 is nowhere.
type Ranks struct {
	Page, Passage, Citation []int
	ideal                   []float64 // needs that one page can meet, for each page
}

// RanksOf looks for the needs of a question in what came, which Found described.
func RanksOf(c *corpus.Corpus, q questions.Question, all []Passage, found []report.Found) Ranks {
	var pages []notion.ID
	for _, p := range all {
		if !slices.Contains(pages, p.Page) {
			pages = append(pages, p.Page)
		}
	}
	var s Ranks
	together := map[string]float64{}
	for _, need := range q.Needs() {
		var right []notion.ID
		for _, g := range need {
			right = append(right, c.PagesOf(g)...)
		}
		s.Page = append(s.Page, rank(pages, func(id notion.ID) bool { return slices.Contains(right, id) }))
		s.Passage = append(s.Passage, rank(found, func(f report.Found) bool {
			return slices.ContainsFunc(need, func(g questions.Gold) bool { return holds(f, g) })
		}))
		s.Citation = append(s.Citation, rank(found, func(f report.Found) bool {
			return slices.ContainsFunc(need, func(g questions.Gold) bool { return cites(f, g) })
		}))
		if len(right) > 0 {
			together[string(right[0])]++
		}
	}
	for _, gain := range together {
		s.ideal = append(s.ideal, gain)
	}
	return s
}

// rank is the place, from 1, of the first that fits; 0 if none does.
func rank[T any](all []T, fits func(T) bool) int { return slices.IndexFunc(all, fits) + 1 }

// First is the best of some ranks, 0 if all are nowhere.
func First(ranks []int) int {
	best := 0
	for _, r := range ranks {
		if r > 0 && (best == 0 || r < best) {
			best = r
		}
	}
	return best
}

// Figures are those of the ranks.
func (s Ranks) Figures() report.Figures {
	within := func(ranks []int, k int) report.Figure {
		n := 0
		for _, r := range ranks {
			if r > 0 && r <= k {
				n++
			}
		}
		return report.Figure(float64(n) / float64(len(ranks)))
	}
	mrr := 0.0
	if best := First(s.Page); best > 0 && best <= 10 {
		mrr = 1 / float64(best)
	}
	return report.Figures{
		report.PageRecall5:  within(s.Page, 5),
		report.PageRecall10: within(s.Page, 10),
		report.PageMRR10:    report.Figure(mrr),
		report.PageNDCG10:   report.Figure(metrics.NDCGOf(s.gains(), s.ideal, 10)),
		report.PassageHit1:  within(s.Passage, 1),
		report.PassageHit5:  within(s.Passage, 5),
		report.CitationHit1: within(s.Citation, 1),
		report.CitationHit5: within(s.Citation, 5),
	}
}

// gains is, by rank, how many needs a page was the first to meet.
func (s Ranks) gains() []float64 {
	var gains []float64
	for _, r := range s.Page {
		for r > len(gains) {
			gains = append(gains, 0)
		}
		if r > 0 {
			gains[r-1]++
		}
	}
	return gains
}
