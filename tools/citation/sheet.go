package citation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
)

// sheet is a page as one text, with where its blocks begin in it.
type sheet struct {
	*ingest.Reading
	text   string
	words  quote.Text // of text
	blocks []spot
	shown  *sheet // the same page as the tools show it; nil in that one
}

// spot is where a block stands in a sheet.
type spot struct {
	start, end int
	block      notion.ID
}

// shownAddress matches the address of a link as it is shown behind its text.
var shownAddress = regexp.MustCompile("\\s\\(`?[^\\s()`]*[A-Za-z0-9-]\\.[A-Za-z][^\\s()`]*`?\\)")

// withoutAddresses is a text as it reads in Notion, where the address of a link
// is not seen.
func withoutAddresses(s string) string { return shownAddress.ReplaceAllString(s, " ") }

// layOut makes a sheet of text as show writes it.
func layOut(r *ingest.Reading, show func(string) string) *sheet {
	s := &sheet{Reading: r}
	var b strings.Builder
	for _, p := range r.Passages {
		done := 0
		for _, span := range p.Spans {
			b.WriteString(show(string(p.Text[done:span.Start])))
			start := b.Len()
			b.WriteString(show(string(p.Text[span.Start:span.End])))
			s.blocks = append(s.blocks, spot{start, b.Len(), span.Block})
			done = span.End
		}
		b.WriteString(show(string(p.Text[done:])) + "\n\n")
	}
	s.text = b.String()
	s.words = quote.Read(s.text)
	return s
}

// span is where a block stands; nil if the page has no such block.
func (s *sheet) span(block notion.ID) *spot {
	i := slices.IndexFunc(s.blocks, func(b spot) bool { return b.block == block })
	if block == "" || i < 0 {
		return nil
	}
	whole := s.blocks[i]
	for _, b := range s.blocks[i:] {
		if b.block == block {
			whole.end = max(whole.end, b.end) // a long block has several spans
		}
	}
	return &whole
}
