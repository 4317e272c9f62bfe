package tools

import (
	"strings"
	"testing"
	"time"
)

// Wherever a page is meant, its title names it: as it is written, or else in
// another case or without the signs before it.
func TestTitlesNamePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{
		"📦 Shipping.md": "# 📦 Shipping\n\nParcels leave at noon.\n", "Mobile.md": "# Mobile\n\nPhones.\n", "guides/mobile.md": "# mobile\n\nLower case.\n",
	}, nil).sync()
	for title, want := range map[string]string{"Mobile": "Phones", "mobile": "Lower case", "shipping": "Parcels", " 📦 Shipping ": "Parcels"} {
		if a := w.call(ReadPage, map[string]any{"page": title}); a.IsError || !strings.Contains(a.Text, want) {
			t.Errorf("read %q: %s", title, a.Text)
		}
	}
	if a := w.call(ReadPage, map[string]any{"page": "MOBILE"}); !a.IsError || !strings.Contains(a.Text, `2 pages are called "MOBILE"`) {
		t.Errorf("of two titles one was chosen: %s", a.Text)
	}
	if a := w.call(AppendComment, map[string]any{"page": "Shipping", "text": "At one, now."}); a.IsError || len(w.commentsOn(w.page("📦 Shipping").ID)) != 1 {
		t.Errorf("comment: %s", a.Text)
	}
	a := w.call(SearchNotion, map[string]any{"query": "parcels", "under": "Shipping"})
	if out := got[SearchOut](t, a); len(out.Passages) != 1 || out.Passages[0].PageID != string(w.page("📦 Shipping").ID) {
		t.Errorf("search: %s", a.Text)
	}
}

// The words for a time are those of query_database, and the answer says what
// they were taken as.
func TestEditedAfterWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	a := w.call(SearchNotion, map[string]any{"query": "refund", "edited_after": "last week"})
	monday := w.now().UTC().AddDate(0, 0, -(int(w.now().UTC().Weekday())+6)%7-7).Format(time.DateOnly)
	if a.IsError || !strings.Contains(a.Text, `edited since `+monday+` ("last week")`) {
		t.Errorf("%s", a.Text)
	}
	if a := w.call(SearchNotion, map[string]any{"edited_after": "soon"}); !a.IsError || !strings.Contains(a.Text, "last week") {
		t.Errorf("%s", a.Text)
	}
}

// A time that lies ahead is no time since when a page was edited.
func TestEditedAfterAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	if a := w.call(SearchNotion, map[string]any{"edited_after": "next week"}); !a.IsError || !strings.Contains(a.Text, "lies ahead") {
		t.Errorf("%s", a.Text)
	}
}
