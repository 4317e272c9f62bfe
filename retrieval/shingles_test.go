package retrieval

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The sketch changes nothing of what is nearly the same.
func TestNearlyTheSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	same := 0
	for range 2000 {
		var words []string
		for range 1 + r.IntN(120) {
			words = append(words, string(rune('a'+r.IntN(1+r.IntN(26)))))
		}
		text := strings.Join(words, " ")
		for range r.IntN(6) {
			words[r.IntN(len(words))] = "other"
		}
		a, b := shinglesOf(strings.Join(words, " ")), shinglesOf(text)
		mine, common := setOf(a.all), 0
		for hash := range setOf(b.all) {
			if mine[hash] {
				common++
			}
		}
		want := float64(common) >= 0.8*float64(len(mine))
		if got := a.in(b, 0.8); got != want {
			t.Fatalf("%q in %q: %t", words, text, got)
		}
		if want {
			same++
		}
	}
	if same < 100 || same > 1900 {
		t.Errorf("%d pairs of 2000 are nearly the same", same)
	}
}
