package index

import (
	"context"
	"strings"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// Foreign says whether a text is in another language than English, as far as
// its letters and its commonest words tell. A few words may tell nothing.
func (x *Index) Foreign(ctx context.Context, text string) (foreign bool, err error) {
	err = x.use(ctx, func(e *engine) error {
		return e.workers.withAnalyzer(func(a *terms.Analyzer) error {
			hits := a.Hits(text)
			l, _ := hits.Language()
			foreign = l != terms.English || !terms.Latin(text)
			return nil
		})
	})
	return foreign, err
}

// Languages names in English those that the pages are in, if a question and its
// rephrasings are surely in none of them; else it names none.
func (x *Index) Languages(ctx context.Context, text string, also []string) (names []string, err error) {
	err = x.use(ctx, func(e *engine) error {
		mainly, all := e.newest().mainly()
		return e.workers.withAnalyzer(func(a *terms.Analyzer) error {
			if len(mainly) == 0 || !apart(a, all, text) || len(also) > 0 && !apart(a, all, strings.Join(also, "\n")) {
				return nil
			}
			for _, one := range also {
				if hits := a.Hits(one); hits.In(all) {
					return nil
				}
			}
			for _, l := range mainly {
				names = append(names, l.String())
			}
			return nil
		})
	})
	return names, err
}

// apart says whether a text is surely in none of these languages.
func apart(a *terms.Analyzer, from terms.Languages, text string) bool {
	if !terms.Latin(text) {
		return !from.Has(terms.OtherScript)
	}
	hits := a.Hits(text)
	return hits.Apart(from)
}
