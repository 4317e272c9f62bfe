package evals

import (
	"context"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/server"
)

// Embeddings says which endpoint makes vectors.
type Embeddings = server.Embeddings

// patience is how long a question waits for the endpoint. What is measured is
// the ranking; an endpoint on a busy machine would blur it.
const patience = 30 * time.Second

// apart asks our tools again with what words find alone, and with what meaning
// finds alone, so that it shows what each adds to the other.
func (r *runner) apart(ctx context.Context) ([]report.Report, error) {
	e := r.cfg.Embeddings
	if !e.On() {
		return nil, nil
	}
	alone := e
	alone.Alone, alone.Rerank = true, ""
	var all []report.Report
	for _, part := range []struct {
		name string
		with Embeddings
	}{{"words alone", Embeddings{}}, {"meaning alone", alone}} {
		if err := r.workspace.reopen(ctx, part.with); err != nil {
			return nil, err
		}
		rep, err := r.ask(ctx, part.name, ask.Product{Caller: r.workspace.session, Limit: r.cfg.Limit, MaxTokens: r.cfg.MaxTokens})
		if err != nil {
			return nil, err
		}
		all = append(all, *rep)
	}
	return all, nil
}

// reopen opens the mirror with other embeddings, and waits until all passages
// have their vector.
func (w *workspace) reopen(ctx context.Context, e Embeddings) error {
	if err := w.release(); err != nil {
		return err
	}
	cfg := w.config()
	cfg.Embeddings = e
	cfg.Embeddings.Within = patience
	s, err := server.Open(cfg)
	if err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	w.session = s
	for e.On() {
		st, err := s.Status(ctx)
		if err != nil {
			return fmt.Errorf("wait for the vectors: %w", err)
		}
		switch v := st.Vectors; {
		case v == nil || v.Error != "":
			return fmt.Errorf("make the vectors: %s", v.Error)
		case v.Total == st.Coverage.Passages && v.Done+v.Refused >= v.Total:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
