package tools

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

func TestFindOnAPage(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Manual.md": manual(30), "Other.md": "# Other\n\nSection 17 is also named here.\n"}
	w := newWorld(t, files, nil).sync()
	page := w.page("Manual").URL
	a := w.call(ReadPage, map[string]any{"page": page, "find": "seventeen 17", "max_tokens": 600})
	out := got[ReadOut](t, a)
	if len(out.Passages) == 0 || !strings.Contains(string(out.Passages[0].Text), "17") || out.Source != "live" || out.NextCursor != "" {
		t.Errorf("%s", a.Text)
	}
	if strings.Contains(a.Text, "also named here") || !strings.Contains(a.Text, "1 of 1 place shown") {
		t.Errorf("%s", a.Text)
	}
	for _, p := range out.Passages {
		if !strings.Contains(p.URL, "#") {
			t.Errorf("no link to the block: %s", p.URL)
		}
	}
	none := got[ReadOut](t, w.call(ReadPage, map[string]any{"page": page, "find": "zebra"}))
	if len(none.Passages) != 0 || len(none.Outline) == 0 || !strings.Contains(string(markdown.Join(none.Notes, " ")), "zebra") {
		t.Errorf("%+v", none)
	}
}

func TestReadComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	posted := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": "Is this still true?"}))
	if a := w.call(ReadPage, map[string]any{"page": page.URL}); strings.Contains(a.Text, "still true") {
		t.Errorf("comments that nobody asked for: %s", a.Text)
	}
	a := w.call(ReadPage, map[string]any{"page": page.URL, "comments": true})
	out := got[ReadOut](t, a)
	want := []ReadComment{{CommentID: posted.CommentID, DiscussionID: posted.DiscussionID, Author: "Tested", Created: stamp(w.now()), Text: "Is this still true?"}}
	if diff := cmp.Diff(want, out.Comments); diff != "" || !strings.Contains(a.Text, "(discussion "+posted.DiscussionID+"): Is this still true?") {
		t.Errorf("%s (-want +got):\n%s", a.Text, diff)
	}
	blind := newWorld(t, handbook(), func(tok *emulator.Token, _ *Config) { tok.NoReadComments = true }).sync()
	a = blind.call(ReadPage, map[string]any{"page": blind.page("Refund policy").URL, "comments": true})
	if a.IsError || !strings.Contains(a.Text, `"Read comments"`) || !strings.Contains(a.Text, "Vouchers") {
		t.Errorf("%s", a.Text)
	}
}

// Without a question, the pages edited last come, newest first.
func TestRecentPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	w.pass(2 * time.Hour)
	if err := w.notion.Edit("Finance/Refund policy.md", "Edited just now.\n"); err != nil {
		t.Fatal(err)
	}
	w.sync()
	a := w.call(SearchNotion, map[string]any{"limit": 3})
	out := got[SearchOut](t, a)
	if len(out.Passages) != 3 || out.Passages[0].Title != "Refund policy" || !strings.Contains(string(out.Passages[0].Text), "Edited just now") || out.Coverage.Known == 0 {
		t.Fatalf("%s", a.Text)
	}
	for i := 1; i < len(out.Passages); i++ {
		if out.Passages[i].LastEdited > out.Passages[i-1].LastEdited {
			t.Errorf("page %d is newer than the one before: %s", i+1, a.Text)
		}
	}
	if !strings.Contains(a.Text, " pages, newest first") || strings.Contains(a.Text, "Evidence") {
		t.Errorf("%s", a.Text)
	}
	if all := out.Coverage.Known; !strings.HasPrefix(a.Text, fmt.Sprintf("3 of %d pages, newest first", all)) || !strings.Contains(a.Text, "Others: raise `limit`") {
		t.Errorf("%d pages: %s", all, a.Text)
	}
	if since := got[SearchOut](t, w.call(SearchNotion, map[string]any{"edited_after": w.now().Add(-time.Hour).Format(time.RFC3339)})); len(since.Passages) != 1 {
		t.Errorf("%d pages of the last hour", len(since.Passages))
	}
	if none := w.call(SearchNotion, map[string]any{"edited_after": "2030"}); none.IsError || !strings.Contains(none.Text, "No page was edited") {
		t.Errorf("%s", none.Text)
	}
}

// What a search by words does not have, in any form, is said once.
func TestFindSaysWhatIsLacking(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Laptops.md": "# Laptops\n\n## Start\n\nYour laptop is handed over on your starting day.\n\n## Return\n\nBring it back within three days.\n"}
	w := newWorld(t, files, nil).sync()
	page := w.page("Laptops").URL
	for _, c := range []struct{ section, find, want string }{
		{"", "vacation start days", `Note: No place has "vacation".`},
		{"", "laptops started day", ""},
		{"", "the vacation of laptop", `Note: No place has "vacation".`},
		{"", "tuition degree college", `Note: None of the words "tuition", "degree", "college" stands on this page.`},
		{"", "zebra", `Note: The word "zebra" does not stand on this page.`},
		{"", "days -vacation", ""},
		{"", "休暇 days", `Note: No place has "休暇".`},
		{"", "有給休暇", `Note: The word "有給休暇" does not stand on this page.`},
		{"Return", "starting days", `Note: No place has "starting".`},
		{"Return", "vacation", `Note: The word "vacation" does not stand in this section.`},
	} {
		a := w.call(ReadPage, map[string]any{"page": page, "section": c.section, "find": c.find})
		var notes []string
		for line := range strings.Lines(a.Text) {
			if strings.HasPrefix(line, "Note: ") && !strings.Contains(line, "Try other words") {
				notes = append(notes, strings.TrimSpace(line))
			}
		}
		if got := strings.Join(notes, "\n"); got != c.want || strings.Contains(a.Text, "No place has these") {
			t.Errorf("%q in section %q: %q, want %q\n%s", c.find, c.section, got, c.want, a.Text)
		}
	}
}

// Of many pages each takes one line, within the budget, with how to see others.
func TestManyRecentPages(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("Page %02d.md", i)] = fmt.Sprintf("# Page %02d\n\nSecret of the page.\n", i)
	}
	w := newWorld(t, files, nil).sync()
	for _, c := range []struct {
		args  map[string]any
		shown int
	}{
		{nil, 20}, {map[string]any{"limit": 50, "max_tokens": 4000}, 50}, {map[string]any{"limit": 50, "max_tokens": 400}, 7},
	} {
		a := w.call(SearchNotion, c.args)
		out := got[SearchOut](t, a)
		if len(out.Passages) != c.shown || strings.Count(a.Text, "\n- Page ") != c.shown || strings.Contains(a.Text, "Secret") ||
			!strings.HasPrefix(a.Text, fmt.Sprintf("%d of 60 pages, newest first", c.shown)) || !strings.Contains(a.Text, "Others: raise `limit`") || strings.Count(a.Text, " of 60 pages") != 1 {
			t.Errorf("%v: %d pages:\n%s", c.args, len(out.Passages), a.Text)
		}
	}
}
