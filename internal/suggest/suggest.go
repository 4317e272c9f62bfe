// Package suggest finds the name that somebody probably meant.
package suggest

import (
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// long is from how many letters on a part of a name points to the whole.
const long = 3

// Meant is the name among those that exist that is nearest to what was written,
// whatever the case, spaces and punctuation; "" if none is near. Of two that are
// as near the first wins.
func Meant(written string, names []string) string {
	wanted := []rune(Plain(written))
	best, distance := "", 2+len(wanted)/4
	for _, name := range names {
		if d := apart(wanted, []rune(Plain(name))); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// apart counts the letters to insert, delete or replace. A part of the other
// counts as one, and a mistyped beginning as one more than its mistakes.
func apart(a, b []rune) int {
	d := levenshtein.ComputeDistance(string(a), string(b))
	if part(a, b) || part(b, a) {
		d = min(d, 1)
	}
	for n := len(a); len(a) > long && n < min(len(a)+2, len(b)); n++ { // with or without a letter left out
		d = min(d, 1+levenshtein.ComputeDistance(string(a), string(b[:n])))
	}
	return d
}

func part(a, b []rune) bool {
	return len(a) >= long && strings.Contains(string(b), string(a))
}

// Plain is a name without case, space and punctuation, in the one form.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.:?!\u00a0", r) {
			return -1
		}
		return r
	}, strings.ToLower(unify.Text(s)))
}
