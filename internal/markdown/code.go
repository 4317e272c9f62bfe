package markdown

import (
	"regexp"
	"strings"
)

// Code is a block of code.
func Code(language, text string) Text {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	return Text(fence + languageOf(language) + "\n" + unmarked(text) + "\n" + fence)
}

// Equation is an equation that stands alone. With the mark before it, an @ could
// make an address.
func Equation(expression string) Text {
	expression = strings.TrimSpace(Clean(expression))
	if expression == "" {
		return ""
	}
	if !strings.ContainsAny(expression, "\n\\@") && string(escaped(expression, style{})) == expression {
		return Text("$$" + expression + "$$")
	}
	return Code("math", expression)
}

// anchored matches what could be taken for one of our anchors.
var anchored = regexp.MustCompile(`#([0-9a-fA-F]{32})`)

// unmarked is code without what could be taken for the tags around quotations,
// or for an anchor. Nothing else can leave it.
func unmarked(s string) string {
	if strings.Contains(s, "#") {
		s = anchored.ReplaceAllString(s, "# $1")
	}
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '<' && delimits(s[i:]) {
			b.WriteString("&lt;")
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// languageOf is the name of a language of programs.
func languageOf(s string) string {
	if s = oneLine(s); s == "plain text" {
		return ""
	}
	s, _ = cut(s, 40) // longer than any name
	return anchored.ReplaceAllString(strings.Map(func(r rune) rune {
		if wordRune(r) || strings.ContainsRune(" +#.-/", r) {
			return r
		}
		return -1
	}, s), "# $1")
}

// longestRun is the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != c {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
