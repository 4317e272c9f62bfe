package index

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/disk"
	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// shared is what all Index values of one connection have in common.
type shared struct {
	store *Store
	key   string
	refs  int // guarded by store.mu

	mu        sync.Mutex
	unused    sync.Cond // users has become 0
	users     int       // calls under way
	engine    *engine   // nil while the files are closed
	checked   bool      // the files have been compared with their checksums
	ended     bool
	recovered string
	lastUse   time.Time
	timer     *time.Timer

	residence residence
}

func newShared(s *Store, key string) *shared {
	h := &shared{store: s, key: key}
	h.unused.L = &h.mu
	return h
}

func (h *shared) log() *slog.Logger { return h.store.config.Log }

// use calls do with the open engine. do may use the index again.
func (h *shared) use(ctx context.Context, do func(*engine) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := h.acquire(ctx)
	if err != nil {
		return err
	}
	defer h.done()
	return do(e)
}

func (h *shared) acquire(ctx context.Context) (*engine, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return nil, ErrClosed
	}
	if h.engine == nil {
		if err := h.open(ctx); err != nil {
			return nil, err
		}
	}
	h.users++
	if h.store.residents.use(h, h.engine.files(), h.engine.mapped()) {
		h.store.relieve()
	}
	return h.engine, nil
}

func (h *shared) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastUse = time.Now()
	if h.users--; h.users == 0 {
		h.unused.Broadcast()
	}
}

// open must be called with mu held.
func (h *shared) open(ctx context.Context) error {
	e, recovered, err := openEngine(ctx, filepath.Join(h.store.dir, h.key), h.store.workers, !h.checked)
	if err != nil {
		return disk.Mark(err)
	}
	if recovered != "" {
		h.recovered = recovered
		h.log().Warn("index rebuilt", "connection", h.key, "reason", recovered)
	}
	h.engine, h.checked = e, true
	h.lastUse = time.Now()
	if idle := h.store.config.IdleClose; idle > 0 {
		h.timer = guard.After(idle, h.sweep, h.swept)
	}
	return nil
}

// sweep closes the engine if it was idle for long enough, and else comes back
// when it may have been.
func (h *shared) sweep() {
	if !h.closeIdle() {
		return
	}
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	h.store.forget(h)
}

// swept says that a sweep failed. The index stays open, and the next one that
// opens it sweeps again.
func (h *shared) swept(err error) {
	h.log().Error("close idle index", "connection", h.key, "err", err, "stack", guard.Stack(err))
}

func (h *shared) closeIdle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil {
		return false
	}
	left := h.store.config.IdleClose - time.Since(h.lastUse)
	if h.users > 0 {
		left = h.store.config.IdleClose
	}
	if left > 0 {
		h.timer.Reset(left)
		return false
	}
	if err := h.closeEngine(); err != nil {
		h.log().Error("close idle index", "connection", h.key, "err", err)
	}
	return true
}

// closeEngine must be called with mu held.
func (h *shared) closeEngine() error {
	if h.engine == nil {
		return nil
	}
	if h.timer != nil {
		h.timer.Stop()
	}
	e := h.engine
	h.engine = nil
	h.store.residents.leave(h)
	return e.close()
}

// rest makes an index that nobody has used for a while take less.
func (h *shared) rest() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil {
		return
	}
	if err := h.engine.rest(); err != nil {
		h.log().Warn("let an index rest", "connection", h.key, "err", err)
	}
}

// closeUnused closes the engine unless a call is under way: then it counts as
// open again.
func (h *shared) closeUnused() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users > 0 {
		h.store.residents.use(h, h.engine.files(), h.engine.mapped())
		return
	}
	if err := h.closeEngine(); err != nil {
		h.log().Error("close an index to make room", "connection", h.key, "err", err)
	}
}

// end closes the engine for good, once what is under way is done.
func (h *shared) end() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for h.users > 0 {
		h.unused.Wait()
	}
	return h.closeEngine()
}

func (h *shared) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engine == nil
}

func (h *shared) why() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recovered
}
