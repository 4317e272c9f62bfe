package passage

import "unicode"

// Words counts the words of s: what stands between white space and has a letter
// or digit in it, so Markdown's own marks do not count. In scripts that are
// written without spaces two characters make a word (four in Thai and its
// kin). Texts joined by white space have the sum of their words.
func Words(s string) int {
	var total, quarters int
	word := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			total += (quarters + 3) / 4
			if word {
				total++
			}
			word, quarters = false, 0
		case r < 0x0e00:
			word = word || unicode.IsLetter(r) || unicode.IsDigit(r)
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			quarters += 2
		case unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			quarters++
		default:
			word = word || unicode.IsLetter(r) || unicode.IsDigit(r)
		}
	}
	total += (quarters + 3) / 4
	if word {
		total++
	}
	return total
}

// size is what packing counts: words, but no less than a quarter of the
// tokens, so that minified code and the like cannot grow without bound.
func size(s string) int {
	return max(Words(s), Tokens(s)/4)
}

// eachWord calls f with every word of a text that is in lower case: the longest
// runs of letters and digits.
func eachWord(lower string, f func(word string)) {
	start := -1
	for i, r := range lower {
		switch {
		case wordRune(r) && start < 0:
			start = i
		case !wordRune(r) && start >= 0:
			f(lower[start:i])
			start = -1
		}
	}
	if start >= 0 {
		f(lower[start:])
	}
}

// wideStop says whether r ends a sentence in a script without spaces.
func wideStop(r rune) bool {
	return r == '。' || r == '！' || r == '？'
}
