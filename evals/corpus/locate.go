package corpus

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

// unit is one line of a file that has words.
type unit struct {
	line  int
	words []string
}

func unitsOf(lines []string) []unit {
	var all []unit
	for i, line := range lines {
		if w := words(line); len(w) > 0 {
			all = append(all, unit{line: i + 1, words: w})
		}
	}
	return all
}

var (
	marker = regexp.MustCompile(`(?m)^[ \t>]*(?:(?:\d+[.)]|[-*+])[ \t]+)?(?:\[[ xX]\][ \t]+)?(?:\[![A-Za-z]+\][ \t]*$)?`)
	linked = regexp.MustCompile(`\[([^\[\]]*)\](?:\((?:<[^<>]*>|[^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)|\[[^\[\]]*\])`) // its words may be the middle of a longer one
	target = regexp.MustCompile(`\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)`)
	shown  = regexp.MustCompile(`\((?:image: )?[^\s()]*[\pL\pN_-]\.[\pL\pN][^\s()]*\)`) // as passages show where a foreign link leads
	tag    = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>`)
)

// words are the words of Markdown as a reader sees them: without list marks,
// link targets, in Markdown or as text, and tags, in lower case.
func words(text string) []string {
	text = marker.ReplaceAllString(text, "")
	text = linked.ReplaceAllString(text, "$1")
	text = target.ReplaceAllString(text, "] ")
	text = shown.ReplaceAllString(text, " ")
	text = tag.ReplaceAllString(text, " ")
	return strings.FieldsFunc(strings.ToLower(html.UnescapeString(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// Locate finds the lines that a text from a page stands on. The text is taken
// as runs of consecutive lines, so that a line that occurs twice is found where
// its neighbours are. What stands nowhere in the page's file is left out.
func (c *Corpus) Locate(page notion.ID, text string) []questions.Lines {
	parts := c.parts[page]
	if parts == nil {
		return nil
	}
	l := locator{units: c.units[parts.file], text: words(unlinked(text, parts.links)), held: map[int]bool{}}
	l.find(0, len(l.text))
	found := l.lines(parts.file)
	if parts.record.Path != "" && mostOf(parts.words, l.text) {
		found = append(found, parts.record)
	}
	return found
}

// mostOf says whether a text has at least half of some words.
func mostOf(wanted, text []string) bool {
	return len(wanted) > 0 && 2*len(without(wanted, text)) <= len(wanted)
}

// without leaves out of some words those that others have.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(others, w) })
}

const (
	// slack is how many words of the text may stand between two lines without
	// being in the file: the address of an attachment, the name of a mention.
	slack = 12
	// skipped is how many lines in a row may be missing from the text.
	skipped = 3
	// enough is how many words prove a run; fewer must be all there is.
	enough = 4
)

// locator looks for one text in one file.
type locator struct {
	units []unit
	text  []string
	held  map[int]bool // lines
}

// run is a stretch of the text that is a run of lines.
type run struct {
	from, to int // words of the text
	lines    []int
	words    int // that agree
}

// find looks for the longest run in a part of the text, then on both sides.
func (l *locator) find(from, to int) {
	if from >= to {
		return
	}
	best := l.longest(from, to)
	if best.words == 0 || best.words < enough && 2*best.words < to-from {
		return
	}
	for _, line := range best.lines {
		l.held[line] = true
	}
	l.find(from, best.from)
	l.find(best.to, to)
}

func (l *locator) longest(from, to int) run {
	starts := map[string][]int{}
	for i := from; i < to; i++ {
		starts[l.text[i]] = append(starts[l.text[i]], i)
	}
	var best run
	consider := func(r run) {
		if r.words > best.words {
			best = r
		}
	}
	for i, u := range l.units {
		if tail := l.tail(u, from, to); tail > 0 {
			consider(l.extend(run{from: from, to: from + tail, lines: []int{u.line}, words: tail}, i+1, to))
		}
		for _, at := range starts[u.words[0]] {
			if n := l.agree(u, at, to); n > 0 {
				consider(l.extend(run{from: at, to: at + n, lines: []int{u.line}, words: n}, i+1, to))
			}
		}
	}
	return best
}

// agree is how many words of a line stand at a place of the text: all of it,
// or what there is of it where the text ends in the middle of a line.
func (l *locator) agree(u unit, at, to int) int {
	n := min(len(u.words), to-at)
	if n < len(u.words) && n < enough || !slices.Equal(l.text[at:at+n], u.words[:n]) {
		return 0
	}
	return n
}

// tail is how many of the last words of a line the text begins with.
func (l *locator) tail(u unit, from, to int) int {
	if from != 0 {
		return 0
	}
	for n := min(len(u.words)-1, to); n >= enough; n-- {
		if slices.Equal(l.text[:n], u.words[len(u.words)-n:]) {
			return n
		}
	}
	return 0
}

// extend adds the lines that follow for as long as the text does.
func (l *locator) extend(r run, next, to int) run {
	missing := 0
	for i := next; i < len(l.units) && missing <= skipped && r.to < to; i++ {
		at, n := l.follow(l.units[i], r.to, to)
		if n == 0 {
			missing++
			continue
		}
		missing = 0
		r.to = at + n
		r.words += n
		r.lines = append(r.lines, l.units[i].line)
	}
	return r
}

func (l *locator) follow(u unit, from, to int) (at, n int) {
	for at := from; at < min(from+slack, to); at++ {
		if at > from && len(u.words) < enough {
			break // too little to be sure of after a gap
		}
		if n := l.agree(u, at, to); n > 0 {
			return at, n
		}
	}
	return 0, 0
}

// lines joins the lines that were found into ranges. Lines without words
// between two of them do not part them.
func (l *locator) lines(path string) []questions.Lines {
	var all []questions.Lines
	last := -1
	for i, u := range l.units {
		if !l.held[u.line] {
			continue
		}
		if last >= 0 && last == i-1 {
			all[len(all)-1].End = u.line
		} else {
			all = append(all, questions.Lines{Path: path, Start: u.line, End: u.line})
		}
		last = i
	}
	return all
}
