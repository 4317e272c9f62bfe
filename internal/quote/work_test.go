package quote

import (
	"fmt"
	"strings"
	"testing"
)

// hostile are inputs of about so many bytes in which everything is begun, again
// and again, or used before it is there.
func hostile(size int) map[string]string {
	all := map[string]string{}
	for _, piece := range []string{"\"a ", "“a b c ", "[", "](https://x", "](https://x)", "[1] ", "\n[a1]: https://x ", "> ", "`", "\"a b c\" https://x. ", "[x](https://y) ", "a. \" ", "$", "```\n", "  "} {
		all[piece] = strings.Repeat(piece, size/len(piece))
	}
	var notes strings.Builder
	for i := 0; notes.Len() < size; i++ {
		fmt.Fprintf(&notes, "[n%d]: https://x.example\n", i)
	}
	all["footnotes of no use"] = notes.String()
	all["links before marks"] = "> " + strings.Repeat("https://x ", size/20) + strings.Repeat(")", size/2)
	return all
}

// Whatever is begun again and again, reading comes to its end, and finds no
// citation without words and address.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	for name, in := range hostile(10_000) {
		for _, c := range InAnswer(in) {
			if c == (Cited{}) {
				t.Errorf("%q: a citation of nothing", name)
			}
		}
		if m := Find(in, in[:1000]); m.End > len(in) || m.Start > m.End {
			t.Errorf("%q: found at %d to %d", name, m.Start, m.End)
		}
	}
}

// A text and a quotation that repeat themselves are compared no more often than
// others: the work grows as they do.
func TestSearchComparesLittle(t *testing.T) {
	t.Parallel()
	as := strings.Repeat("a", 5000)
	for _, c := range []struct{ text, part string }{
		{as + as, as + "b"}, {as + as, "b" + as}, {as + "b" + as, as + "ba" + as}, {as, "a"}, {"", "a"}, {"a", ""},
		{strings.Repeat("ab", 5000), strings.Repeat("ab", 2000) + "aa"}, {strings.Repeat("aab", 3000) + "aac", "aabaac"}, {"abcabcabd", "abcabd"},
	} {
		compared := 0
		got := search([]byte(c.text), []byte(c.part), func(a, b byte) bool {
			compared++
			return a == b
		})
		if want := strings.Index(c.text, c.part); got != want {
			t.Errorf("a part of %d in %d: at %d, want %d", len(c.part), len(c.text), got, want)
		}
		if most := 2 * (len(c.text) + len(c.part)); compared > most {
			t.Errorf("a part of %d in %d: compared %d times, want at most %d", len(c.part), len(c.text), compared, most)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("aabaabaac", "aabaac")
	f.Fuzz(func(t *testing.T, text, part string) {
		same := func(a, b byte) bool { return a == b }
		if got, want := search([]byte(text), []byte(part), same), strings.Index(text, part); got != want {
			t.Errorf("%q in %q: %d, want %d", part, text, got, want)
		}
	})
}

func BenchmarkInAnswer(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 200_000} {
		for name, in := range hostile(size) {
			b.Run(fmt.Sprintf("%q/%dkB", name, size/1000), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					InAnswer(in)
				}
			})
		}
	}
}
