package tools

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// A row that has more than what is asked for is another row.
func TestCreateRowWithFewerValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	whole := map[string]any{"Status": "Closed", "Amount": 1250.5, "Due": "2026-10-01", "Tags": []string{"Red", "Blue"}, "Paid": true, "Site": "https://example.com/4"}
	made := map[string]bool{}
	create := func(name string, values map[string]any, want bool) {
		t.Helper()
		out := got[CreateOut](t, w.call(CreatePage, map[string]any{"parent": "Log", "title": "A call", "properties": values}))
		if out.Created != want || out.Duplicate == want || made[out.PageID] == want {
			t.Errorf("%s: %+v", name, out)
		}
		made[out.PageID] = true
	}
	create("all values", whole, true)
	create("all values again", whole, false)
	for name := range whole {
		fewer := maps.Clone(whole)
		delete(fewer, name)
		create("without "+name, fewer, true)
		create("again without "+name, fewer, false)
	}
	fewer := maps.Clone(whole)
	fewer["Tags"] = []string{"Red"}
	create("fewer options", fewer, true)
	create("the title alone", nil, true)
	create("the title alone again", nil, false)
	if n := w.rowTitles(w.page("Log").ID)["A call"]; n != len(whole)+3 {
		t.Errorf("%d rows", n)
	}
}

// Somebody has made a word of the row bold, or a link: it is not what was made.
func TestCreateRowBesideAStyledOne(t *testing.T) {
	t.Parallel()
	files := office()
	files["Log.csv"] = "Name,Notes\nFirst,A first note that says very much about the call and is longer than any option would be\nSecond,Another\nThird,One more\n"
	w := newWorld(t, files, nil).sync()
	args := map[string]any{"parent": "Log", "title": "A styled call", "properties": map[string]any{"Notes": "A styled note"}}
	first := got[CreateOut](t, w.call(CreatePage, args))
	for _, run := range []map[string]any{
		{"type": "text", "text": map[string]any{"content": "A styled note"}, "annotations": map[string]any{"bold": true}},
		{"type": "text", "text": map[string]any{"content": "A styled note", "link": map[string]any{"url": "https://example.com"}}},
	} {
		if _, err := w.owner.UpdatePage(t.Context(), notion.ID(first.PageID), notion.UpdatePage{Properties: map[string]any{"Notes": map[string]any{"rich_text": []any{run}}}}); err != nil {
			t.Fatal(err)
		}
		next := got[CreateOut](t, w.call(CreatePage, args))
		if !next.Created {
			t.Errorf("%v is taken for the plain text", run)
		}
		first = next
	}
}

// A long list of related pages is compared to its end.
func TestCreateRowWithManyReferences(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	var people, table strings.Builder
	table.WriteString("Name,Accounts\nFirst,Account 1\n")
	people.WriteString("Name,Size\n")
	for i := range 40 {
		fmt.Fprintf(&people, "Account %d,%d\n", i, i)
	}
	files["Accounts.csv"], files["Deals.csv"] = people.String(), table.String()
	w := newWorld(t, files, nil).sync()
	accounts := func(n int) []string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprint("Account ", i))
		}
		return all
	}
	for _, c := range []struct {
		n    int
		want bool
	}{{30, true}, {30, false}, {25, true}, {25, false}, {31, true}} {
		a := w.call(CreatePage, map[string]any{"parent": "Deals", "title": "Big", "properties": map[string]any{"Accounts": accounts(c.n)}})
		if out := got[CreateOut](t, a); out.Created != c.want {
			t.Errorf("%d accounts: created %v\n%s", c.n, out.Created, a.Text)
		}
	}
}

// A body is the same with the same marks, links and kinds of lines, however
// Notion writes its Markdown.
func TestCreateBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	for i, bodies := range [][]string{
		{"We ship on **Friday**.", "We ship on Friday.", "We **ship** on Friday.", "We ship on *Friday*.", "We ship on `Friday`.", "We ship on ~~Friday~~."},
		{"See [the plan](https://example.com/a).", "See [the plan](https://example.com/b).", "See the plan.", "See the [plan](https://example.com/a)."},
		{"## Decided\n\nWe ship.", "### Decided\n\nWe ship.", "Decided\n\nWe ship.", "- Decided\n\nWe ship."},
		{"- [ ] Book the room", "- [x] Book the room"},
		{"* one\n* two\n    * three\n\n1. first\n1. second\n\n> said here\n> and there\n\n---\n\n```go\nfmt.Println(\"# no *mark*\")\n```\n\n__bold__ and _italic_, ***both***, a\\*b, 5 < 6 & x_y, $500, [a_b](https://example.com/x_y?z=1)"},
		{"| Tier | Limit |\n| --- | --- |\n| Gold | **$500** |\n"},
	} {
		title := fmt.Sprint("Body ", i)
		for j, body := range bodies {
			args := map[string]any{"parent": "Team", "title": title, "content": body}
			if out := got[CreateOut](t, w.call(CreatePage, args)); !out.Created {
				t.Errorf("%q is taken for %q", body, bodies[:j])
			}
			if out := got[CreateOut](t, w.call(CreatePage, args)); out.Created {
				md, _ := w.owner.PageMarkdown(t.Context(), notion.ID(out.PageID), false)
				t.Errorf("made twice: %q, which Notion writes %q", body, md.Markdown)
			}
		}
	}
}

// So it is with comments.
func TestCommentsWithOtherMarks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	page := w.page("Team").URL
	for _, text := range []string{"See [the plan](https://example.com/a)", "See [the plan](https://example.com/b)", "See the plan", "See **the** plan"} {
		for i, want := range []bool{true, false} {
			a := w.call(AppendComment, map[string]any{"page": page, "text": text})
			if out := got[CommentOut](t, a); out.Posted != want {
				t.Errorf("%q, call %d: %s", text, i, a.Text)
			}
		}
	}
}
