package prompts

import (
	"strings"
)

// lineLimit is how much of a title or heading is shown, in characters.
const lineLimit = 200

// Quote makes text from Notion safe to show between <quoted> and </quoted>.
// Every visible word stays. Invisible and direction-changing characters go,
// and neither an opening nor a closing tag of a quotation survives, however it
// is spelled. Outside code, HTML comments become visible, images are not
// loaded, links that lead out of Notion become text with their host, and
// whatever looks like the syntax of a tool call or of a turn of a conversation
// is taken apart.
func Quote(text string) string { return quote(text, parts) }

func quote(text string, parts func(string) []part) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = visible(hardBreak.Replace(text))
	var b strings.Builder
	for _, part := range parts(text) {
		switch part.kind {
		case prose:
			b.WriteString(markup(links(part.text)))
		case inlineCode:
			b.WriteString(image.ReplaceAllString(part.text, `!\[$1]\(`))
		default:
			b.WriteString(part.text)
		}
	}
	return turns(defused(b.String()))
}

// hardBreak matches every way to end a line but "\n".
var hardBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n")

// Line is Quote for titles, headings and reasons: one line of bounded length,
// and none of it code.
func Line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = quote(text, func(s string) []part { return []part{{s, prose}} })
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= lineLimit {
		return text
	}
	return strings.TrimSpace(string(runes[:lineLimit-1])) + "…"
}

// Label is Line for the text of a link, which it cannot end.
func Label(text string) string { return brackets.Replace(Line(text)) }

var brackets = strings.NewReplacer("[", "(", "]", ")")

// Short is Line for what is named within a sentence.
func Short(text string) string {
	text, _ = Cut(Line(text), 80)
	return text
}

// Cut keeps so many characters of a text, and says whether there were more.
func Cut(text string, most int) (string, bool) {
	r := []rune(text)
	if len(r) <= most {
		return text, false
	}
	return string(r[:most]) + "...", true
}
