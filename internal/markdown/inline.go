package markdown

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Inline writes rich text that begins a block: bold, italic, strikethrough,
// code and equations; links to Notion as links, others as text with their host
// and path behind it; mentions as a reader sees them. No word is ever cut by a
// mark or an address, so that words can be searched and quoted as they stand.
// Addresses that are signed or not made for reading are left out.
func Inline(runs []notion.RichText) Text { return inline(runs, style{start: true}) }

// Part is Inline for rich text that other parts of the same block follow.
func Part(runs []notion.RichText) Text { return inline(runs, style{start: true, strict: true}) }

// Inner is Inline on one line, within a line.
func Inner(runs []notion.RichText) Text { return inner(runs, style{strict: true}) }

func inner(runs []notion.RichText, st style) Text {
	flat := make([]notion.RichText, len(runs))
	for i, r := range runs {
		flat[i] = r
		flat[i].PlainText = spaces.Replace(runText(r))
	}
	return Text(oneLine(string(inline(flat, st))))
}

// spaces keeps words apart that stood on different lines.
var spaces = strings.NewReplacer("\n", " ", "\t", " ")

// Heading is Inner without any marks but links, for a line that "#" begins: what
// would be its end, or its attributes, is text.
func Heading(runs []notion.RichText) Text {
	out := make([]notion.RichText, len(runs))
	for i, r := range runs {
		r.Annotations = nil
		if r.Type == "equation" {
			r = notion.RichText{Type: "text", PlainText: runText(r)}
		}
		out[i] = r
	}
	return unclosed(inner(out, style{strict: true, heading: true}))
}

// unclosed is a text at whose end no reader finds the end of a heading.
func unclosed(text Text) Text {
	if at := closing.FindStringSubmatchIndex(string(text)); at != nil {
		return text[:at[2]] + `\` + text[at[2]:]
	}
	return text
}

// closing matches what readers take off the end of a heading.
var closing = regexp.MustCompile(`(?:^| )(#+)$`)

// Words are the words of rich text, without marks and addresses: not escaped.
func Words(runs []notion.RichText) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(runText(r))
	}
	return Clean(b.String())
}

// piece is text with one set of marks.
type piece struct {
	text  string
	marks notion.Annotations // only those that Markdown has
	math  bool
	link  string // as Notion gave it, or of ours
}

func inline(runs []notion.RichText, st style) Text {
	pieces := joined(settled(bared(linked(standing(piecesOf(runs))))))
	all := textOf(pieces)
	e := newEscaper(all, st)
	e.ticks = e.ticks || len(pieces) > 1 // a mark may part what is one run in all
	for _, p := range pieces {
		if p.marks.Bold || p.marks.Italic {
			e.own['*'] = true
		}
		e.own['~'] = e.own['~'] || p.marks.Strikethrough
		e.ticks = e.ticks || p.marks.Code || p.math
	}
	for i := 0; i < len(pieces); {
		j := i + 1
		for j < len(pieces) && pieces[j].link == pieces[i].link {
			j++
		}
		e.group(pieces, i, j)
		i = j
	}
	return Text(e.b.String())
}

func textOf(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

func piecesOf(runs []notion.RichText) []piece {
	var pieces []piece
	for _, r := range runs {
		p := piece{text: Clean(runText(r)), link: runLink(r)}
		if a := r.Annotations; a != nil {
			p.marks = notion.Annotations{Bold: a.Bold, Italic: a.Italic, Strikethrough: a.Strikethrough, Code: a.Code}
		}
		if r.Type == "equation" {
			p.math, p.marks = true, notion.Annotations{}
			if r.Equation != nil && r.Equation.Expression != "" {
				p.text = oneLine(Clean(r.Equation.Expression))
			}
		}
		pieces = append(pieces, p)
	}
	return joined(pieces)
}

// joined puts neighbours with the same marks together.
func joined(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if p.text == "" {
			continue
		}
		if n := len(out); n > 0 && !p.math && out[n-1] == (piece{out[n-1].text, p.marks, false, p.link}) {
			out[n-1].text += p.text
			continue
		}
		out = append(out, p)
	}
	return out
}

// standing drops the marks that would cut a word or an address, and those that
// a reader of Markdown would not take for marks.
func standing(pieces []piece) []piece {
	all := textOf(pieces)
	spans := addresses(all)
	at, marked := 0, false // marked: the piece before ends in a mark
	out := make([]piece, len(pieces))
	for i, p := range pieces {
		var before, after string
		if i > 0 {
			before = pieces[i-1].text
		}
		if i+1 < len(pieces) {
			after = pieces[i+1].text
		}
		end := at + len(p.text)
		if !p.plain() && (marked && !blankEnd(p.text, 0) || splits(spans, at) || splits(spans, end) || (p.marks.Code || p.math) && touches(spans, at, end) ||
			p.math && completes(all[:at], all[end:]) || !p.fits(before, after)) {
			p.marks, p.math = notion.Annotations{}, false
		}
		marked = !p.plain() && !blankEnd(p.text, len(p.text))
		out[i], at = p, end
	}
	return out
}

func (p piece) plain() bool { return !p.math && p.marks == notion.Annotations{} }

// splits says whether an address goes on at the byte at.
func splits(spans []addressSpan, at int) bool {
	for _, s := range spans {
		if s.start < at && at < s.end {
			return true
		}
	}
	return false
}

// touches says whether an address begins or ends where a piece does: code and
// code would run into one another.
func touches(spans []addressSpan, start, end int) bool {
	for _, s := range spans {
		if s.end == start || s.start == end {
			return true
		}
	}
	return false
}

// completes says whether the mark of an equation makes an address with what
// stands before or after it.
func completes(before, after string) bool {
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:] + "$"
	spans := addresses(word)
	return strings.HasPrefix(after, "@") || touches(spans, len(word), len(word))
}

// blankEnd says whether white space stands at the beginning or at the end.
func blankEnd(s string, at int) bool {
	if at == 0 {
		r, _ := utf8.DecodeRuneInString(s)
		return unicode.IsSpace(r)
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r)
}

// fits says whether the marks of a piece are marks between its neighbours.
func (p piece) fits(before, after string) bool {
	core := strings.TrimSpace(p.text)
	if p.marks.Strikethrough && (strings.HasSuffix(before, "~") || strings.HasSuffix(core, "~")) {
		return false // a mark behind a tilde, which some readers take none for
	}
	if withinWord(before, p.text) || withinWord(p.text, after) || slices.ContainsFunc(strings.Split(core, "\n"), blankLine) {
		return false
	}
	kinds := 0
	for _, on := range []bool{p.marks.Bold, p.marks.Italic, p.marks.Strikethrough} {
		if on {
			kinds++
		}
	}
	if kinds == 0 {
		return true
	}
	simple := kinds == 1 && !p.marks.Code && len(addresses(core)) == 0
	first, _ := utf8.DecodeRuneInString(core)
	last, _ := utf8.DecodeLastRuneInString(core)
	opens := simple && wordRune(first) || before == "" || blankEnd(before, len(before)) || blankEnd(p.text, 0)
	closes := simple && wordRune(last) || after == "" || blankEnd(after, 0) || blankEnd(p.text, len(p.text))
	return opens && closes
}

func blankLine(line string) bool { return strings.TrimSpace(line) == "" }

// withinWord says whether a word goes on from a to b.
func withinWord(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return a != "" && b != "" && wordRune(last) && wordRune(first)
}

// linked decides what becomes of each link: the address of ours stays one where
// it stands around whole words. All others are marked with foreign.
func linked(pieces []piece) []piece {
	spans := addresses(textOf(pieces))
	at := 0
	for i := 0; i < len(pieces); {
		j, end := i, at
		for ; j < len(pieces) && pieces[j].link == pieces[i].link; j++ {
			end += len(pieces[j].text)
		}
		link, own := pieces[i].link, Ours(pieces[i].link)
		switch {
		case link == "", strings.HasPrefix(link, substitute): // a title is a word of its own
		case strings.TrimSpace(textOf(pieces[i:j])) == "": // nobody sees it
			link = ""
		case own == "", splits(spans, at) || splits(spans, end),
			i > 0 && withinWord(pieces[i-1].text, pieces[i].text),
			j < len(pieces) && withinWord(pieces[j-1].text, pieces[j].text):
			link = foreign + link
		default:
			link = own
		}
		for ; i < j; i++ {
			pieces[i].link = link
		}
		at = end
	}
	return pieces
}

// foreign begins an address that is no link.
const foreign = "\x00"

// bared puts the white space at the ends of links outside of them, where it is
// of the text around.
func bared(pieces []piece) []piece {
	var out []piece
	for i := 0; i < len(pieces); {
		j := i + 1
		for j < len(pieces) && pieces[j].link == pieces[i].link {
			j++
		}
		if link := pieces[i].link; link == "" || strings.HasPrefix(link, foreign) {
			out = append(out, pieces[i:j]...)
		} else {
			text := textOf(pieces[i:j])
			core := strings.TrimSpace(text)
			lead, tail, _ := strings.Cut(text, core)
			out = append(out, piece{text: lead})
			out = append(out, between(pieces[i:j], len(lead), len(lead)+len(core))...)
			out = append(out, piece{text: tail})
		}
		i = j
	}
	return joined(out)
}

// between are the pieces of the text from one byte to another.
func between(pieces []piece, from, to int) []piece {
	var out []piece
	for _, p := range pieces {
		n := len(p.text)
		p.text = p.text[min(max(from, 0), n):min(max(to, 0), n)]
		out = append(out, p)
		from, to = from-n, to-n
	}
	return out
}

// settled writes the addresses that are no links behind the words that they
// belong to.
func settled(pieces []piece) []piece {
	var out []piece
	waiting := "" // for the end of the word
	for i, p := range pieces {
		if waiting != "" {
			n := 0
			if p.plain() && (p.link == "" || strings.HasPrefix(p.link, foreign)) {
				n = wordEnd(p.text)
			}
			rest := p
			p.text, rest.text = p.text[:n], p.text[n:]
			if rest.text != "" || n == 0 {
				if p.text != "" {
					out = append(out, unlinked(p))
				}
				out = append(out, piece{text: waiting})
				waiting, p = "", rest
			}
		}
		address, is := strings.CutPrefix(p.link, foreign)
		if !is {
			out = append(out, p)
			continue
		}
		core := strings.TrimRight(p.text, " \n\t")
		last := i+1 == len(pieces) || pieces[i+1].link != p.link
		if !last {
			out = append(out, unlinked(p))
			continue
		}
		where := behind(strings.TrimSpace(groupText(pieces, i)), address)
		tail := p.text[len(core):]
		p.text = core
		out = append(out, unlinked(p))
		switch {
		case tail != "" || i+1 == len(pieces):
			out = append(out, piece{text: where + tail})
		default:
			waiting += where
		}
	}
	return append(out, piece{text: waiting})
}

func unlinked(p piece) piece {
	if strings.HasPrefix(p.link, foreign) {
		p.link = ""
	}
	return p
}

// groupText is the text of the link that ends with pieces[i].
func groupText(pieces []piece, i int) string {
	from := i
	for from > 0 && pieces[from-1].link == pieces[i].link {
		from--
	}
	return textOf(pieces[from : i+1])
}

// behind is what stands behind the text of a link to show its address: nothing
// where the text is the address.
func behind(text, address string) string {
	where := place(address)
	if where == "" || bare(text) == bare(address) && strings.HasPrefix(bare(text), strings.TrimSuffix(where, "…")) {
		return ""
	}
	return " (" + where + ")"
}

// wordEnd is where the word ends that s goes on with, without the punctuation
// behind it.
func wordEnd(s string) int {
	n := strings.IndexFunc(s, unicode.IsSpace)
	if n < 0 {
		return len(s)
	}
	return len(strings.TrimRightFunc(s[:n], func(r rune) bool { return unicode.IsPunct(r) }))
}

// group writes pieces[i:j], which share their link.
func (e *escaper) group(pieces []piece, i, j int) {
	link := pieces[i].link
	if link == "" {
		e.pieces(pieces, i, j)
		return
	}
	link, reference := strings.CutPrefix(link, substitute)
	if reference {
		e.mark(substitute)
	}
	e.mark("[")
	before := e.b.Len()
	st := e.style
	e.label, e.start = true, false
	e.pieces(pieces, i, j)
	e.style = st
	inner := e.b.String()
	e.b.Reset()
	e.mark(inner[:before] + unticked(oneLine(inner[before:])) + "](" + link + ")")
}

func (e *escaper) pieces(pieces []piece, i, j int) {
	for k := i; k < j; k++ {
		var next rune
		switch {
		case k+1 == j && e.label:
			next = ']'
		case k+1 < len(pieces):
			next = e.firstMark(pieces[k+1], pieces[k].link)
		}
		e.piece(pieces[k], next)
	}
}

// firstMark is the first character of a piece behind one with another link.
func (e *escaper) firstMark(p piece, link string) rune {
	switch open, _ := e.wrap(p, strings.TrimSpace(p.text)); {
	case p.link != "" && p.link != link:
		return '['
	case open != "" && !blankEnd(p.text, 0):
		return rune(open[0])
	}
	r, _ := utf8.DecodeRuneInString(p.text)
	return r
}

func (e *escaper) piece(p piece, next rune) {
	core := strings.TrimSpace(p.text)
	open, end := e.wrap(p, core)
	if open == "" {
		e.prose(p.text, next)
		return
	}
	lead, trail, _ := strings.Cut(p.text, core)
	e.prose(lead, 0)
	e.mark(open)
	if p.marks.Code || p.math {
		e.b.WriteString(unmarked(strings.ReplaceAll(core, "\n", " ")))
		e.took(core, len(core))
	} else {
		e.prose(core, rune(end[0]))
	}
	e.mark(end)
	e.prose(trail, 0)
}

// wrap is what stands around the text of a piece.
func (e *escaper) wrap(p piece, core string) (open, end string) {
	if core == "" {
		return "", ""
	}
	if p.math {
		if string(escaped(core, style{strict: true})) == core && !strings.Contains(core, `\`) && !strings.Contains(e.all, "@") { // beside an @, a $ could be of a name or a host
			return "$", "$"
		}
		ticks, pad := codeMarks(core)
		return "$" + ticks + pad, pad + ticks + "$"
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
		ticks, pad := codeMarks(core)
		open, end = open+ticks+pad, pad+ticks+end
	}
	return open, end
}

// codeMarks are the backticks around code, and what keeps those within apart.
func codeMarks(core string) (ticks, pad string) {
	if strings.HasPrefix(core, "`") || strings.HasSuffix(core, "`") {
		pad = " "
	}
	return strings.Repeat("`", longestRun(core, '`')+1), pad
}
