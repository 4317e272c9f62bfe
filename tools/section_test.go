package tools

import (
	"fmt"
	"strings"
	"testing"
)

// A section ends where the next of its level begins, and the rest of the page
// can be read on from there.
func TestSectionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Manual.md": manual(6)}, nil).sync()
	a := w.call(ReadPage, map[string]any{"page": "Manual", "section": "Chapter 2"})
	if a.IsError || !strings.Contains(a.Text, "w2x0 ") || !strings.Contains(a.Text, "w2x39 ") || strings.Contains(a.Text, "w3x0 ") || strings.Contains(a.Text, "w1x39 ") {
		t.Fatalf("%s", a.Text)
	}
	on := w.call(ReadPage, map[string]any{"page": "Manual", "cursor": got[ReadOut](t, a).NextCursor})
	if on.IsError || !strings.Contains(on.Text, "w3x0 ") || strings.Contains(on.Text, "w2x39 ") {
		t.Errorf("%s", on.Text)
	}
	last := w.call(ReadPage, map[string]any{"page": "Manual", "section": "Chapter 5"})
	if got[ReadOut](t, last).NextCursor != "" || !strings.Contains(last.Text, "w5x39 ") {
		t.Errorf("%s", last.Text)
	}
}

// While the blocks of columns are not known yet, a page in columns has the same
// sections as afterwards, and keeps to the budget.
func TestSectionsInColumns(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "## Chapter %d\n\n", i)
		for k := range 150 {
			fmt.Fprintf(&b, "w%dx%d ", i, k)
		}
		b.WriteString("\n\n")
	}
	columns := func(left string) string {
		return "<columns>\n<column>\n" + left + "\n</column>\n<column>\nRight\n</column>\n</columns>\n\n- B\n  - y\n"
	}
	w := newWorld(t, map[string]string{
		"Wide.md":  "# Wide\n\n" + columns(b.String()),
		"Plans.md": "# Plans\n\n" + columns("## Rejected\n\nPlan red costs five.\n\n## Approved\n\nPlan blue costs nine."),
	}, nil)
	ids := map[string]string{}
	for _, p := range w.notion.Pages() {
		ids[p.Path] = p.ID
	}
	for _, when := range []string{"rough", "settled"} {
		wide := w.call(ReadPage, map[string]any{"page": ids["Wide.md"], "max_tokens": 2000})
		if wide.IsError || len(wide.Text) > 8000 || !strings.Contains(wide.Text, "w0x149 #") || got[ReadOut](t, wide).NextCursor == "" {
			t.Errorf("%s: %d bytes: %.300s", when, len(wide.Text), wide.Text)
		}
		for section, want := range map[string]string{"Rejected": "red costs five", "Approved": "blue costs nine"} {
			a := w.call(ReadPage, map[string]any{"page": ids["Plans.md"], "section": section})
			if a.IsError || !strings.Contains(a.Text, want) || strings.Count(a.Text, "Plan ") != 1 {
				t.Errorf("%s: section %s: %s", when, section, a.Text)
			}
		}
		w.sync()
	}
}
