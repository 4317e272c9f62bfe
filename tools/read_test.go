package tools

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestReadShortPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	a := w.call(ReadPage, map[string]any{"page": page.URL})
	golden.File(t, "testdata/read_short.txt", scrub(a.Text))
	out := got[ReadOut](t, a)
	if out.Source != "live" || out.Stale != "" || out.NextCursor != "" || out.Outline != nil || out.Total != len(out.Passages) {
		t.Errorf("%+v", out)
	}
	if diff := cmp.Diff([]markdown.Text{"Finance"}, out.Path); diff != "" {
		t.Errorf("path: %s", diff)
	}
	anchor := notion.BlockURL(page.URL, w.block(page.ID, "Vouchers"))
	if short := "paid out in cash. #" + w.block(page.ID, "paid out in cash").Compact() + "\n"; !strings.Contains(a.Text, short) {
		t.Errorf("no anchor %s for %s in:\n%s", short, anchor, a.Text)
	}
}

// Whatever the size of the parts, they add up to the page.
func TestReadToTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Manual.md": "Opening words.\n\n" + manual(40)}, nil).sync()
	for _, size := range []int{300, 1500, 20_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			args := map[string]any{"page": w.page("Manual").ID.Compact(), "max_tokens": size}
			var words []string
			calls := 0
			for ; args != nil && calls < 200; calls++ {
				a := w.call(ReadPage, args)
				for _, p := range got[ReadOut](t, a).Passages {
					words = append(words, strings.Fields(string(p.Text))...)
				}
				args = goOn(t, a.Text, size)
			}
			var want []string
			for _, p := range must(w.index.Passages(t.Context(), w.page("Manual").ID))(t) {
				want = append(want, strings.Fields(string(p.Text))...)
			}
			if diff := cmp.Diff(want, words); diff != "" {
				t.Errorf("after %d calls the words are not those of the page (-want +got):\n%.2000s", calls, diff)
			}
			if len(want) < 40*40 {
				t.Errorf("only %d words: the test proves nothing", len(want))
			}
			if (size == 20_000) != (calls == 1) {
				t.Errorf("%d calls of %d tokens", calls, size)
			}
		})
	}
}

// goOn reads the call out of the last line; nil at the end of the page.
func goOn(t *testing.T, text string, size int) map[string]any {
	t.Helper()
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if strings.HasPrefix(last, "End of the page") {
		return nil
	}
	_, call, ok := strings.Cut(last, "To go on: read_page ")
	var args map[string]any
	if !ok || json.Unmarshal([]byte(call), &args) != nil {
		t.Fatalf("the last line does not say how to go on: %s", last)
	}
	args["max_tokens"] = size
	return args
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestLongPageBeginsWithAnOutline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Manual.md": manual(30)}, nil).sync()
	page := w.page("Manual")
	a := w.call(ReadPage, map[string]any{"page": page.URL, "max_tokens": 3000})
	out := got[ReadOut](t, a)
	if len(out.Outline) != 30 || out.Outline[29].Heading != "Chapter 29" || len(out.Passages) == 0 || out.NextCursor == "" {
		t.Fatalf("outline of %d, %d passages", len(out.Outline), len(out.Passages))
	}
	for _, name := range []string{"Outline of the whole page", "- Chapter 29 #" + notion.ID(out.Outline[29].BlockID).Compact()} {
		if !strings.Contains(a.Text, name) {
			t.Errorf("no %q in the text", name)
		}
	}
	// The anchor of the outline is where reading can start.
	b := w.call(ReadPage, map[string]any{"page": notion.BlockURL(page.URL, notion.ID(out.Outline[29].BlockID))})
	if o := got[ReadOut](t, b); !strings.HasPrefix(string(o.Passages[0].Text), "## Chapter 29") || o.Outline != nil || o.Last != o.Total {
		t.Errorf("starts with %q", o.Passages[0].Text[:20])
	}
	// A page with more headings than room lists what fits, and says so.
	tight := w.call(ReadPage, map[string]any{"page": page.URL, "max_tokens": 600})
	if o := got[ReadOut](t, tight); len(o.Outline) == 0 || len(o.Outline) >= 30 || !strings.Contains(tight.Text, "headings not listed") {
		t.Errorf("%d headings in a small answer", len(o.Outline))
	}
}

func TestReadStartsWhereAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Manual.md": manual(30)}, nil).sync()
	page := w.page("Manual")
	block := w.block(page.ID, "w17x3 ")
	for name, args := range map[string]map[string]any{
		"link with anchor":        {"page": notion.BlockURL(page.URL, block)},
		"id of a block":           {"page": string(block)},
		"heading":                 {"page": page.URL, "section": "chapter 17"},
		"beginning of heading":    {"page": page.URL, "section": "CHAPTER 17!"},
		"words in another order":  {"page": page.URL, "section": "17 Chapter"},
		"heading on a short read": {"page": page.URL, "section": "Chapter 17", "max_tokens": 300},
	} {
		out := got[ReadOut](t, w.call(ReadPage, args))
		if len(out.Passages) == 0 || !strings.Contains(string(out.Passages[0].Text), "w17x3 ") || out.First < 2 {
			t.Errorf("%s: starts at part %d", name, out.First)
		}
	}
	a := w.call(ReadPage, map[string]any{"page": page.URL, "section": "Refunds"})
	failure(t, a, codeInput)
	if !strings.Contains(a.Text, "Chapter 0; Chapter 1;") {
		t.Errorf("the headings are not listed: %s", a.Text)
	}
	gone := w.call(ReadPage, map[string]any{"page": notion.BlockURL(page.URL, "0a1b0000-0000-0000-0000-000000000001")})
	if out := got[ReadOut](t, gone); out.First != 1 || len(out.Notes) != 1 {
		t.Errorf("a block that is gone: first %d, notes %q", out.First, out.Notes)
	}
}

func TestReadIsLiveAfterAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	if err := w.notion.Edit("Finance/Travel", "Book business class, always."); err != nil {
		t.Fatal(err)
	}
	out := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": w.page("Travel").URL}))
	if out.Source != "live" || !strings.Contains(string(out.Passages[0].Text), "business class") {
		t.Errorf("%s: %+v", out.Source, out.Passages)
	}
}

func TestReadFromTheIndexWhenNotionIsAway(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"fault": {Status: 500}, "hangs": {Hang: true}, "cut": {CutBody: true}, "proxy": {HTML: true, Status: 502},
		"busy": {Status: 429, RetryAfter: 3600, Reason: "public_api_space_request_rate_limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, handbook(), func(t *testing.T, w *world) {
				w.notion.Inject(fault)
				a := w.call(ReadPage, map[string]any{"page": w.page("Travel").URL})
				out := got[ReadOut](t, a)
				if out.Source != "index" || out.Stale == "" || !strings.Contains(string(out.Passages[0].Text), "economy") {
					t.Errorf("%+v", out)
				}
				if !strings.Contains(a.Text, "from the index: "+string(out.Stale)) || strings.Contains(a.Text, "as it is in Notion now") {
					t.Errorf("the text hides where it comes from:\n%s", a.Text)
				}
			})
		})
	}
}

func TestReadUnknownPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	a := w.call(ReadPage, map[string]any{"page": "0a1b0000000000000000000000000001"})
	failure(t, a, "not_found")
	if !strings.Contains(a.Text, "Connections") || !strings.Contains(a.Text, "not shared") {
		t.Errorf("%s", a.Text)
	}
}

func TestReadUnsharedPageIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), func(k *emulator.Token, _ *Config) { k.Roots = []string{"Finance", "Engineering"} }).sync()
	url := w.page("Deploys").URL
	if err := w.notion.Unshare(tested, "Engineering"); err != nil {
		t.Fatal(err)
	}
	a := w.call(ReadPage, map[string]any{"page": url})
	failure(t, a, "not_found")
	if strings.Contains(a.Text+string(a.Structured), "main branch") {
		t.Errorf("an unshared page was shown: %s", a.Text)
	}
}

func TestCursorOfAChangedPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Manual.md": manual(20)}, nil).sync()
	page := w.page("Manual")
	first := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": page.URL, "max_tokens": 2000}))
	next := func() (ReadOut, Answer) {
		a := w.call(ReadPage, map[string]any{"page": page.URL, "max_tokens": 2000, "cursor": first.NextCursor})
		return got[ReadOut](t, a), a
	}
	same, _ := next()
	w.pass(10 * time.Minute)
	if _, err := w.owner.AppendChildren(t.Context(), page.ID, []notion.NewBlock{paragraph(strings.Repeat("New words at the top. ", 60))}, notion.Position{Start: true}); err != nil {
		t.Fatal(err)
	}
	moved, a := next()
	if moved.Passages[0].BlockID != same.Passages[0].BlockID || moved.First <= same.First || !strings.Contains(a.Text, "edited after the part before") {
		t.Errorf("goes on at %d (%s), before at %d (%s):\n%q", moved.First, moved.Passages[0].BlockID, same.First, same.Passages[0].BlockID, moved.Notes)
	}
	w.pass(10 * time.Minute)
	if err := w.notion.Edit("Manual", "All is new and short."); err != nil {
		t.Fatal(err)
	}
	short, _ := next()
	if len(short.Passages) != 1 || len(short.Notes) != 1 || !strings.Contains(string(short.Notes[0]), "is gone") {
		t.Errorf("%+v", short)
	}
}

func paragraph(text string) notion.NewBlock {
	return notion.NewBlock{Type: "paragraph", Content: notion.Content{RichText: []notion.RichText{notion.Plain(text)}}}
}

func TestBadCursors(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Manual.md": manual(20), "Other.md": manual(20)}
	w := newWorld(t, files, nil).patient().sync()
	page := w.page("Manual").URL
	good := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": page, "max_tokens": 2000})).NextCursor
	if len(good) < 12 {
		t.Fatalf("no cursor of a second part: %q", good)
	}
	flipped := "B" + good[1:]
	for _, c := range []struct{ page, cursor string }{
		{w.page("Other").URL, good}, {page, good[:10]}, {page, good + "x"}, {page, flipped}, {page, "2"}, {page, "???"},
		{page, good[:8] + "AAAA" + good[12:]},
	} {
		a := w.call(ReadPage, map[string]any{"page": c.page, "cursor": c.cursor})
		failure(t, a, codeInput)
		if !strings.Contains(a.Text, "leave it out") {
			t.Errorf("cursor %q: %s", c.cursor, a.Text)
		}
	}
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	table := w.page("Customers")
	for name, ref := range map[string]string{"link": table.URL, "id": string(table.ID), "database": string(table.Parent.DatabaseID)} {
		a := w.call(ReadPage, map[string]any{"page": ref})
		out := got[ReadOut](t, a)
		if len(out.Rows) != 3 || out.Rows[0].Title != "Acme" || out.Kind != "data_source" || len(out.Passages) == 0 {
			t.Errorf("%s: %+v", name, out)
		}
		if !strings.Contains(a.Text, "- [Globex](https://") || !strings.Contains(a.Text, "Enterprise") {
			t.Errorf("%s: the rows or the schema are missing:\n%s", name, a.Text)
		}
	}
	row := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": w.page("Acme").URL}))
	if !strings.Contains(string(row.Passages[0].Text), "Enterprise") || strings.Contains(row.Passages[0].URL, "#") {
		t.Errorf("the row's properties: %+v", row.Passages)
	}
}

func TestReadManyRows(t *testing.T) {
	t.Parallel()
	var csv strings.Builder
	csv.WriteString("Name,Note\n")
	for i := range 120 {
		fmt.Fprintf(&csv, "Row %03d,note\n", i)
	}
	w := newWorld(t, map[string]string{"List.csv": csv.String()}, nil).sync()
	args := map[string]any{"page": w.page("List").URL, "max_tokens": 1500}
	seen := map[string]int{}
	for range 50 {
		out := got[ReadOut](t, w.call(ReadPage, args))
		for _, r := range out.Rows {
			seen[string(r.Title)]++
		}
		if out.NextCursor == "" {
			break
		}
		args["cursor"] = out.NextCursor
	}
	for i := range 120 {
		if n := seen[fmt.Sprintf("Row %03d", i)]; n != 1 {
			t.Errorf("row %d was listed %d times", i, n)
		}
	}
}

// Whatever names one page opens it: the forms in which tools name pages, and a
// title that one page alone has.
func TestReadByEveryName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{
		"Plan.md": "# Plan\n\nThe plan.\n", "A.md": "# A\n", "A/Notes.md": "# Notes\n\nx\n", "B.md": "# B\n", "B/Notes.md": "# Notes\n\ny\n",
	}, nil).sync()
	id := w.page("Plan").ID
	for _, name := range []string{
		"[Plan](" + notion.PageURL(id) + ")", "<" + notion.PageURL(id) + ">", "notion://page/" + string(id), id.Compact(), string(id), notion.PageURL(id) + "#" + id.Compact(), "plan",
	} {
		if a := w.call(ReadPage, map[string]any{"page": name}); a.IsError || !strings.Contains(a.Text, "The plan.") {
			t.Errorf("%s: %s", name, a.Text)
		}
	}
	if a := w.call(ReadPage, map[string]any{"page": "Notes"}); !a.IsError || !strings.Contains(a.Text, "in A (") || !strings.Contains(a.Text, "in B (") {
		t.Errorf("which of the two is not said: %s", a.Text)
	}
	if a := w.call(ReadPage, map[string]any{"page": "Nowhere"}); !a.IsError || !strings.Contains(a.Text, "search_notion") {
		t.Errorf("%s", a.Text)
	}
}
