package passage

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// cutProse cuts runs that are far longer than words at the ends of lines and
// sentences, into parts of about the same length. Links, code, equations and
// mentions are not cut.
func cutProse(runs []notion.RichText, words int) [][]notion.RichText {
	runs = clean(runs)
	text := joinedText(runs)
	if total := size(text); total*2 <= words*3 {
		return [][]notion.RichText{runs}
	}
	ends := append(stops(text, runs), len(text))
	sizes := make([]int, len(ends))
	from := 0
	for i, end := range ends {
		sizes[i] = size(text[from:end])
		from = end
	}
	var parts [][]notion.RichText
	c := runCutter{runs: runs}
	from = 0
	for _, i := range cuts(sizes, words, nil) {
		parts = append(parts, c.take(ends[i-1]-from))
		from = ends[i-1]
	}
	return append(parts, c.take(len(text)-from))
}

// stops are the offsets in text, which is the plain text of runs, where it may
// be cut.
func stops(text string, runs []notion.RichText) []int {
	var all []int
	at := 0
	for _, r := range runs {
		end := at + len(r.PlainText)
		if isCuttable(r) {
			all = append(all, sentenceEnds(text, at, end)...)
		} else if n := sentenceEnds(text, end, end); len(n) > 0 {
			all = append(all, end)
		}
		at = end
	}
	return all
}

// joinedText is the text of runs that are clean.
func joinedText(runs []notion.RichText) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.PlainText)
	}
	return b.String()
}

func isCuttable(r notion.RichText) bool {
	return (r.Type == "text" || r.Type == "") && r.Href == "" && r.Text == nil && r.Mention == nil && (r.Annotations == nil || !r.Annotations.Code)
}

// sentenceEnds are the offsets in text[from:to], and at to, where a new
// sentence or line begins.
func sentenceEnds(text string, from, to int) []int {
	var ends []int
	for i := from; i <= to && i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if i > 0 && !unicode.IsSpace(r) && beginsSentence(text[:i], r) {
			ends = append(ends, i)
		}
		i += n
	}
	return ends
}

// beginsSentence says whether r, which follows before, is the first of a line
// or sentence. A small letter is not: what stands before it is an
// abbreviation.
func beginsSentence(before string, r rune) bool {
	last, n := utf8.DecodeLastRuneInString(before)
	if wideStop(last) {
		return !isCloser(r)
	}
	if isCloser(last) && n < len(before) {
		inner, _ := utf8.DecodeLastRuneInString(before[:len(before)-n])
		return wideStop(inner)
	}
	if !unicode.IsSpace(last) {
		return false
	}
	trimmed := strings.TrimRightFunc(before, unicode.IsSpace)
	if strings.Contains(before[len(trimmed):], "\n") {
		return true
	}
	trimmed = strings.TrimRightFunc(trimmed, isCloser)
	return strings.HasSuffix(trimmed, ".") && !unicode.IsLower(r) ||
		strings.HasSuffix(trimmed, "!") || strings.HasSuffix(trimmed, "?")
}

func isCloser(r rune) bool {
	return strings.ContainsRune(`"')]”’»」』）`, r)
}

// runCutter hands out runs piece by piece.
type runCutter struct {
	runs []notion.RichText
}

// take removes and returns the first n bytes.
func (c *runCutter) take(n int) []notion.RichText {
	var out []notion.RichText
	for n > 0 && len(c.runs) > 0 {
		r := c.runs[0]
		text := r.PlainText
		if len(text) <= n {
			out = append(out, r)
			c.runs = c.runs[1:]
			n -= len(text)
			continue
		}
		head := r
		head.PlainText = text[:n]
		out = append(out, head)
		c.runs = append([]notion.RichText{r}, c.runs[1:]...)
		c.runs[0].PlainText = text[n:]
		n = 0
	}
	return out
}

// code writes a block of code, cut at line ends when it is longer than a
// passage. Each part is fenced.
func (w *walker) code(f *frame, b *notion.Block) {
	text := strings.Trim(plain(b.Content.RichText), "\n")
	if strings.TrimSpace(text) != "" {
		for _, part := range cutLines(text, w.opt.Words) {
			w.add(unit{
				block: b.ID, text: indented(markdown.Code(b.Content.Language, part), f.prefix, f.prefix),
				outer: f.prefix, inner: f.prefix,
			})
		}
	}
	w.text(f.prefix, b.ID, markdown.Inline(b.Content.Caption))
}

// cutLines cuts text at line ends into parts of at most words, except where a
// line has more.
func cutLines(text string, words int) []string {
	if size(text) <= words {
		return []string{text}
	}
	lines := slices.Collect(strings.Lines(text))
	sizes := make([]int, len(lines))
	for i, line := range lines {
		sizes[i] = size(line)
		if len(line) > 1 {
			sizes[i] = max(1, sizes[i]) // also for a brace
		}
	}
	var parts []string
	from := 0
	for _, i := range cuts(sizes, words, nil) {
		parts = append(parts, strings.TrimSuffix(strings.Join(lines[from:i], ""), "\n"))
		from = i
	}
	return append(parts, strings.Join(lines[from:], ""))
}
