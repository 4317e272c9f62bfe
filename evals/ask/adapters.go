package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Names of the tools that adapters call.
const (
	officialSearch   = "API-post-search"
	officialMarkdown = "API-retrieve-page-markdown"
	officialChildren = "API-get-block-children"
	plainSearch      = "search"
	plainFetch       = "fetch"
)

// readBest is how many of the pages that a title or page search finds are read
// for one question. Three keeps the cost near that of our own answer, and is
// what assistants do before they give up.
const readBest = 3

// Adapt finds the adapter for a server by the tools that it has.
func Adapt(s *Server, p Product) (Asker, error) {
	has := func(tool string) bool { return slices.Contains(s.Tools, tool) }
	switch {
	case has(tools.SearchNotion):
		p.Caller = s
		return p, nil
	case has(officialSearch) && (has(officialMarkdown) || has(officialChildren)):
		return Official{Caller: s, Markdown: has(officialMarkdown)}, nil
	case has(plainSearch) && has(plainFetch):
		return SearchFetch{Caller: s}, nil
	}
	return nil, fmt.Errorf("no adapter fits the tools of %s: %s", s.Name, strings.Join(s.Tools, ", "))
}

// Official asks Notion's own MCP server: it searches for the question and for
// each rephrasing, and if nothing comes, for the longest words of the question;
// then it reads the best pages.
type Official struct {
	Caller   tools.Caller
	Markdown bool // the server has a tool that reads a page as Markdown
}

// Ask makes one call for each search and each page.
func (o Official) Ask(ctx context.Context, q questions.Question) (Reply, error) {
	v := visit{caller: o.Caller}
	pages := v.search(ctx, q, o.query)
	if len(pages) == 0 && v.err == nil {
		for _, word := range longest(q.Question, 3) {
			pages = merge([][]Passage{pages, o.query(ctx, &v, word)})
		}
	}
	return v.read(ctx, pages, o.page)
}

// call is visit.call for a server that gives the errors of the API as if they
// were results.
func (o Official) call(ctx context.Context, v *visit, tool string, args map[string]any) string {
	text := v.call(ctx, tool, args)
	var failure struct {
		Object, Code, Message string
		Status                any
	}
	if v.err == nil && json.Unmarshal([]byte(text), &failure) == nil && (failure.Status == "error" || failure.Object == "error") {
		v.err = fmt.Errorf("call %s: %s: %s", tool, failure.Code, questions.Words(failure.Message, 300))
	}
	return text
}

func (o Official) query(ctx context.Context, v *visit, words string) []Passage {
	text := o.call(ctx, v, officialSearch, map[string]any{
		"query": words, "page_size": 10, "filter": map[string]any{"property": "object", "value": "page"},
	})
	var found struct {
		Results []struct {
			ID         string `json:"id"`
			URL        string `json:"url"`
			Properties map[string]struct {
				Title []struct {
					PlainText string `json:"plain_text"`
				} `json:"title"`
			} `json:"properties"`
		} `json:"results"`
	}
	v.decode(officialSearch, text, &found)
	var pages []Passage
	for _, r := range found.Results {
		p := Passage{URL: r.URL}
		p.Page, _ = place(r.ID, r.URL)
		for _, property := range r.Properties {
			for _, run := range property.Title {
				p.Title += run.PlainText
			}
		}
		pages = append(pages, p)
	}
	return pages
}

func (o Official) page(ctx context.Context, v *visit, p Passage) Passage {
	if !o.Markdown {
		p.Text = plainText(o.call(ctx, v, officialChildren, map[string]any{"block_id": string(p.Page), "page_size": 100}))
		return p
	}
	text := o.call(ctx, v, officialMarkdown, map[string]any{"page_id": string(p.Page)})
	var body struct {
		Markdown string `json:"markdown"`
	}
	v.decode(officialMarkdown, text, &body)
	p.Text = body.Markdown
	return p
}

// plainText collects the text runs of blocks, one line for each block.
func plainText(text string) string {
	var list struct {
		Results []map[string]json.RawMessage `json:"results"`
	}
	if json.Unmarshal([]byte(text), &list) != nil {
		return ""
	}
	type run struct {
		PlainText string `json:"plain_text"`
	}
	var lines []string
	for _, block := range list.Results {
		var kind string
		_ = json.Unmarshal(block["type"], &kind) // "" reads nothing below
		var payload struct {
			RichText []run   `json:"rich_text"`
			Cells    [][]run `json:"cells"`
		}
		if json.Unmarshal(block[kind], &payload) != nil {
			continue
		}
		line := ""
		for _, runs := range append(payload.Cells, payload.RichText) {
			for _, r := range runs {
				line += r.PlainText
			}
			line += " "
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// SearchFetch asks a server with the two tools that ChatGPT demands: search
// gives ids, titles and addresses, fetch the text of one.
type SearchFetch struct {
	Caller tools.Caller
}

// Ask makes one call for each search and each result that is fetched.
func (s SearchFetch) Ask(ctx context.Context, q questions.Question) (Reply, error) {
	v := visit{caller: s.Caller}
	return v.read(ctx, v.search(ctx, q, s.query), s.fetch)
}

// document is a result of search, and what fetch answers.
type document struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
	URL   string `json:"url"`
}

func (d document) passage() Passage {
	p := Passage{URL: d.URL, Title: d.Title, Text: d.Text}
	p.Page, p.Block = place("", d.URL)
	if p.Page == "" {
		p.Page, p.Block = place(d.ID, "")
	}
	return p
}

func (s SearchFetch) query(ctx context.Context, v *visit, words string) []Passage {
	var found struct {
		Results []document `json:"results"`
	}
	v.decode(plainSearch, v.call(ctx, plainSearch, map[string]any{"query": words}), &found)
	var all []Passage
	for _, d := range found.Results {
		p := d.passage()
		p.ID = d.ID
		all = append(all, p)
	}
	return all
}

func (s SearchFetch) fetch(ctx context.Context, v *visit, p Passage) Passage {
	var d document
	v.decode(plainFetch, v.call(ctx, plainFetch, map[string]any{"id": p.ID}), &d)
	p.Text = d.Text
	return p
}

// longest are the n longest words of a question, which a title may hold.
func longest(question string, n int) []string {
	words := strings.FieldsFunc(question, func(r rune) bool { return strings.ContainsRune(" ,.;:?!()\"", r) })
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words[:min(n, len(words))]
}
