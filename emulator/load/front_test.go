package load_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// said is the text of a page, a line for each block.
func said(p *workspace.Page) string {
	var out []string
	block.Walk(p.Body, func(b *block.Block) { out = append(out, b.PlainText()) })
	return strings.Join(out, "\n")
}

// What a page says about itself above its text is not lost.
func TestFrontMatterOfAPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ front, want string }{
		"lists":       {"tags: [a, b]\naliases:\n  - x\n  - y, z", "tags: a, b\naliases: x, y, z"},
		"dates":       {"due: 2026-03-04\nn: 1.50\ndone: true", "due: 2026-03-04\nn: 1.50\ndone: true"},
		"nested":      {"author: {name: Ann, at: [x, {y: z}]}", "author: {name: Ann, at: [x, {y: z}]}"},
		"one line":    {"{a: b, c: d}", "a: b; c: d"},
		"markup":      {"\"# k\": \"*x* _y_ [z](u) `c` <b> $m$\"\n\"- l\": \"[[w]]\"", "# k: *x* _y_ [z](u) `c` <b> $m$\n- l: [[w]]"},
		"lines":       {"note: |\n  one\n  two", "note: one two"},
		"nothing":     {"tags:\nlist: []", ""},
		"no time":     {"created: yesterday\nid: 7", "created: yesterday\nid: 7"},
		"other title": {"title: Cafe\u0301", "title: Café"},
		"same title":  {"title: \"\u200bT \"", ""},
		"twice":       {"a: x\na: y", "a: x\na: y"},
		"aliases":     {"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "a: x, x\nb: *a, *a\nc: *b, *b"},
	} {
		w := loaded(t, map[string]string{"a.md": "---\n" + tt.front + "\n---\n# T\n\nText\n"})
		p := page(t, w, "a.md")
		if diff := cmp.Diff(strings.TrimSpace(tt.want+"\nText"), said(p)); diff != "" || p.Title != "T" || len(w.Notes) != 0 {
			t.Errorf("%s: title %q, notes %q, text (-want +got):\n%s", name, p.Title, w.Notes, diff)
		}
	}
}

func TestFrontMatterThatIsNoYAML(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{"a.md": "---\ntags: [a, b\nowner: Ann\n---\n# T\n\nText\n"})
	p := page(t, w, "a.md")
	if p.Title != "T" || !strings.Contains(said(p), "owner: Ann") || !strings.Contains(said(p), "tags: [a, b") {
		t.Errorf("title %q, text %q", p.Title, said(p))
	}
	if len(w.Notes) != 1 || !strings.Contains(w.Notes[0], "no YAML") {
		t.Errorf("notes %q", w.Notes)
	}
}

// The page of a row has properties in its front matter; the table wins, and
// what it has no place for is text.
func TestFrontMatterOfARow(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"t.csv":         "Name,Tags,Due,Done,Size\nAcme,,,No,3\nBeta,x,2026-01-02,Yes,4\n",
		"t.schema.yaml": "columns: [{name: Tags, type: multi_select}]\n",
		"t/one.md":      "---\ntitle: Acme\ntags: [y, z]\ndue: 2026-03-04\ndone: false\nsize: 5\nteam: R&D\n---\nText\n",
	})
	p := w.FindPage("t/one")
	v := p.Values
	if p.Title != "Acme" || v["Due"].Start != "2026-03-04" || v["Done"].Checked || *v["Size"].Number != 3 {
		t.Errorf("%q has %+v", p.Title, v)
	}
	if diff := cmp.Diff([]string{"y", "z"}, v["Tags"].Options); diff != "" || len(w.Pages) != 2 {
		t.Errorf("%v, tags: %s", tree(w), diff)
	}
	if got := said(p); got != "size: 5\nteam: R&D\nText" {
		t.Errorf("text %q", got)
	}
}
