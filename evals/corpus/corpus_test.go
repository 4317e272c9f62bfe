package corpus

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

const policy = `# Travel

Book **early**. See [the rules](rules.md) for more.

## Rates

| City | Cap |
| --- | --- |
| Berlin | 190 |
| Paris | 220 |

## Old rates

| City | Cap |
| --- | --- |
| Berlin | 160 |
| Paris | 220 |

1. Keep receipts.
1. Hand them in
   within 30 days.

> [!NOTE]
> Hotels &amp; trains
> come first.
`

func load(t *testing.T) *Corpus {
	t.Helper()
	c, err := Load(fstest.MapFS{
		"travel.md":      {Data: []byte(policy)},
		"rules.md":       {Data: []byte("# Rules\n\nBe kind.\n")},
		"People.csv":     {Data: []byte("Name,City,Since\nAda Byron,London,2019\nBo Diaz,Lima,2021\n")},
		"People/ada.md":  {Data: []byte("# Ada Byron\n\nWrites the first programs of the team.\n")},
		"empty/notes.md": {Data: []byte("# Notes\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pageID(t *testing.T, c *Corpus, path string) notion.ID {
	t.Helper()
	p := c.Workspace.FindPage(path)
	if p == nil {
		t.Fatalf("no page %s", path)
	}
	return notion.ID(p.ID)
}

func at(path string, start, end int) questions.Lines {
	return questions.Lines{Path: path, Start: start, End: end}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	c := load(t)
	tests := []struct {
		name, page, text string
		want             []questions.Lines
	}{
		{"marks and links", "travel.md", "Book early. See [the rules](https://app.notion.com/p/Rules-0a) for more.", []questions.Lines{at("travel.md", 3, 3)}},
		{"where a link leads, as text", "travel.md", "Book early. See the rules (example.org/a/rules.html?x=1#y) for more.", []questions.Lines{at("travel.md", 3, 3)}},
		{"what stands in brackets is text", "travel.md", "Book early. See the rules (all of them) for more.", nil},
		{"a row that is unique", "travel.md", "| Berlin | 160 |\n", []questions.Lines{at("travel.md", 16, 16)}},
		{"equal rows are told apart by their neighbours", "travel.md", "## Old rates\n\n| City | Cap |\n| --- | --- |\n| Berlin | 160 |\n| Paris | 220 |", []questions.Lines{at("travel.md", 12, 17)}},
		{"numbers of a list may change", "travel.md", "1. Keep receipts.\n2. Hand them in within 30 days.", []questions.Lines{at("travel.md", 19, 21)}},
		{"entities and alerts", "travel.md", "> 📝 Hotels & trains\n> come first.", []questions.Lines{at("travel.md", 24, 25)}},
		{"two places", "travel.md", "Book early. See the rules for more.\n\nKeep receipts.\n\nHand them in within 30 days.", []questions.Lines{at("travel.md", 3, 3), at("travel.md", 19, 21)}},
		{"the end of a long line", "travel.md", "the rules for more.", []questions.Lines{at("travel.md", 3, 3)}},
		{"text of another page", "travel.md", "Be kind.", nil},
		{"words here and there", "travel.md", "more early Berlin", nil},
		{"row with text", "People/ada.md", "**City**: London\n**Since**: 2019\n\nWrites the first programs of the team.", []questions.Lines{at("People/ada.md", 3, 3), at("People.csv", 2, 2)}},
		{"text of a row alone", "People/ada.md", "Writes the first programs of the team.", []questions.Lines{at("People/ada.md", 3, 3)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := c.Locate(pageID(t, c, tt.page), tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
	if got := c.Locate("no page", "Be kind."); got != nil {
		t.Errorf("an unknown page holds %v", got)
	}
}

// TestBracketsAreNoLinks finds paragraphs whose brackets have words that an
// address of the page has too, or begins with.
func TestBracketsAreNoLinks(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"It has an authority to operate (ATO) as [the list](https://atos.example.org/all) says.",
		"Have the client (`gh`) installed by [these steps](https://github.com/cli/cli#installation).",
		"Ask the bureau (example) about [its rules](https://example.org/rules).",
		"Call them (tel) at [this number](tel:+1-555-0100) or [that one](tel:112).",
	} {
		c, err := Load(fstest.MapFS{"page.md": {Data: []byte("# Page\n\n" + line + "\n")}})
		if err != nil {
			t.Fatal(err)
		}
		page := c.Workspace.FindPage("page.md")
		var shown string
		block.Walk(page.Body, func(b *block.Block) {
			for _, v := range b.Content {
				runs, _ := v.([]block.Text)
				for _, r := range runs {
					if shown += r.Plain; r.Link != "" {
						shown += " (" + strings.TrimPrefix(r.Link, "https://") + ")"
					}
				}
			}
		})
		if got := c.Locate(notion.ID(page.ID), shown); len(got) != 1 || got[0].Start != 3 {
			t.Errorf("%s\nshown as %q is on lines %v", line, shown, got)
		}
	}
}

// TestLocateFindsEveryBlock splits a page at every block and looks for it with
// its neighbour.
func TestLocateFindsEveryBlock(t *testing.T) {
	t.Parallel()
	c := load(t)
	p := c.Workspace.FindPage("travel.md")
	var all []*block.Block
	block.Walk(p.Body, func(b *block.Block) {
		if b.PlainText() != "" {
			all = append(all, b)
		}
	})
	for i := 1; i < len(all); i++ {
		text := all[i-1].PlainText() + "\n\n" + all[i].PlainText()
		found := c.Locate(notion.ID(p.ID), text)
		for _, b := range all[i-1 : i+1] {
			at, ok := c.Block(notion.ID(b.ID))
			if !ok {
				t.Fatalf("block %q has no lines", b.PlainText())
			}
			g := questions.Gold{Path: at.Path, LineStart: at.Start, LineEnd: at.End}
			if !holdsAny(found, g) {
				t.Errorf("%q: block on lines %d to %d not among %v", text, at.Start, at.End, found)
			}
		}
	}
}

func holdsAny(all []questions.Lines, g questions.Gold) bool {
	for _, l := range all {
		if l.Holds(g) {
			return true
		}
	}
	return false
}

func TestPagesOf(t *testing.T) {
	t.Parallel()
	c := load(t)
	ada := pageID(t, c, "People/ada.md")
	for _, tt := range []struct {
		gold questions.Gold
		want []notion.ID
	}{
		{questions.Gold{Path: "travel.md", LineStart: 3, LineEnd: 3}, []notion.ID{pageID(t, c, "travel.md")}},
		{questions.Gold{Path: "People.csv", LineStart: 2, LineEnd: 2}, []notion.ID{ada}},
		{questions.Gold{Path: "People/ada.md", LineStart: 3, LineEnd: 3}, []notion.ID{ada}},
		{questions.Gold{Path: "absent.md", LineStart: 1, LineEnd: 1}, nil},
	} {
		if diff := cmp.Diff(tt.want, c.PagesOf(tt.gold)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.gold, diff)
		}
	}
	header := c.PagesOf(questions.Gold{Path: "People.csv", LineStart: 1, LineEnd: 1})
	if len(header) != 2 { // the database and its data source
		t.Errorf("the header of a table is held by %v", header)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := load(t)
	q := func(path string, line int) []questions.Question {
		return []questions.Question{{ID: "x", Gold: []questions.Gold{{Path: path, LineStart: line, LineEnd: line}}}}
	}
	if err := c.Check(q("travel.md", 25)); err != nil {
		t.Error(err)
	}
	for _, bad := range [][]questions.Question{q("travel.md", 26), q("gone.md", 1)} {
		if err := c.Check(bad); err == nil {
			t.Errorf("%v passed", bad)
		}
	}
	if got := c.Text(questions.Gold{Path: "travel.md", LineStart: 9, LineEnd: 10}); got != "| Berlin | 190 |\n| Paris | 220 |" {
		t.Errorf("text of two lines: %q", got)
	}
}

func FuzzLocate(f *testing.F) {
	f.Add(policy, "Book early. See the rules for more.")
	f.Add("# x\n\na b a b a b", "a b a b")
	f.Fuzz(func(t *testing.T, file, text string) {
		all := unitsOf(strings.Split(file, "\n"))
		l := locator{units: all, text: words(text), held: map[int]bool{}}
		if len(all)*len(l.text) > 1_000_000 {
			return
		}
		l.find(0, len(l.text))
		for _, r := range l.lines("f") {
			if r.Start < 1 || r.End < r.Start || r.End > strings.Count(file, "\n")+1 {
				t.Errorf("lines %d to %d", r.Start, r.End)
			}
		}
	})
}
