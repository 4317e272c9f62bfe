package database

import (
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestPositionAfterRows(t *testing.T) {
	t.Parallel()
	nine, ten := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	a, b, c := notion.Page{ID: "a", CreatedTime: nine}, notion.Page{ID: "b", CreatedTime: ten}, notion.Page{ID: "c", CreatedTime: ten}
	p := position{}.after([]notion.Page{a, b, c})
	if p.Last != ten || p.Shown.Rows != 2 {
		t.Errorf("%+v", p)
	}
	if other := (position{}).after([]notion.Page{a, c}).after([]notion.Page{b}); other != p {
		t.Errorf("%+v in another order and in two parts, %+v in one", other, p)
	}
	if other := (position{}).after([]notion.Page{a, b, {ID: "d", CreatedTime: ten}}); other == p {
		t.Error("another row makes no difference")
	}
}

func FuzzPosition(f *testing.F) {
	start := position{Same: "a", Now: 5}
	f.Add(position{Same: "a", Cursor: "c", From: time.Unix(1e9, 0), Skip: stretch{3, 1 << 63}}.String())
	f.Add("eyJzIjoiYSIsInIiOi0xfQ")
	f.Add("")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := readPosition(cursor, start)
		if err == nil && (p.Same != start.Same || p.Row < 0 || p.Skip.Rows < 0) {
			t.Errorf("%q is taken as %+v", cursor, p)
		}
	})
}
