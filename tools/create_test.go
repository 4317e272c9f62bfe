package tools

import (
	"context"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

const createRoute = "POST /v1/pages"

// office has a page with subpages, and a table with most kinds of columns.
func office() map[string]string {
	return map[string]string{
		"Team.md":       "# Team\n\nWho we are.\n",
		"Team/Notes.md": "# Notes\n\nOld notes.\n",
		"Log.csv":       "Name,Status,Amount,Due,Tags,Paid,Site\nFirst call,Open,10,2026-07-01,\"Red, Blue\",Yes,https://example.com\nSecond call,Closed,25.5,2026-08-01,Red,No,https://example.org\nThird call,Open,7,2026-09-01,Blue,No,https://example.net\n",
	}
}

func TestCreateBelowAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	args := map[string]any{"parent": "team", "title": "Minutes of today", "content": "## Decided\n\nWe ship on **Friday**.\n\n- Kim writes the note\n"}
	out := got[CreateOut](t, w.call(CreatePage, args))
	if !out.Created || out.Duplicate || out.Title != "Minutes of today" || out.URL == "" {
		t.Fatalf("%+v", out)
	}
	p, err := w.owner.Page(t.Context(), notion.ID(out.PageID))
	if err != nil || p.Parent.PageID != w.page("Team").ID {
		t.Errorf("made at %+v, %v", p, err)
	}
	if a := w.call(ReadPage, map[string]any{"page": out.URL}); !strings.Contains(a.Text, "We ship on **Friday**.") {
		t.Errorf("%s", a.Text)
	}
	if a := w.call(SearchNotion, map[string]any{"query": "who ships on Friday"}); !strings.Contains(a.Text, "Minutes of today") {
		t.Errorf("not found at once: %s", a.Text)
	}
	again := got[CreateOut](t, w.call(CreatePage, args))
	if again.Created || !again.Duplicate || again.PageID != out.PageID {
		t.Errorf("made twice: %+v", again)
	}
	args["content"] = "Something else."
	if other := got[CreateOut](t, w.call(CreatePage, args)); !other.Created || other.PageID == out.PageID {
		t.Errorf("another page of that title: %+v", other)
	}
}

func TestCreateRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	args := map[string]any{"parent": "Log", "title": "Fourth call", "properties": map[string]any{
		"status": "open", "AMOUNT": "1,250.50", "due": "2026-10-01", "tags": []string{"red"}, "Paid": "yes", "Site": "https://example.com/4",
	}}
	out := got[CreateOut](t, w.call(CreatePage, args))
	if !out.Created {
		t.Fatalf("%+v", out)
	}
	a := w.call(ReadPage, map[string]any{"page": out.URL})
	for _, want := range []string{"Status: Open", "Amount: 1250.5", "Due: 2026-10-01", "Tags: Red", "Paid: Yes", "Site: `https://example.com/4`"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in %s", want, a.Text)
		}
	}
	if again := got[CreateOut](t, w.call(CreatePage, args)); again.Created || again.PageID != out.PageID {
		t.Errorf("made twice: %+v", again)
	}
	var pairs []map[string]any // as the schema has it
	for name, v := range args["properties"].(map[string]any) {
		pairs = append(pairs, map[string]any{"property": name, "value": v})
	}
	if again := got[CreateOut](t, w.call(CreatePage, map[string]any{"parent": "Log", "title": "Fourth call", "properties": pairs})); again.PageID != out.PageID {
		t.Errorf("pairs say something else than an object: %+v", again)
	}
	args["properties"].(map[string]any)["Amount"] = 3
	delete(args["properties"].(map[string]any), "AMOUNT")
	if other := got[CreateOut](t, w.call(CreatePage, args)); !other.Created {
		t.Errorf("another row with that title: %+v", other)
	}
}

func TestCreateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	for _, c := range []struct {
		args map[string]any
		want string
	}{
		{map[string]any{"parent": "Nowhere", "title": "x"}, "Nothing is called \"Nowhere\" exactly"},
		{map[string]any{"parent": "0a1b0000000080008000000000000009", "title": "x"}, "not shared"},
		{map[string]any{"parent": "Log"}, `create_page needs "title"`},
		{map[string]any{"parent": "Team", "title": "x", "properties": map[string]any{"Status": "Open"}}, "no properties but its title"},
		{map[string]any{"parent": "Log", "title": "x", "properties": map[string]any{"Stat": "Open"}}, `no property "Stat". Did you mean "Status"?`},
		{map[string]any{"parent": "Log", "title": "x", "properties": map[string]any{"Status": "Perhaps"}}, `Its options are: `},
		{map[string]any{"parent": "Log", "title": "x", "properties": map[string]any{"Amount": "much"}}, `"Amount" is a number`},
	} {
		a := w.call(CreatePage, c.args)
		if !a.IsError || !strings.Contains(a.Text, c.want) {
			t.Errorf("%v: %s", c.args, a.Text)
		}
	}
	if n := w.notion.Counts()[createRoute]; n != 0 {
		t.Errorf("%d pages were made", n)
	}
}

func TestCreateWithoutTheCapability(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), func(tok *emulator.Token, _ *Config) { tok.NoInsert = true }).sync()
	a := w.call(CreatePage, map[string]any{"parent": "Team", "title": "x"})
	if !a.IsError || !strings.Contains(a.Text, `"Insert content"`) {
		t.Errorf("%s", a.Text)
	}
	ro := newWorld(t, office(), func(_ *emulator.Token, c *Config) { c.ReadOnly = true }).sync()
	if a := ro.call(CreatePage, map[string]any{"parent": "Team", "title": "x"}); !a.IsError || !strings.Contains(a.Text, "read-only") {
		t.Errorf("%s", a.Text)
	}
}

func TestCreateOverlapping(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	const calls = 5
	made := make(chan Answer, calls)
	for range calls {
		go func() {
			a, _ := w.Call(context.Background(), CreatePage, []byte(`{"parent":"Team","title":"Once","content":"Only once."}`))
			made <- a
		}()
	}
	n := 0
	for range calls {
		if got[CreateOut](t, <-made).Created {
			n++
		}
	}
	if n != 1 || w.notion.Counts()[createRoute] != 1 {
		t.Errorf("%d calls made it, %d requests", n, w.notion.Counts()[createRoute])
	}
}
