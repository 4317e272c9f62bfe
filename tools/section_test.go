package tools

import (
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
