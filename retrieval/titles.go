package retrieval

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// maxTitles is how many titles one call gives: as many pages as may have to be
// asked about at once.
const maxTitles = 20

// Titles returns the pages whose title has all of words, in any case, as the
// beginnings of its own words: titles that begin so first, then those edited
// last. It is what completes a title that somebody is typing, so it asks
// Notion for nothing but whether the pages may still be shown. Errors are
// those of Search.
func (r *Retriever) Titles(ctx context.Context, words string, limit int) ([]index.Page, error) {
	found := matching(r.cfg.Index.Select, words)
	found = found[:min(len(found), limit, maxTitles)]
	ids := make([]notion.ID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	verdicts, err := r.confirm(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(p index.Page) bool {
		v := verdicts[p.ID]
		return v.Gone || r.cfg.Strict && v.Err != nil
	}), nil
}

// matching are the pages with such a title, best first. Containers of tables
// are left out, because their tables are there.
func matching(from func(keep func(*index.Page) bool) []index.Page, words string) []index.Page {
	words = unify.Text(words)
	wanted := strings.FieldsFunc(strings.ToLower(words), notWord)
	found := from(func(p *index.Page) bool {
		return p.Kind != index.KindDatabase && p.Title != "" && begins(strings.ToLower(unify.Text(p.Title)), wanted)
	})
	typed := strings.ToLower(strings.TrimSpace(words))
	slices.SortFunc(found, func(a, b index.Page) int {
		return cmp.Or(
			cmp.Compare(startsWith(b.Title, typed), startsWith(a.Title, typed)),
			b.LastEdited.Compare(a.LastEdited),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return found
}

// begins says whether every wanted word begins a word of the title.
func begins(title string, wanted []string) bool {
	has := strings.FieldsFunc(title, notWord)
	for _, w := range wanted {
		if !slices.ContainsFunc(has, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

func startsWith(title, typed string) int {
	if typed != "" && strings.HasPrefix(strings.ToLower(unify.Text(title)), typed) {
		return 1
	}
	return 0
}
