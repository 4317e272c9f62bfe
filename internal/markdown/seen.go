package markdown

import (
	"regexp"
	"strings"
)

// emphasis are the pairs of marks that a reader does not see, inner ones first.
var emphasis = []*regexp.Regexp{
	regexp.MustCompile(`()\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*()`),
	regexp.MustCompile(`(^|[^\p{L}\p{N}*])\*{1,3}([^\s*](?:[^*\n]*[^\s*])?)\*{1,3}()`),
	regexp.MustCompile(`()\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*()`),
	regexp.MustCompile(`()~~([^~\n]+)~~()`),
	regexp.MustCompile(`(^|[^\p{L}\p{N}_])_{1,3}([^\s_](?:[^\n]*?[^\s_])?)_{1,3}($|[^\p{L}\p{N}_])`),
}

// literal is where signs are kept that mark nothing: escaped ones, and those of
// code.
const literal = '\ue000'

// Seen is what a reader sees of Markdown: its words without the marks of
// emphasis, code, escapes and links.
func Seen(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && asciiPunct(s[i+1]):
			b.WriteRune(literal + rune(s[i+1]))
			i += 2
		case c == '`':
			inner, n := codeSpan(s[i:])
			for _, r := range inner {
				if r < 0x7f && asciiPunct(byte(r)) {
					r += literal
				}
				b.WriteRune(r)
			}
			i += n
		default:
			b.WriteByte(c)
			i++
		}
	}
	s = Unescaped(b.String())
	for _, pair := range emphasis {
		s = pair.ReplaceAllString(s, "$1$2$3")
	}
	return strings.Map(func(r rune) rune {
		if r > literal && r < literal+0x7f {
			return r - literal
		}
		return r
	}, s)
}

// Opening is how a text begins, on one line: about so many characters, cut at a
// word where there is one, and without links and marks.
func Opening(t Text, most int) Text {
	s := oneLine(t.Plain())
	begins, more := cut(s, most)
	end := Text("")
	if more {
		end = "..."
		if at := strings.LastIndexByte(begins, ' '); at > len(begins)/2 && s[len(begins)] != ' ' {
			begins = begins[:at]
		}
	}
	return escaped(strings.TrimSpace(begins), style{strict: true, start: true}) + end
}
