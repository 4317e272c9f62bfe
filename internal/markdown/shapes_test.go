package markdown

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// What is read by hand, because every answer does it many times, is what these
// expressions say.
func TestShapes(t *testing.T) {
	t.Parallel()
	length := func(expression string) func(string) int {
		re := regexp.MustCompile(expression)
		return func(s string) int { return len(re.FindString(s)) }
	}
	is := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		pieces    string // what the texts are made of
		got, want func(string) int
	}{
		"elsewhere": {" ( ` a. b.c é /x - 1 ) \t _ .", elsewhere, length("^ \\(`?(?:[\\pL\\d-]+\\.)+[\\pL\\d-]{2,}/[^\\s()`]*`?\\)")},
		"prefix": {"  > - [ ] [x] 1 12 . x", func(s string) int { return is(prefix(s)) }, func(s string) int {
			return is(regexp.MustCompile(`^[ >]*(?:- (?:\[[ x]\] )?|\d+\. )?$`).MatchString(s))
		}},
	} {
		pieces := append(strings.Split(c.pieces, " "), " ", " (")
		for range 100_000 {
			var b strings.Builder
			for range r.IntN(9) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			for _, s := range []string{b.String(), " (" + b.String() + ")"} {
				if got, want := c.got(s), c.want(s); got != want {
					t.Fatalf("%s of %q: %d, want %d", name, s, got, want)
				}
			}
		}
	}
}

// What is shown as it stands is what escaping makes of it, wherever it stands.
func TestBland(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	pieces := strings.Split("a|x|B2B|12|1| |  |.|-|www|mailto|_|é|:|quoted", "|")
	for range 50_000 {
		var b strings.Builder
		for range r.IntN(7) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		s := b.String()
		for _, st := range []style{{}, {start: true}, {strict: true}, {strict: true, start: true}, {strict: true, label: true}} {
			if got := escaped(oneLine(Clean(s)), st); bland(s) && string(got) != s {
				t.Fatalf("%q is bland, but escaped it is %q", s, got)
			}
		}
	}
}
