package markdown_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

var (
	plainLine = regexp.MustCompile(`^[A-Za-z ]*$`)
	odd       = regexp.MustCompile(`<([^a/s]|a[^s]|/[^a]|s[^u])`) // tags other than aside and summary
)

// FuzzMarkdown reads any text: it must not panic, every block must stand on
// lines of the text, the blocks must render, and no word of a line without
// markup may be lost.
func FuzzMarkdown(f *testing.F) {
	for _, name := range []string{"testdata/kinds.md", "testdata/directives.md", "testdata/handbook/about.md"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	f.Add("<details><summary>a\n</details>\n</summary>")
	f.Add("<aside>\n> [!NOTE]\n- <columns>\n\ttext</aside>")
	f.Add("| a |\n|-|\n| b | c | d\nx\n---\n$$\n$$")
	f.Fuzz(func(t *testing.T, src string) {
		blocks := markdown.Parse([]byte(src), markdown.Options{})
		lines := strings.Count(src, "\n") + strings.Count(src, "\r") + 1
		var text strings.Builder
		block.Walk(blocks, func(b *block.Block) {
			if b.Source.LineStart < 1 || b.Source.LineEnd < b.Source.LineStart || b.Source.LineEnd > lines {
				t.Errorf("%s stands on lines %d-%d of %d", b.Type, b.Source.LineStart, b.Source.LineEnd, lines)
			}
			text.WriteString(b.PlainText() + "\n")
		})
		markdown.Render(blocks, markdown.RenderOptions{})
		if strings.ContainsAny(src, "[$&\\") || odd.MatchString(src) { // tags, definitions and escapes may take words with them
			return
		}
		for line := range strings.SplitSeq(src, "\n") {
			if !plainLine.MatchString(line) {
				continue
			}
			for _, w := range strings.Fields(line) {
				if !strings.Contains(text.String(), w) {
					t.Errorf("lost %q", w)
				}
			}
		}
	})
}
