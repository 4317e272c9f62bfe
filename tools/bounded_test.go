package tools

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// However much there is, an answer stays within what clients show, for models
// and programs alike.
func TestRowsAreBounded(t *testing.T) {
	t.Parallel()
	var wide strings.Builder
	columns := 28
	wide.WriteString("Name")
	for i := range columns {
		fmt.Fprintf(&wide, ",Column %02d", i)
	}
	for i := range 100 {
		fmt.Fprintf(&wide, "\nRow %d", i)
		for j := range columns {
			fmt.Fprintf(&wide, ",%s %d-%d", strings.Repeat("wörter ", 60), i, j)
		}
	}
	w := newWorld(t, map[string]string{"Wide.csv": wide.String()}, nil).sync()
	var names []string
	for i := range columns {
		names = append(names, fmt.Sprintf("column %02d", i))
	}
	seen := 0
	for _, args := range []map[string]any{
		{"database": "Wide", "limit": 100, "columns": names}, {"database": "Wide", "limit": 100}, {"database": "Wide", "limit": 2},
	} {
		a := w.call(QueryDatabase, args)
		out := got[QueryOut](t, a)
		text, data := utf8.RuneCountInString(a.Text), utf8.RuneCount(a.Structured)
		t.Logf("%d rows, %d columns: %d characters of text, %d of data", len(out.Rows), len(out.Columns), text, data)
		if text > 40_000 || data > 60_000 {
			t.Errorf("%d and %d characters", text, data)
		}
		if len(out.Rows) < 100 && out.NextCursor == "" {
			t.Error("the rest of the rows cannot be had")
		}
		seen += len(out.Rows)
	}
	if seen < 100 {
		t.Errorf("%d rows", seen)
	}
}

// vast is a workspace in which everything is as long as Notion lets it be:
// titles, paths, paragraphs, list items, tables and code.
func vast() map[string]string {
	long := strings.Repeat("löng words ", 170)
	folder := strings.Repeat("deep ", 60)
	var body strings.Builder
	fmt.Fprintf(&body, "# The vast page %s\n\n", long)
	for i := range 40 {
		fmt.Fprintf(&body, "## Chapter %d %s\n\n%s paragraph %d.\n\n- %s\n\n", i, folder, long, i, long)
	}
	body.WriteString("```\n" + strings.Repeat("code of one block\n", 5000) + "```\n\n| A | B |\n|---|---|\n")
	for i := range 100 {
		fmt.Fprintf(&body, "| %s | cell %d |\n", folder, i)
	}
	files := map[string]string{}
	path := "Top"
	for i := range 5 {
		files[path+".md"] = "Below it are more."
		path += fmt.Sprintf("/%d %s", i, folder)
	}
	files[path+".md"] = body.String()
	for i := range 40 {
		files[fmt.Sprintf("Note %d.md", i)] = fmt.Sprintf("# Note %d %s\n\n%s paragraph of a note.", i, long, long)
	}
	return files
}

// The answers of all tools that read stay within what clients show. The bounds
// are in characters: 40,000 are 10,000 tokens, from which on clients warn, and
// 100,000 are 25,000 tokens, after which they cut an answer off. A caller that
// asks for the most gets at most that.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vast(), nil).sync()
	page := w.vastPage()
	w.comment(page.ID, 20)
	block := w.block(page.ID, "paragraph 3.")
	links := make([]map[string]any, maxCitations)
	for i := range links {
		links[i] = map[string]any{"url": page.URL + "#" + strings.ReplaceAll(string(block), "-", ""), "quote": strings.Repeat("löng words ", 40) + fmt.Sprint(i)}
	}
	for _, c := range []struct {
		tool       string
		args       map[string]any
		text, data int
	}{
		{SearchNotion, map[string]any{"query": "löng words paragraph"}, 40_000, 40_000},
		{SearchNotion, map[string]any{"query": "löng words paragraph", "limit": 20, "max_tokens": 8000}, 60_000, 60_000},
		{SearchNotion, map[string]any{}, 40_000, 40_000},
		{SearchNotion, map[string]any{"limit": 20, "max_tokens": 8000}, 60_000, 60_000},
		{ReadPage, map[string]any{"page": page.URL}, 40_000, 60_000},
		{ReadPage, map[string]any{"page": page.URL, "comments": true}, 40_000, 60_000},
		{ReadPage, map[string]any{"page": page.URL, "find": "löng paragraph"}, 40_000, 60_000},
		{ReadPage, map[string]any{"page": page.URL, "max_tokens": 20_000, "comments": true}, 100_000, 120_000},
		{ReadPage, map[string]any{"page": page.URL, "max_tokens": 20_000, "find": "löng paragraph"}, 100_000, 120_000},
		{CheckCitations, map[string]any{"citations": links}, 60_000, 80_000},
		{Search, map[string]any{"query": "löng words paragraph"}, 40_000, 40_000},
		{Fetch, map[string]any{"id": string(page.ID)}, 100_000, 100_000},
	} {
		a := w.call(c.tool, c.args)
		text, data := utf8.RuneCountInString(a.Text), utf8.RuneCount(a.Structured)
		t.Logf("%-15s %6d characters of text, %6d of data", c.tool, text, data)
		if text > c.text || data > c.data {
			t.Errorf("%s: %d and %d characters", c.tool, text, data)
		}
		if c.args["comments"] == true && !strings.Contains(a.Text, "9 older comments are left out") {
			t.Errorf("comments are left out in silence: %s", a.Text[:500])
		}
		if text < 500 {
			t.Errorf("%s: nothing was read: %s", c.tool, a.Text)
		}
	}
}

// comment puts long comments on a page.
func (w *world) comment(page notion.ID, n int) {
	w.t.Helper()
	for i := range n {
		text := fmt.Sprintf("%s comment %d", strings.Repeat("löng words ", 170), i)
		if _, err := w.owner.CreateComment(w.t.Context(), notion.CreateComment{Page: page, RichText: []notion.RichText{notion.Plain(text)}}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) vastPage() index.Page {
	w.t.Helper()
	for _, p := range w.index.Pages() {
		if strings.HasPrefix(p.Title, "The vast page") {
			return p
		}
	}
	w.t.Fatal("no vast page")
	return index.Page{}
}
