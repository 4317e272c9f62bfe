package terms

// Filter tells most words that cannot have one of some stems from those that
// may, by their first two letters: much faster than finding the stem.
type Filter struct {
	pairs [256 * 4]bool
}

// Add lets words with a stem, or an exact form, through.
func (f *Filter) Add(form string) {
	if form == "" {
		return
	}
	if len(form) == 1 {
		for second := range 256 {
			f.pairs[hash(form[0], byte(second))] = true
		}
		return
	}
	f.pairs[hash(form[0], form[1])] = true
	if form[1] == 'i' { // dying, lying, tying: the only stems that change this early
		f.pairs[hash(form[0], 'y')] = true
	}
}

// may says whether a word may have one of the forms. Words with anything but
// lower-case letters after the first may have any, or none at all.
func (f *Filter) may(word string) bool {
	for i := 1; i < len(word); i++ {
		if c := word[i]; c < 'a' || 'z' < c {
			return true
		}
	}
	first := word[0] | 0x20
	if first < 'a' || 'z' < first || len(word) == 1 {
		return true
	}
	return f.pairs[hash(first, word[1])]
}

func hash(a, b byte) int { return (int(a)*31 + int(b)) & 1023 }
