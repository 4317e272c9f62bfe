package vectors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// worker is one Run.
type worker struct {
	*Store
	version    uint64 // of the index that is known
	followed   bool
	todo       []notion.ID // pages with texts to embed
	failures   int
	dimensions int       // answers in a row with another dimension than the vectors have
	next       time.Time // when the next request may be made
}

// confirmations is how many answers in a row must have another dimension before
// all vectors are made anew: some endpoints are several behind one address.
const confirmations = 3

// Run keeps the vectors in step with the index until ctx ends or the index is
// closed. It is called once.
func (s *Store) Run(ctx context.Context) error {
	w := &worker{Store: s}
	for {
		var rest time.Duration
		err := guard.Call(func() (err error) {
			rest, err = w.step(ctx)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, index.ErrClosed):
			return err
		case err != nil:
			s.fail(err)
			w.next, rest = time.Now().Add(w.backoff(err)), s.cfg.Look
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
}

// step does one piece of work and says how long to rest after it.
func (w *worker) step(ctx context.Context) (time.Duration, error) {
	if err := w.catchUp(ctx); err != nil {
		return 0, err
	}
	if len(w.todo) == 0 {
		w.failures = 0
		w.fail(nil)
		return w.cfg.Look, w.settle()
	}
	if wait := time.Until(w.next); wait > 0 {
		return min(wait, w.cfg.Look), nil
	}
	w.next = time.Now().Add(time.Minute / time.Duration(w.cfg.PerMinute))
	b, err := w.batch(ctx)
	if err != nil || len(b.texts) == 0 {
		return 0, err
	}
	if err := w.embed(ctx, b); err != nil {
		w.todo = w.Store.todo() // what was not kept comes again
		return 0, err
	}
	w.failures = 0
	w.fail(nil)
	return 0, nil
}

// catchUp looks whether the index has changed.
func (w *worker) catchUp(ctx context.Context) error {
	version := w.cfg.Index.Version()
	if w.followed && (version == w.version || version == 0) {
		return nil
	}
	changed, err := w.follow(ctx)
	if err != nil {
		return err
	}
	w.version = version
	if changed > 0 || !w.followed {
		w.todo = w.Store.todo()
	}
	w.followed = true
	return nil
}

// batch is what goes into one request.
type batch struct {
	keys   []key
	texts  []string
	tokens int
}

// batch takes texts from the pages that have some, and those pages off the
// list.
func (w *worker) batch(ctx context.Context) (*batch, error) {
	b, taken := &batch{}, map[key]bool{}
	for len(w.todo) > 0 {
		id := w.todo[0]
		rec, ok := w.cfg.Index.Page(id)
		passages, err := w.cfg.Index.Passages(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read the passages of page %s: %w", id, err)
		}
		for i := range passages {
			text := Text(rec.Title, &passages[i])
			k := keyOf(text)
			if !ok || taken[k] || !w.wanted(k) {
				continue
			}
			tokens := passage.Tokens(text)
			if len(b.texts) > 0 && (len(b.texts) == w.cfg.Texts || b.tokens+tokens > w.cfg.Tokens) {
				return b, nil // the page comes again
			}
			taken[k] = true
			b.keys, b.texts, b.tokens = append(b.keys, k), append(b.texts, text), b.tokens+tokens
		}
		w.todo = w.todo[1:]
	}
	return b, nil
}

func (s *Store) wanted(k key) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lacks(k)
}

// embed makes and keeps the vectors of a batch.
func (w *worker) embed(ctx context.Context, b *batch) error {
	vectors, err := w.cfg.Embedder.Passages(ctx, b.texts)
	var e *embed.Error
	if errors.As(err, &e) && e.Kind == embed.TooLarge {
		return w.divide(ctx, b)
	}
	if err != nil {
		return err
	}
	keys, vectors := w.read(b.keys, vectors)
	if len(keys) == 0 {
		return nil
	}
	if err := w.fits(len(vectors[0])); err != nil {
		return err
	}
	return w.keep(keys, vectors)
}

// read leaves out the texts that the model does not read.
func (w *worker) read(keys []key, vectors [][]float32) (read []key, made [][]float32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, k := range keys {
		if vectors[i] == nil {
			w.refused[k] = true
			continue
		}
		read, made = append(read, k), append(made, vectors[i])
	}
	return read, made
}

// divide embeds the halves of a batch that the endpoint does not take, to find
// the text that it is about. That one is cut shorter, and given up at last.
func (w *worker) divide(ctx context.Context, b *batch) error {
	if n := len(b.texts); n > 1 {
		first := &batch{keys: b.keys[:n/2], texts: b.texts[:n/2]}
		second := &batch{keys: b.keys[n/2:], texts: b.texts[n/2:]}
		if err := w.embed(ctx, first); err != nil {
			return err
		}
		return w.embed(ctx, second)
	}
	const shortest = 200 // bytes
	if text := b.texts[0]; len(text) > shortest {
		half := []rune(text)
		return w.embed(ctx, &batch{keys: b.keys, texts: []string{string(half[:len(half)/2])}})
	}
	if _, err := w.cfg.Embedder.Passages(ctx, []string{"a text"}); err != nil {
		return err // it takes none at all
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused[b.keys[0]] = true
	return nil
}

// fits checks the dimension of an answer. When it has changed for good, the
// vectors that are there are of no use.
func (w *worker) fits(dimension int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set == nil || w.set.dimension == dimension {
		w.dimensions = 0
		return nil
	}
	if w.dimensions++; w.dimensions < confirmations {
		return fmt.Errorf("%w: from %d to %d", ErrDimension, w.set.dimension, dimension)
	}
	w.cfg.Log.Warn("the embeddings endpoint has changed its dimension", "from", w.set.dimension, "to", dimension)
	w.discard(w.set)
	w.set, w.dimensions = nil, 0
	w.asks.forget()
	w.todo = nil // the batch that told it is kept; the rest is found anew
	w.followed = false
	return nil
}

// keep writes vectors down, and has them answer.
func (w *worker) keep(keys []key, vectors [][]float32) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set == nil {
		one := newSet(header{w.cfg.Embedder.Model(), len(vectors[0])})
		var err error
		one.file, err = createFile(w.cfg.Dir, one.header, func(func(key, []float32) error) error { return nil })
		if err != nil {
			return err
		}
		w.set = one
	}
	if err := w.set.file.append(keys, vectors); err != nil {
		return err
	}
	for i, k := range keys {
		w.set.put(k, vectors[i])
		w.set.place(k, w.places[k])
	}
	return nil
}

// settle tidies up when every text has its vector: those of texts that are gone
// are not needed any more.
func (w *worker) settle() error {
	if !w.cfg.Ready() || w.set == nil || !w.set.wasteful() {
		return nil
	}
	return w.compact()
}

// compact writes the vectors that are of use into a new file. Nobody but the
// worker changes a set, so that searches can go on until the exchange.
func (w *worker) compact() error {
	old, fresh := w.set, newSet(w.set.header)
	f, err := createFile(w.cfg.Dir, old.header, func(add func(key, []float32) error) error {
		for row, k := range old.keys {
			if len(old.places[row]) == 0 {
				continue
			}
			fresh.put(k, old.vector(row))
			fresh.place(k, old.places[row])
			if err := add(k, old.vector(row)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	fresh.file = f
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set = fresh
	return old.file.close()
}

// fail tells Status what went wrong; nil takes it back.
func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure = ""; err != nil {
		s.failure = err.Error()
		s.cfg.Log.Warn("vectors wait", "err", err)
	}
}

const longestPause = 5 * time.Minute

// backoff is how long to rest after a failure.
func (w *worker) backoff(err error) time.Duration {
	pause := min(w.cfg.Pause<<min(w.failures, 10), longestPause)
	pause = pause/2 + rand.N(pause/2+1)
	w.failures++
	var e *embed.Error
	if errors.As(err, &e) {
		pause = max(pause, e.After)
	}
	return pause
}

// Folder is where the vectors of an index belong: in its folder, so that they
// go when it is deleted, and stay when it is only built anew.
func Folder(indexDir string) string { return filepath.Join(indexDir, "vectors") }
