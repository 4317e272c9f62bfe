package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools"
)

// backend does the work of a Session: the engine, in the process that owns the
// index, or a line to that process.
type backend interface {
	tools.Caller
	Status(context.Context) (Status, error)
	Sync(context.Context) (ingest.Summary, error)
	close() error
}

// Session is one connection, usable by any number of processes of one user at
// the same time. The first process to come owns the index and serves the
// others over a Unix socket; when it goes, be it killed, another takes over.
type Session struct {
	cfg  Config
	lock *flock.Flock

	mu      sync.Mutex
	backend backend
	opening chan struct{} // closed when the attempt to attach that runs has ended
	failed  error         // of the last attempt
	closed  bool
	calls   background

	hold context.Context // ends with the Session
	end  context.CancelFunc
}

// Open returns a Session without waiting for its index: it attaches in the
// background, and calls wait for it.
func Open(cfg Config) (*Session, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Pacer == nil {
		cfg.Pacer = notion.NewPacer(notion.PacerConfig{PerToken: cfg.PerMinute})
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	s := &Session{cfg: cfg, lock: flock.New(filepath.Join(cfg.Data, cfg.Connection.Key()+".lock"))}
	s.hold, s.end = context.WithCancel(context.Background())
	s.attach()
	return s, nil
}

// attach starts an attempt unless one runs. s.mu must not be held.
func (s *Session) attach() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opening == nil && s.backend == nil && !s.closed {
		s.opening = make(chan struct{})
		s.calls.start(s.cfg.Log, "attach", s.tryAttach)
	}
	return s.opening
}

// attachWithin bounds one attempt: a process that has the lock but does not
// answer is starting, or ending.
const attachWithin = 20 * time.Second

func (s *Session) tryAttach() {
	ctx, cancel := context.WithTimeout(s.hold, attachWithin)
	defer cancel()
	var b backend
	err := guard.Call(func() (err error) {
		b, err = s.ownOrJoin(ctx)
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backend, s.failed = b, err
	close(s.opening)
	s.opening = nil
	if err != nil {
		s.cfg.Log.Warn("cannot use the index", "err", err)
	}
}

// ownOrJoin owns the index if nobody does, and else connects to its owner.
func (s *Session) ownOrJoin(ctx context.Context) (backend, error) {
	var joinErr error
	for {
		locked, err := s.lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock the data folder: %w", err)
		}
		if locked {
			return s.own(ctx)
		}
		r, err := s.join(ctx)
		if err == nil {
			return r, nil
		}
		if errors.Is(err, errOtherVersion) || errors.Is(err, errUnshared) {
			return nil, err
		}
		joinErr = err
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another process of yours has the index and does not answer: %w", joinErr)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// own starts the engine and serves it to other processes. The lock is held.
func (s *Session) own(ctx context.Context) (backend, error) {
	if err := os.Remove(s.unshared()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("use the data folder: %w", err), s.lock.Unlock())
	}
	e, err := startEngine(ctx, s.cfg)
	if err != nil {
		return nil, errors.Join(err, s.lock.Unlock())
	}
	o := &owner{engine: e, lock: s.lock, ended: make(chan struct{})}
	if err := o.listen(s.cfg.Data, s.cfg.Connection.Key()); err != nil {
		s.cfg.Log.Warn("other processes cannot share this index", "err", err)
		_ = os.WriteFile(s.unshared(), []byte(err.Error()), 0o600) // or they learn only that nobody answers
	}
	return o, nil
}

// unshared is the file in which the owner of an index tells other processes why
// it cannot serve them.
func (s *Session) unshared() string {
	return filepath.Join(s.cfg.Data, s.cfg.Connection.Key()+".unshared")
}

// join connects to the owner, and watches it in the background. errUnshared
// means that there is no use in waiting.
func (s *Session) join(ctx context.Context) (backend, error) {
	if why, err := os.ReadFile(s.unshared()); err == nil {
		return nil, fmt.Errorf("%w: %s", errUnshared, why)
	}
	socket, err := socketPath(s.cfg.Data, s.cfg.Connection.Key())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnshared, err)
	}
	r, err := dial(ctx, socket, s.cfg.Version)
	if err != nil {
		return nil, err
	}
	s.calls.start(s.cfg.Log, "watch", func() {
		defer s.attach()
		defer s.drop(r)
		r.watch(s.hold)
	})
	return r, nil
}

// drop forgets a backend that is gone.
func (s *Session) drop(b backend) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend == b {
		s.backend = nil
	}
}

// ready waits for a backend.
func (s *Session) ready(ctx context.Context) (backend, error) {
	for waited := false; ; waited = true {
		s.mu.Lock()
		b, failed, closed := s.backend, s.failed, s.closed
		s.mu.Unlock()
		switch {
		case closed:
			return nil, errors.New("the session is closed")
		case b != nil:
			return b, nil
		case waited && failed != nil:
			return nil, failed
		}
		opening := s.attach()
		if opening == nil {
			continue
		}
		select {
		case <-opening:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Call calls a tool, wherever the index is owned. If the owner goes away in
// the middle, a call that only reads is made again; one that writes is not,
// and its answer says so.
func (s *Session) Call(ctx context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	if s.cfg.ReadOnly && tools.Writes(tool) {
		return tools.Answer{IsError: true, Text: "This server was started read-only: it cannot write to Notion."}, nil
	}
	return withBackend(ctx, s, func(b backend) (tools.Answer, error) {
		tools.Watch(ctx, progressOf(b))
		a, err := b.Call(ctx, tool, args)
		if errors.Is(err, errLost) && tools.Writes(tool) {
			s.drop(b)
			return tools.Answer{IsError: true, Text: lostWrite}, nil
		}
		return a, err
	})
}

// progressOf tells how far a backend is.
func progressOf(b backend) func(context.Context) (ingest.Progress, error) {
	return func(ctx context.Context) (ingest.Progress, error) {
		st, err := b.Status(ctx)
		return st.Progress, err
	}
}

const lostWrite = "The mcp-notion process that was writing to Notion ended before it answered, so it is not known whether it was written. " +
	"Look in Notion before trying again."

// Status tells how far the mirror is.
func (s *Session) Status(ctx context.Context) (Status, error) {
	return withBackend(ctx, s, func(b backend) (Status, error) { return b.Status(ctx) })
}

// Sync makes one whole pass of the mirror and waits for its end.
func (s *Session) Sync(ctx context.Context) (ingest.Summary, error) {
	return withBackend(ctx, s, func(b backend) (ingest.Summary, error) { return b.Sync(ctx) })
}

// withBackend runs do, and runs it again with another backend when the owner
// of the index went away.
func withBackend[T any](ctx context.Context, s *Session, do func(backend) (T, error)) (T, error) {
	for {
		b, err := s.ready(ctx)
		if err != nil {
			var none T
			return none, err
		}
		v, err := do(b)
		if !errors.Is(err, errLost) || ctx.Err() != nil {
			return v, err
		}
		s.drop(b)
	}
}

// Close ends the Session. The owner finishes what runs for other processes,
// closes the index, and leaves it to them.
func (s *Session) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	s.calls.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend == nil {
		return nil
	}
	err := s.backend.close()
	s.backend = nil
	return err
}
