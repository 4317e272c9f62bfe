package vectors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/viterin/vek/vek32"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// ErrDimension means that the model now makes other vectors than those that are
// kept.
var ErrDimension = errors.New("the embeddings endpoint has changed its dimension; vectors are being made anew")

// Question is what was asked, as a vector.
type Question struct {
	store  *Store
	vector []float32
}

// Ask makes the vector of a question and its rephrasings. The Question is nil
// while there are no vectors to hold it against, and if the model does not read
// it. Errors can be shown to the user.
func (s *Store) Ask(ctx context.Context, text string, also []string) (*Question, error) {
	dimension := s.dimension()
	if dimension == 0 {
		return nil, nil
	}
	vectors, err := s.asks.embed(ctx, s.cfg.Embedder, append([]string{text}, also...))
	if err != nil {
		return nil, err
	}
	vectors = slices.DeleteFunc(vectors, func(v []float32) bool { return v == nil })
	switch {
	case len(vectors) == 0:
		return nil, nil
	case len(vectors[0]) != dimension:
		return nil, ErrDimension
	}
	s.await(ctx)
	return &Question{store: s, vector: mean(vectors)}, nil
}

// await waits a moment for the places of the vectors, which a process that has
// just begun is still looking up.
func (s *Store) await(ctx context.Context) {
	moment := time.NewTimer(firstLook)
	defer moment.Stop()
	select {
	case <-s.followed:
	case <-moment.C:
	case <-ctx.Done():
	}
}

func (s *Store) dimension() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.set == nil {
		return 0
	}
	return s.set.dimension
}

// Of is how near a passage is to the question, from -1 to 1, and whether it has
// a vector.
func (q *Question) Of(title string, p *passage.Passage) (float64, bool) {
	k := keyOf(Text(title, p))
	q.store.mu.RLock()
	defer q.store.mu.RUnlock()
	set := q.store.set
	if set == nil || set.dimension != len(q.vector) || !set.has(k) {
		return 0, false
	}
	return float64(vek32.Dot(set.vector(set.rows[k]), q.vector)), true
}

// Nearest returns the k passages whose meaning is nearest to the question, best
// first.
func (q *Question) Nearest(ctx context.Context, within func(index.Page) bool, k int) ([]index.Place, error) {
	q.store.mu.RLock()
	defer q.store.mu.RUnlock()
	set := q.store.set
	if set == nil || set.dimension != len(q.vector) || k <= 0 {
		return nil, nil
	}
	var allowed func(*page) bool
	if within != nil {
		allowed = func(p *page) bool { return within(p.Page) }
	}
	near, err := set.nearest(ctx, q.vector, k, allowed)
	places := make([]index.Place, len(near))
	for i, n := range near {
		places[i] = n.Place
	}
	return places, err
}

// mean is the direction between vectors of length 1.
func mean(vectors [][]float32) []float32 {
	if len(vectors) == 1 {
		return vectors[0]
	}
	sum, length := make([]float32, len(vectors[0])), 0.0
	for i := range sum {
		for _, v := range vectors {
			sum[i] += v[i]
		}
		length += float64(sum[i]) * float64(sum[i])
	}
	if length == 0 {
		return vectors[0]
	}
	for i := range sum {
		sum[i] /= float32(math.Sqrt(length))
	}
	return sum
}

const (
	firstLook   = 100 * time.Millisecond
	askedBefore = 256              // query vectors that are remembered
	patience    = 2                // failures after which the endpoint is left alone for a while
	longestRest = 30 * time.Second // of an endpoint that fails
)

// asks embeds queries. It remembers the last ones, and does not let every
// search wait for an endpoint that is down.
type asks struct {
	mu       sync.Mutex
	known    map[string][]float32
	order    []string
	failures int
	until    time.Time
	last     error
}

func (a *asks) embed(ctx context.Context, e Embedder, texts []string) ([][]float32, error) {
	vectors, missing, err := a.lookUp(texts)
	if err != nil || len(missing) == 0 {
		return vectors, err
	}
	made, err := e.Queries(ctx, pick(texts, missing))
	if err == nil {
		for n, i := range missing {
			vectors[i] = made[n]
		}
		if differ := slices.ContainsFunc(vectors, func(v []float32) bool { return v != nil && len(v) != dimensionOf(vectors) }); differ {
			a.forget()
			return nil, ErrDimension
		}
	}
	a.note(texts, vectors, err)
	return vectors, err
}

// dimensionOf is that of the first vector that there is.
func dimensionOf(vectors [][]float32) int {
	for _, v := range vectors {
		if v != nil {
			return len(v)
		}
	}
	return 0
}

func pick(texts []string, which []int) []string {
	var some []string
	for _, i := range which {
		some = append(some, texts[i])
	}
	return some
}

// lookUp returns the vectors that are known, and the numbers of the texts whose
// are not.
func (a *asks) lookUp(texts []string) (vectors [][]float32, missing []int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	vectors = make([][]float32, len(texts))
	for i, text := range texts {
		known := false
		if vectors[i], known = a.known[text]; !known {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 && time.Now().Before(a.until) {
		err = a.last
	}
	return vectors, missing, err
}

// note remembers what came of a request.
func (a *asks) note(texts []string, vectors [][]float32, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.rest(err)
		return
	}
	a.failures = 0
	if a.known == nil {
		a.known = map[string][]float32{}
	}
	for i, text := range texts {
		if _, known := a.known[text]; !known {
			a.order = append(a.order, text)
		}
		a.known[text] = vectors[i]
	}
	for len(a.order) > askedBefore {
		delete(a.known, a.order[0])
		a.order = a.order[1:]
	}
}

// rest leaves the endpoint alone for a while after some failures. A caller who
// went away is no failure of the endpoint; one who waited long enough is.
func (a *asks) rest(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if a.failures++; a.failures < patience {
		return
	}
	a.last = fmt.Errorf("%w; it is asked again in a moment", err)
	if errors.Is(err, context.DeadlineExceeded) {
		a.last = errors.New("the embeddings endpoint does not answer in time; it is asked again in a moment")
	}
	a.until = time.Now().Add(min(time.Second<<min(a.failures-patience, 10), longestRest))
}

// forget drops all vectors: they are not what the endpoint makes now.
func (a *asks) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known, a.order = nil, nil
}
