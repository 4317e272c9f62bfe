package vectors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// BenchmarkFused searches 100,000 passages by words and by meaning at once, and
// reads what only meaning has found, as a search does that has the vector of
// its query.
func BenchmarkFused(b *testing.B) {
	const passages, dimension = 100_000, 384
	store, err := index.OpenStore(b.TempDir(), index.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	x, err := store.Open(b.Context(), tokens.Connection{Subject: auth.Local("bench"), Handle: "my-notion"})
	if err != nil {
		b.Fatal(err)
	}
	words := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.07, 8, 50_000)
	text := func(n int) string {
		var s strings.Builder
		for range n {
			fmt.Fprintf(&s, "w%d ", words.Uint64())
		}
		return s.String()
	}
	s := &Store{cfg: Config{Index: x}, pages: map[notion.ID]*page{}, places: map[key][]place{}, set: newSet(header{"bench", dimension})}
	if s.cfg.Embedder, err = embed.New(embed.Config{URL: "http://127.0.0.1:1", Model: "bench"}); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for first := 0; first < passages/10; first += 100 {
		var c index.Change
		for id := first; id < first+100; id++ {
			e := index.Entry{Page: index.Page{ID: notion.ID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", id)), Title: text(4), Level: index.Complete}}
			for n := range 10 {
				e.Passages = append(e.Passages, passage.Passage{Page: e.Page.ID, Ordinal: n, Text: markdown.Text(text(150))})
			}
			c.Put = append(c.Put, e)
		}
		if err := x.Apply(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		for _, e := range c.Put {
			p := &page{Page: e.Page}
			for n := range e.Passages {
				p.keys = append(p.keys, keyOf(Text(e.Page.Title, &e.Passages[n])))
				s.set.put(p.keys[n], direction(r, dimension))
			}
			s.replace(p.ID, p)
		}
	}
	queries := make([]string, askedBefore/2)
	for i := range queries {
		queries[i] = text(5)
		s.asks.note(queries[i:i+1], [][]float32{direction(r, dimension)}, nil)
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := fused(b.Context(), s, queries[i%len(queries)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

func fused(ctx context.Context, s *Store, query string) error {
	hits, err := s.cfg.Index.Search(ctx, index.Query{Text: query, Limit: 48})
	if err != nil {
		return err
	}
	q, err := s.Ask(ctx, query, nil)
	if err != nil || q == nil {
		return fmt.Errorf("%q has no vector: %w", query, err)
	}
	for _, h := range hits {
		q.Of(h.Page.Title, &h.Passage)
	}
	places, err := q.Nearest(ctx, nil, 10)
	if err != nil || len(places) == 0 {
		return fmt.Errorf("nothing is near %q: %w", query, err)
	}
	_, err = s.cfg.Index.At(ctx, places)
	return err
}
