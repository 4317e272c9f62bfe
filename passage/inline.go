package passage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Inline writes rich text as Markdown: bold, italic, strikethrough, code,
// links and equations; mentions as a reader sees them. No word is ever cut by a
// mark: a mark that begins or ends within a word is left out, so that words can
// be searched and quoted as they stand. Addresses that are signed or not made
// for reading are left out too, their text stays.
func Inline(runs []notion.RichText) string {
	var w inlineWriter
	pieces := inlinePieces(runs)
	for i := 0; i < len(pieces); {
		j := i + 1
		for j < len(pieces) && pieces[j].link == pieces[i].link {
			j++
		}
		w.group(pieces, i, j)
		i = j
	}
	return w.b.String()
}

// piece is text with one set of marks.
type piece struct {
	text  string
	marks notion.Annotations // only those that Markdown has
	math  bool
	link  string
}

func inlinePieces(runs []notion.RichText) []piece {
	var pieces []piece
	for _, r := range runs {
		p := piece{text: runText(r), link: runLink(r)}
		if a := r.Annotations; a != nil {
			p.marks = notion.Annotations{Bold: a.Bold, Italic: a.Italic, Strikethrough: a.Strikethrough, Code: a.Code}
		}
		if r.Type == "equation" {
			p.math, p.marks = true, notion.Annotations{}
			if r.Equation != nil && r.Equation.Expression != "" {
				p.text = r.Equation.Expression
			}
		}
		if p.text == "" {
			continue
		}
		if n := len(pieces); n > 0 && !p.math && pieces[n-1] == (piece{pieces[n-1].text, p.marks, false, p.link}) {
			pieces[n-1].text += p.text
			continue
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// runText is what a reader sees of a run.
func runText(r notion.RichText) string {
	s := r.PlainText
	if s == "" && r.Text != nil {
		s = r.Text.Content
	}
	return lineEnds(s)
}

// plain joins what a reader sees of the runs.
func plain(runs []notion.RichText) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(runText(r))
	}
	return b.String()
}

// lineEnds makes every line end "\n".
func lineEnds(s string) string {
	if !strings.ContainsAny(s, "\r\u2028\u2029") {
		return s
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
}

// oneLine joins the lines and trims the ends.
func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

func runLink(r notion.RichText) string {
	if m := r.Mention; m != nil {
		switch {
		case m.Page != nil && m.Page.ID != "":
			return notion.PageURL(m.Page.ID)
		case m.Database != nil && m.Database.ID != "":
			return notion.PageURL(m.Database.ID)
		case m.LinkMention != nil && m.LinkMention.Href != "":
			return linkTarget(m.LinkMention.Href)
		case m.LinkPreview != nil && m.LinkPreview.URL != "":
			return linkTarget(m.LinkPreview.URL)
		}
	}
	if r.Text != nil && r.Text.Link != nil && r.Text.Link.URL != "" {
		return linkTarget(r.Text.Link.URL)
	}
	return linkTarget(r.Href)
}

// linkTarget is the address as it may stand in Markdown, or "" for one that
// must not be shown.
func linkTarget(url string) string {
	url = strings.TrimSpace(url)
	if strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") {
		url = internalLink(url)
	}
	scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
	switch scheme {
	case "http", "https", "mailto", "tel", "notion":
	default:
		return ""
	}
	if signed(url) {
		return ""
	}
	return urlEscaper.Replace(strings.Map(printable, url))
}

// urlEscaper is a constant in all but name.
var urlEscaper = strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "|", "%7C", "`", "%60")

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// internalLink makes a link within the workspace, which Notion writes as a bare
// path, absolute.
func internalLink(path string) string {
	path, fragment, anchored := strings.Cut(path, "#")
	path, _, _ = strings.Cut(path, "?")
	id, err := notion.ParseID(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return "https://app.notion.com" + path
	}
	if !anchored {
		return notion.PageURL(id)
	}
	return notion.PageURL(id) + "#" + fragment
}

// signed says whether an address carries its own permission, as those of files
// in Notion do. They expire within the hour and must not be stored or shown.
func signed(url string) bool {
	url = strings.ToLower(url)
	return strings.Contains(url, "x-amz-signature=") || strings.Contains(url, "x-amz-credential=") ||
		strings.Contains(url, "prod-files-secure") || strings.Contains(url, "secure.notion-static.com") ||
		strings.Contains(url, "file.notion.so/")
}

type inlineWriter struct {
	b    strings.Builder
	mark bool // the last byte written closes a mark
}

// group writes pieces[i:j], which share their link.
func (w *inlineWriter) group(pieces []piece, i, j int) {
	link := pieces[i].link
	var text strings.Builder
	for _, p := range pieces[i:j] {
		text.WriteString(p.text)
	}
	core := strings.TrimSpace(text.String())
	switch {
	case link == "" || core == "":
		w.pieces(pieces, i, j)
	case core == link || urlEscaper.Replace(core) == link:
		w.raw(text.String())
	default:
		var inner inlineWriter
		inner.pieces(pieces, i, j)
		s := inner.b.String()
		trimmed := strings.TrimSpace(s)
		lead, trail, _ := strings.Cut(s, trimmed)
		w.raw(lead + "[" + trimmed + "](" + link + ")" + trail)
	}
}

func (w *inlineWriter) raw(s string) {
	w.b.WriteString(s)
	w.mark = false
}

func (w *inlineWriter) pieces(pieces []piece, i, j int) {
	for k := i; k < j; k++ {
		var before, after string
		if k > 0 {
			before = pieces[k-1].text
		}
		if k+1 < len(pieces) {
			after = pieces[k+1].text
		}
		w.piece(pieces[k], before, after)
	}
}

func (w *inlineWriter) piece(p piece, before, after string) {
	core := strings.TrimSpace(p.text)
	open, end := p.wrap(core)
	switch {
	case core == "", open == "":
		w.raw(p.text)
		return
	case w.mark && core[0] == p.text[0], // marks that touch would run into one another
		withinWord(before, p.text), withinWord(p.text, after):
		w.raw(p.text)
		return
	}
	lead, trail, _ := strings.Cut(p.text, core)
	w.b.WriteString(lead + open + core + end + trail)
	w.mark = trail == ""
}

// wrap is what stands around the text of a piece.
func (p piece) wrap(core string) (open, end string) {
	if p.math {
		return "$", "$"
	}
	add := func(on bool, mark string) {
		if on {
			open, end = open+mark, mark+end
		}
	}
	add(p.marks.Strikethrough, "~~")
	add(p.marks.Bold, "**")
	add(p.marks.Italic, "*")
	if p.marks.Code {
		ticks := strings.Repeat("`", longestRun(core, '`')+1)
		pad := ""
		if strings.HasPrefix(core, "`") || strings.HasSuffix(core, "`") {
			pad = " "
		}
		open, end = open+ticks+pad, pad+ticks+end
	}
	return open, end
}

// withinWord says whether a word goes on from a to b.
func withinWord(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return a != "" && b != "" && wordRune(last) && wordRune(first)
}

// wordRune says whether r is part of a word, as Words counts and BestBlock
// compares them.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
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
