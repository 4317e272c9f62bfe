package richtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/notion"
)

// span is text of one style.
type span struct {
	text  string
	marks notion.Annotations
	link  string
	math  bool
	who   notion.ID // the person that it mentions
}

// inline reads inline Markdown. Whatever has no partner, and everything that is
// no inline mark, is text. Of what comments do not have, headings become bold
// lines, fences code and bullets dashes; all else stays as it was typed.
// It goes through the text once, marks within marks included, and what it has
// to know of the text ahead it finds in foresight.
type inline struct {
	foresight
	spans []span
	text  strings.Builder // of the span that is being made
	last  span            // its style
	style span            // marks and link of what comes next
	plain int             // where the text begins that is not yet in a span
	end   int             // of what is read now; partners are before it
	alone map[string]bool // marks that have none there
	depth int             // marks within marks
}

// maxDepth is how deep marks are read within marks; five kinds are enough for
// everything that a person writes.
const maxDepth = 8

func parseInline(markdown string) []span {
	p := inline{foresight: look(markdown)}
	p.read(0, len(markdown))
	p.close()
	return p.spans
}

// emit appends text in the present style, joined to the text before if that
// has the same.
func (p *inline) emit(text string) {
	if text == "" {
		return
	}
	if p.last != p.style {
		p.close()
	}
	p.last = p.style
	p.text.WriteString(text)
}

// close ends the span that is being made.
func (p *inline) close() {
	if p.text.Len() == 0 {
		return
	}
	s := p.last
	s.text = p.text.String()
	p.spans = append(p.spans, s)
	p.text.Reset()
}

// flush emits the plain text before i.
func (p *inline) flush(i int) {
	p.emit(p.s[p.plain:i])
	p.plain = i
}

// to says that everything before i is in spans, and that reading goes on there.
func (p *inline) to(i int) int {
	p.plain = i
	return i
}

// within reads from i to end with a changed style.
func (p *inline) within(i, end int, change func(*span)) {
	style, outer, alone := p.style, p.end, p.alone
	change(&p.style)
	p.depth++
	if p.depth > maxDepth {
		p.emit(p.s[i:end])
	} else {
		p.read(i, end)
	}
	p.depth--
	p.style, p.end, p.alone = style, outer, alone
}

// read goes through the text from i to end.
func (p *inline) read(i, end int) {
	p.plain, p.end, p.alone = i, end, map[string]bool{}
	for i < end {
		p.steps++
		if next := p.mark(i); next > 0 {
			i = next
		} else {
			i++
		}
	}
	p.flush(end)
}

// mark reads the construct that begins at i, and returns where reading goes on;
// 0 if there is none.
func (p *inline) mark(i int) int {
	switch p.s[i] {
	case '\\':
		if i+1 < p.end && strings.IndexByte("\\`*_~[]()$#", p.s[i+1]) >= 0 {
			p.flush(i)
			p.emit(p.s[i+1 : i+2])
			return p.to(i + 2)
		}
	case '`':
		return p.code(i)
	case '$':
		return p.equation(i)
	case '[':
		return p.linked(i)
	case 'h':
		return p.bare(i)
	case '#':
		return p.heading(i)
	case '*', '+':
		if i+1 < p.end && p.s[i+1] == ' ' && p.beginsLine(i) {
			p.flush(i)
			p.emit("-")
			return p.to(i + 1)
		}
		return p.emphasis(i)
	case '_', '~':
		return p.emphasis(i)
	}
	return 0
}

// beginsLine says whether nothing but space stands before i on its line.
func (p *inline) beginsLine(i int) bool {
	for i > 0 && (p.s[i-1] == ' ' || p.s[i-1] == '\t') {
		p.steps++
		i--
	}
	return i == 0 || p.s[i-1] == '\n'
}

// heading reads a line that begins with hashes.
func (p *inline) heading(i int) int {
	n := p.run(i, p.end)
	start := i + n
	if n > 6 || start >= p.end || p.s[start] != ' ' || !p.beginsLine(i) {
		return start
	}
	end := p.end
	if at := strings.IndexByte(p.s[start:p.end], '\n'); at >= 0 {
		end = start + at
	}
	p.steps += end - start
	title := strings.TrimLeft(p.s[start:end], " \t")
	start = end - len(title)
	if title = closed(title); title == "" {
		return start
	}
	p.flush(i)
	p.within(start, start+len(title), func(s *span) { s.marks.Bold = true })
	return p.to(end)
}

// closed is the title of a heading without the hashes that may end it, apart from
// its words: those of "C#" are its own.
func closed(title string) string {
	title = strings.TrimRight(title, " \t")
	words := strings.TrimRight(title, "#")
	if words == "" || strings.HasSuffix(words, " ") || strings.HasSuffix(words, "\t") {
		return strings.TrimRight(words, " \t")
	}
	return title
}

// code reads `x` and “x“. Three and more at the beginning of a line are a fence,
// whose first line names the language; elsewhere they stay as typed.
func (p *inline) code(i int) int {
	n := p.run(i, p.end)
	end := p.sameTicks(i, n)
	if end < 0 || end >= p.end {
		return i + n
	}
	body := p.s[i+n : end]
	if n >= 3 {
		_, lines, fence := strings.Cut(body, "\n")
		if body = strings.TrimSuffix(lines, "\n"); !fence || body == "" || !p.beginsLine(i) {
			return end + n
		}
	} else if inner := strings.TrimSpace(body); inner != "" && strings.ContainsRune(inner, '`') {
		body = inner
	}
	p.flush(i)
	before := p.style
	p.style.marks.Code = true
	p.emit(body)
	p.style = before
	return p.to(end + n)
}

// equation reads $x$ on one line: no space inside the marks, no digit behind
// them, so that prices stay prices.
func (p *inline) equation(i int) int {
	if i+1 >= p.end || p.s[i+1] == '$' || isSpaceAt(p.s, i+1) {
		return 0
	}
	end := p.dollar(i + 2)
	if end >= p.end || end > i+3*maxExpression || p.s[end] != '$' {
		return 0
	}
	p.flush(i)
	p.close()
	math := p.style
	math.text, math.math, math.link = p.s[i+1:end], true, ""
	p.spans = append(p.spans, math)
	return p.to(end + 1)
}

// linked reads [text](address). Addresses that Notion would refuse stay text.
func (p *inline) linked(i int) int {
	middle := p.middle(i)
	if p.style.link != "" || middle+2 > min(p.end, i+2*maxLink) {
		return 0
	}
	end, ok := p.pairs[middle+1]
	if !ok || end >= p.end || end > middle+2+maxLink {
		return 0
	}
	label, url := p.s[i+1:middle], p.s[middle+2:end]
	if label == "" || !linkable(url) || strings.ContainsAny(label, "[\n") {
		return 0
	}
	p.flush(i)
	p.within(i+1, middle, func(s *span) { s.link = url })
	return p.to(end + 1)
}

// linkable says whether an address is of a kind that Notion takes.
func linkable(url string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(url) > len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// bare reads an address that stands in the text.
func (p *inline) bare(i int) int {
	if p.style.link != "" || !strings.HasPrefix(p.s[i:p.end], "http") || wordBefore(p.s, i) {
		return 0
	}
	end := min(p.stop(i), p.end)
	if end > i+maxLink {
		return 0
	}
	url := strings.TrimRight(p.s[i:end], ".,;:!?'_~")
	if strings.Count(url, ")") > strings.Count(url, "(") {
		url = strings.TrimRight(url, ")")
	}
	if !linkable(url) {
		return 0
	}
	p.flush(i)
	before := p.style
	p.style.link = url
	p.emit(url)
	p.style = before
	return p.to(i + len(url))
}

// emphasis reads **bold**, __bold__, *italic*, _italic_ and ~~strike~~.
func (p *inline) emphasis(i int) int {
	for _, m := range []struct {
		delim  string
		change func(*span)
	}{
		{"**", func(s *span) { s.marks.Bold = true }},
		{"__", func(s *span) { s.marks.Bold = true }},
		{"~~", func(s *span) { s.marks.Strikethrough = true }},
		{"*", func(s *span) { s.marks.Italic = true }},
		{"_", func(s *span) { s.marks.Italic = true }},
	} {
		if !strings.HasPrefix(p.s[i:p.end], m.delim) || p.alone[m.delim] || !p.opens(i, m.delim) {
			continue
		}
		inner := i + len(m.delim)
		end := p.partner(inner, m.delim)
		if end < 0 {
			p.alone[m.delim] = true
			continue
		}
		p.flush(i)
		p.within(inner, end, m.change)
		return p.to(end + len(m.delim))
	}
	return 0
}

// opens says whether a mark can begin at i: text follows at once, and an
// underscore is not within a word.
func (p *inline) opens(i int, delim string) bool {
	after := i + len(delim)
	if after >= p.end || isSpaceAt(p.s, after) {
		return false
	}
	return delim[0] != '_' || !wordBefore(p.s, i)
}

// partner finds where the mark ends; marks within code do not count.
func (p *inline) partner(from int, delim string) int {
	for i := from; i < p.end; {
		p.steps++
		switch p.s[i] {
		case '\\':
			i += 2
		case '`':
			n := p.run(i, p.end)
			if end := p.sameTicks(i, n); end >= 0 && end < p.end {
				i = end
			}
			i += n
		case delim[0]:
			run := p.run(i, p.end)
			if i > from && !isSpaceAt(p.s, i-1) && ends(p.s, i, run, delim) {
				return i + run - len(delim)
			}
			i += run
		default:
			i++
		}
	}
	return -1
}

// ends says whether a run of marks at s[i] closes delim. In a run of three the
// inner mark is closed by the first of them.
func ends(s string, i, run int, delim string) bool {
	if run != len(delim) && run != 3 {
		return false
	}
	return delim[0] != '_' || !wordAfter(s, i+run)
}

func digitAt(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

func isSpaceAt(s string, i int) bool {
	return s[i] == ' ' || s[i] == '\n' || s[i] == '\t'
}

func wordBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return i > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func wordAfter(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
