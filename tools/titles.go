package tools

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// TitlesIn is what titles takes.
type TitlesIn struct {
	Words string `json:"words"`
	Limit int    `json:"limit"`
}

// TitlesOut is what titles answers.
type TitlesOut struct {
	Pages []TitledPage `json:"pages"`
	Error *Failure     `json:"error,omitempty"`
}

// TitledPage is a page by its title.
type TitledPage struct {
	PageID     string        `json:"page_id"`
	Title      markdown.Text `json:"title"`
	URL        string        `json:"url"`
	LastEdited string        `json:"last_edited"`
}

// titlesTool completes what somebody is typing. It is for our own programs and
// never shown to a model.
func titlesTool() tool {
	return tool{
		name: Titles,
		params: argument.Params{
			{Name: "words", Kind: argument.Text, Max: 300},
			{Name: "limit", Kind: argument.Integer, Min: 1, Max: 20, Default: 20},
		},
		output: mcp.WithOutputSchema[TitlesOut](),
		run:    (*Set).titles,
	}
}

func (s *Set) titles(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[TitlesIn](titlesTool(), args)
	if err != nil {
		return Answer{}, err
	}
	if _, err := s.client(ctx); err != nil {
		return Answer{}, err
	}
	pages, err := s.cfg.Retriever.Titles(ctx, in.Words, in.Limit)
	if err != nil {
		return Answer{}, err
	}
	out := TitlesOut{Pages: []TitledPage{}}
	for _, p := range pages {
		out.Pages = append(out.Pages, TitledPage{
			PageID: string(p.ID), Title: markdown.Line(p.Title), URL: s.pageURL(p.ID), LastEdited: stamp(p.LastEdited),
		})
	}
	return answer("", out)
}
