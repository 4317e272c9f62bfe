package passage

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

const leaveTree = `
h1 heading_1 Leave
h2 heading_2 Parental leave
p1 paragraph Parents get twelve weeks.
h3 heading_2 Sick days
p2 paragraph Tell your manager about sick days.
t table {"table_width":2,"has_column_header":true}
  r0 table_row Country ; Vacation days
  r1 table_row Germany ; 30 days
  r2 table_row France ; 25 vacation days
`

func leavePassage(t *testing.T) Passage {
	t.Helper()
	_, body := parseTree(t, leaveTree)
	split := SplitPage(titled("Time off"), body, Options{})
	if len(split.Passages) != 1 {
		t.Fatalf("want one passage, got:\n%s", show(split))
	}
	return split.Passages[0]
}

func TestCite(t *testing.T) {
	t.Parallel()
	p := leavePassage(t)
	edited := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	src := Source{ID: "page", Title: "Time off", Path: []string{"Handbook"}, URL: "https://app.notion.com/p/Time-off-page", LastEdited: edited}
	tests := []struct {
		block, wantBlock notion.ID
		wantURL          string
		wantPath         []string
	}{
		{"p1", "p1", "https://app.notion.com/p/Time-off-page#p1", []string{"Handbook", "Leave", "Parental leave"}},
		{"h1", "h1", "https://app.notion.com/p/Time-off-page#h1", []string{"Handbook", "Leave"}},
		{"r2", "r2", "https://app.notion.com/p/Time-off-page#r2", []string{"Handbook", "Leave", "Sick days"}},
		{"page", "page", "https://app.notion.com/p/Time-off-page", []string{"Handbook"}},
		{"", "page", "https://app.notion.com/p/Time-off-page", []string{"Handbook"}},
	}
	for _, tt := range tests {
		want := Citation{PageID: "page", BlockID: tt.wantBlock, Title: "Time off", Path: tt.wantPath, URL: tt.wantURL, LastEdited: edited}
		if diff := cmp.Diff(want, Cite(src, p, spanOf(p, tt.block))); diff != "" {
			t.Errorf("Cite %q (-want +got):\n%s", tt.block, diff)
		}
	}
	if got := Cite(Source{ID: "ab-cd"}, Passage{Spans: []Span{{Block: "p-1"}}}, 0).URL; got != "https://app.notion.com/p/abcd#p1" {
		t.Errorf("without a URL of its own the page is cited as %s", got)
	}
}

// spanOf is the first span of a block, -1 for none.
func spanOf(p Passage, block notion.ID) int {
	return slices.IndexFunc(p.Spans, func(s Span) bool { return s.Block == block })
}

// Text whose own block is not known yet stands under its own heading, whatever
// else has the address of the same block.
func TestCiteNear(t *testing.T) {
	t.Parallel()
	p := Passage{Headings: []string{"Plans", "Rejected"}}
	var b markdown.Builder
	for i, text := range []markdown.Text{"## Rejected", "Red costs five.", "## Approved", "Blue costs nine."} {
		if i > 0 {
			b.Put("\n\n")
		}
		start := b.Len()
		b.Put(text)
		p.Spans = append(p.Spans, Span{Start: start, End: b.Len(), Block: "columns", Near: true})
	}
	p.Text = b.Text()
	for at, want := range []string{"Rejected", "Rejected", "Approved", "Approved"} {
		c := Cite(Source{ID: "page", Path: []string{"Home"}}, p, at)
		if diff := cmp.Diff([]string{"Home", "Plans", want}, c.Path); diff != "" || c.BlockID != "columns" {
			t.Errorf("span %d is cited to %s (-want +got):\n%s", at, c.BlockID, diff)
		}
	}
}

func TestBestSpan(t *testing.T) {
	t.Parallel()
	p := leavePassage(t)
	tests := []struct {
		name   string
		scores map[notion.ID]float64
		want   notion.ID
		score  float64
	}{
		{"the one that has it", map[notion.ID]float64{"p1": 3, "p2": 1}, "p1", 3},
		{"never a heading", map[notion.ID]float64{"h2": 9, "h3": 8, "p2": 1}, "p2", 1},
		{"never the header of a table", map[notion.ID]float64{"r0": 9, "r2": 1}, "r2", 1},
		{"the first of equals", map[notion.ID]float64{"r1": 2, "r2": 2}, "r1", 2},
		{"none", nil, "p1", 0},
	}
	for _, tt := range tests {
		at, score := BestSpan(p, spanScores(p, tt.scores))
		if got := p.Spans[at].Block; got != tt.want || score != tt.score {
			t.Errorf("%s: %s with %v, want %s with %v", tt.name, p.Spans[at].Block, score, tt.want, tt.score)
		}
	}
	if at, _ := BestSpan(Passage{Page: "page"}, nil); at != -1 {
		t.Errorf("best span of a passage without spans is %d", at)
	}
	_, body := parseTree(t, "h1 heading_1 Leave\nh2 heading_2 Sick days")
	heads := SplitPage(titled("Time off"), body, Options{}).Passages[0]
	if at, score := BestSpan(heads, spanScores(heads, map[notion.ID]float64{"h2": 1})); at != spanOf(heads, "h2") || score != 1 {
		t.Errorf("best span of headings alone is %d with %v", at, score)
	}
}

func spanScores(p Passage, byBlock map[notion.ID]float64) []float64 {
	scores := make([]float64, len(p.Spans))
	for i, s := range p.Spans {
		scores[i] = byBlock[s.Block]
	}
	return scores
}

func TestShapeOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Shape{
		"Sick days":                    {},
		"## Sick days":                 {Heading: 2},
		"> ### Quoted":                 {Heading: 3},
		"#tag and more":                {},
		"| Country |\n| --- |":         {Columns: true},
		"> | Country |\n> | --- |":     {Columns: true},
		"| Germany |":                  {Row: true},
		"- | not a row":                {},
		"Text\n| --- |":                {},
		"| Germany |\n| another row |": {Row: true},
	} {
		if got := ShapeOf(markdown.Text(text)); got != want {
			t.Errorf("ShapeOf(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestBlockText(t *testing.T) {
	t.Parallel()
	p := leavePassage(t)
	if got := p.BlockText("r1"); got != "| Germany | 30 days |" {
		t.Errorf("BlockText(r1) = %q", got)
	}
	if got := p.BlockText("elsewhere"); got != "" {
		t.Errorf("a block of another passage has text %q", got)
	}
	if got := (Passage{Page: "page", Text: "x"}).BlockAt(0); got != "page" {
		t.Errorf("BlockAt without spans = %q, want the page", got)
	}
	if first := p.Spans[0]; p.BlockAt(first.End) != first.Block || p.BlockAt(1e6) != "r2" {
		t.Errorf("between blocks: %q, after all: %q", p.BlockAt(first.End), p.BlockAt(1e6))
	}
}
