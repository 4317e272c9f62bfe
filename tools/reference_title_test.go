package tools

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

// linkedPages is a workspace whose pages refer to one another in every way.
func linkedPages() map[string]string {
	return map[string]string{
		"Start.md":    "Read [Handbook](Handbook.md) first.\n\n<!-- link_to_page: Handbook.md -->\n\n<!-- link_to_page: Vendors.csv -->",
		"Handbook.md": "Carry an umbrella.",
		"Vendors.csv": "Name,Terms\nAcme,Net 30\nGlobex,Net 60\n",
		"Orders.csv":  "Name,Vendors\nChairs,Acme\nLamps,\"Acme, Globex\"\n",
	}
}

// Titles are those that the connection may see now: not before a page is
// shared, as it is called today, and not after.
func TestTitlesOfReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t, linkedPages(), func(token *emulator.Token, _ *Config) {
		token.Roots = []string{"Start.md", "Vendors.csv", "Orders.csv"}
	}).sync()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		w.sync()
	}
	start := func(mention, link string) {
		t.Helper()
		text := w.call(ReadPage, map[string]any{"page": "Start"}).Text
		for _, want := range []string{"Read [" + mention + "](https://app.notion.com/", "🔗 [" + link + "](https://app.notion.com/", "🔗 [Vendors](https://app.notion.com/"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing: %s", want, text)
			}
		}
		if mention == "Untitled" && strings.Contains(text, "andbook") {
			t.Errorf("it tells a title that the connection may not see: %s", text)
		}
	}
	start("Untitled", "Page")
	must(w.notion.Share(tested, "Handbook.md"))
	start("Handbook", "Handbook")
	must(w.notion.Rename("Handbook.md", "New handbook"))
	start("New handbook", "New handbook")
	must(w.notion.Unshare(tested, "Handbook.md"))
	start("Untitled", "Page")
}

// Titles of references are shown, searched and proven like the words of the
// page that refers.
func TestReferencesAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, linkedPages(), nil).sync()
	mention := notion.RichText{Type: "mention", Mention: &notion.Mention{Type: "page", Page: &notion.Object{ID: w.page("Handbook").ID}}}
	if _, err := w.owner.CreateComment(t.Context(), notion.CreateComment{Page: w.page("Start").ID, RichText: []notion.RichText{notion.Plain("Is this in "), mention}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		tool string
		args map[string]any
		want string
	}{
		{ReadPage, map[string]any{"page": "Chairs"}, "Vendors: 1 page ([Acme](https://app.notion.com/"},
		{ReadPage, map[string]any{"page": "Lamps"}, "Vendors: 2 pages ([Acme](https://app.notion.com/"},
		{ReadPage, map[string]any{"page": "Start", "find": "vendors"}, "🔗 [Vendors](https://app.notion.com/"},
		{ReadPage, map[string]any{"page": "Start", "comments": true}, "Is this in [Handbook](https://app.notion.com/"},
		{QueryDatabase, map[string]any{"database": "Orders"}, "Globex"},
		{QueryDatabase, map[string]any{"database": "Orders", "describe": true}, "to [Vendors](https://app.notion.com/"},
		{SearchNotion, map[string]any{"query": "chairs from Acme"}, "Vendors: 1 page (Acme)"},
		{SearchNotion, map[string]any{"query": "lamps by Globex"}, "Globex"},
	} {
		if a := w.call(tt.tool, tt.args); a.IsError || !strings.Contains(a.Text, tt.want) {
			t.Errorf("%s %v: %q is missing: %s", tt.tool, tt.args, tt.want, a.Text)
		}
	}
	out := got[SearchOut](t, w.call(SearchNotion, map[string]any{"query": "Handbook"}))
	if len(out.Passages) == 0 || out.Passages[0].Title != "Handbook" {
		t.Errorf("the page itself comes first: %+v", out.Passages)
	}
	out = got[SearchOut](t, w.call(SearchNotion, map[string]any{"query": "chairs from Acme"}))
	if len(out.Passages) == 0 || out.Passages[0].Title != "Chairs" {
		t.Errorf("the row that refers comes first: %+v", out.Passages)
	}
	check := got[CheckOut](t, w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": w.page("Chairs").URL, "quote": "Vendors: 1 page (Acme)"}}}))
	if !check.OK {
		t.Errorf("%+v", check.Citations)
	}
}
