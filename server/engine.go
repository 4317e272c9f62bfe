package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tools"
)

// engine is what the owner of an index runs: the index, its mirror and the
// tools on top.
type engine struct {
	cfg     Config
	store   *index.Store
	owned   *index.Store // store, if it holds nothing else; closed with the engine
	index   *index.Index
	clients *clients
	syncer  *ingest.Syncer
	meaning meaning
	outbox  *outbox.Box // nil if nothing is written or kept here
	set     *tools.Set

	stop    context.CancelFunc
	running background
}

// startEngine opens the index of the one connection in cfg and begins to
// mirror.
func startEngine(ctx context.Context, cfg Config) (*engine, error) {
	store, err := index.OpenStore(cfg.Data, index.Config{Log: cfg.Log})
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	e, err := newEngine(ctx, cfg, store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	e.owned = store
	return e, nil
}

// newEngine opens an index in a store that may hold others, and begins to
// mirror.
func newEngine(ctx context.Context, cfg Config, store *index.Store) (*engine, error) {
	x, err := store.Open(ctx, cfg.Connection)
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	e := &engine{cfg: cfg, store: store, index: x, clients: &clients{cfg: cfg, index: x}}
	if err := e.assemble(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func (e *engine) assemble() error {
	syncer, err := ingest.New(ingest.Config{
		Index: e.index, Client: e.clients.get, Poll: e.cfg.Poll, Trust: e.cfg.trust(), Refine: e.cfg.refine(), Log: e.cfg.Log,
	})
	if err != nil {
		return err
	}
	e.syncer = syncer
	e.meaning = e.openMeaning()
	e.openOutbox()
	e.set = tools.New(tools.Config{
		Retriever: retrieval.New(e.meaning.into(retrieval.Config{Index: e.index, Syncer: syncer, ConfirmAfter: e.cfg.Confirm, Strict: e.cfg.Shared, Trace: e.cfg.Telemetry.Step, Log: e.cfg.Log}, e.cfg.Embeddings)),
		Syncer:    syncer,
		Index:     e.index,
		Client:    e.clients.get,
		Connect:   e.connect,
		Outbox:    e.outbox,
		Audit:     e.cfg.Audit.For(e.cfg.Connection),
		Log:       e.cfg.Log,
	})
	// The mirror outlives the call that started it; close ends it.
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	e.running.start(e.cfg.Log, "mirror", func() { e.mirror(ctx) })
	e.running.start(e.cfg.Log, "vectors", func() { e.meaning.run(ctx) })
	if e.cfg.Mirror == MirrorAlways { // a command that runs for a moment leaves what is kept alone
		e.running.start(e.cfg.Log, "outbox", func() { e.set.Deliver(ctx) })
	}
	return nil
}

// connect says where one's own token comes from. Where many are served, a
// broker's link would connect whoever opens it, and only the gateway may hand
// out links.
func (e *engine) connect(ctx context.Context) string {
	if e.cfg.Shared {
		return ""
	}
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
		Vectors:  e.meaning.status(),
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
	e.running.wait()
	if e.outbox != nil {
		e.outbox.Close()
	}
	err := errors.Join(e.meaning.close(), e.index.Close())
	if e.owned != nil {
		err = errors.Join(err, e.owned.Close())
	}
	return err
}
