// Package ablation measures what each part of the ranking is worth: over
// several corpora, each of which is indexed once, with that part left out.
package ablation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// Config says what is measured.
type Config struct {
	Sets     []string // folders of corpora with their questions, or of judged collections
	Without  []string // parts that are left out of everything
	Progress func(format string, args ...any)
}

// Table is what came: the whole ranking, the ranking without each of its parts,
// and plain BM25.
type Table struct {
	Corpora []string `json:"corpora"`
	Rows    []Row    `json:"rows"`
}

// Row is one ranking. Its figures are means over the corpora that have them. A
// gain is what the whole ranking has more than this one, in the mean over the
// figures of a question, over the questions of a corpus and over the corpora.
type Row struct {
	Without   string             `json:"without"` // "" for the whole ranking
	Alone     report.Figures     `json:"alone"`
	Rephrased report.Figures     `json:"rephrased,omitempty"`
	Gain      report.Figure      `json:"gain"`
	Interval  metrics.Interval   `json:"interval"` // of Gain, 95 %
	Gains     map[string]float64 `json:"gains"`    // by corpus
	LeftOut   map[string]float64 `json:"left_out"` // by corpus: Gain over the others
}

// Plain is the name of the row of textbook BM25.
const Plain = "all but plain BM25"

// Run indexes the corpora and asks all questions of each ranking.
func Run(ctx context.Context, cfg Config) (t *Table, err error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Measure(ctx, cfg.Without)
}

// Suite is a number of indexed corpora.
type Suite struct {
	benches []*bench
	tell    func(format string, args ...any)
}

// Open indexes corpora.
func Open(ctx context.Context, cfg Config) (*Suite, error) {
	s := &Suite{tell: cfg.Progress}
	for _, dir := range cfg.Sets {
		s.tell("indexing %s", dir)
		b, err := open(ctx, dir)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.benches = append(s.benches, b)
	}
	return s, nil
}

// Close removes the indexes.
func (s *Suite) Close() error {
	var err error
	for _, b := range s.benches {
		err = errors.Join(err, b.close())
	}
	return err
}

// Measure makes the table of a ranking from which some parts are left out.
func (s *Suite) Measure(ctx context.Context, without []string) (*Table, error) {
	base := retrieval.DefaultRanking()
	var left []Part
	for _, p := range Parts() {
		if slices.Contains(without, p.Name) {
			p.Off(&base)
		} else {
			left = append(left, p)
		}
	}
	whole, err := s.outcome(ctx, "nothing", base)
	if err != nil {
		return nil, err
	}
	t := &Table{Rows: []Row{s.row("", whole, whole)}}
	for _, b := range s.benches {
		t.Corpora = append(t.Corpora, b.name)
	}
	bare := base
	for _, p := range left {
		one := base
		p.Off(&one)
		if !slices.Contains(plain, p.Name) {
			p.Off(&bare)
		}
		o, err := s.outcome(ctx, p.Name, one)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, s.row(p.Name, whole, o))
	}
	o, err := s.outcome(ctx, Plain, bare)
	if err != nil {
		return nil, err
	}
	t.Rows = append(t.Rows, s.row(Plain, whole, o))
	return t, nil
}

// outcome is what comes of a ranking, by corpus.
func (s *Suite) outcome(ctx context.Context, name string, by retrieval.Ranking) ([][]answers, error) {
	s.tell("without %s", name)
	all := make([][]answers, len(s.benches))
	var group guard.Group
	for i, b := range s.benches {
		group.Go(func() (err error) {
			if all[i], err = b.ask(ctx, by); err != nil {
				err = fmt.Errorf("%s: %w", b.name, err)
			}
			return err
		})
	}
	return all, group.Wait()
}

func (s *Suite) row(name string, whole, without [][]answers) Row {
	row := Row{Without: name, Gains: map[string]float64{}, LeftOut: map[string]float64{}}
	row.Alone = s.figures(without, func(a answers) []float64 { return a.alone })
	row.Rephrased = s.figures(without, func(a answers) []float64 { return a.also })
	gains := make([][]float64, len(whole))
	means := make([]float64, len(whole))
	for i := range whole {
		for k := range whole[i] {
			gains[i] = append(gains[i], whole[i][k].mean()-without[i][k].mean())
		}
		means[i] = metrics.Mean(gains[i])
		row.Gains[s.benches[i].name] = means[i]
	}
	row.Gain, row.Interval = report.Figure(metrics.Mean(means)), metrics.GroupsInterval(gains)
	for i, b := range s.benches {
		row.LeftOut[b.name] = metrics.Mean(slices.Delete(slices.Clone(means), i, i+1))
	}
	return row
}

func (a answers) mean() float64 { return metrics.Mean(slices.Concat(a.alone, a.also)) }

// figures are the means over the corpora, each of which has a mean over its
// questions.
func (s *Suite) figures(outcome [][]answers, of func(answers) []float64) report.Figures {
	means := map[string][]float64{}
	for i, b := range s.benches {
		for k, key := range b.figures {
			var values []float64
			for _, a := range outcome[i] {
				if v := of(a); v != nil {
					values = append(values, v[k])
				}
			}
			if values != nil {
				means[key] = append(means[key], metrics.Mean(values))
			}
		}
	}
	f := report.Figures{}
	for key, v := range means {
		f[key] = report.Figure(metrics.Mean(v))
	}
	return f
}
