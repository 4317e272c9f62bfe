package evals

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/model"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Config says what is asked of whom.
type Config struct {
	Corpus      string // folder of Markdown and CSV
	Questions   string // file of questions
	Rephrasings string // file of rephrasings, sent along; "" sends none
	Limit       int    // passages to ask for; 0 leaves it to the tool
	MaxTokens   int    // length to ask for; 0 leaves it to the tool
	Binary      string // of mcp-notion, to be asked over stdio; "" asks in this process
	Others      []ask.ServerConfig
	Model       *model.Config // lets a model answer; nil asks none
	Embeddings  Embeddings    // finds passages by meaning too; zero is off
	LeaveOut    bool          // asks again without the answers, to see whether that is noticed
	Version     string
	Progress    io.Writer // nil shows none
}

// Run mirrors the corpus, asks every question, and scores what comes. A
// question that fails is counted as missed and does not end the run.
func Run(ctx context.Context, cfg Config) (r *report.Report, err error) {
	run, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.workspace.Close()) }()
	return run.all(ctx)
}

// open mirrors the corpus. Whoever gets a runner closes its workspace.
func open(ctx context.Context, cfg Config) (*runner, error) {
	all, err := questions.Read(cfg.Questions, cfg.Rephrasings)
	if err != nil {
		return nil, err
	}
	c, err := corpus.Load(os.DirFS(cfg.Corpus))
	if err != nil {
		return nil, err
	}
	if err := c.Check(all); err != nil {
		return nil, err
	}
	w, err := cfg.workspace(ctx, c)
	if err != nil {
		return nil, err
	}
	return &runner{cfg: cfg, corpus: c, questions: all, workspace: w}, nil
}

// workspace mirrors a corpus, and makes its vectors where they are wanted.
func (c Config) workspace(ctx context.Context, of *corpus.Corpus) (*workspace, error) {
	c.tell("mirroring %s", c.Corpus)
	w, err := openWorkspace(ctx, of)
	if err != nil || !c.Embeddings.On() {
		return w, err
	}
	c.tell("making vectors with %s", c.Embeddings.Name())
	if err := w.reopen(ctx, c.Embeddings); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (c Config) tell(format string, args ...any) {
	if c.Progress != nil {
		_, _ = fmt.Fprintf(c.Progress, format+"\n", args...)
	}
}

// runner asks one set of questions.
type runner struct {
	cfg       Config
	corpus    *corpus.Corpus
	questions []questions.Question
	workspace *workspace
}

func (r *runner) all(ctx context.Context) (*report.Report, error) {
	main, err := r.product(ctx)
	if err != nil {
		return nil, err
	}
	main.Mirror = &r.workspace.mirror
	if r.cfg.LeaveOut {
		if err := r.leaveOut(ctx, main); err != nil {
			return nil, fmt.Errorf("leave the answers out: %w", err)
		}
	}
	if main.Others, err = r.apart(ctx); err != nil {
		return nil, err
	}
	for _, other := range r.cfg.Others {
		o, err := r.other(ctx, other)
		if err != nil {
			return nil, err
		}
		main.Others = append(main.Others, *o)
	}
	return main, nil
}

// product asks our own tools, in this process or in one of their own.
func (r *runner) product(ctx context.Context) (*report.Report, error) {
	if r.cfg.Binary == "" {
		name := "mcp-notion"
		if r.cfg.Embeddings.On() {
			name = "words and meaning"
		}
		return r.through(ctx, name, r.workspace.session)
	}
	if err := r.workspace.release(); err != nil {
		return nil, err
	}
	s, err := ask.Connect(ctx, ask.ServerConfig{
		Command: `"` + r.cfg.Binary + `" stdio --read-only`, Env: r.workspace.environment(), Version: r.cfg.Version,
	})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return r.through(ctx, "mcp-notion stdio", s)
}

// asker asks our own tools.
func (r *runner) asker(caller tools.Caller) ask.Product {
	return ask.Product{Caller: caller, Limit: r.cfg.Limit, MaxTokens: r.cfg.MaxTokens}
}

// through asks our tools, and lets a model answer from them.
func (r *runner) through(ctx context.Context, system string, caller tools.Caller) (*report.Report, error) {
	rep, err := r.ask(ctx, system, r.asker(caller))
	if err == nil && r.cfg.Model != nil {
		rep.Answers, err = r.answers(ctx, caller)
	}
	return rep, err
}

// other asks another server.
func (r *runner) other(ctx context.Context, cfg ask.ServerConfig) (*report.Report, error) {
	cfg.Env = append(r.workspace.environment(), cfg.Env...)
	cfg.Version = r.cfg.Version
	s, err := ask.Connect(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmp.Or(cfg.Command, cfg.URL), err)
	}
	defer s.Close()
	a, err := ask.Adapt(s, ask.Product{Limit: r.cfg.Limit, MaxTokens: r.cfg.MaxTokens})
	if err != nil {
		return nil, err
	}
	name := cmp.Or(s.Name, cfg.Command, cfg.URL)
	if _, ok := a.(ask.Official); ok {
		name = "Notion's own MCP server" // which calls itself "Notion API"
	}
	return r.ask(ctx, name, a)
}

// ask puts all questions to one system, one after the other, as a person
// would.
func (r *runner) ask(ctx context.Context, system string, a ask.Asker) (*report.Report, error) {
	r.cfg.tell("asking %s %d questions", system, len(r.questions))
	rep := &report.Report{
		System: system, Version: r.cfg.Version, At: time.Now().UTC().Truncate(time.Second),
		Corpus: filepath.Base(filepath.Clean(r.cfg.Corpus)), Rephrased: r.cfg.Rephrasings != "",
	}
	for _, q := range r.questions {
		start := time.Now()
		got, err := a.Ask(ctx, q)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		one := reply{Reply: got, took: time.Since(start), err: err}
		rep.Questions = append(rep.Questions, score(r.corpus, q, one))
	}
	rep.Sum()
	return rep, nil
}
