package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// style is the place that a text is put into.
type style struct {
	start  bool // a line or a block begins with it
	strict bool // other text stands in the same block: no mark may be left for it to close
	label  bool // the text of a link

	heading bool // it ends a line that may have attributes in braces
}

// escaper writes the inline text of one block, piece by piece.
type escaper struct {
	style
	b      strings.Builder
	all    string        // the text of all pieces
	at     int           // what of it is written
	define bool          // all has what could end the label of a definition
	ticks  bool          // backticks are escaped
	own    [128]bool     // marks of emphasis that the block has of its own
	open   [128]bool     // marks of people that are left as they are, and could be closed
	last   rune          // before what comes next; 0 at the beginning
	spans  []addressSpan // addresses in all
}

func newEscaper(all string, st style) *escaper {
	e := &escaper{style: st, all: all, define: strings.Contains(all, "]:"), spans: addresses(all)}
	e.ticks = st.strict || len(e.spans) > 0 || tickRuns(all) > 1
	return e
}

// escaped is a text without marks of its own.
func escaped(s string, st style) Text {
	e := newEscaper(s, st)
	e.prose(s, 0)
	return Text(e.b.String())
}

// tickRuns counts runs of backticks: two of them may make code.
func tickRuns(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] == '`' && (i == 0 || s[i-1] != '`') {
			n++
		}
	}
	return n
}

// mark writes marks of the program.
func (e *escaper) mark(s string) {
	e.b.WriteString(s)
	e.last, _ = utf8.DecodeLastRuneInString(s)
}

// prose writes the next piece of the text, which mark follows; 0 for none.
func (e *escaper) prose(s string, mark rune) {
	for i := 0; i < len(s); {
		if e.beginsLine() {
			if n := e.lineStart(s[i:]); n > 0 {
				i += n
				continue
			}
		}
		if n := e.address(s[i:]); n > 0 {
			i += n
			continue
		}
		i += e.char(s[i:], mark)
	}
}

// took goes on by n bytes of the text.
func (e *escaper) took(s string, n int) int {
	e.last, _ = utf8.DecodeLastRuneInString(s[:n])
	e.at += n
	return n
}

func (e *escaper) beginsLine() bool {
	return e.start && (e.b.Len() == 0 || e.last == '\n' && strings.HasSuffix(e.b.String(), "\n"))
}

// char writes one character, or a run of the same mark of emphasis.
func (e *escaper) char(s string, mark rune) int {
	c := s[0]
	if c >= utf8.RuneSelf || c == ' ' || 'a' <= c && c <= 'z' {
		_, n := utf8.DecodeRuneInString(s)
		e.b.WriteString(s[:n])
		return e.took(s, n)
	}
	if c == '*' || c == '_' || c == '~' {
		return e.delimiters(s, mark)
	}
	next := e.follows(s, 1, mark)
	switch {
	case c == '<' && opens(s):
		e.b.WriteString("&lt;")
		return e.took(s, 1)
	case c == '$', // many readers take what stands between two of them for an equation
		c == '\\' && (next <= ' ' || next < 0x7f && asciiPunct(byte(next))),
		c == '`' && e.ticks,
		c == '[' && (e.label || next == '^' || next == '[' || e.last == ']' || e.last == '!' || e.strict && e.define),
		c == ']' && e.label,
		c == '(' && e.last == ']',
		c == '{' && e.heading && strings.HasSuffix(e.all, "}"),
		c == '!' && len(s) == 1 && mark == '[',
		c == '&' && entity.MatchString(s[:min(len(s), 40)]),
		c == '#' && (e.last == '{' || anchor.MatchString(s)):
		e.b.WriteByte('\\')
	}
	e.b.WriteByte(c)
	return e.took(s, 1)
}

// follows is the character that will stand behind the first n bytes of s, which
// mark follows.
func (e *escaper) follows(s string, n int, mark rune) rune {
	switch {
	case e.addressAt(e.at + n):
		return '`'
	case n < len(s):
		r, _ := utf8.DecodeRuneInString(s[n:])
		return r
	}
	return mark
}

// anchor is how an answer names a block.
var anchor = regexp.MustCompile(`^#[0-9a-fA-F]{32}(?:[^0-9A-Za-z]|$)`)

// entity is what Markdown decodes.
var entity = regexp.MustCompile(`^&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});`)

// opens says whether a tag may begin with the "<" that s begins with: one of
// HTML, or of those that delimit what is quoted.
func opens(s string) bool {
	if len(s) > 1 && (s[1] == '/' || s[1] == '!' || s[1] == '?' || s[1] == '|' || letterByte(s[1])) {
		return true
	}
	return delimits(s)
}

func letterByte(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// delimits says whether the "<" that s begins with makes a tag around
// quotations.
func delimits(s string) bool {
	s = strings.TrimLeftFunc(s[1:], func(r rune) bool { return r == '/' || r == '∕' || r == '⁄' || unicode.IsSpace(r) })
	return len(s) >= len("quoted") && strings.EqualFold(s[:len("quoted")], "quoted")
}

// delimiters writes a run of marks of emphasis. They are live where one could
// close what another opens.
func (e *escaper) delimiters(s string, mark rune) int {
	c := s[0]
	n := len(s) - len(strings.TrimLeft(s, string(c)))
	next := e.follows(s, n, mark)
	before, after := blank(e.last), blank(next)
	if e.strict { // what stands around the text is not known
		before, after = before && e.last != 0, after && next != 0
	}
	bare := before && after || c == '_' && wordRune(e.last) && wordRune(next)
	escape := !bare && (e.strict || e.own[c] || !before && e.open[c])
	if !bare && !escape && !after {
		e.open[c] = true
	}
	for range n {
		if escape {
			e.b.WriteByte('\\')
		}
		e.b.WriteByte(c)
	}
	return e.took(s, n)
}

// blank says whether r is white space, or the end of the text.
func blank(r rune) bool { return r == 0 || unicode.IsSpace(r) }

var (
	listed = regexp.MustCompile(`^(?:[-+*:]|#{1,6})(?:[ \t]|$)|^[>|]`)
	number = regexp.MustCompile(`^\d{1,9}[.)](?:[ \t]|$)`)
	// ruled are lines that make a heading of the line before, a rule, or the
	// head of a table.
	ruled   = regexp.MustCompile(`^(?:=+|[-|:][-|: \t]*|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[ \t]*$`)
	fenced  = regexp.MustCompile("^(?:```|~~~)")
	marking = regexp.MustCompile(`^\[(?:[ xX]|!\w+|\d{1,4})\]`)
)

// lineStart writes the beginning of a line so that it begins no block, and
// returns what of s it took.
func (e *escaper) lineStart(s string) int {
	n := len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }))
	e.at += n
	if rest := s[n:]; rest == "" || rest[0] == '\n' {
		return n
	}
	if n > 0 && e.last != 0 && !strings.HasSuffix(e.b.String(), "\n\n") { // where a block begins, a space more may make code of it
		e.b.WriteString(strings.Repeat(" ", min(n, 3)))
		e.last = ' '
	}
	return n + e.blockMark(s[n:])
}

// blockMark escapes the mark of a block that s begins with, and returns how many
// bytes it wrote.
func (e *escaper) blockMark(s string) int {
	line, _, _ := strings.Cut(e.all[e.at:], "\n")
	n := beginning(line)
	if n < 0 && strings.HasPrefix(line, "[") && (e.define || e.strict && strings.HasSuffix(e.all, "]")) {
		n = 0 // with a colon behind it, it would define what [x] means
	}
	if n < 0 || n >= len(s) || e.addressAt(e.at) { // as code, an address begins no block
		return 0
	}
	e.b.WriteString(s[:n] + `\` + s[n:n+1])
	return e.took(s, n+1)
}

// beginning is where a line that would begin a block is to be escaped, -1 for
// any other.
func beginning(line string) int {
	line = strings.TrimRightFunc(line, unicode.IsSpace) // as whoever puts the text in its place may do
	if m := number.FindString(line); m != "" {
		return strings.IndexAny(m, ".)")
	}
	if listed.MatchString(line) || ruled.MatchString(line) || fenced.MatchString(line) || marking.MatchString(line) {
		return 0
	}
	return -1
}
