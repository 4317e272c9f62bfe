package evals

import (
	"context"
	"errors"
	"os"

	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/report"
)

// leaveOut asks the questions of a report once more, about the same pages
// without their answers: as many questions that sound answerable and are not.
func (r *runner) leaveOut(ctx context.Context, rep *report.Report) (err error) {
	dir, err := os.MkdirTemp("", "mcp-notion-cut")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := corpus.Cut(os.DirFS(r.cfg.Corpus), r.questions, dir); err != nil {
		return err
	}
	c, err := corpus.Load(os.DirFS(dir))
	if err != nil {
		return err
	}
	w, err := r.cfg.workspace(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	without := &runner{cfg: r.cfg, corpus: c, workspace: w}
	for _, q := range r.questions {
		if q.Answerable {
			q.Answerable, q.Gold = false, nil
			without.questions = append(without.questions, q)
		}
	}
	if len(without.questions) == 0 {
		return errors.New("no question has an answer that could be left out")
	}
	cut, err := without.ask(ctx, rep.System+" without the answers", r.asker(w.session))
	if err != nil {
		return err
	}
	rep.LeaveOut(cut)
	return nil
}
