package terms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// sample is how much of a text is looked at to find its language.
const sample = 2000

// Hits counts the stop words of each language in some text.
type Hits struct {
	words int
	of    [detectable]int // occurrences
	kinds [detectable]int // distinct words
}

// Add adds those of another text.
func (h *Hits) Add(o *Hits) {
	h.words += o.words
	for i, n := range o.of {
		h.of[i] += n
		h.kinds[i] = max(h.kinds[i], o.kinds[i])
	}
}

// Language returns the language that the text is in, and whether that is sure.
// It is English if nothing speaks for another one.
func (h *Hits) Language() (l Language, sure bool) {
	const rate = 8 // of eight words in a sentence, more than two are stop words
	enough := 2
	if h.words > 6 {
		enough = 3 // names and abbreviations make two
	}
	best := English
	for l, n := range h.of {
		if n > h.of[best] {
			best = Language(l)
		}
	}
	if best == English {
		return English, h.kinds[English] >= 2 && h.lead()
	}
	if h.kinds[best] < 2 || h.of[best] < enough || h.of[best]*rate < h.words {
		return English, false
	}
	return best, true
}

// Apart says whether the text is surely in a language, and that in none of
// some others: these have at most half as many of its words.
func (h *Hits) Apart(others Languages) bool {
	l, sure := h.Language()
	for other, n := range h.of {
		if others.Has(Language(other)) && 2*n > h.of[l] {
			return false
		}
	}
	return sure
}

// In says whether the text is surely in one of some languages.
func (h *Hits) In(some Languages) bool {
	l, sure := h.Language()
	return sure && some.Has(l)
}

// lead says that English has more hits than all others.
func (h *Hits) lead() bool {
	for _, n := range h.of[English+1:] {
		if n >= h.of[English] {
			return false
		}
	}
	return true
}

// among returns those languages of a set that fit best, or none if English
// fits as well.
func (h *Hits) among(set Languages) (best Languages) {
	most := h.of[English] + 1
	set.each(func(l Language) bool {
		if h.of[l] > most {
			most, best = h.of[l], 0
		}
		if h.of[l] == most {
			best.Add(l)
		}
		return true
	})
	return best
}

// englishToo are words of English, and of names, that are stop words elsewhere,
// and so tell nothing.
const englishToo = `war die hat man will also son fond door over are come sin den gilt tag mine all arm under men pour dans
dine ten van per con bin bis tan mas fin mu no ne se sa pot des eller den hun din sine ham for at vi os ben sev`

// Hits counts stop words in the beginning of a text.
func (a *Analyzer) Hits(text string) (h Hits) {
	if a.telling == nil {
		a.learn()
	}
	text = unify.Text(text[:min(len(text), sample)])
	const seed = 14695981039346656037 // FNV-1a, over runes
	hash, length, capitals := uint64(seed), 0, 0
	var seen [16]uint64 // by hash; that some fall together does no harm
	for i := 0; i <= len(text); {
		r, size := rune(' '), 1
		if i < len(text) {
			if r = rune(text[i]); r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
		}
		i += size
		if 'A' <= r && r <= 'Z' {
			r |= 0x20
			capitals++
		}
		if 'a' <= r && r <= 'z' || r >= utf8.RuneSelf && unicode.IsLetter(r) {
			hash = (hash ^ uint64(unicode.ToLower(r))) * 1099511628211
			length++
			continue
		}
		if length > 0 {
			h.words++
			if capitals < length && 1 < length && length <= longest { // the EU is no stop word
				bit := &seen[hash>>6%uint64(len(seen))]
				h.note(a.telling[hash], *bit&(1<<(hash%64)) == 0)
				*bit |= 1 << (hash % 64)
			}
		}
		hash, length, capitals = seed, 0, 0
	}
	return h
}

// Latin says whether most letters in the beginning of a text are.
func Latin(text string) bool {
	letters, others := 0, 0
	for _, r := range text[:min(len(text), sample)] {
		if unicode.IsLetter(r) {
			letters++
			if r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r) {
				others++
			}
		}
	}
	return 2*others <= letters
}

// longest is how long a stop word may be to count. Most are short.
const longest = 7

func (h *Hits) note(in uint32, first bool) {
	for l := 0; in != 0; l, in = l+1, in>>1 {
		h.of[l] += int(in & 1)
		if first {
			h.kinds[l] += int(in & 1)
		}
	}
}

// learn makes the table from the hash of a word to the languages that have it
// as a stop word.
func (a *Analyzer) learn() {
	a.telling = map[uint64]uint32{}
	both := strings.Fields(englishToo)
	for l := range detectable {
		words := readStops(grammarOf(l).stop)
		if l != English {
			for _, w := range both {
				delete(words, w)
			}
		}
		for w := range words {
			hash := uint64(14695981039346656037)
			for _, r := range strings.ToLower(w) {
				hash = (hash ^ uint64(r)) * 1099511628211
			}
			a.telling[hash] |= 1 << l
		}
	}
}
