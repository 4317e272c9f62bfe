package retrieval

import (
	"slices"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Marks stand apart from the words of a title; what only begins or ends like one
// is retired where there is another page of its name.
func TestRetiredTitles(t *testing.T) {
	t.Parallel()
	type says struct{ marked, certain bool }
	for title, want := range map[string]says{
		"[Archived] Travel": {true, true}, "(Draft) Travel": {true, true}, "Draft: Travel": {true, true}, "Travel (old)": {true, true}, "Travel - old": {true, true}, "Old": {true, true},
		"Draft animals": {true, false}, "Old town": {true, false}, "Travel": {}, "()": {}, "": {}, "The old town hall": {},
		"【旧】規程": {true, true}, "(旧) 規程": {true, true}, "規程(旧版)": {true, true}, "旧:規程": {true, true}, "归档": {true, true},
		"旧 規程": {true, false}, "归档流程": {true, false}, "数据归档": {true, false}, "보관 정책": {true, false}, "Архивация данных": {true, false},
		"旧金山办公室": {}, "旧金山办公室(旧)": {true, true},
	} {
		if marked, certain := retiredTitle(title); (says{marked, certain}) != want {
			t.Errorf("%q: marked %t, certain %t", title, marked, certain)
		}
	}
}

// Pages that nothing is told from are not looked at: here is no index to look
// into.
func TestPlainOrderLooksAtNoPage(t *testing.T) {
	t.Parallel()
	r := &Retriever{cfg: Config{Now: time.Now}}
	var hits []index.Hit
	for i, title := range []string{"Permits", "Fees 2024", "Ponds", "Old mills"} {
		hits = append(hits, index.Hit{Page: index.Page{ID: notion.ID(title), Title: title, Parent: notion.Parent{PageID: "up", DataSourceID: "table"}}, Score: 9 - float64(i)})
	}
	order, _ := r.standing(t.Context(), Query{Text: "What is the fee for a permit?"}.wish(time.Now()), hits, &Result{})
	if !slices.Equal(order, []int{0, 1, 2, 3}) {
		t.Errorf("order %v", order)
	}
}
