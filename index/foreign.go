package index

import (
	"context"
	"unicode"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// Foreign says whether a text is in another language than English, as far as
// its letters and its commonest words tell. A few words may tell nothing.
func (x *Index) Foreign(ctx context.Context, text string) (foreign bool, err error) {
	err = x.use(ctx, func(e *engine) error {
		return e.workers.withAnalyzer(func(a *terms.Analyzer) error {
			hits := a.Hits(text)
			l, _ := hits.Language()
			foreign = l != terms.English || !latin(text)
			return nil
		})
	})
	return foreign, err
}

// latin says whether most letters of a text are.
func latin(text string) bool {
	letters, others := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if !unicode.Is(unicode.Latin, r) {
				others++
			}
		}
	}
	return 2*others <= letters
}
