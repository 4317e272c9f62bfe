package corpus

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	telling = 8  // characters that a line must have more than to prove anything, if another line does
	prefix  = 45 // characters of a line that have to stand in a text; what follows may be cut off
)

// Read is a text as a model reads it, whatever server wrote it.
type Read struct {
	corpus *Corpus
	text   string
	opened []questions.Lines
}

// opens finds the ids in addresses: at the end of a page's path, behind its
// title or not, and as an anchor, in the address or on its own.
var opens = regexp.MustCompile(`[#/-]([0-9a-f]{32})\b`)

// Read takes in a text.
func (c *Corpus) Read(text string) Read {
	r := Read{corpus: c, text: text}
	for _, m := range opens.FindAllStringSubmatch(text, -1) {
		id, err := notion.ParseID(m[1])
		if err != nil {
			continue
		}
		if at, ok := c.Block(id); ok {
			r.opened = append(r.opened, at)
		}
	}
	return r
}

// Links says whether a link in the text opens a block, or a row, that holds a
// gold line.
func (r Read) Links(g questions.Gold) bool {
	return slices.ContainsFunc(r.opened, func(l questions.Lines) bool { return l.Holds(g) })
}

// Shows says whether at least half of the gold lines stand in the text.
func (r Read) Shows(g questions.Gold) bool {
	lines := r.corpus.linesOf(g)
	text := joined(unlinked(r.text, r.corpus.linksTo(g)))
	n := 0
	for _, line := range lines {
		if strings.Contains(text, line) {
			n++
		}
	}
	return n > 0 && 2*n >= len(lines)
}

func (c *Corpus) linksTo(g questions.Gold) [][]string {
	var all [][]string
	for _, page := range c.PagesOf(g) {
		all = append(all, c.parts[page].links...)
	}
	return all
}

// linesOf are the gold lines as Shows looks for them: the cells of a table each
// by itself, and short lines only where there are no others.
func (c *Corpus) linesOf(g questions.Gold) []string {
	cut := "\n"
	if strings.HasSuffix(g.Path, ".csv") {
		cut = "\n,"
	}
	var short, long []string
	for _, line := range strings.FieldsFunc(c.Text(g), func(r rune) bool { return strings.ContainsRune(cut, r) }) {
		switch line := joined(line); {
		case len([]rune(line)) > telling+2:
			long = append(long, start(line))
		case line != "":
			short = append(short, line)
		}
	}
	if len(long) > 0 {
		return long
	}
	return short
}

// joined are the words of a text with a space on both sides of each, so that
// one is not found within another.
func joined(text string) string {
	all := words(text)
	if len(all) == 0 {
		return ""
	}
	return " " + strings.Join(all, " ") + " "
}

func start(line string) string {
	if runes := []rune(line); len(runes) > prefix+2 {
		return string(runes[:prefix+1])
	}
	return line
}
