package passage

import (
	"slices"
	"sort"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Cite makes the citation of a block of a passage. For the page's own id, and
// for "", it points at the page.
func Cite(src Source, p Passage, block notion.ID) Citation {
	c := Citation{PageID: src.ID, BlockID: block, Title: src.Title, URL: src.URL, LastEdited: src.LastEdited}
	if c.URL == "" {
		c.URL = notion.PageURL(src.ID)
	}
	if block == "" || block == src.ID {
		c.BlockID, c.Path = src.ID, slices.Clone(src.Path)
		return c
	}
	c.URL = notion.BlockURL(c.URL, block)
	c.Path = slices.Concat(src.Path, p.HeadingsAt(block))
	return c
}

// HeadingsAt are the headings above a block, outermost first, and the block
// itself if it is a heading. They differ from p.Headings where small sections
// share a passage.
func (p Passage) HeadingsAt(block notion.ID) []string {
	var path, found []heading // within the passage
	base, anchored := len(p.Headings), false
	known, text := false, false // whether the block, and a block of text, have been seen
	for _, s := range p.Spans {
		level, title := headingLine(p.Text[s.Start:s.End])
		if level > 0 {
			path = under(path, heading{level, withoutLinks(title)})
		} else {
			text = true
		}
		if level == 0 && len(path) > 0 && !anchored { // p.Headings are the headings here
			base, anchored = len(p.Headings)-len(path), true
		}
		if s.Block == block && !known {
			found, known = path, true
		}
	}
	if !text {
		base -= len(path)
	}
	if !known {
		return slices.Clone(p.Headings)
	}
	titles := slices.Clone(p.Headings[:max(0, base)])
	for _, h := range found {
		titles = append(titles, h.title)
	}
	return titles
}

// withoutLinks takes the addresses out of Markdown that has no other marks.
func withoutLinks(s string) string {
	var b strings.Builder
	for {
		end := strings.Index(s, "](")
		if end < 0 {
			break
		}
		open := strings.LastIndexByte(s[:end], '[')
		stop := strings.IndexByte(s[end:], ')')
		if open < 0 || stop < 0 {
			break
		}
		b.WriteString(s[:open] + s[open+1:end])
		s = s[end+stop+1:]
	}
	b.WriteString(s)
	return b.String()
}

// BlockAt is the block that the byte at offset came from. Between two blocks it
// is the one before; it is the page's id only if the passage has no spans.
func (p Passage) BlockAt(offset int) notion.ID {
	if len(p.Spans) == 0 {
		return p.Page
	}
	i := sort.Search(len(p.Spans), func(i int) bool { return p.Spans[i].Start > offset })
	return p.Spans[max(0, i-1)].Block
}

// BlockText is what the passage has of a block, as it stands in the text, ""
// if it has nothing of it.
func (p Passage) BlockText(block notion.ID) string {
	var parts []string
	for _, s := range p.Spans {
		if s.Block == block {
			parts = append(parts, p.Text[s.Start:s.End])
		}
	}
	return strings.Join(parts, "\n")
}

// BestBlock is the block of the passage that should be cited for some terms,
// and its score: the sum of the weights of the different words in it. terms
// gives the weight of a word, a run of letters and digits in lower case; 0 for
// words that were not asked for. Of blocks that score the same the first wins,
// but headings and the headers of tables come last, since they announce what
// another block says. If no word matches, it is the first block that is not a
// heading, with score 0.
func BestBlock(p Passage, terms func(word string) float64) (notion.ID, float64) {
	type candidate struct {
		block notion.ID
		words map[string]bool
		score float64
		lead  bool // announces other blocks
	}
	var all []*candidate
	byID := map[notion.ID]*candidate{}
	for _, s := range p.Spans {
		text := p.Text[s.Start:s.End]
		c := byID[s.Block]
		if c == nil {
			c = &candidate{block: s.Block, words: map[string]bool{}, lead: startsHeading(text) || isTableHeader(text)}
			byID[s.Block] = c
			all = append(all, c)
		}
		eachWord(strings.ToLower(text), func(word string) {
			if !c.words[word] {
				c.words[word] = true
				c.score += terms(word)
			}
		})
	}
	best := &candidate{block: p.Page, lead: true, score: -1}
	for _, c := range all {
		if c.score > best.score || c.score == best.score && best.lead && !c.lead {
			best = c
		}
	}
	return best.block, max(0, best.score)
}

// isTableHeader says whether the text of a span is the header row of a table
// with the rule below it.
func isTableHeader(text string) bool {
	_, rule, two := strings.Cut(text, "\n")
	return two && strings.HasPrefix(strings.TrimLeft(text, " >"), "|") && strings.HasPrefix(strings.TrimLeft(rule, " >"), "| --- |")
}
