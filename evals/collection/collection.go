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

	"github.com/mcp-notion/mcp-notion/auth"
	"github.com/mcp-notion/mcp-notion/evals/metrics"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/passage"
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
	c, err := questions.ReadBEIR(cfg.Dir)
	if err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp("", "mcp-notion-eval")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	store, err := index.OpenStore(data, index.Config{})
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	x, err := store.Open(ctx, tokens.Connection{Subject: auth.Local("collection"), Handle: tokens.DefaultHandle})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if cfg.Progress != nil {
		cfg.Progress("indexing %d documents", len(c.Documents))
	}
	start := time.Now()
	if err := indexDocuments(ctx, x, c.Documents); err != nil {
		return nil, err
	}
	took := time.Since(start)
	r, err = rankQueries(ctx, x, c)
	if err != nil {
		return nil, err
	}
	r.System, r.Version, r.Corpus = "mcp-notion index", cfg.Version, filepath.Base(filepath.Clean(cfg.Dir))
	r.Mirror = &report.Mirror{Pages: len(c.Documents), Passages: x.Totals().Passages, TookMS: took.Milliseconds()}
	return r, nil
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
func rankQueries(ctx context.Context, x *index.Index, c *questions.Collection) (*report.Report, error) {
	docs := make(map[notion.ID]string, len(c.Documents))
	for i, d := range c.Documents {
		docs[pageID(i)] = d.ID
	}
	r := &report.Report{At: time.Now().UTC().Truncate(time.Second), Asked: len(c.Queries), Metrics: report.Figures{}, Intervals: report.Intervals{}, Calls: 1}
	sums := map[string][]float64{}
	for _, q := range c.Queries {
		start := time.Now()
		hits, err := x.Search(ctx, index.Query{Text: plainWords(q.Text), Limit: passages})
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", q.ID, err)
		}
		took := time.Since(start)
		var scored []metrics.Scored
		for _, h := range hits {
			scored = append(scored, metrics.Scored{Doc: docs[h.Page.ID], Score: h.Score})
		}
		f := rankFigures(metrics.Rank(scored), q.Gains)
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
