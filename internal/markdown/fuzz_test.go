package markdown

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// containers are what stands around a text in an answer: lists, quotations, a
// cell, what is said before it.
var containers = []string{"%", "- %", "1. %", "> %", "> - %", "- > 1. %", "- [ ] %", "Name: %", "{#00000000000000000000000000000001}\n%", "[1] %", "**x** %"}

// inside puts a text into a container, as passages do.
func inside(container string, t Text) string {
	lead, _, _ := strings.Cut(container, "%")
	first := lead[strings.LastIndexByte(lead, '\n')+1:]
	prefix := strings.Map(func(r rune) rune {
		if r == '>' {
			return r
		}
		return ' '
	}, first)
	if strings.HasPrefix(first, "Name") || strings.HasPrefix(first, "[1]") || strings.HasPrefix(first, "**") || strings.HasPrefix(first, "- [ ]") {
		prefix = "  "
	}
	return lead + strings.ReplaceAll(string(t), "\n", "\n"+prefix)
}

// squeezed is what is to be seen of a text.
func squeezed(s string) string {
	return strings.Join(strings.Fields(Clean(s)), "")
}

func check(t *testing.T, what, shown, want string) {
	t.Helper()
	if live := markdowntest.Live(shown); live != nil {
		t.Errorf("%s: %q has live %q", what, shown, live)
	}
	if got := markdowntest.Visible(shown); !strings.Contains(got, want) {
		t.Errorf("%s: %q\nshows %q\nnot   %q", what, shown, got, want)
	}
}

func checkAll(t *testing.T, s string) {
	want := squeezed(s)
	if strings.Contains(want, "{#") || delimiting(s) {
		want = ""
	}
	for _, c := range containers {
		check(t, "prose", inside(c, Prose(s)), want)
		line, more := cut(oneLine(Clean(s)), lineLimit)
		if more {
			line = ""
		}
		check(t, "line", inside(c, Start(s)), squeezed(line))
		if strings.IndexByte("%->1", c[0]) >= 0 && !strings.HasPrefix(c, "- [ ]") {
			check(t, "code", inside(c, Code("go", Clean(s))), "")
		}
	}
	check(t, "cell", "| a | b |\n| --- | --- |\n| "+string(Cell(Line(s)))+" | x |", "")
	check(t, "link", string(Link(s, "https://app.notion.com/p/00000000000000000000000000000001")), "")
	a := notion.Annotations{Bold: true}
	b := notion.Annotations{Italic: true, Code: true}
	n := len(s) / 3
	p, q, r := strings.ToValidUTF8(s[:n], ""), strings.ToValidUTF8(s[n:2*n], ""), strings.ToValidUTF8(s[2*n:], "")
	for _, runs := range [][]notion.RichText{
		{{PlainText: p}, {PlainText: q, Annotations: &a}, {PlainText: r}},
		{{PlainText: p}, {PlainText: q, Href: "https://app.notion.com/p/00000000000000000000000000000001"}, {PlainText: r}},
		{{PlainText: p, Annotations: &b}, {PlainText: q}, {PlainText: r, Annotations: &a}},
		{{PlainText: p}, {PlainText: q, Href: "https://evil.example/" + p}, {PlainText: r}},
		{{PlainText: p}, {PlainText: q, Type: "equation"}, {PlainText: r}},
	} {
		for _, c := range containers[:6] {
			check(t, "runs", inside(c, Inline(runs)), "")
			check(t, "runs", inside(c, Inner(runs)), "")
		}
	}
}

// delimiting says whether a text has what is written otherwise even in code.
func delimiting(s string) bool {
	return strings.Contains(strings.ToLower(s), "quoted")
}

// hostile are texts that readers of Markdown could take for more than text, which
// rig/interop gives to other readers than the one here.
func hostile(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/hostile.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func FuzzText(f *testing.F) {
	for _, s := range hostile(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkAll(t, s) })
}

func TestHostilePages(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"hostile", "innocent"} {
		names, err := filepath.Glob("../../prompts/testdata/" + folder + "/*.md")
		if err != nil || len(names) == 0 {
			t.Fatalf("no corpus: %v", err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			checkAll(t, string(data))
		}
	}
}
