// Package quote says whether quoted words stand in a text: exactly, nearly, or
// not. White space, case, typography and Markdown make no difference; a number,
// a negation or any other word does, and is named. It needs no model.
package quote

import (
	"slices"
	"sort"
)

// Kind is how a quotation relates to a text.
type Kind string

// The kinds.
const (
	Exact Kind = "exact" // all its words stand there, in order and together
	Near  Kind = "near"  // some words differ: see Match.Differences
	None  Kind = "none"
)

// Match is where a quotation stands in a text.
type Match struct {
	Kind       Kind
	Start, End int     // bytes of the text; of the best place, also for None
	Similarity float64 // 1 for Exact, else the share of words that agree, from 0 to 1

	// Differences are what makes a Near match, at most eight of them.
	Differences []Difference
}

// Serious says whether words differ that turn a statement around; see Grave.
func (m Match) Serious() bool { return len(m.Graves()) > 0 }

// Graves are the kinds of the serious differences, each once.
func (m Match) Graves() []Grave {
	var all []Grave
	for _, d := range m.Differences {
		if d.Grave != "" && !slices.Contains(all, d.Grave) {
			all = append(all, d.Grave)
		}
	}
	return all
}

// Difference is one place where a quotation is not what stands there.
type Difference struct {
	Quoted string // the words of the quotation; "" if it leaves words out
	Stands string // the words of the text; "" if the quotation adds words
	Grave  Grave  // "" if it need not turn the statement around
}

const (
	// nearest is the share of words that must agree for a Near match. Below it,
	// two sentences about the same thing begin to look like one.
	nearest = 0.7

	maxDifferences = 8

	// clause is how many words may be left out with a negation among them: a
	// shorter gap lies within the statement that it turns around.
	clause = 3

	maxQuote = 500    // words of a quotation that are aligned
	maxText  = 60_000 // words of a text that are looked at
)

// Text is a text to look for quotations in, read once. It may be used by
// several goroutines.
type Text struct {
	words []word
	bare  []word // without the numbers of list items
}

// Read takes a text apart into words.
func Read(text string) Text {
	words := split(text)
	words = words[:min(len(words), maxText)]
	return Text{words, withoutMarkers(words)}
}

// Find looks for a quotation in a text that is asked once.
func Find(text, quotation string) Match { return Read(text).Find(quotation) }

// Find looks for a quotation. An ellipsis (… or ...) in the quotation stands
// for words left out: its parts must stand in that order, each in one piece. An
// empty quotation is None.
func (t Text) Find(quotation string) Match {
	parts := elided(quotation)
	if len(parts) == 0 || len(t.words) == 0 {
		return Match{Kind: None}
	}
	if m, ok := exact(t.words, parts); ok {
		return m
	}
	if m, ok := exact(t.bare, parts); ok {
		return m
	}
	var wanted []word
	for _, p := range parts {
		wanted = append(wanted, p...)
	}
	wanted = window(t.words, wanted)
	m := align(t.words, wanted)
	if len(t.bare) < len(t.words) && len(t.bare) > 0 {
		if b := align(t.bare, wanted); b.Similarity > m.Similarity {
			return b
		}
	}
	return m
}

// window is the part of a long quotation that is aligned: around the first of
// its words that do not stand there.
func window(text, wanted []word) []word {
	if len(wanted) <= maxQuote {
		return wanted
	}
	stands := sort.Search(len(wanted), func(n int) bool { return run(text, wanted[:n+1]) < 0 })
	from := max(0, min(stands-maxQuote/2, len(wanted)-maxQuote))
	return wanted[from : from+maxQuote]
}

// withoutMarkers are the words without the numbers of list items.
func withoutMarkers(words []word) []word {
	return slices.DeleteFunc(slices.Clone(words), func(w word) bool { return w.marker })
}

// exact finds the parts one after the other. Where a negation is left out
// between them, they are near.
func exact(text []word, parts [][]word) (Match, bool) {
	m := Match{Kind: Exact, Similarity: 1}
	from, first := 0, -1
	for _, part := range parts {
		at := run(text[from:], part)
		if at < 0 {
			return Match{}, false
		}
		if first < 0 {
			first = from + at
		} else if left := text[from : from+at]; len(left) <= clause && slices.ContainsFunc(left, word.negates) {
			m.Kind = Near
			m.Differences = append(m.Differences, difference(nil, left))
		}
		from += at + len(part)
	}
	m.Start, m.End = text[first].start, text[from-1].end
	m.Differences = gravest(m.Differences)
	return m, true
}

// run finds a part in one piece, or returns -1.
func run(text, part []word) int {
	return search(text, part, func(a, b word) bool { return a.key == b.key })
}

// search finds a part in a text, or returns -1. It compares fewer than twice
// as often as both are long, however much they repeat themselves (Knuth, Morris
// and Pratt, Fast pattern matching in strings, 1977).
func search[T any](text, part []T, same func(a, b T) bool) int {
	if len(part) == 0 {
		return 0
	}
	borders := make([]int, len(part)) // of each beginning: its longest end that is a beginning too
	extend := func(n int, next T) int {
		for n > 0 && !same(part[n], next) {
			n = borders[n-1]
		}
		if n > 0 || same(part[0], next) {
			n++
		}
		return n
	}
	for i, n := 1, 0; i < len(part); i++ {
		n = extend(n, part[i])
		borders[i] = n
	}
	for i, n := 0, 0; i < len(text); i++ {
		if n = extend(n, text[i]); n == len(part) {
			return i + 1 - n
		}
	}
	return -1
}

// Words counts the words of a text as Find sees them.
func Words(text string) int { return len(split(text)) }
