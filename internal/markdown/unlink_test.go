package markdown_test

import (
	"encoding/json"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Taking links out puts nothing together that was apart: of any text, with a
// link over any part of it.
func TestUnlinkedParts(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/hostile.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	texts = append(texts, "[x](https://evil.example)", "[x]: https://evil.example", "[x][y]", "![x](y)", "<b>x</b>", "a<https://evil.example>b", "`a` b `c`", "www.evil.example", "x@evil.example")
	ours := notion.PageURL("0123456789abcdef0123456789abcdef")
	for _, text := range texts {
		for from := range text {
			for to := from + 1; to <= len(text); to += 1 + len(text)/12 {
				if !utf8.RuneStart(text[from]) || to < len(text) && !utf8.RuneStart(text[to]) {
					continue
				}
				runs := []notion.RichText{{PlainText: text[:from]}, {PlainText: text[from:to], Href: ours}, {PlainText: text[to:]}}
				got := markdown.Inline(runs).Unlinked()
				if live := markdowntest.Live(string(got)); live != nil {
					t.Errorf("%q with a link over %q is %q, which has %q", text, text[from:to], got, live)
				}
			}
		}
	}
}

// Nothing that looks like a link is one in code, and taking it out would open
// the code around it.
func TestUnlinked(t *testing.T) {
	t.Parallel()
	ours := notion.PageURL("0123456789abcdef0123456789abcdef")
	code := &notion.Annotations{Code: true}
	for _, tt := range []struct {
		text markdown.Text
		want string
	}{
		{markdown.Link("a [b] `c](https://d)` e", ours), "a \\[b\\] \\`c\\]\\(`https://d`)\\` e"},
		{markdown.Inline([]notion.RichText{{PlainText: "see "}, {PlainText: "xy", Href: ours}, {PlainText: " ["}}), "see xy ["},
		{markdown.Inline([]notion.RichText{{PlainText: "run "}, {PlainText: "[a](https://b)", Annotations: code}, {PlainText: " x"}}), "run `[a](https://b)` x"},
		{markdown.Link("# not a heading", ours), `\# not a heading`},
		{"> - [ ] " + markdown.Link("> x", ours) + " y", `> - [ ] \> x y`},
		{"1. " + markdown.Link("2. x", ours), `1. 2\. x`},
		{"a " + markdown.Link("# b", ours), "a # b"},
		{markdown.Line("[x](https://evil.example) and [x](https://evil.example)"), "[x]\\(`https://evil.example`) and [x]\\(`https://evil.example`)"},
		{markdown.Line("[x](https://evil.example)a[x](https://evil.example)b"), "[x]\\(`https://evil.example)a[x](https://evil.example)b`"},
		{markdown.Inline([]notion.RichText{{PlainText: "a "}, {PlainText: "form", Href: "https://forms.example.gov/d/12_3/view?x=1"}, {PlainText: ", then (index.js)"}}), "a form, then (index.js)"},
		{markdown.Inline([]notion.RichText{{PlainText: "form", Href: "https://forms.example.gov/d"}, {PlainText: " or "}, {PlainText: "call (a.example/b)", Annotations: code}}), "form or `call (a.example/b)`"},
		{markdown.Code("", "[a](https://b)\n`") + "\n" + markdown.Link("cc", ours), "```\n[a](https://b)\n`\n```\ncc"},
		{markdown.Prose("a ` b") + "\n\n" + markdown.Link("cc", ours) + "\n\n" + markdown.Prose("d ` e"), "a ` b\n\ncc\n\nd ` e"},
	} {
		got := tt.text.Unlinked()
		if string(got) != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
		if live := markdowntest.Live(string(got)); live != nil {
			t.Errorf("%q has %q", got, live)
		}
	}
}
