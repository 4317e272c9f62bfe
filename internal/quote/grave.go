package quote

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Grave is why a difference may turn a statement around.
type Grave string

// The kinds, gravest first.
const (
	Number   Grave = "a number or sign"
	Negation Grave = "a negation"
	Rule     Grave = "a word of a rule, such as must or only"
	Choice   Grave = `"and" for "or", or "or" for "and"`
	Name     Grave = "a name"
	Order    Grave = "the order of the words"
)

// grave says why words that differ are serious; "" if they are not. One of and
// and or is so in the place of the other, and a name in the place of a name; what
// was added or left out of these changes less.
func grave(quoted, stands []word) Grave {
	both := slices.Concat(quoted, stands)
	switch {
	case slices.ContainsFunc(both, func(w word) bool { return numeric(w.key) }):
		return Number
	case slices.ContainsFunc(both, func(w word) bool { return w.negates() || w.key == "ne" }):
		return Negation
	case slices.ContainsFunc(both, word.rules):
		return Rule
	case slices.ContainsFunc(quoted, word.chooses) && slices.ContainsFunc(stands, word.chooses):
		return Choice
	case len(quoted) > 0 && len(stands) > 0 && quoted[0].name() && stands[0].name():
		return Name
	}
	return ""
}

// name says whether a word may be a name.
func (w word) name() bool {
	r, _ := utf8.DecodeRuneInString(w.raw)
	return unicode.IsUpper(r)
}

// negates says whether a word denies what is said.
func (w word) negates() bool {
	switch w.key {
	case "no", "not", "never", "none", "nor", "neither", "nobody", "nothing", "without", "cannot",
		"nicht", "kein", "keine", "nie", "ohne", "pas", "jamais", "sans", "nunca", "sin":
		return true
	}
	return strings.HasSuffix(w.key, "n't")
}

// rules says whether a word decides who must do what, and when.
func (w word) rules() bool {
	switch w.key {
	case "only", "except", "unless", "must", "may", "might", "shall", "should", "can", "will", "all", "any", "some", "every", "always",
		"before", "after", "more", "less", "least", "most":
		return true
	}
	return false
}

func (w word) chooses() bool { return w.key == "and" || w.key == "or" }

// numeric says whether a word has a digit or is a sign.
func numeric(key string) bool {
	return strings.IndexFunc(key, func(r rune) bool { return unicode.IsNumber(r) || !letter(r) && r != '\'' }) >= 0
}
