package enhanced

import (
	"html"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// style is how a run looks, and where it leads.
type style struct {
	marks notion.Annotations
	link  string
}

func textRun(s string, st style) notion.RichText {
	r := notion.RichText{Type: "text", PlainText: s, Text: &notion.Text{Content: s}}
	if st.marks != (notion.Annotations{}) {
		marks := st.marks
		r.Annotations = &marks
	}
	if st.link != "" {
		r.Href, r.Text.Link = st.link, &notion.Link{URL: st.link}
	}
	return r
}

// inline reads the text of a line. gap says that something in it is not told
// exactly.
func inline(src string) (runs []notion.RichText, gap bool) {
	w := &writer{}
	w.text(src)
	w.flush()
	return w.runs, w.gap
}

// writer collects the runs of one text. Notion writes them one by one, each
// between its marks, so a mark turns its style on and off wherever it stands.
type writer struct {
	runs  []notion.RichText
	words strings.Builder // of the run that is being read
	style style
	spans []notion.Annotations // before each span that is open
	gap   bool
}

func (w *writer) flush() {
	if w.words.Len() > 0 {
		w.runs = append(w.runs, textRun(w.words.String(), w.style))
		w.words.Reset()
	}
}

// restyle begins a run of another style.
func (w *writer) restyle(do func(*style)) {
	w.flush()
	do(&w.style)
}

func (w *writer) text(src string) {
	for len(src) > 0 {
		n := w.mark(src)
		if n == 0 {
			n = strings.IndexAny(src[1:], "\\`$*~[]<") + 1
			if n == 0 {
				n = len(src)
			}
			w.words.WriteString(src[:n])
		}
		src = src[n:]
	}
}

// mark reads what src begins with if it is more than a character, and gives its
// length.
func (w *writer) mark(src string) int {
	switch src[0] {
	case '\\':
		if len(src) > 1 && src[1] < 0x80 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", rune(src[1])) {
			w.words.WriteByte(src[1])
			return 2
		}
	case '`':
		return w.code(src)
	case '$':
		return w.equation(src)
	case '*':
		n := len(src) - len(strings.TrimLeft(src, "*"))
		w.restyle(func(st *style) { st.star(n) })
		return n
	case '~':
		if strings.HasPrefix(src, "~~") {
			w.restyle(func(st *style) { st.marks.Strikethrough = !st.marks.Strikethrough })
			return 2
		}
	case '[':
		return w.link(src)
	case ']': // of a link whose address has an end of its own
		w.gap = true
	case '<':
		return w.tag(src)
	}
	return 0
}

// star takes so many stars for the end of one run and the beginning of the next,
// or for marks within marks.
func (st *style) star(n int) {
	now := 0
	if st.marks.Italic {
		now = 1
	}
	if st.marks.Bold {
		now += 2
	}
	next := n - now
	if next < 0 || next > 3 || next == now {
		next = now ^ n&3
	}
	st.marks.Italic, st.marks.Bold = next&1 != 0, next&2 != 0
}

// code reads code between equally many backticks.
func (w *writer) code(src string) int {
	n := len(src) - len(strings.TrimLeft(src, "`"))
	for at := n; at < len(src); {
		i := strings.IndexByte(src[at:], '`')
		if i < 0 {
			break
		}
		at += i
		m := len(src[at:]) - len(strings.TrimLeft(src[at:], "`"))
		if m != n {
			at += m
			continue
		}
		inner := src[n:at]
		if n > 1 && len(inner) > 2 && inner[0] == ' ' && inner[len(inner)-1] == ' ' {
			inner = inner[1 : len(inner)-1] // which keeps backticks apart
		}
		w.gap = w.gap || strings.Contains(inner, "<br>") // a line break, or the letters
		w.flush()
		st := w.style
		st.marks.Code = true
		w.runs = append(w.runs, textRun(inner, st))
		return at + n
	}
	w.gap = true
	w.words.WriteString(src[:n])
	return n
}

// equation reads "$x$" and "$`x`$"; a dollar that is one is escaped.
func (w *writer) equation(src string) int {
	open, end := "$", "$"
	if strings.HasPrefix(src, "$`") {
		open, end = "$`", "`$"
	}
	expression, _, closed := strings.Cut(src[len(open):], end)
	if !closed || expression == "" {
		w.gap = true
		return 0
	}
	w.flush()
	w.runs = append(w.runs, notion.RichText{Type: "equation", PlainText: expression, Equation: &notion.Equation{Expression: expression}})
	return len(open) + len(expression) + len(end)
}

// link reads "[text](address)".
func (w *writer) link(src string) int {
	label, address, n := link(src)
	if n == 0 || strings.HasPrefix(label, "^") || w.style.link != "" {
		w.gap = true
		return 0
	}
	w.restyle(func(st *style) { st.link = address })
	w.text(label)
	w.restyle(func(st *style) { st.link = "" })
	return n
}

// link takes apart "[text](address)" at the beginning of src; n is 0 where
// there is none.
func link(src string) (label, address string, n int) {
	end := unescaped(src, 1, ']')
	if end < 0 || !strings.HasPrefix(src[end+1:], "(") {
		return "", "", 0
	}
	level := 0
	for i := end + 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '(':
			level++
		case ')':
			if level--; level == 0 {
				return src[1:end], parens.Replace(src[end+2 : i]), i + 1
			}
		}
	}
	return "", "", 0
}

// parens are escaped in an address that has one of them alone.
var parens = strings.NewReplacer(`\(`, "(", `\)`, ")")

// unescaped is where c first stands in src from a byte on, outside of code and
// not escaped; -1 if nowhere.
func unescaped(src string, from int, c byte) int {
	for i := from; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '`':
			n := len(src[i:]) - len(strings.TrimLeft(src[i:], "`"))
			if end := strings.Index(src[i+n:], src[i:i+n]); end >= 0 {
				i += n + end
			}
			i += n - 1
		case c:
			return i
		}
	}
	return -1
}

// tag reads a tag within a text.
func (w *writer) tag(src string) int {
	if end, ok := strings.CutPrefix(src, "</span>"); ok {
		if n := len(w.spans); n > 0 {
			w.restyle(func(st *style) { st.marks.Color, st.marks.Underline = w.spans[n-1].Color, w.spans[n-1].Underline })
			w.spans = w.spans[:n-1]
		}
		return len(src) - len(end)
	}
	m := opening.FindStringSubmatch(src)
	if m == nil {
		w.gap = true
		return 0
	}
	attrs := attributes(m[2])
	switch name := m[1]; {
	case name == "br":
		w.words.WriteByte('\n')
	case name == "span":
		w.spans = append(w.spans, w.style.marks)
		w.restyle(func(st *style) {
			if attrs["color"] != "" {
				st.marks.Color = attrs["color"]
			}
			st.marks.Underline = st.marks.Underline || attrs["underline"] == "true"
		})
	case strings.HasPrefix(name, "mention-"):
		return w.mention(src, m[0], name, attrs)
	default:
		w.gap = true
		return 0
	}
	return len(m[0])
}

// mention reads a mention with the words that it has.
func (w *writer) mention(src, open, name string, attrs map[string]string) int {
	kind, n, words := strings.TrimPrefix(name, "mention-"), len(open), ""
	if !strings.HasSuffix(open, "/>") {
		inner, _, closed := strings.Cut(src[n:], "</"+name+">")
		if closed {
			runs, gap := inline(inner)
			words, n, w.gap = notion.PlainText(runs), n+len(inner)+len("</"+name+">"), w.gap || gap
		}
	}
	m := &notion.Mention{Type: strings.ReplaceAll(kind, "-", "_")}
	ref, _ := notion.ParseRef(attrs["url"])
	switch kind {
	case "user":
		m.User = &notion.User{}
		words = w.person(words)
	case "agent":
		words = w.person(words)
	case "page":
		m.Page = &notion.Object{ID: ref.Page}
	case "database":
		m.Database = &notion.Object{ID: ref.Page}
	case "data-source":
		m.DataSource = &notion.Object{ID: ref.Page}
	case "date":
		m.Date = &notion.Date{Start: attrs["start"], End: attrs["end"]}
		words = strings.Trim(attrs["start"]+" → "+attrs["end"], " →")
		w.gap = w.gap || attrs["start"] == "" || len(attrs) > count(attrs, "start", "end") // a time is told in another form
	default:
		w.gap = true
	}
	w.gap = w.gap || words == "" || ref.Page == "" && (kind == "page" || kind == "database" || kind == "data-source")
	w.flush()
	r := notion.RichText{Type: "mention", PlainText: words, Mention: m}
	if w.style.marks != (notion.Annotations{}) {
		marks := w.style.marks
		r.Annotations = &marks
	}
	w.runs = append(w.runs, r)
	return n
}

// person is how somebody is mentioned by name; without one the Markdown does not
// tell who it is.
func (w *writer) person(name string) string {
	if name == "" {
		return ""
	}
	return "@" + html.UnescapeString(strings.TrimPrefix(name, "@"))
}

// count is how many of the names are there.
func count(attrs map[string]string, names ...string) int {
	n := 0
	for _, name := range names {
		if _, ok := attrs[name]; ok {
			n++
		}
	}
	return n
}
