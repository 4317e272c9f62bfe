// Package collection scores the ranking of judged collections of documents by
// the definitions of trec_eval.
package collection

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// Config says which judged collection is scored.
type Config struct {
	Dir      string // holds corpus.jsonl, queries.jsonl and qrels.tsv
	Version  string
	Progress func(format string, args ...any) // nil shows none
}

// depth is how many documents a ranking has, enough for recall at 100, and
// passages how many hits it is made from.
const (
	depth    = 100
	passages = 1000
)

// Run scores the ranking of a judged collection. Documents go
// straight into the index, split into passages as pages are, with the score of
// their best passage: mirroring them through the API would measure nothing
// more, and the search tool shows too few passages for recall at 100. Only
// queries that have judgements are asked.
func Run(ctx context.Context, cfg Config) (r *report.Report, err error) {
	start := time.Now()
	c, err := Open(ctx, cfg.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	took := time.Since(start)
	if cfg.Progress != nil {
		cfg.Progress("indexed %d documents", len(c.judged.Documents))
	}
	r, err = c.rankQueries(ctx)
	if err != nil {
		return nil, err
	}
	r.System, r.Version, r.Corpus = "mcp-notion index", cfg.Version, filepath.Base(filepath.Clean(cfg.Dir))
	r.Mirror = &report.Mirror{Pages: len(c.judged.Documents), Passages: c.index.Totals().Passages, TookMS: took.Milliseconds()}
	return r, nil
}

// Indexed is a judged collection in an index of its own.
type Indexed struct {
	judged *questions.Collection
	index  *index.Index
	store  *index.Store
	data   string
}

// Open reads a judged collection and indexes it.
func Open(ctx context.Context, dir string) (c *Indexed, err error) {
	c = &Indexed{}
	if c.judged, err = questions.ReadBEIR(dir); err != nil {
		return nil, err
	}
	if c.data, err = os.MkdirTemp("", "mcp-notion-eval"); err != nil {
		return nil, err
	}
	if err := c.fill(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Indexed) fill(ctx context.Context) (err error) {
	if c.store, err = index.OpenStore(c.data, index.Config{}); err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	if c.index, err = c.store.Open(ctx, tokens.Connection{Subject: auth.Local("collection"), Handle: tokens.DefaultHandle}); err != nil {
		return err
	}
	return indexDocuments(ctx, c.index, c.judged.Documents)
}

// Close removes the index.
func (c *Indexed) Close() error {
	var err error
	if c.index != nil {
		err = c.index.Close()
	}
	if c.store != nil {
		err = errors.Join(err, c.store.Close())
	}
	return errors.Join(err, os.RemoveAll(c.data))
}

// shown is how many passages are ranked for NDCG: about as many as for an
// answer of search_notion.
const shown = 50

// NDCG is that of each query at ten documents, ranked by some weights.
func (c *Indexed) NDCG(ctx context.Context, by index.Weights) ([]float64, error) {
	docs := c.documents()
	var all []float64
	for _, q := range c.judged.Queries {
		hits, err := c.index.Search(ctx, index.Query{Text: plainWords(q.Text), Limit: shown, Weights: &by})
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", q.ID, err)
		}
		all = append(all, metrics.NDCG(ranking(hits, docs), q.Gains, 10))
	}
	return all, nil
}

// documents are the ids of documents by those of their pages.
func (c *Indexed) documents() map[notion.ID]string {
	docs := make(map[notion.ID]string, len(c.judged.Documents))
	for i, d := range c.judged.Documents {
		docs[pageID(i)] = d.ID
	}
	return docs
}

func ranking(hits []index.Hit, docs map[notion.ID]string) []string {
	var scored []metrics.Scored
	for _, h := range hits {
		scored = append(scored, metrics.Scored{Doc: docs[h.Page.ID], Score: h.Score})
	}
	return metrics.Rank(scored)
}

// batch is how many documents go into the index at once.
const batch = 500

func indexDocuments(ctx context.Context, x *index.Index, all []questions.Document) error {
	var change index.Change
	for i, d := range all {
		change.Put = append(change.Put, entry(i, d))
		if len(change.Put) < batch && i+1 < len(all) {
			continue
		}
		if err := x.Apply(ctx, change); err != nil {
			return fmt.Errorf("index documents: %w", err)
		}
		change = index.Change{}
	}
	return nil
}

// entry makes a page of a document: the title, and one paragraph for each line.
func entry(n int, d questions.Document) index.Entry {
	id := pageID(n)
	page := &notion.Page{ID: id, Properties: map[string]notion.Property{
		"title": {ID: "title", Type: "title", Title: []notion.RichText{notion.Plain(d.Title)}},
	}}
	var body []*passage.Node
	for i, line := range strings.Split(d.Text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		body = append(body, &passage.Node{Read: true, Block: notion.Block{
			ID: notion.ID(fmt.Sprintf("%08x-0000-8000-8000-%012x", n, i+1)), Type: "paragraph",
			Content: notion.Content{RichText: []notion.RichText{notion.Plain(line)}},
		}})
	}
	split := passage.SplitPage(page, body, passage.Options{})
	return index.Entry{
		Page:     index.Page{ID: id, Kind: index.KindPage, Title: d.Title, Level: index.Complete, Blocks: split.Blocks},
		Passages: split.Passages,
	}
}

func pageID(n int) notion.ID { return notion.ID(fmt.Sprintf("%08x-0000-8000-8000-000000000000", n)) }

// rankQueries asks every judged query and averages its figures.
func (c *Indexed) rankQueries(ctx context.Context) (*report.Report, error) {
	docs := c.documents()
	r := &report.Report{At: time.Now().UTC().Truncate(time.Second), Asked: len(c.judged.Queries), Metrics: report.Figures{}, Intervals: report.Intervals{}, Calls: 1}
	sums := map[string][]float64{}
	for _, q := range c.judged.Queries {
		start := time.Now()
		hits, err := c.index.Search(ctx, index.Query{Text: plainWords(q.Text), Limit: passages})
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", q.ID, err)
		}
		took := time.Since(start)
		f := rankFigures(ranking(hits, docs), q.Gains)
		for key, value := range f {
			sums[key] = append(sums[key], float64(value))
		}
		r.Questions = append(r.Questions, queryRow(q, f, took))
	}
	for _, key := range report.CollectionKeys() {
		r.Metrics[key] = report.Figure(metrics.Mean(sums[key]))
		r.Intervals.Add(key, metrics.MeanInterval(sums[key]))
	}
	return r, nil
}

// plainWords takes from a query what the index would obey: the queries of a
// collection mean neither "quoted phrases" nor -exclusions as commands.
func plainWords(s string) string {
	s = strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "„", " ").Replace(s)
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.TrimLeft(w, "-")
	}
	return strings.Join(words, " ")
}

func rankFigures(ranking []string, gains map[string]float64) report.Figures {
	return report.Figures{
		report.NDCG10:    report.Figure(metrics.NDCG(ranking, gains, 10)),
		report.Recall10:  report.Figure(metrics.Recall(ranking, gains, 10)),
		report.Recall100: report.Figure(metrics.Recall(ranking, gains, depth)),
		report.MRR10:     report.Figure(metrics.MRR(ranking, gains, 10)),
	}
}

func queryRow(q questions.Judged, f report.Figures, took time.Duration) report.Row {
	row := report.Row{
		ID: q.ID, Question: q.Text, Answerable: true, Metrics: f, Calls: 1,
		LatencyMS: float64(took.Microseconds()) / 1000, Outcome: report.Below,
	}
	switch {
	case f[report.MRR10] == 1:
		row.Outcome = report.First
	case f[report.MRR10] == 0:
		row.Outcome = report.PageMissed
	}
	return row
}
