package markdown_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// dump shows blocks as indented lines: type, lines of the file, payload.
func dump(t *testing.T, blocks []*block.Block) string {
	t.Helper()
	var s strings.Builder
	var walk func(blocks []*block.Block, depth int)
	walk = func(blocks []*block.Block, depth int) {
		for _, b := range blocks {
			fmt.Fprintf(&s, "%s%s %d-%d %s\n", strings.Repeat("  ", depth), b.Type, b.Source.LineStart, b.Source.LineEnd, payload(t, b))
			walk(b.Children, depth+1)
		}
	}
	walk(blocks, 0)
	return s.String()
}

// payload is the content of a block, with rich text as marked runs.
func payload(t *testing.T, b *block.Block) string {
	t.Helper()
	out := map[string]any{}
	for key, value := range b.Content {
		switch value := value.(type) {
		case []block.Text:
			out[key] = runs(value)
		case [][]block.Text:
			var cells []string
			for _, c := range value {
				cells = append(cells, runs(c))
			}
			out[key] = cells
		default:
			out[key] = value
		}
	}
	if out["color"] == "default" {
		delete(out, "color")
	}
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}

func runs(list []block.Text) string {
	var s strings.Builder
	for _, r := range list {
		marks := ""
		for _, m := range []struct {
			on   bool
			mark string
		}{{r.Style.Bold, "b"}, {r.Style.Italic, "i"}, {r.Style.Strikethrough, "s"}, {r.Style.Code, "c"},
			{r.Kind == "equation", "e"}, {r.Mention != nil, "m"}, {r.Link != "", "→" + r.Link}} {
			if m.on {
				marks += m.mark
			}
		}
		if marks == "" {
			s.WriteString(r.Plain)
			continue
		}
		s.WriteString("{" + marks + ":" + r.Plain + "}")
	}
	return s.String()
}

func TestParseGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		if filepath.Base(name) == "README.md" {
			continue
		}
		n++
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(t, markdown.Parse(src, markdown.Options{Path: name}))
			golden.File(t, strings.TrimSuffix(name, ".md")+".golden", got)
		})
	}
	if n < 2 {
		t.Fatalf("found %d files to parse", n)
	}
}

func TestSourceIsTheLinesOfTheFile(t *testing.T) {
	t.Parallel()
	src := "para one\nline two\n\n- parent\n  - child\n    more\n\n> [!NOTE]\n> text\n"
	blocks := markdown.Parse([]byte(src), markdown.Options{Path: "a.md"})
	var got []block.Source
	block.Walk(blocks, func(b *block.Block) { got = append(got, b.Source) })
	want := []block.Source{
		{Path: "a.md", LineStart: 1, LineEnd: 2, Text: "para one\nline two"},
		{Path: "a.md", LineStart: 4, LineEnd: 4, Text: "- parent"},
		{Path: "a.md", LineStart: 5, LineEnd: 6, Text: "  - child\n    more"},
		{Path: "a.md", LineStart: 8, LineEnd: 9, Text: "> [!NOTE]\n> text"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLinksInsideTheWorkspace(t *testing.T) {
	t.Parallel()
	resolve := func(dest string) (markdown.Target, bool) {
		if dest != "b.md" {
			return markdown.Target{}, false
		}
		return markdown.Target{Kind: "page", ID: "id-b", Title: "Page B", URL: "https://app.notion.com/p/b", Child: true}, true
	}
	src := "[Page B](b.md)\n\nsee [Page B](b.md) and [this](b.md) and [gone](missing.md)\n"
	blocks := markdown.Parse([]byte(src), markdown.Options{Resolve: resolve})
	if got := blocks[0]; got.Type != "child_page" || got.ID != "id-b" {
		t.Errorf("a lone link to a child became %s %q", got.Type, got.ID)
	}
	got := runs(blocks[1].Content["rich_text"].([]block.Text))
	want := "see {m:Page B} and {→https://app.notion.com/p/b:this} and gone"
	if got != want {
		t.Errorf("runs: got %q, want %q", got, want)
	}
}

func TestLongTextIsSplitIntoRuns(t *testing.T) {
	t.Parallel()
	src := "```\n" + strings.Repeat("0123456789", 450) + "\n```\n"
	list := markdown.Parse([]byte(src), markdown.Options{})[0].Content["rich_text"].([]block.Text)
	var lengths []int
	for _, r := range list {
		lengths = append(lengths, block.Len(r.Plain))
	}
	if diff := cmp.Diff([]int{2000, 2000, 500}, lengths); diff != "" {
		t.Error(diff)
	}
}

func TestInlineKeepsLinesAndMarks(t *testing.T) {
	t.Parallel()
	got := runs(markdown.Inline([]byte("**Hi** there\n- not a list\n\n# not a heading $x^2$")))
	want := "{b:Hi} there\n- not a list\n\n# not a heading {e:x^2}"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
