package corpus

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

// anchor is the id, in links, of the block on a line of a page.
func anchor(t *testing.T, c *Corpus, path string, line int) string {
	t.Helper()
	id := ""
	block.Walk(c.Workspace.FindPage(path).Body, func(b *block.Block) {
		if b.Source.LineStart <= line && line <= b.Source.LineEnd {
			id = notion.ID(b.ID).Compact()
		}
	})
	if id == "" {
		t.Fatalf("no block on line %d of %s", line, path)
	}
	return id
}

func TestReadLinks(t *testing.T) {
	t.Parallel()
	c := load(t)
	receipts := questions.Gold{Path: "travel.md", LineStart: 19, LineEnd: 19}
	ada := questions.Gold{Path: "People.csv", LineStart: 2, LineEnd: 2}
	page, row := pageID(t, c, "travel.md").Compact(), pageID(t, c, "People/ada.md").Compact()
	right, wrong := anchor(t, c, "travel.md", 19), anchor(t, c, "travel.md", 3)
	for _, tt := range []struct {
		name, text string
		gold       questions.Gold
		want       bool
	}{
		{"an anchor alone", "https://app.notion.com/p/" + page + "\n1. Keep receipts. #" + right, receipts, true},
		{"a full link", "[Travel](https://app.notion.com/p/Travel-" + page + "#" + right + ")", receipts, true},
		{"the end of a text", "#" + right, receipts, true},
		{"another block", "Keep receipts. #" + wrong, receipts, false},
		{"the page only", "https://app.notion.com/p/" + page, receipts, false},
		{"an id that is no link", "block " + right, receipts, false},
		{"a longer number", "#" + right + "0a", receipts, false},
		{"a row by its address", "https://app.notion.com/p/" + row, ada, true},
		{"a row behind its title", "https://www.notion.so/Ada-Byron-" + row + "?pvs=4", ada, true},
		{"another row's", "https://app.notion.com/p/" + row, questions.Gold{Path: "People.csv", LineStart: 3, LineEnd: 3}, false},
		{"of nowhere", "#" + strings.Repeat("0", 32), receipts, false},
	} {
		if got := c.Read(tt.text).Links(tt.gold); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestReadShows(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, tt := range []struct {
		name, text, path string
		from, to         int
		want             bool
	}{
		{"as it stands", "Book **early**. See [the rules](https://app.notion.com/p/0a) for more. #0a1b", "travel.md", 3, 3, true},
		{"with the address behind", "book early. See the rules (rules.md) for more.", "travel.md", 3, 3, true},
		{"cut off after 45 characters", "Writes the first programs of the team.", "People/ada.md", 3, 3, true},
		{"half of the lines", "2. Hand them in", "travel.md", 20, 21, true},
		{"less than half", "1. Keep receipts.", "travel.md", 19, 21, false},
		{"a short line beside a long one proves nothing", "Paris 220", "travel.md", 16, 19, false},
		{"short lines where there are no others", "| Paris | 220 |", "travel.md", 17, 17, true},
		{"words within others", "Comparis 2201", "travel.md", 17, 17, false},
		{"cells in another order", "City: London\nName: Ada Byron", "People.csv", 2, 2, true},
		{"other cells", "City: London", "People.csv", 2, 2, false},
		{"nothing", "", "travel.md", 3, 3, false},
		{"a line without words", "---", "travel.md", 4, 4, false},
	} {
		g := questions.Gold{Path: tt.path, LineStart: tt.from, LineEnd: tt.to}
		if got := c.Read(tt.text).Shows(g); got != tt.want {
			t.Errorf("%s: %t, lines %q", tt.name, got, c.linesOf(g))
		}
	}
}
