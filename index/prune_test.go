package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zipfText has words of which few are in most texts and most are in few.
func zipfText(r *rand.Rand, z *rand.Zipf, words int) string {
	var out []string
	for range words {
		out = append(out, fmt.Sprintf("w%c%c%c", 'a'+rune(z.Uint64())%26, 'a'+r.IntN(2), 'a'+r.IntN(2)))
	}
	return strings.Join(out, " ")
}

// zipfEntry is a page whose passages may be much alike, so that there are ties,
// and of any length, so that bounds are far from what most get.
func zipfEntry(r *rand.Rand, z *rand.Zipf, id string) Entry {
	var texts []string
	for range r.IntN(12) {
		if len(texts) > 0 && r.IntN(6) == 0 {
			texts = append(texts, texts[0])
			continue
		}
		texts = append(texts, zipfText(r, z, 1+r.IntN(2))+": "+zipfText(r, z, 1+r.IntN(1+r.IntN(120))))
	}
	return entry(id, zipfText(r, z, 1+r.IntN(3)), texts...)
}

// zipfQuery has any of the forms that a query can have.
func zipfQuery(r *rand.Rand, z *rand.Zipf) Query {
	q := Query{Text: zipfText(r, z, 1+r.IntN(6)), Limit: 1 + r.IntN(40), Respell: r.IntN(4) == 0}
	for range r.IntN(4) {
		q.Also = append(q.Also, zipfText(r, z, 1+r.IntN(5)))
	}
	if r.IntN(4) == 0 {
		q.Text += " -" + zipfText(r, z, 1)
	}
	if r.IntN(6) == 0 {
		q.Text += fmt.Sprintf(" %q", zipfText(r, z, 1+r.IntN(2)))
	}
	if r.IntN(12) == 0 {
		q.Text += fmt.Sprintf(" -%q", zipfText(r, z, 1+r.IntN(2)))
	}
	if n := r.IntN(6); n > 1 {
		q.Within = func(p Page) bool { return int(p.ID[len(p.ID)-1])%n == 0 }
	}
	if r.IntN(4) == 0 {
		w := DefaultWeights()
		w.Page, w.Title, w.Head = 3*r.Float64(), 3*r.Float64(), float64(r.IntN(2))
		q.Weights = &w
	}
	return q
}

// ranking is what a search returns, to the bit.
func ranking(t *testing.T, x *Index, q Query, exhaustive bool) (ranks []string) {
	t.Helper()
	err := x.use(t.Context(), func(e *engine) error {
		return e.searching(&q, func(s *search) error {
			s.exhaustive = exhaustive
			best, err := s.run(t.Context())
			if err != nil {
				return err
			}
			for _, c := range best.pool {
				ranks = append(ranks, fmt.Sprintf("%s %x %x %b", s.id(c.doc), c.score, c.parts, c.mask))
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return ranks
}

// TestPruningChangesNothing compares each search with one that scores every
// posting, after each of many changes.
func TestPruningChangesNothing(t *testing.T) {
	t.Parallel()
	const rounds, queries = 20, 60
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 14))
		z := rand.NewZipf(r, 1.1+r.Float64(), 1+4*r.Float64(), 25)
		x := newIndex(t)
		for range rounds {
			var c Change
			for range 1 + r.IntN(60) {
				c.Put = append(c.Put, zipfEntry(r, z, fmt.Sprintf("page%03d", r.IntN(150))))
			}
			for range r.IntN(5) {
				id := c.Put[r.IntN(len(c.Put))].Page.ID
				title := zipfText(r, z, 2)
				c.Touch = append(c.Touch, Touch{ID: id, Do: func(p *Page) { p.Title = title }})
			}
			apply(t, x, c)
			for range queries {
				q := zipfQuery(r, z)
				want, got := ranking(t, x, q, true), ranking(t, x, q, false)
				if !slices.Equal(want, got) {
					t.Fatalf("ranks of %+v (-exhaustive +pruned):\n%s", q, cmp.Diff(want, got))
				}
			}
		}
	}
}
