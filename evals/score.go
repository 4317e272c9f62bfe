package evals

import (
	"maps"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/grade"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/passage"
)

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
	}
	row.Found = grade.New(c).Found(q, r.Passages)
	for _, g := range q.Gold {
		row.Expected = append(row.Expected, report.Expected{
			Path: g.Path, Heading: g.Heading, LineStart: g.LineStart, LineEnd: g.LineEnd, Text: c.Text(g),
		})
	}
	if r.err != nil {
		row.Error = r.err.Error()
	}
	if q.Answerable {
		s := grade.RanksOf(c, q, r.Passages, row.Found)
		row.Metrics = s.Figures()
		maps.Copy(row.Metrics, readFigures(c, q, r.Text))
		row.PageRank, row.PassageRank, row.CitationRank = grade.First(s.Page), grade.First(s.Passage), grade.First(s.Citation)
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
