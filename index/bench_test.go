package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// language makes text with a vocabulary in which, as in every language, the
// n-th word is about n times as rare as the first.
type language struct {
	words []string
	zipf  *rand.Zipf
	rand  *rand.Rand
}

// again has the same words, and says other things.
func (l *language) again(seed uint64) *language {
	r := rand.New(rand.NewPCG(seed, 1))
	return &language{words: l.words, zipf: newZipf(r, len(l.words)), rand: r}
}

func newZipf(r *rand.Rand, size int) *rand.Zipf { return rand.NewZipf(r, 1.07, 8, uint64(size-1)) }

func newLanguage(seed uint64, size int) *language {
	r := rand.New(rand.NewPCG(seed, 1))
	syllables := strings.Fields("ba ce di fo gu ka le mi no pu ra se ti vo zu bri cla dre flo gru sta tre pli sko")
	words := make([]string, size)
	copy(words, strings.Fields(commonWords))
	for i := len(strings.Fields(commonWords)); i < size; i++ {
		for n := 2 + r.IntN(3); n > 0; n-- {
			words[i] += syllables[r.IntN(len(syllables))]
		}
		words[i] += []string{"", "s", "ing", "ed", "er"}[r.IntN(5)]
	}
	return &language{words: words, zipf: newZipf(r, size), rand: r}
}

func (l *language) text(words int) string {
	var s strings.Builder
	for n := range words {
		if n > 0 {
			s.WriteByte(' ')
		}
		s.WriteString(l.words[l.zipf.Uint64()])
	}
	return s.String()
}

// commonWords take the first ranks, as they do in English.
const commonWords = `the of and to a in for is on that by this with i you it not or be are from at as your all have an
was we will can us if my has but our one other do no they he up may what which their out use any there see only so his
when here who also now am been would how were me some these its than had into them then more she two her him`

// content makes a phrasing of content words.
func (l *language) content(words int) string {
	var out []string
	for len(out) < words {
		if n := l.zipf.Uint64(); n >= 100 {
			out = append(out, l.words[n])
		}
	}
	return strings.Join(out, " ")
}

// page makes a page of ten passages of 120 to 220 words.
func (l *language) page(id int) Entry {
	texts := make([]string, 10)
	for i := range texts {
		texts[i] = l.text(3) + ": " + l.text(120+l.rand.IntN(100))
	}
	e := entry(fmt.Sprintf("%08x-0000-4000-8000-000000000000", id), l.text(4), texts...)
	for i := range e.Passages {
		p := &e.Passages[i]
		block := p.Spans[0].Block
		p.Spans = nil
		for at := 0; at < len(p.Text); at += 200 {
			p.Spans = append(p.Spans, passage.Span{Block: block, Start: at, End: min(at+200, len(p.Text))})
		}
	}
	return e
}

// fill puts passages into x, in changes of 100 pages.
func fill(b *testing.B, x *Index, l *language, passages int) {
	for id := 0; id < passages/10; {
		var c Change
		for len(c.Put) < 100 {
			c.Put = append(c.Put, l.page(id))
			id++
		}
		apply(b, x, c)
	}
}

func BenchmarkApply(b *testing.B) {
	l := newLanguage(1, 50_000)
	for _, pages := range []int{1, 50, 100} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			x := newIndex(b)
			var changes []Change
			for id := range min(b.N*pages, 2000) / pages {
				var c Change
				for i := range pages {
					c.Put = append(c.Put, l.page(id*pages+i))
				}
				changes = append(changes, c)
			}
			b.ResetTimer()
			for i := range b.N {
				apply(b, x, changes[i%len(changes)])
			}
			b.ReportMetric(float64(b.N*pages*10)/b.Elapsed().Seconds(), "passages/s")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := openStore(b, dir, Config{})
	x := openIndex(b, s, "somebody")
	fill(b, x, newLanguage(1, 50_000), 10_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := OpenStore(dir, Config{})
		if err != nil {
			b.Fatal(err)
		}
		if openIndex(b, s, "somebody").Recovered() != "" {
			b.Fatal("the index was rebuilt")
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
