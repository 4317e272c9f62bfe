package evals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/mcp-notion/mcp-notion/evals/report"
)

// several asks the questions of several corpora, alone and with rephrasings.
func (o Options) several(ctx context.Context, out, progress io.Writer) error {
	var all []*report.Report
	for _, dir := range o.Sets {
		cfg := Config{
			Corpus: filepath.Join(dir, "pages"), Questions: filepath.Join(dir, "questions.jsonl"), Rephrasings: filepath.Join(dir, "rephrasings.jsonl"),
			Limit: o.Limit, MaxTokens: o.MaxTokens, Embeddings: o.Embeddings, Version: o.Version, Progress: progress,
		}
		if _, err := os.Stat(cfg.Rephrasings); errors.Is(err, os.ErrNotExist) {
			cfg.Rephrasings = ""
		}
		reports, err := both(ctx, cfg)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		for _, r := range reports {
			r.Corpus = filepath.Base(filepath.Clean(dir))
		}
		all = append(all, reports...)
	}
	encode := func(w io.Writer) error { return json.NewEncoder(w).Encode(all) }
	if o.JSON == "-" {
		return encode(out)
	}
	if err := report.SideBySide(out, all); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if o.JSON != "" {
		return toFile(o.JSON, encode)
	}
	return nil
}

func (o Options) checkSeveral() error {
	if o.Corpus+o.Questions+o.Rephrasings+o.Collection+o.Model.Model+o.Binary+o.HTML+o.Compare+o.Thresholds != "" || o.LeaveOut || len(o.Servers)+len(o.ServerURLs) > 0 {
		return fmt.Errorf("%w: several corpora are asked in this process, and go into one table and --json alone", ErrUsage)
	}
	return nil
}

// both asks the questions alone and, where there are rephrasings, with them.
func both(ctx context.Context, cfg Config) (all []*report.Report, err error) {
	r, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.workspace.Close()) }()
	alone := *r
	alone.cfg.Rephrasings, alone.questions = "", nil
	for _, q := range r.questions {
		q.Also = nil
		alone.questions = append(alone.questions, q)
	}
	runs := []*runner{&alone}
	if cfg.Rephrasings != "" {
		runs = append(runs, r)
	}
	for _, run := range runs {
		rep, err := run.product(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, rep)
	}
	return all, nil
}
