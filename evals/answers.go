package evals

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/mcp-notion/mcp-notion/evals/answer"
	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/model"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/tools"
)

// answers lets a model answer every question from the tools, and checks what it
// writes. When the limit is reached, what there is so far is reported.
func (r *runner) answers(ctx context.Context, caller tools.Caller) (*report.Answers, error) {
	m, err := model.New(*r.cfg.Model)
	if err != nil {
		return nil, err
	}
	out := &report.Answers{Model: r.cfg.Model.Model, Judge: r.cfg.Model.Judge}
	r.cfg.tell("letting %s answer %d questions", out.Model, len(r.questions))
	for _, q := range r.questions {
		row, err := r.answer(ctx, m, caller, q)
		if errors.Is(err, model.ErrLimit) {
			out.Stopped = err.Error()
			break
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			row.Error = err.Error()
		}
		out.Rows = append(out.Rows, row)
	}
	out.Cost = m.Cost()
	sumAnswers(out)
	return out, nil
}

func (r *runner) answer(ctx context.Context, m *model.Model, caller tools.Caller, q questions.Question) (report.AnswerRow, error) {
	row := report.AnswerRow{ID: q.ID, Type: q.Type, Answerable: q.Answerable}
	text, shown, err := m.Answer(ctx, caller, q.Question)
	if err != nil {
		return row, err
	}
	row.Text = text
	check := answer.Look(text, shown)
	row.Metrics, row.Problems = r.judgeForm(q, check)
	if r.cfg.Model.Judge == "" {
		return row, nil
	}
	verdict, err := m.Judge(ctx, caseOf(q, text, check))
	if err != nil {
		return row, err
	}
	if len(verdict.Claims) > 0 && !check.Abstained {
		n := 0
		for _, claim := range verdict.Claims {
			if claim.Supported {
				n++
			} else {
				row.Problems = append(row.Problems, "not supported: "+claim.Claim)
			}
		}
		row.Metrics[report.ClaimsSupported] = report.Figure(float64(n) / float64(len(verdict.Claims)))
	}
	row.Metrics[report.AnswerCorrect] = report.Figure(verdict.Score())
	return row, nil
}

// caseOf is what a judge has to see: the answer with the passages that it cites.
func caseOf(q questions.Question, text string, check answer.Check) answer.Case {
	c := answer.Case{Question: q.Question, Reference: q.Answer, Answer: text}
	for _, citation := range check.Citations {
		for _, e := range citation.Evidence {
			if !slices.Contains(c.Passages, e.Text) {
				c.Passages = append(c.Passages, e.Text)
			}
		}
	}
	return c
}

// judgeForm scores what can be scored without a judge.
func (r *runner) judgeForm(q questions.Question, c answer.Check) (report.Figures, []string) {
	f := report.Figures{}
	abstained := report.Figure(0)
	if c.Abstained {
		abstained = 1
	}
	if !q.Answerable {
		f[report.Abstains] = abstained
	} else {
		f[report.Answered] = 1 - abstained
	}
	if c.Abstained {
		return f, nil
	}
	var problems []string
	note := func(ok bool, problem string) bool {
		if !ok {
			problems = append(problems, problem)
		}
		return ok
	}
	f[report.CitationsResolve] = share(c.Citations, func(c answer.Citation) bool {
		return note(len(c.Evidence) > 0, "cites what was not shown: "+c.URL)
	})
	f[report.QuotesStand] = share(c.Quotes, func(q answer.Quote) bool {
		return note(q.Stands, "quotes what stands nowhere: "+q.Text)
	})
	f[report.SentencesCited] = share(c.Sentences, func(s answer.Sentence) bool { return s.Cited })
	if q.Answerable {
		f[report.CitesGold] = share(q.Needs(), func(need []questions.Gold) bool { return r.citesAny(c, need) })
	}
	return f, problems
}

// citesAny says whether an answer cites the block of one of some passages.
func (r *runner) citesAny(c answer.Check, need []questions.Gold) bool {
	return slices.ContainsFunc(c.Citations, func(c answer.Citation) bool {
		id := c.Ref.Block
		if id == "" {
			id = c.Ref.Page
		}
		at, ok := r.corpus.Block(id)
		return ok && slices.ContainsFunc(need, at.Holds)
	})
}

// share is NaN of nothing.
func share[T any](all []T, is func(T) bool) report.Figure {
	n := 0
	for _, v := range all {
		if is(v) {
			n++
		}
	}
	if len(all) == 0 {
		return report.Figure(math.NaN())
	}
	return report.Figure(float64(n) / float64(len(all)))
}

// sumAnswers averages the figures over the answers that have them. An answer
// that failed counts as not given.
func sumAnswers(a *report.Answers) {
	all, byType := map[string][]float64{}, map[string]map[string][]float64{}
	for i := range a.Rows {
		row := &a.Rows[i]
		if row.Error != "" && row.Metrics == nil && row.Answerable {
			row.Metrics = report.Figures{report.Answered: 0}
		}
		if byType[row.Type] == nil {
			byType[row.Type] = map[string][]float64{}
		}
		for key, f := range row.Metrics {
			if f.Known() {
				all[key] = append(all[key], float64(f))
				byType[row.Type][key] = append(byType[row.Type][key], float64(f))
			}
		}
	}
	a.Metrics, a.ByType = means(all), map[string]report.Figures{}
	for name, values := range byType {
		a.ByType[name] = means(values)
	}
}

func means(values map[string][]float64) report.Figures {
	f := report.Figures{}
	for key, v := range values {
		f[key] = report.Figure(metrics.Mean(v))
	}
	return f
}
