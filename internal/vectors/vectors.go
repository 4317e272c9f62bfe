// Package vectors keeps a vector for each passage of one connection's index, in
// a folder of that connection, and finds the passages whose vectors are nearest
// to a query's. Vectors are made in the background by a model, in this process
// or behind an endpoint, and only for text that has none yet. Whatever the model
// does, an error is all that a search sees of it.
package vectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Embedder makes vectors of length 1 with one model: of questions, and of the
// passages that are to be found with them. The vector of a text that the model
// does not read is nil. Errors can be shown to the user.
type Embedder interface {
	Model() string // another name means other vectors
	Queries(ctx context.Context, texts []string) ([][]float32, error)
	Passages(ctx context.Context, texts []string) ([][]float32, error)
}

// Config is what a Store works with. Dir, Index and Embedder are needed.
type Config struct {
	Dir      string // of this connection's vectors alone; a folder in that of its index goes when the index is deleted
	Index    *index.Index
	Embedder Embedder

	// Ready says whether the index holds everything there is. Vectors are not
	// thrown away before: an index that is just being built anew lacks texts
	// that will be back. Nil means that it always does.
	Ready     func() bool
	Look      time.Duration // between looks whether the index has changed; 0 means one second
	Texts     int           // in one request; 0 means 64
	Tokens    int           // of all texts of one request, about; 0 means 8,000
	PerMinute int           // requests in the background; 0 means 300
	Pause     time.Duration // after a failure, doubled up to five minutes; 0 means two seconds
	Log       *slog.Logger  // nil means no log; never receives texts
}

func (c Config) withDefaults() Config {
	if c.Ready == nil {
		c.Ready = func() bool { return true }
	}
	if c.Look <= 0 {
		c.Look = time.Second
	}
	if c.Texts <= 0 {
		c.Texts = 64
	}
	if c.Tokens <= 0 {
		c.Tokens = 8000
	}
	if c.PerMinute <= 0 {
		c.PerMinute = 300
	}
	if c.Pause <= 0 {
		c.Pause = 2 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Status says how far the vectors are, and what keeps them.
type Status struct {
	Model     string `json:"model"`             // that is configured
	Dimension int    `json:"dimension"`         // of its vectors; 0 before the first
	Done      int    `json:"done"`              // passages that have a vector of this model
	Total     int    `json:"total"`             // passages
	Refused   int    `json:"refused,omitempty"` // texts that the model does not take, or not read
	Error     string `json:"error,omitempty"`   // why it does not go on, in the user's words
}

// Store is the vectors of one connection. It may be used concurrently.
type Store struct {
	cfg  Config
	lock *flock.Flock
	asks asks

	mu       sync.RWMutex
	pages    map[notion.ID]*page
	places   map[key][]place // of all texts, whether they have a vector or not
	set      *set            // nil before the first vector
	refused  map[key]bool    // not taken by the model, since the Store was opened
	followed chan struct{}   // closed once pages are those of the index
	failure  string          // of the last attempt in the background
}

// page is what the Store knows of a page.
type page struct {
	index.Page
	keys []key // by ordinal
}

// Open opens the vectors in a folder, which is made if need be. Run fills them.
func Open(cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the vectors: %w", err)
	}
	s := &Store{
		cfg: cfg, lock: flock.New(filepath.Join(cfg.Dir, "lock"), flock.SetPermissions(0o600)),
		followed: make(chan struct{}), pages: map[notion.ID]*page{}, places: map[key][]place{}, refused: map[key]bool{},
	}
	if ok, err := s.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(errors.New("lock the vectors: another process has them"), err, s.lock.Close())
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// load reads the vectors of the configured model. Those of another are deleted,
// and so is a file that cannot be read.
func (s *Store) load() error {
	names, err := filepath.Glob(filepath.Join(s.cfg.Dir, "*"))
	if err != nil {
		return fmt.Errorf("look for vectors: %w", err)
	}
	for _, name := range names {
		switch filepath.Ext(name) {
		case suffix:
			found, err := loadSet(name)
			if err != nil {
				s.cfg.Log.Warn("vectors are made anew", "err", err)
				_ = os.Remove(name)
				continue
			}
			s.adopt(found)
		case ".new": // of a process that was killed
			_ = os.Remove(name)
		}
	}
	return nil
}

func loadSet(name string) (*set, error) {
	var loaded *set
	f, c, err := openFile(name, func(h header) func(key, []float32) {
		loaded = newSet(h)
		return loaded.put
	})
	if err != nil {
		return nil, err
	}
	if f.name() != filepath.Base(name) {
		return nil, errors.Join(errNotVectors, f.close())
	}
	loaded.file, loaded.damaged = f, c.damaged
	return loaded, nil
}

// adopt takes a set that was found, if it is of use.
func (s *Store) adopt(found *set) {
	if found.model == s.cfg.Embedder.Model() && (s.set == nil || len(s.set.keys) < len(found.keys)) {
		found, s.set = s.set, found
	}
	if found != nil {
		s.discard(found)
	}
}

// discard deletes a set with its file.
func (s *Store) discard(old *set) {
	if err := errors.Join(old.file.close(), os.Remove(filepath.Join(s.cfg.Dir, old.name()))); err != nil {
		s.cfg.Log.Warn("cannot delete old vectors", "err", err)
	}
}

// Close closes the files. Run must have ended.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.set != nil {
		err = s.set.file.close()
	}
	s.set = nil
	return errors.Join(err, s.lock.Close())
}

// Status says how far the vectors are.
func (s *Store) Status() Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := Status{Model: s.cfg.Embedder.Model(), Refused: len(s.refused), Error: s.failure}
	select {
	case <-s.followed:
	default:
		s.guess(&st)
		return st
	}
	for _, p := range s.pages {
		st.Total += len(p.keys)
		for _, k := range p.keys {
			if s.set != nil && s.set.has(k) {
				st.Done++
			}
		}
	}
	if s.set != nil {
		st.Dimension = s.set.dimension
	}
	return st
}

// guess is the Status before the texts of the index have been looked at: the
// vectors are probably theirs.
func (s *Store) guess(st *Status) {
	st.Total = s.cfg.Index.Totals().Passages
	if s.set != nil {
		st.Dimension, st.Done = s.set.dimension, min(len(s.set.keys), st.Total)
	}
}

// Text is what is embedded of a passage.
func Text(title string, p *passage.Passage) string {
	return strings.Join(append([]string{title}, p.Headings...), " > ") + "\n\n" + string(p.Text)
}
