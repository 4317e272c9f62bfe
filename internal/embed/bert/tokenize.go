package bert

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vocabulary are the pieces of words that a model knows, by number.
type vocabulary struct {
	pieces             map[string]int32
	size               int   // numbers, more than pieces where some are there twice
	start, end, unread int32 // [CLS], [SEP], [UNK]
	keepCase           bool
}

// maxWord is the number of letters from which a word is unread.
const maxWord = 100

// readVocabulary reads a vocab.txt: a piece a line, numbered from 0.
func readVocabulary(file string, keepCase bool) (vocabulary, error) {
	lines := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	v := vocabulary{pieces: map[string]int32{}, size: len(lines), keepCase: keepCase}
	for i, line := range lines {
		v.pieces[strings.TrimSuffix(line, "\r")] = int32(i)
	}
	for name, at := range map[string]*int32{"[CLS]": &v.start, "[SEP]": &v.end, "[UNK]": &v.unread} {
		id, ok := v.pieces[name]
		if !ok {
			return v, errors.New("the vocabulary lacks " + name)
		}
		*at = id
	}
	return v, nil
}

// tokens are the numbers of a text's pieces, at most limit with those for its
// start and end. It divides as BERT does: words and punctuation, without case
// and accents, and of each word the longest pieces from the left (Devlin and
// others: BERT, 2018; Wu and others: Google's Neural Machine Translation System, 2016).
func (v vocabulary) tokens(text string, limit int) []int32 {
	ids := []int32{v.start}
	for _, word := range v.words(text) {
		ids = v.appendPieces(ids, word)
		if len(ids) >= limit {
			ids = ids[:limit-1]
			break
		}
	}
	return append(ids, v.end)
}

func (v vocabulary) appendPieces(ids []int32, word string) []int32 {
	if len([]rune(word)) > maxWord {
		return append(ids, v.unread)
	}
	before := len(ids)
	for from := 0; from < len(word); {
		id, to := v.longest(word, from)
		if to == from {
			return append(ids[:before], v.unread)
		}
		ids, from = append(ids, id), to
	}
	return ids
}

// longest is the longest piece that a word has at from, and where it ends.
func (v vocabulary) longest(word string, from int) (id int32, to int) {
	prefix := ""
	if from > 0 {
		prefix = "##"
	}
	for to := len(word); to > from; to-- {
		if id, ok := v.pieces[prefix+word[from:to]]; ok {
			return id, to
		}
	}
	return 0, from
}

// words divides a text at spaces, and makes a word of each sign of punctuation
// and each character of Chinese.
func (v vocabulary) words(text string) []string {
	if !v.keepCase {
		text = plain(text)
	}
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r == 0 || r == unicode.ReplacementChar:
		case unicode.IsSpace(r):
			end()
		case unicode.In(r, unicode.C):
		case punctuation(r) || chinese(r):
			end()
			words = append(words, string(r))
		default:
			word.WriteRune(r)
		}
	}
	end()
	return words
}

// plain is a text without case and accents.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.ToLower(text)))
}

func punctuation(r rune) bool {
	return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~' || unicode.IsPunct(r)
}

// chinese are the blocks of CJK ideographs that BERT divides; not those of
// Japanese or Korean alone.
func chinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF ||
		r >= 0x2A700 && r <= 0x2B81F || r >= 0x2B820 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}
