package vectors

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/viterin/vek/vek32"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// filled is a set of vectors in all directions, ten to a page.
func filled(rows, dimension int) *set {
	s := newSet(header{"bench", dimension})
	r := rand.New(rand.NewPCG(1, 2))
	var p *page
	for row := range rows {
		if row%10 == 0 {
			p = &page{Page: index.Page{ID: notion.ID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", row/10))}}
		}
		k := keyOf(fmt.Sprint(row))
		s.put(k, direction(r, dimension))
		s.place(k, []place{{p, row % 10}})
	}
	return s
}

func direction(r *rand.Rand, dimension int) []float32 {
	v := make([]float32, dimension)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return mean([][]float32{v, v})
}

// BenchmarkNearest looks at 100,000 vectors.
func BenchmarkNearest(b *testing.B) {
	for _, dimension := range []int{384, 1536} {
		s := filled(100_000, dimension)
		r := rand.New(rand.NewPCG(3, 4))
		odd := func(p *page) bool { return p.ID[7]%2 == 1 }
		for name, allowed := range map[string]func(*page) bool{"all": nil, "filtered": odd} {
			b.Run(fmt.Sprintf("dimension=%d/%s", dimension, name), func(b *testing.B) {
				for b.Loop() {
					near, err := s.nearest(b.Context(), direction(r, dimension), 48, allowed)
					if err != nil || len(near) != 48 {
						b.Fatal(len(near), err)
					}
				}
			})
		}
	}
}

// BenchmarkDot compares ways to multiply two vectors that lie in memory.
func BenchmarkDot(b *testing.B) {
	const rows = 100_000
	for _, dimension := range []int{384, 1536} {
		r := rand.New(rand.NewPCG(1, 2))
		all, query := make([]float32, rows*dimension), direction(r, dimension)
		for i := range all {
			all[i] = r.Float32()
		}
		for name, product := range map[string]func(a, b []float32) float32{"vek": vek32.Dot, "plain": plain, "unrolled": dot8} {
			b.Run(fmt.Sprintf("dimension=%d/%s", dimension, name), func(b *testing.B) {
				for b.Loop() {
					sum := float32(0)
					for i := 0; i < len(all); i += dimension {
						sum += product(all[i:i+dimension], query)
					}
					if sum == 0 {
						b.Fatal("nothing was added up")
					}
				}
			})
		}
	}
}

func plain(a, b []float32) float32 {
	sum := float32(0)
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// dot8 adds up in eight places, which a processor does at once.
func dot8(a, b []float32) float32 {
	var s [8]float32
	for len(a) >= 8 && len(b) >= 8 {
		for i := range s {
			s[i] += a[i] * b[i]
		}
		a, b = a[8:], b[8:]
	}
	return s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7] + plain(a, b)
}
