// Package answer checks what a model wrote against the passages that it was
// shown, as far as that goes without another model: whether citations resolve,
// whether quotations stand there, how many sentences are cited, and whether it
// said that it does not know.
package answer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
)

// NotFound is how an answer begins that says that there is none.
const NotFound = "NOT IN THE DOCUMENTS"

// Evidence is a passage that the model was shown.
type Evidence struct {
	Page  notion.ID
	Block notion.ID // that its address opens; "" for the page
	Text  string
}

// Citation is an address in an answer with the passages that it leads to.
type Citation struct {
	URL      string
	Ref      notion.Ref
	Evidence []Evidence // none if the address was not shown
}

// Check is what can be said of an answer.
type Check struct {
	Abstained bool
	Citations []Citation
	Quotes    []Quote
	Sentences []Sentence
}

// Quote is a quotation in an answer.
type Quote struct {
	Text   string
	Stands bool // in a passage that was shown
}

// Sentence is a statement of an answer.
type Sentence struct {
	Text  string
	Cited bool
}

// Look checks an answer.
func Look(text string, shown []Evidence) Check {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if strings.Contains(strings.ToUpper(first), NotFound) {
		return Check{Abstained: true}
	}
	text = first + "\n" + rest
	return Check{Citations: citations(text, shown), Quotes: quotes(text, shown), Sentences: sentences(text)}
}

var (
	markdownLink = regexp.MustCompile(`\[([^\[\]]*)\]\(\s*<?(https?://[^\s()<>]+)>?\s*\)`)
	bareLink     = regexp.MustCompile(`https?://[^\s()<>\[\]"'” ]+`)
)

func citations(text string, shown []Evidence) []Citation {
	var all []Citation
	for _, url := range quote.Links(text) {
		ref, err := notion.ParseRef(url)
		c := Citation{URL: url, Ref: ref}
		if err == nil {
			c.Evidence = leadsTo(ref, shown)
		}
		all = append(all, c)
	}
	return all
}

// leadsTo are the passages at an address: those whose own address it is, and
// those whose text shows the block's anchor.
func leadsTo(ref notion.Ref, shown []Evidence) []Evidence {
	var found []Evidence
	for _, e := range shown {
		switch {
		case e.Page != ref.Page:
		case e.Block == ref.Block,
			ref.Block == "" && e.Block == ref.Page,
			ref.Block != "" && (strings.Contains(e.Text, ref.Block.Compact()) || strings.Contains(e.Text, string(ref.Block))):
			found = append(found, e)
		}
	}
	return found
}

func quotes(text string, shown []Evidence) []Quote {
	var all []Quote
	for _, q := range quote.Quotations(text) {
		all = append(all, Quote{Text: q, Stands: slices.ContainsFunc(shown, func(e Evidence) bool {
			return quote.Find(e.Text, q).Kind == quote.Exact
		})})
	}
	return all
}

// cited stands for a link while sentences are cut.
const cited = '\uE000'

var (
	listMark = regexp.MustCompile(`^\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+`)
	skipLine = regexp.MustCompile(`^\s*(?:#|\|?\s*:?-{3,})`)
)

// sentences cuts an answer into statements. Headings, and lines that only lead
// over to a list, state nothing.
func sentences(text string) []Sentence {
	text = strings.ReplaceAll(text, string(cited), "")
	text = markdownLink.ReplaceAllString(text, string(cited))
	text = bareLink.ReplaceAllString(text, string(cited))
	var all []Sentence
	for line := range strings.SplitSeq(text, "\n") {
		if skipLine.MatchString(line) {
			continue
		}
		line = listMark.ReplaceAllString(line, "")
		if strings.HasSuffix(strings.TrimSpace(line), ":") {
			continue
		}
		for _, s := range cutLine(line) {
			all = add(all, s)
		}
	}
	return all
}

// add keeps a sentence. What has too few words is no statement, but its link
// belongs to the one before.
func add(all []Sentence, s string) []Sentence {
	link := strings.ContainsRune(s, cited)
	plain := strings.TrimSpace(strings.ReplaceAll(s, string(cited), ""))
	if quote.Words(plain) >= 3 {
		return append(all, Sentence{Text: plain, Cited: link})
	}
	if link && len(all) > 0 {
		all[len(all)-1].Cited = true
	}
	return all
}

// cutLine cuts after a full stop, question or exclamation mark that a space
// follows, but not within a quotation.
func cutLine(line string) []string {
	var all []string
	start, quoting := 0, false
	runes := []rune(line)
	for i, r := range runes {
		switch r {
		case '"':
			quoting = !quoting
		case '“', '”':
			quoting = r == '“'
		}
		if !quoting && i+1 < len(runes) && runes[i+1] == ' ' && (r == '.' || r == '!' || r == '?') && !abbreviation(runes[start:i]) {
			all = append(all, string(runes[start:i+1]))
			start = i + 1
		}
	}
	return append(all, string(runes[start:]))
}

// abbreviation says whether the full stop after some text ends a word such as
// "e.g" or "No" and no sentence.
func abbreviation(text []rune) bool {
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return true
	}
	switch last := strings.ToLower(strings.TrimLeft(fields[len(fields)-1], "([\"")); last {
	case "e.g", "i.e", "no", "vs", "mr", "mrs", "ms", "dr", "approx", "etc", "cf", "st":
		return true
	}
	return false
}
