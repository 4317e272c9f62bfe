package prompts

import (
	"regexp"
	"strings"
	"unicode"
)

// lineLimit is how much of a title or heading is shown, in characters.
const lineLimit = 200

var (
	// delimiter matches whatever could be taken for the tags around quotations.
	delimiter = regexp.MustCompile(`(?i)<(\s*/?\s*quoted)`)
	// image matches a Markdown image, which some programs would fetch.
	image = regexp.MustCompile(`!\[([^\]\n]*)\]\(`)
	// hardBreak matches every way to end a line but "\n".
	hardBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n")
)

// Quote makes text from Notion safe to show between <quoted> and </quoted>.
// Every visible word stays. Invisible and direction-changing characters go,
// HTML comments become visible, images are not loaded, and neither an opening
// nor a closing tag of a quotation survives.
func Quote(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = visible(hardBreak.Replace(text))
	text = strings.ReplaceAll(text, "<!--", "&lt;!--")
	text = delimiter.ReplaceAllString(text, "&lt;$1")
	return image.ReplaceAllString(text, `!\[$1](`)
}

// Line is Quote for titles, headings and reasons: one line of bounded length.
func Line(text string) string {
	text = strings.Join(strings.Fields(Quote(text)), " ")
	runes := []rune(text)
	if len(runes) <= lineLimit {
		return text
	}
	return strings.TrimSpace(string(runes[:lineLimit-1])) + "…"
}

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

// visible removes what a reader cannot see. Joiners and the selectors of emoji
// stay where scripts and emoji need them, one at a time.
func visible(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	runes := []rune(text)
	prev := rune(-1)
	for i, r := range runes {
		next := rune(-1)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if invisible(r) && !needed(prev, r, next) {
			continue
		}
		b.WriteRune(r)
		prev = r
	}
	return b.String()
}

// needed says whether an invisible r does something between its neighbours.
func needed(prev, r, next rune) bool {
	switch r {
	case '\u200c', '\u200d': // joins or parts letters, and parts of emoji
		return joins(prev) && joins(next)
	case '\ufe0e', '\ufe0f': // a sign as text or as emoji
		return unicode.IsSymbol(prev) || unicode.IsDigit(prev) || unicode.Is(unicode.Po, prev)
	}
	return false
}

func joins(r rune) bool {
	return r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r)) &&
		(!invisible(r) || r == '\ufe0f')
}

// invisible says whether r leaves no mark on a page, or moves other marks.
func invisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return true
	case r >= 0xE0000 && r <= 0xE0FFF: // tags and selectors, assigned or not
		return true
	case r == '\u2800': // a braille cell without dots
		return true
	}
	return false
}
