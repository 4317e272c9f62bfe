package retrieval

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestMatchingTitles(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	all := []index.Page{
		{ID: "a", Kind: index.KindPage, Title: "The Acme account plan", LastEdited: day(3)},
		{ID: "b", Kind: index.KindPage, Title: "Acme GmbH", LastEdited: day(1)},
		{ID: "c", Kind: index.KindDataSource, Title: "Accounts", LastEdited: day(2)},
		{ID: "d", Kind: index.KindDatabase, Title: "Accounts", LastEdited: day(9)},
		{ID: "e", Kind: index.KindPage, Title: "Überblick: Straße", LastEdited: day(4)},
		{ID: "f", Kind: index.KindPage, Title: "", LastEdited: day(9)},
	}
	for typed, want := range map[string][]notion.ID{
		"":           {"e", "a", "c", "b"},
		"ac":         {"c", "b", "a"},
		"Acme":       {"b", "a"},
		"acme plan":  {"a"},
		"plan, acm":  {"a"},
		"über stra":  {"e"},
		"cme":        nil,
		"acme zebra": nil,
	} {
		var got []notion.ID
		from := func(keep func(*index.Page) bool) []index.Page {
			return slices.DeleteFunc(slices.Clone(all), func(p index.Page) bool { return !keep(&p) })
		}
		for _, p := range matching(from, typed) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}
