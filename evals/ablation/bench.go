package ablation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/mcp-notion/mcp-notion/evals/collection"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/grade"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// answers are the figures of one question, asked alone and, where there are
// rephrasings, with them.
type answers struct{ alone, also []float64 }

// bench is one corpus in an index, and how to ask its questions.
type bench struct {
	name    string
	figures []string // of an answer
	ask     func(context.Context, retrieval.Ranking) ([]answers, error)
	close   func() error
}

// open indexes a corpus: a folder with pages, questions.jsonl and perhaps
// rephrasings.jsonl, or a judged collection.
func open(ctx context.Context, dir string) (b *bench, err error) {
	if _, err := os.Stat(filepath.Join(dir, "corpus.jsonl")); err == nil {
		return openCollection(ctx, dir)
	}
	rephrasings := filepath.Join(dir, "rephrasings.jsonl")
	if _, err := os.Stat(rephrasings); errors.Is(err, os.ErrNotExist) {
		rephrasings = ""
	}
	all, err := questions.Read(filepath.Join(dir, "questions.jsonl"), rephrasings)
	if err != nil {
		return nil, err
	}
	c, err := corpus.Load(os.DirFS(filepath.Join(dir, "pages")))
	if err != nil {
		return nil, err
	}
	if err := c.Check(all); err != nil {
		return nil, err
	}
	m, err := openMirror(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("mirror %s: %w", dir, err)
	}
	a := &asker{mirror: m, corpus: c, grader: grade.New(c)}
	for _, q := range all {
		if q.Answerable {
			a.questions = append(a.questions, q)
		}
	}
	return &bench{name: filepath.Base(dir), figures: questionFigures(), ask: a.all, close: m.close}, nil
}

func openCollection(ctx context.Context, dir string) (*bench, error) {
	c, err := collection.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	ask := func(ctx context.Context, by retrieval.Ranking) ([]answers, error) {
		gains, err := c.NDCG(ctx, by.Words)
		var all []answers
		for _, gain := range gains {
			all = append(all, answers{alone: []float64{gain}})
		}
		return all, err
	}
	return &bench{name: filepath.Base(dir), figures: []string{report.NDCG10}, ask: ask, close: c.Close}, nil
}

func questionFigures() []string {
	return []string{report.PageRecall5, report.PassageHit1, report.PassageHit5, report.CitationHit1, report.CitationHit5}
}

// asker asks the questions of one corpus.
type asker struct {
	*mirror
	corpus    *corpus.Corpus
	grader    *grade.Grader
	questions []questions.Question
}

func (a *asker) all(ctx context.Context, by retrieval.Ranking) ([]answers, error) {
	r := retrieval.New(retrieval.Config{Index: a.index, Syncer: a.syncer, ConfirmAfter: 1 << 50, Ranking: &by})
	all := make([]answers, len(a.questions))
	for i, q := range a.questions {
		var err error
		if all[i].alone, err = a.one(ctx, r, q, nil); err != nil {
			return nil, err
		}
		if len(q.Also) == 0 {
			continue
		}
		if all[i].also, err = a.one(ctx, r, q, q.Also); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (a *asker) one(ctx context.Context, r *retrieval.Retriever, q questions.Question, also []string) ([]float64, error) {
	result, err := r.Search(ctx, retrieval.Query{Text: q.Question, Also: also})
	if err != nil {
		return nil, fmt.Errorf("question %s: %w", q.ID, err)
	}
	var came []grade.Passage
	for _, f := range result.Found {
		p := grade.Passage{Page: f.Citation.PageID, Block: f.Citation.PageID, Title: f.Citation.Title, URL: f.Citation.URL, Text: string(f.Text)}
		if ref, err := notion.ParseRef(f.Citation.URL); err == nil && ref.Block != "" {
			p.Block = ref.Block
		}
		came = append(came, p)
	}
	figures := grade.RanksOf(a.corpus, q, came, a.grader.Found(q, came)).Figures()
	var values []float64
	for _, key := range questionFigures() {
		values = append(values, float64(figures[key]))
	}
	return values, nil
}

// mirror is a corpus behind an emulated Notion API, and the index of it.
type mirror struct {
	index  *index.Index
	syncer *ingest.Syncer
	store  *index.Store
	http   *http.Server
	data   string
}

// secret is the token that the emulator is asked with. It opens nothing else.
const secret = "ntn_eval"

func openMirror(ctx context.Context, c *corpus.Corpus) (m *mirror, err error) {
	url, server, err := c.Serve(ctx)
	if err != nil {
		return nil, err
	}
	m = &mirror{http: server}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	if m.data, err = os.MkdirTemp("", "mcp-notion-eval"); err != nil {
		return m, err
	}
	if m.store, err = index.OpenStore(m.data, index.Config{}); err != nil {
		return m, err
	}
	if m.index, err = m.store.Open(ctx, tokens.Connection{Subject: auth.Local(secret), Handle: tokens.DefaultHandle}); err != nil {
		return m, err
	}
	client := notion.New(secret, notion.Config{BaseURL: url})
	m.syncer, err = ingest.New(ingest.Config{Index: m.index, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
	if err != nil {
		return m, err
	}
	sum, err := m.syncer.Sync(ctx)
	if err == nil && (sum.Failed > 0 || sum.Complete < sum.Known) {
		err = fmt.Errorf("%d of %d pages were read, %d failed: %s", sum.Complete, sum.Known, sum.Failed, sum.Error)
	}
	return m, err
}

func (m *mirror) close() error {
	var err error
	if m.index != nil {
		err = m.index.Close()
	}
	if m.store != nil {
		err = errors.Join(err, m.store.Close())
	}
	if m.data != "" {
		err = errors.Join(err, os.RemoveAll(m.data))
	}
	return errors.Join(err, m.http.Close())
}
