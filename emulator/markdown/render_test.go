package markdown_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

// TestRenderIsReadBack renders blocks and parses the result: kinds and texts
// must be the same. It leaves out what enhanced Markdown only shows as
// unknown, and children that Markdown cannot hold.
func TestRenderIsReadBack(t *testing.T) {
	t.Parallel()
	src := `# One
Text with *italic*, **bold**, ` + "`code`" + `, $a^2$, [a link](https://example.com/a), 5 \* 6 [x] <y>.

- bullet
	- nested

		second paragraph
- [x] done

3. three
4. four

> quote

---

<details><summary>## Heading</summary>
Inside
</details>

<details><summary>Toggle</summary>
- Inside
</details>

<aside>
💡 Callout

More
</aside>

<columns>
<column>
Left
</column>
<column>
Right
</column>
</columns>

| a | b |
|---|---|
| 1 | **2** |

![caption](https://example.com/a.png)

<tabs>
<tab title="First">
In the tab
</tab>
</tabs>

` + "```go\nx := 1\n\n\ty\n```\n\n$$\nx = 1\n$$\n"
	show := func(blocks []*block.Block) string {
		block.Walk(blocks, func(b *block.Block) { b.Source = block.Source{} })
		return dump(t, blocks)
	}
	first := markdown.Parse([]byte(src), markdown.Options{})
	out := markdown.Render(first, markdown.RenderOptions{})
	second := markdown.Parse([]byte(markdown.Readable(out.Markdown)), markdown.Options{})
	if diff := cmp.Diff(show(first), show(second)); diff != "" {
		t.Errorf("read back from\n%s\n(-want +got):\n%s", out.Markdown, diff)
	}
	if len(out.Unknown) > 0 || out.Truncated {
		t.Errorf("unknown %v, truncated %v", out.Unknown, out.Truncated)
	}
}

func TestRenderKeepsEveryWordOfAPage(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/handbook/collaboration-tools.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := markdown.Parse(src, markdown.Options{})
	out := markdown.Render(blocks, markdown.RenderOptions{}).Markdown
	block.Walk(blocks, func(b *block.Block) {
		for _, w := range word.FindAllString(b.PlainText(), -1) {
			if !strings.Contains(out, w) {
				t.Errorf("lost %q of a %s", w, b.Type)
			}
		}
	})
}

func TestRenderTruncates(t *testing.T) {
	t.Parallel()
	blocks := markdown.Parse([]byte("one\n\ntwo\n\nthree\n\n<!-- unsupported: drive -->\n"), markdown.Options{})
	block.AssignIDs("page", blocks)
	out := markdown.Render(blocks, markdown.RenderOptions{Limit: 2, PageURL: "https://app.notion.com/p/x"})
	want := []string{blocks[2].ID, blocks[3].ID}
	if diff := cmp.Diff(want, out.Unknown); diff != "" || !out.Truncated {
		t.Errorf("truncated %v, unknown %s", out.Truncated, diff)
	}
	if strings.Contains(out.Markdown, "three") || !strings.Contains(out.Markdown, "two") {
		t.Errorf("markdown is %q", out.Markdown)
	}
	tag := `<unknown url="https://app.notion.com/p/x#` + block.Compact(blocks[3].ID) + `" alt="drive"/>`
	if !strings.Contains(out.Markdown, tag) {
		t.Errorf("%q lacks %q", out.Markdown, tag)
	}
}

// TestRenderWritesLinesAsNotionDoes holds the form that Notion documents and
// writes: a block is a line, with no empty line between two.
func TestRenderWritesLinesAsNotionDoes(t *testing.T) {
	t.Parallel()
	text := func(s string, style block.Style) []block.Text {
		return []block.Text{{Kind: "text", Plain: s, Style: style}}
	}
	one := func(typ string, runs []block.Text, more map[string]any, children ...*block.Block) *block.Block {
		b := block.New(typ, map[string]any{"rich_text": runs})
		for k, v := range more {
			b.Content[k] = v
		}
		b.Children = children
		return b
	}
	para := func(s string) *block.Block { return one("paragraph", text(s, block.Style{}), nil) }
	table := block.New("table", map[string]any{"has_column_header": true})
	table.Children = []*block.Block{block.New("table_row", map[string]any{"cells": [][]block.Text{text("a", block.Style{}), text("b\nc", block.Style{Bold: true})}})}
	blocks := []*block.Block{
		one("heading_2", text("Open", block.Style{}), map[string]any{"is_toggleable": true, "color": "green_background"}, para("two\nlines")),
		one("paragraph", nil, nil, para("below nothing")),
		one("callout", nil, map[string]any{"icon": map[string]any{"emoji": "🎯"}}, para("in it"), table),
		one("paragraph", []block.Text{
			{Kind: "text", Plain: "half ", Style: block.Style{Bold: true}}, {Kind: "equation", Plain: "a_1"},
			{Kind: "text", Plain: "x`y", Style: block.Style{Code: true}}, {Kind: "text", Plain: "red", Style: block.Style{Color: "red", Underline: true}},
		}, nil),
		block.New("link_to_page", map[string]any{"page_id": "p"}),
		block.New("synced_block", map[string]any{"synced_from": nil}),
	}
	block.AssignIDs("page", blocks)
	got := markdown.Render(blocks, markdown.RenderOptions{PageURL: "https://app.notion.com/p/x"}).Markdown
	want := strings.Join([]string{
		`## Open {toggle="true" color="green_bg"}`, "\ttwo<br>lines", "<empty-block/>", "\tbelow nothing",
		`<callout icon="🎯">`, "\tin it", "\t" + `<table header-row="true">`, "<tr>", "<td>a</td>", "<td>**b<br>c**</td>", "</tr>", "\t</table>", "</callout>",
		"**half **$`a_1`$`` x`y ``" + `<span underline="true" color="red">red</span>`,
		`<unknown url="https://app.notion.com/p/x#` + block.Compact(blocks[4].ID) + `" alt="alias"/>`,
		`<synced_block url="https://app.notion.com/p/x#` + block.Compact(blocks[5].ID) + `">`, "</synced_block>",
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
