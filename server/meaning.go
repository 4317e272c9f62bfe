package server

import (
	"cmp"
	"context"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// Embeddings says which model finds passages by meaning. The zero value finds
// them by words alone.
type Embeddings struct {
	embed.Config                  // an endpoint
	Local        vectors.Embedder // a model in this process, where there is no endpoint; shared by all connections
	BuiltIn      bool             // Local is the model that is built in: it knows English alone, other languages are searched by words, and what its vectors say of an answer was measured
	Rerank       string           // model that puts the best passages in order; "" for none
	Within       time.Duration    // how long a search waits for the model; 0 means 300 ms, and 2 s for Rerank
	Alone        bool             // for measurements: what words find does not count
}

// On says whether there is a model.
func (e Embeddings) On() bool { return e.Config.On() || e.Local != nil }

// Name is that of the model.
func (e Embeddings) Name() string {
	if !e.Config.On() && e.Local != nil {
		return e.Local.Model()
	}
	return e.Model
}

// embedder is the model, for one connection.
func (e Embeddings) embedder(owner string) (vectors.Embedder, error) {
	if !e.Config.On() {
		return e.Local, nil
	}
	e.Owner = owner
	return embed.New(e.Config)
}

// meaning is what an engine has for searching by meaning. Without vectors it is
// off.
type meaning struct {
	vectors  *vectors.Store
	index    *index.Index
	local    vectors.Embedder // nil for an endpoint
	builtIn  bool
	reranker *embed.Reranker
	model    string
	problem  string // why there are none although they are wanted
}

// openMeaning opens the vectors of a connection. That it cannot is no reason to
// serve nothing: the status says so.
func (e *engine) openMeaning() meaning {
	cfg := e.cfg.Embeddings
	if !cfg.On() {
		return meaning{}
	}
	m := meaning{model: cfg.Name(), index: e.index}
	if !cfg.Config.On() {
		m.local, m.builtIn = cfg.Local, cfg.BuiltIn
	}
	embedder, err := cfg.embedder(e.cfg.Connection.Key())
	if err == nil {
		m.vectors, err = vectors.Open(vectors.Config{
			Dir: vectors.Folder(e.store.Dir(e.cfg.Connection)), Index: e.index, Embedder: embedder,
			Ready: func() bool { return e.syncer.Coverage().Ready() }, Log: e.cfg.Log,
		})
	}
	if err == nil && cfg.Rerank != "" {
		chat := cfg.Config
		chat.Model, chat.Owner = cfg.Rerank, e.cfg.Connection.Key()
		m.reranker, err = embed.NewReranker(chat)
	}
	if err != nil {
		m.problem = err.Error()
		e.cfg.Log.Warn("cannot search by meaning", "err", err)
	}
	return m
}

// run keeps the vectors in step with the index until ctx ends. A model in this
// process is made ready meanwhile: no question is to wait for that.
func (m meaning) run(ctx context.Context) {
	if m.local != nil {
		ready := guard.Go(func() error {
			_, err := m.local.Queries(ctx, []string{"ready"})
			return err
		})
		defer func() { <-ready }() // its failure is that of the vectors
	}
	if m.vectors != nil {
		_ = m.vectors.Run(ctx) // its failures are in the status
	}
}

// into has a Retriever use them.
func (m meaning) into(c retrieval.Config, cfg Embeddings) retrieval.Config {
	if m.vectors != nil {
		c.Sense, c.SenseWithin, c.MeaningAlone, c.Measured = m.sense, cfg.Within, cfg.Alone, m.builtIn
	}
	if m.reranker != nil {
		c.Rerank, c.RerankWithin = m.reranker.Order, cfg.Within
	}
	return c
}

func (m meaning) sense(ctx context.Context, text string, also []string) (retrieval.Sense, error) {
	texts, err := m.understood(ctx, append([]string{text}, also...))
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	q, err := m.vectors.Ask(ctx, texts[0], texts[1:])
	if q == nil {
		return nil, err // and not a Sense that is nil
	}
	return q, err
}

// understood are the texts that the model understands.
func (m meaning) understood(ctx context.Context, texts []string) ([]string, error) {
	if !m.builtIn {
		return texts, nil
	}
	var some []string
	for _, text := range texts {
		foreign, err := m.index.Foreign(ctx, text)
		if err != nil {
			return nil, err
		}
		if !foreign {
			some = append(some, text)
		}
	}
	return some, nil
}

// status is nil where nobody wants to search by meaning.
func (m meaning) status() *vectors.Status {
	switch {
	case m.vectors != nil:
		st := m.vectors.Status()
		st.Error = cmp.Or(st.Error, m.problem)
		return &st
	case m.problem != "":
		return &vectors.Status{Model: m.model, Error: m.problem}
	}
	return nil
}

func (m meaning) close() error {
	if m.vectors == nil {
		return nil
	}
	return m.vectors.Close()
}
