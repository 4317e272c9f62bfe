package terms

// Filter tells most words that cannot have one of some stems from those that
// may, by their first three letters: much faster than finding the stem.
type Filter struct {
	starts [1 << 12]bool
	firsts [256]bool // of forms of one letter, or of any length if there are others

	others  Languages       // that a text may be in, besides English
	exactly map[string]bool // all forms, if there are others
}

// In lets words through that have the forms added from now on in one of some
// languages.
func (f *Filter) In(others Languages) {
	if f.others = others; others != 0 {
		f.exactly = map[string]bool{}
	}
}

// Add lets words with a stem, or an exact form, through.
func (f *Filter) Add(form string) {
	if f.others != 0 {
		f.exactly[form] = true
		if form != "" {
			f.firsts[form[0]] = true // in some languages the second letter may change
		}
	}
	switch len(form) {
	case 0:
		return
	case 1:
		f.firsts[form[0]] = true
		return
	case 2, 3: // three may have gained an e: using, icing
		f.addPair(form[0], form[1])
	default:
		f.starts[start(form[0], form[1], form[2])] = true
	}
	if form[1] == 'i' { // dying, lying, tying: the only stems that change this early
		f.addPair(form[0], 'y')
	}
}

// addPair lets words through by two letters.
func (f *Filter) addPair(first, second byte) {
	for third := byte('a'); third <= 'z'; third++ {
		f.starts[start(first, second, third)] = true
	}
	f.starts[start(first, second, 0)] = true
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
	if first < 'a' || 'z' < first || len(word) == 1 || f.firsts[first] {
		return true
	}
	if len(word) == 2 {
		return f.starts[start(first, word[1], 0)]
	}
	return f.starts[start(first, word[1], word[2])]
}

// start hashes the first letters of a word. The third is 0 if there is none;
// stems have i for y there.
func start(first, second, third byte) int {
	if third == 'y' {
		third = 'i'
	}
	return (int(first)*33*33 + int(second)*33 + int(third)) & (1<<12 - 1)
}
