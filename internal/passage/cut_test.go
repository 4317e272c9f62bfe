package passage

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestCutProse(t *testing.T) {
	t.Parallel()
	text := "Use e.g. tabs here today now. Ask Dr. who? \"Yes!\" he said. Then go on. 你好。再见。" + "One\ntwo three four five six"
	linked := notion.RichText{Type: "text", PlainText: "Do not. Cut. This. Link.", Href: "https://a.example"}
	var parts []string
	for _, runs := range cutProse([]notion.RichText{{Type: "text", PlainText: text}, linked}, 4) {
		parts = append(parts, plain(runs))
	}
	if got := strings.Join(parts, ""); got != text+linked.PlainText {
		t.Errorf("the parts join to %q", got)
	}
	for i, p := range parts[1:] {
		if before := parts[i]; strings.HasSuffix(before, "e.g. ") || !strings.HasSuffix(strings.TrimSpace(before), "。") && strings.TrimRight(before, " \n") == before && p != linked.PlainText {
			t.Errorf("cut between %q and %q", before, p)
		}
	}
	if len(parts) < 6 {
		t.Errorf("only %d parts: %q", len(parts), parts)
	}
	if last := parts[len(parts)-1]; !strings.HasSuffix(last, linked.PlainText) {
		t.Errorf("the link was cut: last part %q", last)
	}
}
