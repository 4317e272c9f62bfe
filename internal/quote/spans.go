package quote

import (
	"strings"
	"unicode/utf8"
)

// quotations finds words in quotes. What is in code names things.
func quotations(text string) []place {
	var all []place
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		end := closing(text, i, r, size)
		if end < 0 {
			i += size
			continue
		}
		if at := (place{i + size, end}); r != '`' && Words(text[at.start:at.end]) > 0 {
			all = append(all, at)
		}
		_, width := utf8.DecodeRuneInString(text[end:])
		i = end + width
	}
	return all
}

// longest is how many bytes a quotation may have.
const longest = 4000

// closing is where the quotation ends that r opens; -1 if it opens none.
func closing(text string, i int, r rune, size int) int {
	marks := ""
	switch r {
	case '“', '„', '‟':
		marks = "”“"
	case '«':
		marks = "»"
	case '「':
		marks = "」"
	case '『':
		marks = "』"
	case '`':
		return codeEnd(text, i)
	case '"':
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); letter(before) {
			return -1 // inches, or the end of a quotation
		}
		return straight(text, i+size)
	default:
		return -1
	}
	rest := text[i+size : min(len(text), i+size+longest)]
	if at := strings.IndexAny(rest, marks); at > 0 {
		return i + size + at
	}
	return -1
}

// codeEnd is where the code ends that begins at i: at as many backticks.
func codeEnd(text string, i int) int {
	rest := text[i:min(len(text), i+longest)]
	n := len(rest) - len(strings.TrimLeft(rest, "`"))
	if at := strings.Index(rest[n:], rest[:n]); at >= 0 {
		return i + n + at + n - 1
	}
	return -1
}

// straight finds the next straight quote that no word follows.
func straight(text string, from int) int {
	for at := from; at < len(text) && at < from+longest; at++ {
		if text[at] != '"' {
			continue
		}
		if after, _ := utf8.DecodeRuneInString(text[at+1:]); !letter(after) {
			return at
		}
	}
	return -1
}

// sentenceEnds are the places after a full stop, question or exclamation mark
// that a space follows.
func sentenceEnds(text string) []int {
	var all []int
	for i := 0; i+1 < len(text); i++ {
		switch text[i] {
		case '.', '!', '?':
			j := i + 1
			for j < len(text) && strings.ContainsRune("\"')*_", rune(text[j])) {
				j++
			}
			if strings.HasPrefix(text[j:], "”") {
				j += len("”")
			}
			if j < len(text) && (text[j] == ' ' || text[j] == '\n') {
				all = append(all, j)
			}
		}
	}
	return all
}
