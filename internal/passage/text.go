package passage

import (
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// plain joins what a reader sees of the runs.
func plain(runs []notion.RichText) string { return markdown.Words(runs) }

// clean are the runs with the text that is shown of them.
func clean(runs []notion.RichText) []notion.RichText {
	out := make([]notion.RichText, 0, len(runs))
	for _, r := range runs {
		if r.PlainText = plain([]notion.RichText{r}); r.PlainText != "" {
			r.Text = linkOnly(r.Text)
			out = append(out, r)
		}
	}
	return out
}

// linkOnly takes the content away, which the plain text stands for.
func linkOnly(t *notion.Text) *notion.Text {
	if t == nil || t.Link == nil {
		return nil
	}
	return &notion.Text{Link: t.Link}
}

// oneLine joins the lines and trims the ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// wordRune says whether r is part of a word, as Words counts and BestSpan
// compares them.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
