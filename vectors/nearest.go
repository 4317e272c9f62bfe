package vectors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/embed"
	"github.com/mcp-notion/mcp-notion/index"
)

// ErrDimension means that the endpoint now makes other vectors than those that
// are kept.
var ErrDimension = errors.New("the embeddings endpoint has changed its dimension; vectors are being made anew")

// Nearest returns the k passages whose meaning is nearest to that of a text and
// its rephrasings, best first; none while there are no vectors. Its errors can
// be shown to the user.
func (s *Store) Nearest(ctx context.Context, text string, also []string, within func(index.Page) bool, k int) ([]Near, error) {
	model := s.serving()
	if model == "" || k <= 0 {
		return nil, nil
	}
	vectors, err := s.asks.embed(ctx, s.cfg.Embedder.As(model), append([]string{text}, also...))
	if err != nil {
		return nil, err
	}
	return s.scan(ctx, model, mean(vectors), within, k)
}

// serving is the model whose vectors answer, or "".
func (s *Store) serving() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if set := s.answering(); set != nil {
		return set.model
	}
	return ""
}

// enough is the share of the texts that must have a vector before they answer:
// fused with what words find, a few vectors would only push up the few
// passages that have one.
const enough = 0.75

// answering is the set that answers, or nil. s.mu must be held.
func (s *Store) answering() *set {
	if s.former != nil && !s.closed {
		return s.former
	}
	if s.current != nil && float64(s.current.live) >= enough*float64(len(s.places)) {
		return s.current
	}
	return nil
}

func (s *Store) scan(ctx context.Context, model string, query []float32, within func(index.Page) bool, k int) ([]Near, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	set := s.answering()
	if set == nil || set.model != model {
		return nil, nil // the switch came between
	}
	if set.dimension != len(query) {
		return nil, ErrDimension
	}
	var allowed func(*page) bool
	if within != nil {
		allowed = func(p *page) bool { return within(p.Page) }
	}
	return set.nearest(ctx, query, k, allowed)
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

func (a *asks) embed(ctx context.Context, e *embed.Embedder, texts []string) ([][]float32, error) {
	vectors, missing, err := a.lookUp(e.Model(), texts)
	if err != nil || len(missing) == 0 {
		return vectors, err
	}
	made, err := e.Embed(ctx, pick(texts, missing))
	if err == nil {
		for n, i := range missing {
			vectors[i] = made[n]
		}
		for _, v := range vectors {
			if len(v) != len(vectors[0]) {
				a.forget()
				return nil, ErrDimension
			}
		}
	}
	a.note(e.Model(), texts, vectors, err)
	return vectors, err
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
func (a *asks) lookUp(model string, texts []string) (vectors [][]float32, missing []int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	vectors = make([][]float32, len(texts))
	for i, text := range texts {
		if vectors[i] = a.known[model+"\x00"+text]; vectors[i] == nil {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 && time.Now().Before(a.until) {
		err = a.last
	}
	return vectors, missing, err
}

// note remembers what came of a request.
func (a *asks) note(model string, texts []string, vectors [][]float32, err error) {
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
		id := model + "\x00" + text
		if a.known[id] == nil {
			a.order = append(a.order, id)
		}
		a.known[id] = vectors[i]
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
