package passage

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// nodesOf are blocks as they are read from Notion.
func nodesOf(t testing.TB, all []markdowntest.Block, n *int) []*Node {
	t.Helper()
	var nodes []*Node
	for _, b := range all {
		nodes = append(nodes, nodeOf(t, b.Type, b.Content, n))
		last := nodes[len(nodes)-1]
		last.Children = append(last.Children, nodesOf(t, b.Children, n)...)
	}
	return nodes
}

func nodeOf(t testing.TB, kind string, content map[string]any, n *int) *Node {
	t.Helper()
	*n++
	raw, err := json.Marshal(map[string]any{"object": "block", "id": fmt.Sprintf("00000000-0000-0000-0000-%012d", *n), "type": kind, kind: content})
	if err != nil {
		t.Fatal(err)
	}
	node := &Node{Read: true}
	if err := json.Unmarshal(raw, &node.Block); err != nil {
		t.Fatal(err)
	}
	shown(node.Block.Content.RichText)
	for _, cell := range node.Block.Content.Cells {
		shown(cell)
	}
	rows, _ := content["children"].([]any)
	for _, row := range rows {
		node.Children = append(node.Children, nodeOf(t, "table_row", row.(map[string]any)["table_row"].(map[string]any), n))
	}
	return node
}

// shown fills in what Notion repeats of a text.
func shown(runs []notion.RichText) {
	for i := range runs {
		runs[i].PlainText = runs[i].Text.Content
		if runs[i].Text.Link != nil {
			runs[i].Href = runs[i].Text.Link.URL
		}
	}
}

// tag matches what is written otherwise in code, so that it ends no quotation.
var tag = regexp.MustCompile(`(?i)&lt;([/∕⁄]*quoted)`)

// apart is what may be shown and not be said: the address of a link that stands
// within a word. A joiner is not shown where its letters are of two runs.
var apart = regexp.MustCompile(`\(app\.notion\.com/p/2{32}\)|\x{200d}`)

func squeezed(s string) string {
	s = apart.ReplaceAllString(strings.Join(strings.Fields(markdown.Clean(s)), ""), "")
	return tag.ReplaceAllString(s, "<$1")
}

// checkHostile holds a page against what it says: a reader of its Markdown sees
// that and no more, and nothing of it is live.
func checkHostile(t *testing.T, d *markdowntest.Dice) {
	t.Helper()
	blocks, n := d.Blocks(4), 0
	s := SplitPage(&notion.Page{}, nodesOf(t, blocks, &n), Options{Words: 100_000, MinWords: 10_000})
	var all []markdown.Text
	for _, p := range s.Passages {
		all = append(all, p.Text)
	}
	text := string(markdown.Join(all, "\n\n"))
	if live := markdowntest.Live(text); live != nil {
		t.Errorf("live %q in\n%s", live, text)
	}
	want := squeezed(markdowntest.Says(blocks))
	if got := squeezed(markdowntest.Visible(text)); want != "" && got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("%s\nshows …%q\nnot   …%q", text, got[max(0, at-20):min(len(got), at+40)], want[max(0, at-20):min(len(want), at+40)])
	}
}

func TestHostilePages(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		if checkHostile(t, markdowntest.Seeded(seed)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzHostilePages(f *testing.F) {
	for seed := range byte(8) {
		f.Add(slices.Repeat([]byte{seed, 1, 9 * seed, 0}, 60))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkHostile(t, markdowntest.Read(data)) })
}
