package evals

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/collection"
	"github.com/mcp-notion/mcp-notion/evals/model"
	"github.com/mcp-notion/mcp-notion/evals/report"
)

// ErrBelow says that a figure misses its threshold.
var ErrBelow = errors.New("below the thresholds")

// ErrUsage says that the options do not fit together.
var ErrUsage = errors.New("wrong options")

// ModelConfig says which models answer and judge.
type ModelConfig = model.Config

// Options are what a person asks of an evaluation: what to ask of whom, and
// where the outcome goes.
type Options struct {
	Corpus, Questions, Rephrasings string   // see Config
	Collection                     string   // folder of a judged collection, instead of these
	Sets                           []string // folders of several corpora, instead of these; see ablation.Config
	Ablate                         bool     // measure each part of the ranking over Sets
	Without                        []string // parts that Ablate leaves out of everything
	Limit, MaxTokens               int      // see Config
	Binary                         string   // see Config
	Servers, ServerURLs            []string
	Header                         string      // "Name: value" for ServerURLs
	Model                          ModelConfig // Model.Model "" asks none; Model.Cache "" is in the user's cache folder
	Embeddings                     Embeddings  // see Config
	LeaveOut                       bool        // see Config
	JSON, HTML                     string      // files to write
	Compare                        string      // JSON of an earlier run
	Thresholds                     string      // file of the least that is good enough
	Version                        string
}

// Eval runs an evaluation, writes a short table to out and the files that were
// asked for, and tells on progress what it is doing. The error is ErrBelow, with
// all other output made, where a threshold is missed.
func Eval(ctx context.Context, o Options, out, progress io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	switch {
	case o.Ablate:
		return o.ablate(ctx, out, progress)
	case len(o.Sets) > 0:
		return o.several(ctx, out, progress)
	}
	// What can be wrong is found before the work, not after it.
	var limits *report.Thresholds
	var old *report.Report
	var err error
	if o.Thresholds != "" {
		if limits, err = report.ReadThresholds(o.Thresholds); err != nil {
			return err
		}
	}
	if o.Compare != "" {
		if old, err = report.Read(o.Compare); err != nil {
			return err
		}
	}
	r, err := o.run(ctx, progress)
	if err != nil {
		return err
	}
	if old != nil {
		r.Compare(old)
	}
	if err := o.write(r, out); err != nil {
		return err
	}
	if limits == nil {
		return nil
	}
	if missed := limits.Breaches(r); len(missed) > 0 {
		return fmt.Errorf("%w: %s", ErrBelow, strings.Join(missed, "; "))
	}
	return nil
}

func (o Options) check() error {
	switch {
	case o.Ablate:
		return o.checkAblation()
	case len(o.Without) > 0:
		return fmt.Errorf("%w: parts are left out with --ablate", ErrUsage)
	case len(o.Sets) > 0:
		return o.checkSeveral()
	case o.Collection != "" && (o.Corpus != "" || o.Questions != "" || o.Rephrasings != ""):
		return fmt.Errorf("%w: a judged collection brings its own documents and queries", ErrUsage)
	case o.Collection != "" && (o.Model.Model != "" || o.Binary != "" || len(o.Servers)+len(o.ServerURLs) > 0):
		return fmt.Errorf("%w: a judged collection scores the index alone", ErrUsage)
	case o.Embeddings.On() && (o.Collection != "" || o.Binary != ""):
		return fmt.Errorf("%w: embeddings are measured with questions, in this process", ErrUsage)
	case o.LeaveOut && (o.Collection != "" || o.Binary != ""):
		return fmt.Errorf("%w: answers are left out of questions, in this process", ErrUsage)
	case o.Collection == "" && (o.Corpus == "" || o.Questions == ""):
		return fmt.Errorf("%w: a folder and a file of questions are needed, or a judged collection", ErrUsage)
	case o.Model.Judge != "" && o.Model.Model == "":
		return fmt.Errorf("%w: a judge needs a model that answers", ErrUsage)
	case o.Model.MaxUSD > 0 && o.Model.Model != "" && o.Model.PriceIn == 0 && o.Model.PriceOut == 0:
		return fmt.Errorf("%w: a limit in dollars needs the prices of the model", ErrUsage)
	}
	return nil
}

func (o Options) run(ctx context.Context, progress io.Writer) (*report.Report, error) {
	cfg := Config{
		Corpus: o.Corpus, Questions: o.Questions, Rephrasings: o.Rephrasings,
		Limit: o.Limit, MaxTokens: o.MaxTokens, Binary: o.Binary, Embeddings: o.Embeddings, LeaveOut: o.LeaveOut, Version: o.Version, Progress: progress,
	}
	if o.Collection != "" {
		return collection.Run(ctx, collection.Config{Dir: o.Collection, Version: o.Version, Progress: cfg.tell})
	}
	for _, command := range o.Servers {
		cfg.Others = append(cfg.Others, ask.ServerConfig{Command: command})
	}
	headers, err := header(o.Header)
	if err != nil {
		return nil, err
	}
	for _, url := range o.ServerURLs {
		cfg.Others = append(cfg.Others, ask.ServerConfig{URL: url, Headers: headers})
	}
	if o.Model.Model != "" {
		cfg.Model = &o.Model
		if cfg.Model.Cache == "" {
			dir, err := os.UserCacheDir()
			if err != nil {
				return nil, fmt.Errorf("find a place for the replies of models: %w", err)
			}
			cfg.Model.Cache = filepath.Join(dir, "mcp-notion", "eval")
		}
	}
	return Run(ctx, cfg)
}

func header(s string) (map[string]string, error) {
	if s == "" {
		return nil, nil
	}
	name, value, ok := strings.Cut(s, ":")
	if !ok || strings.TrimSpace(name) == "" {
		return nil, fmt.Errorf("%w: a header has the form Name: value", ErrUsage)
	}
	return map[string]string{strings.TrimSpace(name): strings.TrimSpace(value)}, nil
}

func (o Options) write(r *report.Report, out io.Writer) error {
	if o.JSON == "-" {
		return r.Encode(out)
	}
	if err := r.Table(out); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if o.JSON != "" {
		if err := toFile(o.JSON, r.Encode); err != nil {
			return err
		}
	}
	if o.HTML != "" {
		return toFile(o.HTML, r.EncodeHTML)
	}
	return nil
}

// toFile writes a file, and takes an error of its last bytes seriously.
func toFile(name string, encode func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	return errors.Join(encode(f), f.Close())
}
