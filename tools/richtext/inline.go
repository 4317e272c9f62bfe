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
}

// inline reads inline Markdown. Whatever has no partner, and everything that is
// no inline mark, is text: headings, lists and fences stay as they were typed.
type inline struct {
	spans []span
	style span // marks and link of what comes next
	depth int  // marks within marks
}

// maxDepth is how deep marks are read within marks; five kinds are enough for
// everything that a person writes.
const maxDepth = 8

func parseInline(markdown string) []span {
	var p inline
	p.read(markdown)
	return p.spans
}

// emit appends text in the present style, joined to the span before if that
// has the same.
func (p *inline) emit(text string) {
	if text == "" {
		return
	}
	s := p.style
	if n := len(p.spans); n > 0 {
		last := &p.spans[n-1]
		if last.marks == s.marks && last.link == s.link && !last.math {
			last.text += text
			return
		}
	}
	s.text = text
	p.spans = append(p.spans, s)
}

// within reads text with a changed style.
func (p *inline) within(text string, change func(*span)) {
	if p.depth == maxDepth {
		p.emit(text)
		return
	}
	before := p.style
	change(&p.style)
	p.depth++
	p.read(text)
	p.depth--
	p.style = before
}

// read goes through s once. alone remembers marks without a partner, so that
// none is searched for twice.
func (p *inline) read(s string) {
	alone := map[string]bool{}
	plain := 0
	for i := 0; i < len(s); {
		n := p.mark(s, i, alone, func() { p.emit(s[plain:i]) })
		if n == 0 {
			i++
			continue
		}
		i += n
		plain = i
	}
	p.emit(s[plain:])
}

// mark reads the construct that begins at s[i], after flush, and returns its
// length; 0 if there is none.
func (p *inline) mark(s string, i int, alone map[string]bool, flush func()) int {
	switch s[i] {
	case '\\':
		if i+1 < len(s) && strings.IndexByte("\\`*_~[]()$", s[i+1]) >= 0 {
			flush()
			p.emit(s[i+1 : i+2])
			return 2
		}
	case '`':
		return p.code(s, i, alone, flush)
	case '$':
		return p.equation(s, i, flush)
	case '[':
		return p.linked(s, i, flush)
	case 'h':
		return p.bare(s, i, flush)
	case '*', '_', '~':
		return p.emphasis(s, i, alone, flush)
	}
	return 0
}

// code reads `x` and “x“. Three and more are a fence, which stays as typed.
func (p *inline) code(s string, i int, alone map[string]bool, flush func()) int {
	ticks := s[i : i+len(s[i:])-len(strings.TrimLeft(s[i:], "`"))]
	if alone[ticks] {
		return p.literal(ticks, flush)
	}
	body, ok := until(s[i+len(ticks):], ticks)
	if !ok {
		alone[ticks] = true
		return p.literal(ticks, flush)
	}
	flush()
	whole := len(body) + 2*len(ticks)
	if len(ticks) >= 3 {
		p.emit(s[i : i+whole])
		return whole
	}
	if inner := strings.TrimSpace(body); inner != "" && strings.ContainsRune(inner, '`') {
		body = inner
	}
	before := p.style
	p.style.marks.Code = true
	p.emit(body)
	p.style = before
	return whole
}

// until finds a run of exactly these ticks.
func until(s, ticks string) (string, bool) {
	for at := 0; at < len(s); {
		k := strings.IndexByte(s[at:], '`')
		if k < 0 {
			return "", false
		}
		at += k
		run := len(s[at:]) - len(strings.TrimLeft(s[at:], "`"))
		if run == len(ticks) {
			return s[:at], at > 0
		}
		at += run
	}
	return "", false
}

func (p *inline) literal(s string, flush func()) int {
	flush()
	p.emit(s)
	return len(s)
}

// equation reads $x$ on one line: no space inside the marks, no digit behind
// them, so that prices stay prices.
func (p *inline) equation(s string, i int, flush func()) int {
	line, _, _ := strings.Cut(head(s[i+1:], 3*maxExpression), "\n")
	if line == "" || line[0] == '$' || isSpaceAt(line, 0) {
		return 0
	}
	for at := 1; at < len(line); at++ {
		if line[at] != '$' || line[at-1] == '\\' || isSpaceAt(line, at-1) || digitAt(s, i+1+at+1) {
			continue
		}
		flush()
		math := p.style
		math.text, math.math, math.link = line[:at], true, ""
		p.spans = append(p.spans, math)
		return at + 2
	}
	return 0
}

// linked reads [text](address). Addresses that Notion would refuse stay text.
func (p *inline) linked(s string, i int, flush func()) int {
	if p.style.link != "" {
		return 0
	}
	middle := strings.Index(head(s[i:], 2*maxLink), "](")
	if middle < 0 {
		return 0
	}
	label := s[i+1 : i+middle]
	rest := s[i+middle+2:]
	end := closing(rest)
	if end <= 0 || label == "" || strings.ContainsAny(label, "[\n") || !linkable(rest[:end]) {
		return 0
	}
	flush()
	p.within(label, func(s *span) { s.link = rest[:end] })
	return middle + 2 + end + 1
}

// closing finds the parenthesis that ends an address, which may hold pairs of
// them.
func closing(s string) int {
	depth := 0
	for i := range min(len(s), maxLink+1) {
		switch s[i] {
		case ' ', '\n', '\t':
			return -1
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

func linkable(url string) bool {
	if units(url) > maxLink {
		return false
	}
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(url) > len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// bare reads an address that stands in the text.
func (p *inline) bare(s string, i int, flush func()) int {
	rest := head(s[i:], maxLink+1)
	if p.style.link != "" || !strings.HasPrefix(rest, "http") || wordBefore(s, i) {
		return 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"`*", r) })
	if end < 0 {
		end = len(rest)
	}
	url := strings.TrimRight(rest[:end], ".,;:!?'_~")
	if strings.Count(url, ")") > strings.Count(url, "(") {
		url = strings.TrimRight(url, ")")
	}
	if end > maxLink || !linkable(url) {
		return 0
	}
	flush()
	before := p.style
	p.style.link = url
	p.emit(url)
	p.style = before
	return len(url)
}

// emphasis reads **bold**, __bold__, *italic*, _italic_ and ~~strike~~.
func (p *inline) emphasis(s string, i int, alone map[string]bool, flush func()) int {
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
		if !strings.HasPrefix(s[i:], m.delim) || alone[m.delim] || !opens(s, i, m.delim) {
			continue
		}
		end := partner(s, i+len(m.delim), m.delim)
		if end < 0 {
			alone[m.delim] = true
			continue
		}
		flush()
		p.within(s[i+len(m.delim):end], m.change)
		return end + len(m.delim) - i
	}
	return 0
}

// opens says whether a mark can begin at s[i]: text follows at once, and an
// underscore is not within a word.
func opens(s string, i int, delim string) bool {
	after := i + len(delim)
	if after >= len(s) || isSpaceAt(s, after) {
		return false
	}
	return delim[0] != '_' || !wordBefore(s, i)
}

// partner finds where the mark ends; marks within code do not count.
func partner(s string, from int, delim string) int {
	for i := from; i < len(s); {
		switch {
		case s[i] == '\\':
			i += 2
		case s[i] == '`':
			ticks := s[i : len(s)-len(strings.TrimLeft(s[i:], "`"))]
			body, ok := until(s[i+len(ticks):], ticks)
			i += len(ticks)
			if ok {
				i += len(body) + len(ticks)
			}
		case s[i] == delim[0]:
			run := len(s[i:]) - len(strings.TrimLeft(s[i:], delim[:1]))
			if i > from && !isSpaceAt(s, i-1) && ends(s, i, run, delim) {
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

// head is the beginning of s, at most n bytes.
func head(s string, n int) string { return s[:min(n, len(s))] }

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
