package index

import (
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/passage"
)

func TestNumeralsChooseTheBlock(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	text := "reports 4 hours\nreports six hours\nreports 2 hours"
	p := passage.Passage{Page: "a", Text: markdown.Text(text), Spans: []passage.Span{
		{Start: 0, End: 15, Block: "4"}, {Start: 16, End: 33, Block: "6"}, {Start: 34, End: 49, Block: "2"},
	}}
	apply(t, x, Change{Put: []Entry{{Page: Page{ID: "a", Title: "Reports"}, Passages: []passage.Passage{p}}}})
	for query, want := range map[string]string{
		"hours with two reports":  "2",
		"hours with four reports": "4",
		"hours with 6 reports":    "6",
		"hours with six reports":  "6",
	} {
		hits := find(t, x, Query{Text: query, Limit: 1})
		if got, _ := passage.BestBlock(hits[0].Passage, hits[0].Blocks); string(got) != want {
			t.Errorf("%q cites block %s, want %s: %v", query, got, want, hits[0].Blocks)
		}
	}
	if hits := find(t, x, Query{Text: "four"}); len(hits) != 0 {
		t.Errorf("a passage was found by its digits alone: %+v", hits)
	}
}
