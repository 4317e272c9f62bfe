package ablation

import (
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// Part is one part of the ranking, and how to leave it out.
type Part struct {
	Name string
	Off  func(*retrieval.Ranking)
}

// Parts are those that can be left out, alone or together.
func Parts() []Part {
	word := func(name string, off func(*index.Weights)) Part {
		return Part{name, func(r *retrieval.Ranking) { off(&r.Words) }}
	}
	return []Part{
		word("exact forms", func(w *index.Weights) { w.Exact = 0 }),
		word("headings", func(w *index.Weights) { w.Head = 0 }),
		word("page", func(w *index.Weights) { w.Page = 0 }),
		word("title", func(w *index.Weights) { w.Title = 0 }),
		word("pairs near", func(w *index.Weights) { w.Near = 0 }),
		word("cover", func(w *index.Weights) { w.Cover = 0 }),
		word("named", func(w *index.Weights) { w.Named = 0 }),
		word("said in several", func(w *index.Weights) { w.Again = 0 }),
		word("said again", func(w *index.Weights) { w.Repeat = 0 }),
		word("block: close", func(w *index.Weights) { w.BlockNear = 0 }),
		word("block: above", func(w *index.Weights) { w.BlockAbove = 0 }),
		word("block: number", func(w *index.Weights) { w.BlockNumber = 0 }),
		{"merge", func(r *retrieval.Ranking) { r.Merge = 0 }},
		{"near duplicates", func(r *retrieval.Ranking) { r.Duplicate = 0 }},
	}
}

// plain are the parts of textbook BM25: it has these beside the text, and
// nothing else.
var plain = []string{"exact forms", "headings", "title"}
