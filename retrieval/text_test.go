package retrieval

import "testing"

// A table below a list is one, also where what stood between them is left out.
func TestTextOfTableBelowAList(t *testing.T) {
	t.Parallel()
	lines := []Line{{Text: "- item"}, {Text: "| a | b |\n| --- | --- |", After: true}, {Text: "| c | d |", After: true}}
	const want = "- item\n…\n\n| a | b |\n| --- | --- |\n…\n| c | d |"
	if got := textOf(lines); got != want {
		t.Errorf("textOf = %q, want %q", got, want)
	}
}
