package vectors

import (
	"cmp"
	"context"
	"slices"

	"github.com/viterin/vek/vek32"

	"github.com/mcp-notion/mcp-notion/index"
)

// chunkRows is how many vectors lie together in memory, so that more vectors
// never mean copying those that are there.
const chunkRows = 4096

// set is all vectors of one model, in memory and in its file.
type set struct {
	header
	file    *file
	rows    map[key]int
	keys    []key       // by row
	chunks  [][]float32 // chunkRows vectors each
	live    int         // rows whose text is there
	damaged int         // records of the file that are worth nothing
	places  [][]place   // by row: the passages that have this text; none for a text that is gone
}

// place is a passage.
type place struct {
	page    *page
	ordinal int
}

func newSet(h header) *set { return &set{header: h, rows: map[key]int{}} }

// put adds a vector. The one that was there first stays.
func (s *set) put(k key, v []float32) {
	if _, ok := s.rows[k]; ok {
		return
	}
	row := len(s.keys)
	if row%chunkRows == 0 {
		s.chunks = append(s.chunks, make([]float32, 0, s.dimension*min(chunkRows, max(64, row))))
	}
	last := len(s.chunks) - 1
	s.chunks[last] = append(s.chunks[last], v...)
	s.rows[k] = row
	s.keys = append(s.keys, k)
	s.places = append(s.places, nil)
}

func (s *set) has(k key) bool {
	_, ok := s.rows[k]
	return ok
}

func (s *set) vector(row int) []float32 {
	at := row % chunkRows * s.dimension
	return s.chunks[row/chunkRows][at : at+s.dimension]
}

// place notes where a text stands.
func (s *set) place(k key, places []place) {
	row, ok := s.rows[k]
	if !ok {
		return
	}
	if len(s.places[row]) > 0 {
		s.live--
	}
	if len(places) > 0 {
		s.live++
	}
	s.places[row] = places
}

// wasteful says that most of the file is of no use.
func (s *set) wasteful() bool {
	dead := len(s.keys) - s.live + s.damaged
	return dead > fewDead && dead > s.live
}

// fewDead is not worth writing a file for.
const fewDead = 32

// Near is a passage, and how near its vector is to that of a query: 1 is the
// same direction.
type Near struct {
	index.Place
	Score float64
}

// nearest looks at every vector and returns the k nearest passages that are
// allowed, best first.
func (s *set) nearest(ctx context.Context, query []float32, k int, allowed func(*page) bool) ([]Near, error) {
	t := top{k: k, seen: map[*page]bool{}, allowed: allowed}
	for c, chunk := range s.chunks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		places := s.places[c*chunkRows:]
		for i := 0; i < len(chunk); i += s.dimension {
			row := i / s.dimension
			if len(places[row]) == 0 {
				continue
			}
			if score := vek32.Dot(chunk[i:i+s.dimension], query); score > t.least {
				t.add(score, places[row])
			}
		}
	}
	return t.sorted(), nil
}

// top is the best so far.
type top struct {
	k       int
	best    []Near // not sorted; at most 2k
	least   float32
	seen    map[*page]bool
	allowed func(*page) bool
}

// add takes in all passages with one text. The best are only sorted out now and
// then, which costs less than keeping order.
func (t *top) add(score float32, places []place) {
	for _, p := range places {
		if t.allowed != nil {
			ok, known := t.seen[p.page]
			if !known {
				ok = t.allowed(p.page)
				t.seen[p.page] = ok
			}
			if !ok {
				continue
			}
		}
		t.best = append(t.best, Near{Place: index.Place{Page: p.page.ID, Ordinal: p.ordinal}, Score: float64(score)})
	}
	if len(t.best) >= 2*t.k+16 {
		t.best = t.sorted()
		t.least = float32(t.best[len(t.best)-1].Score)
	}
}

func (t *top) sorted() []Near {
	slices.SortFunc(t.best, func(a, b Near) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Page, b.Page), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return t.best[:min(t.k, len(t.best))]
}
