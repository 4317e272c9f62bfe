package markdown

import "strings"

// Unlinked is the text with what its links say and without where they lead:
// for answers that have a link of their own. Text has no other "](" than those
// of links that this package made.
func (t Text) Unlinked() Text {
	s := string(t)
	if !strings.Contains(s, "](https://") {
		return t
	}
	var b strings.Builder
	for {
		middle := strings.Index(s, "](https://")
		if middle < 0 {
			break
		}
		open, end := opening(s[:middle]), strings.IndexByte(s[middle:], ')')
		if open < 0 || end < 0 {
			break
		}
		b.WriteString(s[:open] + s[open+1:middle])
		s = s[middle+end+1:]
	}
	return Text(b.String() + s)
}

// opening is where the bracket opens that is not closed in s, -1 if there is
// none.
func opening(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '[' && (i == 0 || s[i-1] != '\\') {
			return i
		}
	}
	return -1
}
