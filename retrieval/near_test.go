package retrieval_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// Text whose own block is not known yet is found at once and cited to the block
// that holds it, which the answer says once; later it is cited exactly.
func TestTextBeforeItsBlockIsKnown(t *testing.T) {
	t.Parallel()
	const page = "# Runbook\n\n- Check the queue\n  - Measure the lag of the replica\n  - Promote the replica by hand\n- Tell support\n  - By mail\n"
	w := newWorld(t, fstest.MapFS{"ops.md": {Data: []byte(page), ModTime: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}}, emulator.Config{}, retrieval.Config{})
	if _, err := w.syncer.Read(t.Context(), w.id("ops.md")); err != nil {
		t.Fatal(err)
	}
	cited := func() (first string, shown string, notes []string) {
		res := w.ask(retrieval.Query{Text: "promote the replica"})
		if len(res.Found) != 1 {
			t.Fatalf("found %+v", res.Found)
		}
		src, ok := w.notion.BlockSource(string(res.Found[0].Citation.BlockID))
		if !ok {
			t.Fatalf("%s is no block", res.Found[0].Citation.BlockID)
		}
		return src.Text, string(prompts.SearchText(*res, time.Now(), prompts.Pages(*res, func(retrieval.Found) bool { return false }))), res.Notes
	}
	block, shown, notes := cited()
	if !strings.Contains(block, "Check the queue") || strings.Contains(block, "Promote") {
		t.Errorf("cited %q, not the block above", block)
	}
	if len(notes) != 1 || !strings.Contains(shown, "Promote the replica by hand") || strings.Contains(shown, "lag of the replica #") {
		t.Errorf("notes %q, shown:\n%s", notes, shown)
	}
	if _, err := w.syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if block, shown, notes = cited(); !strings.Contains(block, "Promote") || len(notes) > 0 || !strings.Contains(shown, "lag of the replica #") {
		t.Errorf("then cited %q, notes %q, shown:\n%s", block, notes, shown)
	}
}

// Such text is cited under its own heading, also where the block that holds it
// holds others before.
func TestHeadingBeforeItsBlockIsKnown(t *testing.T) {
	t.Parallel()
	const page = "# Plans\n\n<columns>\n<column>\n## Rejected\n\nRed is a colour, said the committee after a long talk.\n\n## Approved\n\nPlan blue costs nine, and everybody agreed on it.\n</column>\n<column>\nRight\n</column>\n</columns>\n\n- B\n  - y\n"
	w := newWorld(t, fstest.MapFS{"Plans.md": {Data: []byte(page)}}, emulator.Config{}, retrieval.Config{})
	if _, err := w.syncer.Read(t.Context(), w.id("Plans.md")); err != nil {
		t.Fatal(err)
	}
	for _, budget := range []int{20, 2000} {
		f := w.ask(retrieval.Query{Text: "how much does plan blue cost", Budget: budget}).Found[0]
		if !f.Lines[len(f.Lines)-1].Near || !slices.Equal(f.Headings, []string{"Approved"}) || !slices.Equal(f.Citation.Path, []string{"Approved"}) {
			t.Errorf("budget %d: under %q, cited to %q: %s", budget, f.Headings, f.Citation.Path, f.Text)
		}
	}
}
