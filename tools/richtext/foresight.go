package richtext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// foresight knows what stands further on in a text. It answers a reader who
// only goes forward, and looks at no place twice for the same question, so that
// the work grows with the length of the text and no faster.
type foresight struct {
	s     string
	ticks map[int][]int // where the runs of so many backticks begin
	pairs map[int]int   // where the parenthesis is closed that begins an address
	steps int           // looks at the text; tests hold them to its length

	dollars, middles, stops ahead
}

// ahead is the first place of a kind at or after from.
type ahead struct{ from, at int }

func look(s string) foresight {
	f := foresight{s: s, ticks: map[int][]int{}, pairs: map[int]int{}}
	nowhere := ahead{from: len(s) + 1}
	f.dollars, f.middles, f.stops = nowhere, nowhere, nowhere
	var open []int
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '`':
			n := f.run(i, len(s))
			f.ticks[n] = append(f.ticks[n], i)
			i += n - 1
		case ' ', '\n', '\t': // no address goes on
			open = open[:0]
		case '(':
			open = append(open, i)
		case ')':
			open = f.pair(open, i)
		}
	}
	return f
}

// pair notes that the last of the open parentheses is closed at i.
func (f *foresight) pair(open []int, i int) []int {
	if len(open) == 0 {
		return open
	}
	last := open[len(open)-1]
	if last > 0 && f.s[last-1] == ']' {
		f.pairs[last] = i
	}
	return open[:len(open)-1]
}

// run is how often the byte at i stands there, before end.
func (f *foresight) run(i, end int) int {
	n := 1
	for i+n < end && f.s[i+n] == f.s[i] {
		n++
	}
	f.steps += n
	return n
}

// sameTicks is where the next run of exactly n backticks begins after that at
// i; -1 if there is none.
func (f *foresight) sameTicks(i, n int) int {
	all := f.ticks[n]
	if k, _ := slices.BinarySearch(all, i+n); k < len(all) {
		return all[k]
	}
	return -1
}

// dollar is the first place at or after i that ends an equation or its line.
func (f *foresight) dollar(i int) int {
	return f.find(&f.dollars, i, func(k int) bool {
		if f.s[k] == '$' {
			return f.s[k-1] != '\\' && !isSpaceAt(f.s, k-1) && !digitAt(f.s, k+1)
		}
		return f.s[k] == '\n'
	})
}

// middle is where the next address of a link follows its text.
func (f *foresight) middle(i int) int {
	return f.find(&f.middles, i, func(k int) bool { return strings.HasPrefix(f.s[k:], "](") })
}

// stop is the first place at or after i that no address in the text has.
func (f *foresight) stop(i int) int {
	return f.find(&f.stops, i, func(k int) bool {
		r, _ := utf8.DecodeRuneInString(f.s[k:])
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"`*", r)
	})
}

// find looks from i on, unless it is known what it would find.
func (f *foresight) find(a *ahead, i int, here func(int) bool) int {
	if a.from <= i && i <= a.at {
		return a.at
	}
	a.from = i
	for a.at = i; a.at < len(f.s) && !here(a.at); a.at++ {
		f.steps++
	}
	return a.at
}
