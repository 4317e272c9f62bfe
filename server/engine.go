package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tools"
)

// engine is what the owner of an index runs: the index, its mirror and the
// tools on top.
type engine struct {
	cfg    Config
	store  *index.Store
	index  *index.Index
	syncer *ingest.Syncer
	set    *tools.Set

	stop    context.CancelFunc
	running sync.WaitGroup
}

// startEngine opens the index and begins to mirror.
func startEngine(ctx context.Context, cfg Config) (*engine, error) {
	store, err := index.OpenStore(cfg.Data, index.Config{Log: cfg.Log})
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	x, err := store.Open(ctx, cfg.Connection)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the index: %w", err), store.Close())
	}
	e := &engine{cfg: cfg, store: store, index: x}
	if err := e.assemble(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func (e *engine) assemble() error {
	clients := &clients{cfg: e.cfg}
	syncer, err := ingest.New(ingest.Config{
		Index: e.index, Client: clients.get, Poll: e.cfg.Poll, Log: e.cfg.Log,
	})
	if err != nil {
		return err
	}
	e.syncer = syncer
	e.set = tools.New(tools.Config{
		Retriever: retrieval.New(retrieval.Config{Index: e.index, Syncer: syncer, Log: e.cfg.Log}),
		Syncer:    syncer,
		Index:     e.index,
		Client:    clients.get,
		Connect:   e.connect,
		Log:       e.cfg.Log,
	})
	// The mirror outlives the call that started it; close ends it.
	background, stop := context.WithCancel(context.Background())
	e.stop = stop
	e.running.Go(func() { e.mirror(background) })
	return nil
}

func (e *engine) connect(ctx context.Context) string {
	words, err := e.cfg.Broker.ConnectURL(ctx, e.cfg.Connection)
	if err != nil {
		return ""
	}
	return words
}

func (e *engine) mirror(ctx context.Context) {
	switch {
	case e.cfg.Mirror == MirrorNever:
	case e.cfg.Mirror == MirrorCold:
		if !e.syncer.Coverage().Ready() {
			_, _ = e.syncer.Sync(ctx) // kept for Coverage
		}
	default:
		_ = e.syncer.Run(ctx) // ends with ctx
	}
}

func (e *engine) Call(ctx context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	return e.set.Call(ctx, tool, args)
}

func (e *engine) Status(context.Context) (Status, error) {
	return Status{
		Coverage: e.syncer.Coverage(),
		Progress: e.syncer.Progress(),
		Owner:    os.Getpid(),
		Folder:   e.store.Dir(e.cfg.Connection),
	}, nil
}

func (e *engine) Sync(ctx context.Context) (ingest.Summary, error) {
	return e.syncer.Sync(ctx)
}

// close ends the mirror and closes the index. What was read is kept.
func (e *engine) close() error {
	if e.stop != nil {
		e.stop()
	}
	e.running.Wait()
	return errors.Join(e.index.Close(), e.store.Close())
}

// clients makes Notion clients with the token of the moment, and keeps one for
// as long as the token stays the same.
type clients struct {
	cfg Config

	mu     sync.Mutex
	secret string
	client *notion.Client
}

func (c *clients) get(ctx context.Context) (*notion.Client, error) {
	token, err := c.cfg.Broker.Token(ctx, c.cfg.Connection)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil || c.secret != token.Reveal() {
		c.secret = token.Reveal()
		c.client = notion.New(c.secret, notion.Config{BaseURL: c.cfg.NotionURL, Pacer: c.cfg.Pacer, Log: c.cfg.Log})
	}
	return c.client, nil
}
