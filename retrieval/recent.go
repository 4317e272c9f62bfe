package retrieval

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	defaultRecent = 20 // pages
	fewPages      = 5  // of so many the beginnings are shown
	lineTokens    = 35 // what address and date of a page take
)

// Recent gives the pages edited last, newest first, and says how many there
// are; a few come with how their text begins. Of the Query, Under, EditedAfter,
// Limit (0 means 20) and Budget apply. Errors are those of Search.
func (r *Retriever) Recent(ctx context.Context, q Query) (*Result, error) {
	if q.Limit <= 0 {
		q.Limit = defaultRecent
	}
	return r.find(ctx, q.withDefaults(), &Result{Recent: true}, r.newest)
}

// newest takes the pages edited last until enough of them may be shown.
func (r *Retriever) newest(ctx context.Context, q Query, within func(index.Page) bool, res *Result) error {
	all := r.cfg.Index.Select(func(p *index.Page) bool {
		return p.Kind != index.KindDatabase && (within == nil || within(*p))
	})
	slices.SortFunc(all, func(a, b index.Page) int {
		return cmp.Or(b.LastEdited.Compare(a.LastEdited), cmp.Compare(a.ID, b.ID))
	})
	res.Within = len(all)
	few := min(len(all), q.Limit) <= fewPages
	unchecked, left := 0, q.Budget-frameTokens
	for len(all) > 0 && len(res.Found) < q.Limit {
		some := all[:min(len(all), q.Limit-len(res.Found))]
		all = all[len(some):]
		verdicts, err := r.confirm(ctx, idsOf(some))
		if err != nil {
			return err
		}
		for _, p := range some {
			v := verdicts[p.ID]
			switch {
			case v.Gone:
				res.Dropped++
				res.Within--
			case v.Err != nil && r.cfg.Strict:
				unchecked++
			default:
				f := r.named(p)
				if left -= lineTokens + passage.Tokens(p.Title+strings.Join(f.Citation.Path, " ")); left < 0 && len(res.Found) > 0 && !few {
					return nil
				}
				if few {
					if err := r.begin(ctx, &f, q); err != nil {
						return err
					}
				}
				f.Unchecked = v.Err != nil
				res.Found = append(res.Found, f)
			}
		}
		if unchecked > 0 {
			res.Notes = append(res.Notes, string(markdown.Counted(unchecked, "page is", "pages are"))+unasked)
			break
		}
	}
	return nil
}

func idsOf(pages []index.Page) []notion.ID {
	ids := make([]notion.ID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	return ids
}

// named is a page of which nothing is shown but where it lies.
func (r *Retriever) named(p index.Page) Found {
	src := ingest.Source(r.cfg.Index, p)
	return Found{Citation: passage.Citation{PageID: p.ID, Title: p.Title, Path: src.Path, URL: p.URL, LastEdited: p.LastEdited}, Text: markdown.Start(p.Title)}
}

// begin shows how the text of a page begins.
func (r *Retriever) begin(ctx context.Context, f *Found, q Query) error {
	id := f.Citation.PageID
	all, err := r.cfg.Index.Passages(ctx, id)
	if err != nil {
		return err
	}
	for _, one := range all {
		if len(one.Spans) > 0 {
			f.Text = start(one, max(20, (q.Budget-frameTokens)/min(q.Limit, fewPages)-pageTokens))
			break
		}
	}
	f.Lines = []Line{{Block: id, Text: f.Text}}
	return nil
}

// start cuts a passage after so many tokens, at the end of a block if there is
// one.
func start(p passage.Passage, tokens int) markdown.Text {
	if passage.Tokens(string(p.Text)) <= tokens {
		return p.Text
	}
	end := 0
	for _, s := range p.Spans {
		if passage.Tokens(string(p.Text[:s.End])) > tokens {
			break
		}
		end = s.End
	}
	if end == 0 {
		text, _ := markdown.Clip(p.Text, 3*tokens)
		return text
	}
	return p.Text[:end] + "\n\n..."
}

// unasked is why something is left out.
const unasked = " left out because Notion could not be asked just now whether that may still be read; ask again in a moment."
