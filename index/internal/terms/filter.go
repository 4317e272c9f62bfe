package terms

import "unicode/utf8"

// Filter tells most words that cannot have one of some stems from those that
// may, by how they begin: much faster than finding the stem.
type Filter struct {
	starts [1 << 12]uint16 // by the first three letters: 1 more than the place of the last form that begins so
	forms  []filtered
	firsts [256]bool // of forms of one letter, or of any length if there are others

	others  Languages       // that a text may be in, besides English
	exactly map[string]bool // all forms, if there are others
}

// filtered is a form that words must begin like, but for its last letter, which
// stems change; all words may if it is "".
type filtered struct {
	form string
	next uint16 // of those with the same start, as in starts
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
		if f.exactly[form] {
			return // a long question may say it a thousand times
		}
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
		f.add(form[0], form[1], form[2], form)
	}
	if form[1] == 'i' { // dying, lying, tying: the only stems that change this early
		f.addPair(form[0], 'y')
	}
}

// addPair lets words through by two letters.
func (f *Filter) addPair(first, second byte) {
	for third := byte('a'); third <= 'z'; third++ {
		f.add(first, second, third, "")
	}
	for third := byte('0'); third <= '9'; third++ {
		f.add(first, second, third, "")
	}
	f.add(first, second, 0, "")
}

func (f *Filter) add(first, second, third byte, form string) {
	at := &f.starts[start(first, second, third)]
	f.forms = append(f.forms, filtered{form, *at})
	*at = uint16(len(f.forms))
}

// may says whether a word may have one of the forms. Words that are not simple
// may have any, or none at all.
func (f *Filter) may(word string) bool {
	return simpleWord(word) < len(word) || f.starting(word)
}

// simpleWord is how many bytes the word takes that s begins with, if it is of
// ASCII letters and digits and no identifier with parts; 0 for any other. Where
// it is in capitals, all of it is.
func simpleWord(s string) int {
	end, has := 0, byte(0)
	for ; end < len(s) && simple[s[end]] != 0; end++ {
		if kind := simple[s[end]]; end > 0 || kind != capital {
			has |= kind
		}
	}
	if has&(small|capital) == small|capital {
		return 0
	}
	return end
}

// The kinds of characters of simple words.
const (
	small byte = 1 << iota
	capital
	figure
)

var simple = func() (kinds [256]byte) {
	for c := 'a'; c <= 'z'; c++ {
		kinds[c], kinds[c-'a'+'A'] = small, capital
	}
	for c := '0'; c <= '9'; c++ {
		kinds[c] = figure
	}
	return kinds
}()

// starting is may for a simple word.
func (f *Filter) starting(word string) bool {
	first := word[0] | 0x20 // of a digit, the digit
	if len(word) == 1 || f.firsts[first] {
		return f.firsts[first]
	}
	third := byte(0)
	if len(word) > 2 {
		third = word[2] | 0x20
	}
	for at := f.starts[start(first, word[1]|0x20, third)]; at > 0; at = f.forms[at-1].next {
		if begins(word, f.forms[at-1].form) {
			return true
		}
	}
	return false
}

// begins says whether a word begins like a form, as far as stems do not change.
func begins(word, form string) bool {
	if len(word) < len(form)-1 {
		return false
	}
	for i := 3; i < len(form)-1; i++ {
		if c := word[i] | 0x20; c != form[i] && (c != 'y' || form[i] != 'i') {
			return false
		}
	}
	return true
}

// pass goes on from pos to the next word of a text that may have one of the
// forms, and counts the simple words before it. It stops before all that is not
// as simple: end is where the word ends, 0 if that is still to be seen.
func (f *Filter) pass(text string, pos int) (to, end, words int) {
	for pos < len(text) {
		if c := text[pos]; simple[c] == 0 && c < utf8.RuneSelf && c != '_' && c != '&' {
			pos++
			continue
		}
		n := simpleWord(text[pos:])
		if n == 0 || n > maxWord || !endsWord(text[pos+n:]) {
			return pos, 0, words
		}
		if f.starting(text[pos : pos+n]) {
			return pos, pos + n, words
		}
		words++
		pos += n
	}
	return pos, 0, words
}

// endsWord says whether a word surely ends before rest.
func endsWord(rest string) bool {
	if rest == "" {
		return true
	}
	if rest[0] >= utf8.RuneSelf || asciiClass(rest[0]) != other {
		return false
	}
	switch rest[0] {
	case '.', ',', '\'', '\\':
		return len(rest) == 1 || rest[1] < utf8.RuneSelf && asciiClass(rest[1]) == other
	}
	return true
}

// start hashes the first letters of a word. The third is 0 if there is none;
// stems have i for y there.
func start(first, second, third byte) int {
	if third == 'y' {
		third = 'i'
	}
	return (int(first)*33*33 + int(second)*33 + int(third)) & (1<<12 - 1)
}
