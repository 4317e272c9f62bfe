package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const defaultIdle = 10 * time.Minute

// Config has what can be set of a Store. The zero value works.
type Config struct {
	IdleClose time.Duration // close the files of an index that nobody used for so long; 0 means 10 minutes, below 0 never
	MaxFiles  int           // most files open at once, beyond which the indexes used least lately are closed; 0 means 3,000, or half of what the system allows
	MaxMapped int64         // most bytes of files mapped into memory at once, apart from the index used last; 0 means 32 MB
	Log       *slog.Logger  // nil for none
}

// Store keeps the indexes of all connections, each in a folder of its own.
// There is no call that looks into two.
type Store struct {
	dir     string
	config  Config
	workers *workers

	residents residents
	relieving atomic.Bool

	mu     sync.Mutex
	open   map[string]*shared // by Connection.Key
	closed bool
}

// OpenStore returns the Store in dir, which is created if need be. It opens no
// index.
func OpenStore(dir string, cfg Config) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create folder of the indexes: %w", err)
	}
	if cfg.IdleClose == 0 {
		cfg.IdleClose = defaultIdle
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxFiles <= 0 {
		cfg.MaxFiles = min(defaultFiles, mostFiles()/2)
	}
	if cfg.MaxMapped <= 0 {
		cfg.MaxMapped = defaultMapped
	}
	return &Store{
		dir: dir, config: cfg, workers: newWorkers(), open: map[string]*shared{},
		residents: residents{maxFiles: cfg.MaxFiles, maxMapped: cfg.MaxMapped},
	}, nil
}

// relieve makes the indexes that were used least lately give back what is too
// much, in the background: no question waits for that.
func (s *Store) relieve() {
	if s.relieving.Swap(true) {
		return
	}
	guard.After(0, func() {
		s.relieving.Store(false)
		rest, end := s.residents.surplus()
		for _, h := range rest {
			h.rest()
		}
		for _, h := range end {
			h.closeUnused()
			s.mu.Lock()
			s.forget(h)
			s.mu.Unlock()
		}
	}, func(err error) {
		s.config.Log.Error("close indexes to make room", "err", err, "stack", guard.Stack(err))
	})
}

// Dir returns the folder of a connection's index, which need not exist.
func (s *Store) Dir(conn tokens.Connection) string { return Dir(s.dir, conn) }

// Dir is where the Store in a folder has the index of a connection, if it has
// one.
func Dir(store string, conn tokens.Connection) string { return filepath.Join(store, conn.Key()) }

// Open returns the index of a connection, an empty one if there is none. The
// error is ErrNewer or ErrInUse where that is the cause. The Index must be
// closed.
func (s *Store) Open(ctx context.Context, conn tokens.Connection) (*Index, error) {
	sh, err := s.share(conn)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if err := sh.use(ctx, func(*engine) error { return nil }); err != nil {
		s.release(sh)
		return nil, fmt.Errorf("open index: %w", err)
	}
	return &Index{shared: sh}, nil
}

func (s *Store) share(conn tokens.Connection) (*shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	key := conn.Key()
	sh := s.open[key]
	if sh == nil {
		sh = newShared(s, key)
		s.open[key] = sh
	}
	sh.refs++
	return sh, nil
}

// release takes back one reference, and forgets what nobody has open.
func (s *Store) release(sh *shared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh.refs--
	s.forget(sh)
}

// forget drops an index that is closed and that nobody refers to.
func (s *Store) forget(sh *shared) {
	if sh.refs == 0 && s.open[sh.key] == sh && sh.idle() {
		delete(s.open, sh.key)
	}
}

// Delete removes a connection's index with all that it holds. Whoever still
// has it open gets ErrClosed from then on.
func (s *Store) Delete(ctx context.Context, conn tokens.Connection) error {
	return s.DeleteKey(ctx, conn.Key())
}

// DeleteKey is Delete for a connection of which only the key is known.
func (s *Store) DeleteKey(ctx context.Context, key string) error {
	s.mu.Lock() // nobody opens it meanwhile
	defer s.mu.Unlock()
	if sh := s.open[key]; sh != nil {
		delete(s.open, sh.key)
		if err := sh.end(); err != nil {
			s.config.Log.Warn("close index to be deleted", "connection", sh.key, "err", err)
		}
	}
	path := filepath.Join(s.dir, key)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f, err := lockFolder(ctx, path)
	if err != nil {
		return fmt.Errorf("delete index: %w", err)
	}
	if err := f.remove(); err != nil {
		return fmt.Errorf("delete index: %w", err)
	}
	return nil
}

// Close waits for what is under way and closes all indexes. Every Index is
// closed with it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for key, sh := range s.open {
		delete(s.open, key)
		errs = append(errs, sh.end())
	}
	s.workers.analysis.Close()
	return errors.Join(errs...)
}
