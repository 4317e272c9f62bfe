package tools

import (
	"context"
	"fmt"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/passage"
)

// maxFound is how many parts of a page are found at most.
const maxFound = 20

// find picks the parts of a page that hold some words, best first, instead of
// reading it from the top. Reading has put the page into the index, whose
// passages are therefore the parts.
func (s *Set) find(ctx context.Context, b *book, in ReadIn) (window, error) {
	hits, err := s.cfg.Index.Search(ctx, index.Query{
		Text: in.Find, Within: func(p index.Page) bool { return p.ID == b.Page.ID }, Limit: maxFound,
	})
	if err != nil {
		return window{}, fmt.Errorf("find in page %s: %w", b.Page.ID, err)
	}
	w := window{finding: in.Find}
	budget := in.MaxTokens - overhead
	for _, h := range hits {
		for _, part := range b.parts {
			if part.passage == nil || part.passage.Ordinal != h.Passage.Ordinal {
				continue
			}
			if budget -= passage.Tokens(string(part.text())); budget < 0 && len(w.found) > 0 {
				w.notes = append(w.notes, markdown.Counted(len(hits)-len(w.found), "more part has", "more parts have")+" these words; raise `max_tokens`, or use more words.")
				return w, nil
			}
			w.found = append(w.found, part)
		}
	}
	if len(w.found) == 0 {
		w.notes = append(w.notes, markdown.Sprintf("Nothing on this page has the words %q. Try others, or read it without `find`.", markdown.Short(in.Find)))
		w.outline, w.cut = shorten(b.outline, budget/2)
	}
	return w, nil
}

// shown are the parts that an answer shows.
func (w window) shown(b *book) []part {
	if w.finding != "" {
		return w.found
	}
	return b.parts[w.first:w.last]
}
