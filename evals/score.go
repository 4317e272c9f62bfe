package evals

import (
	"maps"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/passage"
)

// excerpt is how much of a passage a report keeps, in characters.
const excerpt = 600

// reply is what came for one question, and what it took.
type reply struct {
	ask.Reply
	took time.Duration
	err  error
}

// score makes the row of one question.
func score(c *corpus.Corpus, q questions.Question, r reply) report.Row {
	row := report.Row{
		ID: q.ID, Type: q.Type, Question: q.Question, Also: q.Also, Answerable: q.Answerable, Answer: q.Answer,
		Confidence: r.Confidence, Evidence: r.Evidence, Calls: r.Calls, Tokens: passage.Tokens(r.Text),
		LatencyMS: float64(r.took.Microseconds()) / 1000,
		Found:     found(c, q, r.Passages),
	}
	for _, g := range q.Gold {
		row.Expected = append(row.Expected, report.Expected{
			Path: g.Path, Heading: g.Heading, LineStart: g.LineStart, LineEnd: g.LineEnd, Text: c.Text(g),
		})
	}
	if r.err != nil {
		row.Error = r.err.Error()
	}
	if q.Answerable {
		s := ranksOf(c, q, r.Passages, row.Found)
		row.Metrics = s.figures()
		maps.Copy(row.Metrics, readFigures(c, q, r.Text))
		row.PageRank, row.PassageRank, row.CitationRank = first(s.page), first(s.passage), first(s.citation)
	}
	row.Outcome = outcome(row)
	return row
}

func outcome(row report.Row) report.Outcome {
	switch {
	case row.Error != "":
		return report.Failed
	case !row.Answerable:
		return report.NoAnswer
	case row.Metrics[report.PageRecall5] < 1:
		return report.PageMissed
	case row.Metrics[report.PassageHit5] < 1:
		return report.PassageMissed
	case row.PassageRank == 1:
		return report.First
	}
	return report.Below
}

// found describes what came, and marks what is gold.
func found(c *corpus.Corpus, q questions.Question, all []ask.Passage) []report.Found {
	var out []report.Found
	for _, p := range all {
		f := report.Found{Title: p.Title, Path: c.Path(p.Page), URL: p.URL, Text: short(p.Text)}
		if p.Text != "" {
			f.Lines = c.Locate(p.Page, p.Text)
		}
		if at, ok := c.Block(p.Block); ok {
			f.Cited = &at
		}
		f.Gold = slices.ContainsFunc(q.Gold, func(g questions.Gold) bool { return holds(f, g) })
		f.Cites = slices.ContainsFunc(q.Gold, func(g questions.Gold) bool { return cites(f, g) })
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

// ranks are, for each need of a question, where it was first met: by a page,
// counting each page once; by a passage; by a citation. 0 is nowhere.
type ranks struct {
	page, passage, citation []int
	ideal                   []float64 // needs that one page can meet, for each page
}

func ranksOf(c *corpus.Corpus, q questions.Question, all []ask.Passage, found []report.Found) ranks {
	var pages []notion.ID
	for _, p := range all {
		if !slices.Contains(pages, p.Page) {
			pages = append(pages, p.Page)
		}
	}
	var s ranks
	together := map[string]float64{}
	for _, need := range q.Needs() {
		var right []notion.ID
		for _, g := range need {
			right = append(right, c.PagesOf(g)...)
		}
		s.page = append(s.page, rank(pages, func(id notion.ID) bool { return slices.Contains(right, id) }))
		s.passage = append(s.passage, rank(found, func(f report.Found) bool {
			return slices.ContainsFunc(need, func(g questions.Gold) bool { return holds(f, g) })
		}))
		s.citation = append(s.citation, rank(found, func(f report.Found) bool {
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

func first(ranks []int) int {
	best := 0
	for _, r := range ranks {
		if r > 0 && (best == 0 || r < best) {
			best = r
		}
	}
	return best
}

func (s ranks) figures() report.Figures {
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
	if best := first(s.page); best > 0 && best <= 10 {
		mrr = 1 / float64(best)
	}
	return report.Figures{
		report.PageRecall5:  within(s.page, 5),
		report.PageRecall10: within(s.page, 10),
		report.PageMRR10:    report.Figure(mrr),
		report.PageNDCG10:   report.Figure(metrics.NDCGOf(s.gains(), s.ideal, 10)),
		report.PassageHit1:  within(s.passage, 1),
		report.PassageHit5:  within(s.passage, 5),
		report.CitationHit1: within(s.citation, 1),
		report.CitationHit5: within(s.citation, 5),
	}
}

// readFigures are those of what a model reads: whether it is shown all that it
// needs, and given links to it.
func readFigures(c *corpus.Corpus, q questions.Question, text string) report.Figures {
	read := c.Read(text)
	shown, linked := met(q, read.Shows), met(q, read.Links)
	return report.Figures{report.Shown: shown, report.Linked: linked, report.ShownAndLinked: shown * linked}
}

// met is 1 if each need of a question is met by one of its passages, else 0.
func met(q questions.Question, by func(questions.Gold) bool) report.Figure {
	for _, need := range q.Needs() {
		if !slices.ContainsFunc(need, by) {
			return 0
		}
	}
	return 1
}

// gains is, by rank, how many needs a page was the first to meet.
func (s ranks) gains() []float64 {
	var gains []float64
	for _, r := range s.page {
		for r > len(gains) {
			gains = append(gains, 0)
		}
		if r > 0 {
			gains[r-1]++
		}
	}
	return gains
}
