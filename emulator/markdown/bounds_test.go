package markdown_test

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

func depth(blocks []*block.Block) int {
	deepest := 0
	for _, b := range blocks {
		deepest = max(deepest, 1+depth(b.Children))
	}
	return deepest
}

// Nesting is bounded whatever it is made of, and no word is lost where it ends.
func TestNestingIsBounded(t *testing.T) {
	t.Parallel()
	levels := func(n int, open func(i int) string) string {
		var s strings.Builder
		for i := range n {
			s.WriteString(open(i))
		}
		return s.String()
	}
	for name, src := range map[string]string{
		"list":         levels(1000, func(i int) string { return strings.Repeat("  ", i) + "- word\n" }),
		"ordered":      levels(1000, func(i int) string { return strings.Repeat("   ", i) + "1. word\n" }),
		"one line":     strings.Repeat("- ", 100_000) + "word\n",
		"quote":        strings.Repeat(">", 100_000) + " word\n",
		"quoted lines": levels(1000, func(i int) string { return strings.Repeat("> ", i) + "word\n>\n" }),
		"details":      strings.Repeat("<details>\n", 20_000) + "word\n",
		"paragraph":    strings.Repeat("word\n", 100_000),
		"long line":    strings.Repeat("*word ", 20_000),
		"mixed":        strings.Repeat("> - ", 50_000) + "word\n",
	} {
		blocks := markdown.Parse([]byte(src), markdown.Options{})
		if got := depth(blocks); got > 130 {
			t.Errorf("%s: %d levels", name, got)
		}
		words := 0
		block.Walk(blocks, func(b *block.Block) { words += strings.Count(b.PlainText(), "word") })
		if want := strings.Count(src, "word"); words != want {
			t.Errorf("%s: %d words of %d", name, words, want)
		}
	}
}

// A few lines cannot make millions of cells.
func TestTablesAreBounded(t *testing.T) {
	t.Parallel()
	src := strings.Repeat("|a", 2000) + "|\n" + strings.Repeat("|-", 2000) + "|\n" + strings.Repeat("|b\n", 20_000)
	cells := 0
	block.Walk(markdown.Parse([]byte(src), markdown.Options{}), func(b *block.Block) {
		if c, ok := b.Content["cells"].([][]block.Text); ok {
			cells += len(c)
		}
	})
	if cells > 100_000 {
		t.Errorf("%d cells", cells)
	}
}

// Paths of an export are shown by the names at their ends.
func TestPathsAreShownAsNames(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"![Page%201/photo%20%281%29.png](Page%201/photo%20%281%29.png)":            "photo (1).png",
		"![Page 1/caf\u0065\u0301.png](Page%201/cafe%CC%81.png)":                   "café.png",
		"See ![Page%201/b.png](Page%201/b.png) here":                               "See b.png here",
		"[Page%201/My%20file.pdf](Page%201/My%20file.pdf)":                         "My file.pdf",
		"![A harbour at dawn](Page%201/b.png)":                                     "A harbour at dawn",
		"[https://example.com/a%20b](https://example.com/a%20b)":                   "https://example.com/a%20b",
		"![https://example.com/x%20y.png](https://example.com/x%20y.png) and more": "https://example.com/x%20y.png and more",
	} {
		b := markdown.Parse([]byte(src), markdown.Options{})[0]
		got := b.PlainText()
		if c, ok := b.Content["caption"].([]block.Text); ok {
			got = block.Plain(c)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
}
