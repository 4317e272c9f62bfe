// Package vectors keeps a vector for each passage of one connection's index, in
// a folder of that connection, and finds the passages whose vectors are nearest
// to a query's. Vectors are made in the background by a model behind an
// endpoint, and only for text that has none yet. Whatever the endpoint does, an
// error is all that a search sees of it.
package vectors

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/embed"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/passage"
)

// Config is what a Store works with. Dir, Index and Embedder are needed.
type Config struct {
	Dir      string // of this connection's vectors alone; a folder in that of its index goes when the index is deleted
	Index    *index.Index
	Embedder *embed.Embedder

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
	Refused   int    `json:"refused,omitempty"` // texts that the model does not take
	Former    string `json:"former,omitempty"`  // the model whose vectors answer until those of Model are all there
	Error     string `json:"error,omitempty"`   // why it does not go on, in the user's words
}

// Store is the vectors of one connection. It may be used concurrently.
type Store struct {
	cfg  Config
	lock *flock.Flock
	asks asks

	mu      sync.RWMutex
	pages   map[notion.ID]*page
	places  map[key][]place // of all texts, whether they have a vector or not
	current *set            // of the configured model; nil before its first vector
	former  *set            // of another model; answers while current is not complete
	closed  bool            // former cannot be asked: the endpoint no longer has its model
	refused map[key]bool    // not taken by the model, since the Store was opened
	failure string          // of the last attempt in the background
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
		pages: map[notion.ID]*page{}, places: map[key][]place{}, refused: map[key]bool{},
	}
	if ok, err := s.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(errors.New("lock the vectors: another process has them"), err, s.lock.Close())
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// load reads what is there: the vectors of the configured model, and the most
// that there are of another. A file that cannot be read is worth as much as
// none.
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

// adopt decides what a set that was found is for, and discards the one that
// this leaves without use.
func (s *Store) adopt(found *set) {
	use := &s.former
	if found.model == s.cfg.Embedder.Model() {
		use = &s.current
	}
	if *use == nil || len((*use).keys) < len(found.keys) {
		*use, found = found, *use
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
	var errs []error
	for _, one := range []*set{s.current, s.former} {
		if one != nil {
			errs = append(errs, one.file.close())
		}
	}
	s.current, s.former = nil, nil
	return errors.Join(append(errs, s.lock.Close())...)
}

// Status says how far the vectors are.
func (s *Store) Status() Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := Status{Model: s.cfg.Embedder.Model(), Refused: len(s.refused), Error: s.failure}
	for _, p := range s.pages {
		st.Total += len(p.keys)
		for _, k := range p.keys {
			if s.current != nil && s.current.has(k) {
				st.Done++
			}
		}
	}
	if s.current != nil {
		st.Dimension = s.current.dimension
	}
	if s.former != nil {
		st.Former = s.former.model
	}
	return st
}

// Text is what is embedded of a passage.
func Text(title string, p *passage.Passage) string {
	return strings.Join(append([]string{title}, p.Headings...), " > ") + "\n\n" + string(p.Text)
}
