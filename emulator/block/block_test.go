package block_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

func TestNewID(t *testing.T) {
	t.Parallel()
	id := block.NewID("page", "a.md")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no UUID of version 8", id)
	}
	if id != block.NewID("page", "a.md") || id == block.NewID("pagea", ".md") {
		t.Error("an id must come from its parts alone")
	}
	for _, s := range []string{id, block.Compact(id), strings.ToUpper(id)} {
		if got, ok := block.ParseID(s); !ok || got != id {
			t.Errorf("ParseID(%q) = %q, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "abc", id + "0", strings.Replace(id, "-", "", 1)} {
		if got, ok := block.ParseID(s); ok {
			t.Errorf("ParseID(%q) = %q", s, got)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	bold := block.Style{Bold: true}
	got := block.Split([]block.Text{
		{Kind: "text", Plain: "a"}, {Kind: "text", Plain: ""}, {Kind: "text", Plain: "b"}, {Kind: "text", Plain: "c", Style: bold},
	})
	want := []block.Text{{Kind: "text", Plain: "ab"}, {Kind: "text", Plain: "c", Style: bold}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	long := strings.Repeat("😀", 1500) // 3,000 UTF-16 units
	runs := block.PlainRuns(long)
	if len(runs) != 2 || block.Len(runs[0].Plain) != 2000 || block.Plain(runs) != long {
		t.Errorf("split into %d runs, the first of %d", len(runs), block.Len(runs[0].Plain))
	}
}

func TestAssignIDsSurvivesEditsElsewhere(t *testing.T) {
	t.Parallel()
	make := func(texts ...string) []*block.Block {
		var out []*block.Block
		for _, s := range texts {
			out = append(out, block.New("paragraph", map[string]any{"rich_text": block.PlainRuns(s)}))
		}
		block.AssignIDs("page", out)
		return out
	}
	before, after := make("a", "same", "same"), make("new", "a", "same", "same")
	for i := range before {
		if before[i].ID != after[i+1].ID {
			t.Errorf("block %d has a new id", i)
		}
	}
	if before[1].ID == before[2].ID {
		t.Error("equal blocks share an id")
	}
}
