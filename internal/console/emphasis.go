package console

import (
	"regexp"
	"strings"
	"unicode"
)

// words are the words of a question that are worth showing in an answer.
type words map[string]bool

// questionWords takes the words of a question that carry meaning.
func questionWords(question string) words {
	w := words{}
	for _, word := range strings.FieldsFunc(question, func(r rune) bool { return !wordRune(r) }) {
		if word = strings.ToLower(word); !strings.Contains(common, " "+word+" ") {
			w[stem(word)] = true
		}
	}
	return w
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// common are the words that every text has, each between spaces.
const common = " a about after all am an and any are as at be been before but by can could did do does for from get had has have " +
	"how i if in into is it its me my no not of on or our out s should so some t than that the their them then there these they this " +
	"to up us was we were what when where which who whom whose why will with would you your "

// stem cuts the commonest endings, so that "failing" shows "failed". Words are
// only compared by it, so that a wrong cut harms little.
func stem(word string) string {
	word = strings.ToLower(word)
	for _, ending := range []string{"ingly", "ings", "ing", "als", "al", "edly", "ers", "er", "ed", "ies", "es", "s", "ly", "e", "y"} {
		if head, ok := strings.CutSuffix(word, ending); ok && len([]rune(head)) >= 3 {
			if n := len(head); n > 3 && head[n-1] == head[n-2] && head[n-1] != 's' && head[n-1] != 'l' {
				head = head[:n-1] // stopped, stop
			}
			return head
		}
	}
	return word
}

var wordPattern = regexp.MustCompile(`[\p{L}\p{N}]+`)

// mark shows the words of a line that are among w.
func (t Terminal) mark(line string, w words) string {
	if !t.Color || len(w) == 0 {
		return line
	}
	return wordPattern.ReplaceAllStringFunc(line, func(word string) string {
		if w[stem(word)] {
			return t.style(match, word)
		}
		return word
	})
}
