package passage

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mcp-notion/mcp-notion/notion"
)

func titled(title string) *notion.Page {
	return &notion.Page{ID: "page", Properties: map[string]notion.Property{
		"title": {Type: "title", Title: []notion.RichText{{PlainText: title}}},
	}}
}

// TestSplitRandom splits random pages with several bounds, and checks what must
// hold for all of them.
func TestSplitRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		g := &generator{r: rand.New(rand.NewPCG(seed, 1)), headings: map[notion.ID][]string{}}
		body := g.siblings(0, nil)
		opt := Options{Words: []int{0, 30, 120}[seed%3], MinWords: []int{0, 5, 100}[seed%2]}
		split := SplitPage(titled("Random"), body, opt)
		checkSplit(t, split, body, opt)
		if again := SplitPage(titled("Random"), body, opt); !cmp.Equal(split, again) {
			t.Errorf("seed %d: two splits of one page differ", seed)
		}
		if split.Blocks != g.n || split.Pending != 0 || len(split.Skipped) != 0 {
			t.Errorf("seed %d: %d blocks, %d pending, skipped %v; want %d, 0, none", seed, split.Blocks, split.Pending, split.Skipped, g.n)
		}
		g.checkHeadings(t, split)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// generator makes random pages and knows the headings of each block.
type generator struct {
	r        *rand.Rand
	n        int
	headings map[notion.ID][]string
}

var leaves = []string{"paragraph", "bulleted_list_item", "numbered_list_item", "quote", "callout", "to_do", "toggle", "code", "column", "synced_block", "heading", "heading", "table"}

// siblings makes a list of blocks below the headings of path, and says what
// the headings after it are.
func (g *generator) siblings(depth int, path []heading) []*Node {
	nodes, _ := g.list(depth, path)
	return nodes
}

func (g *generator) list(depth int, path []heading) ([]*Node, []heading) {
	var nodes []*Node
	for range 1 + g.r.IntN(8) {
		var n *Node
		switch kind := leaves[g.r.IntN(len(leaves))]; kind {
		case "heading":
			n, path = g.heading(depth, path)
		case "table":
			n = g.table(path)
		default:
			n = g.node(kind, path)
			if kind == "column" || kind == "synced_block" {
				n.Block.Content.RichText = nil
			}
			if depth < 4 && g.r.IntN(3) == 0 && kind != "code" {
				var after []heading
				n.Children, after = g.list(depth+1, path)
				if kind == "synced_block" {
					path = after
				}
			}
		}
		n.Block.HasChildren = len(n.Children) > 0
		nodes = append(nodes, n)
	}
	return nodes, path
}

func (g *generator) heading(depth int, path []heading) (*Node, []heading) {
	level := 1 + g.r.IntN(4)
	n := g.node(fmt.Sprintf("heading_%d", level), path)
	title := fmt.Sprintf("Title %d", g.n)
	n.Block.Content.RichText = []notion.RichText{{PlainText: title, Annotations: &notion.Annotations{Bold: g.r.IntN(2) == 0}}}
	for len(path) > 0 && path[len(path)-1].level >= level {
		path = path[:len(path)-1]
	}
	at := append(slices.Clone(path), heading{level, title})
	g.headings[n.Block.ID] = titles(at)
	if depth < 4 && g.r.IntN(4) == 0 {
		n.Children, _ = g.list(depth+1, at)
		return n, path
	}
	return n, at
}

func (g *generator) table(path []heading) *Node {
	n := g.node("table", path)
	n.Block.Content = notion.Content{TableWidth: 2, HasColumnHeader: g.r.IntN(2) == 0}
	for range 1 + g.r.IntN(6) {
		row := g.node("table_row", path)
		row.Block.Content = notion.Content{Cells: [][]notion.RichText{g.text(2), g.text(1 + g.r.IntN(20))}}
		n.Children = append(n.Children, row)
	}
	return n
}

func (g *generator) node(kind string, path []heading) *Node {
	g.n++
	id := notion.ID(fmt.Sprintf("b%d", g.n))
	g.headings[id] = titles(path)
	words := 1 + g.r.IntN(25)
	if g.r.IntN(6) == 0 {
		words = 1 + g.r.IntN(600)
	}
	return &Node{Read: true, Block: notion.Block{ID: id, Type: kind, Content: notion.Content{RichText: g.text(words)}}}
}

// text is words in runs with random marks, with line ends and colons.
func (g *generator) text(words int) []notion.RichText {
	var runs []notion.RichText
	for words > 0 {
		n := min(words, 1+g.r.IntN(40))
		words -= n
		end := []string{" ", ". ", ": ", "\n", "", "!\n"}[g.r.IntN(6)]
		run := notion.RichText{Type: "text", PlainText: prose(n) + end, Annotations: &notion.Annotations{
			Bold: g.r.IntN(4) == 0, Italic: g.r.IntN(4) == 0, Code: g.r.IntN(8) == 0, Strikethrough: g.r.IntN(8) == 0,
		}}
		if g.r.IntN(8) == 0 {
			run.Href = "https://example.com/"
		}
		runs = append(runs, run)
	}
	return runs
}

func titles(path []heading) []string {
	var all []string
	for _, h := range path {
		all = append(all, h.title)
	}
	return all
}

// checkHeadings checks the headings of every block, and that those of a
// passage are those of one of its blocks.
func (g *generator) checkHeadings(t *testing.T, s Split) {
	t.Helper()
	for _, p := range s.Passages {
		own := false
		for i, span := range p.Spans {
			if span.Block == "page" {
				return
			}
			got, want := p.HeadingsAt(i), g.headings[span.Block]
			if !slices.Equal(got, want) {
				t.Errorf("passage %d: block %s is under %q, want %q", p.Ordinal, span.Block, got, want)
			}
			own = own || slices.Equal(p.Headings, want)
		}
		if !own {
			t.Errorf("passage %d is under %q, as none of its blocks is", p.Ordinal, p.Headings)
		}
	}
}

func TestSplitDeep(t *testing.T) {
	t.Parallel()
	const depth = 100_000
	types := []string{"toggle", "quote", "heading_2", "column", "numbered_list_item", "synced_block", "paragraph"}
	var body []*Node
	for i := depth; i > 0; i-- {
		n := &Node{Read: true, Children: body}
		n.Block = notion.Block{ID: notion.ID(fmt.Sprint(i)), Type: types[i%len(types)], HasChildren: len(body) > 0}
		n.Block.Content.RichText = []notion.RichText{{PlainText: fmt.Sprintf("level%d", i)}}
		body = []*Node{n}
	}
	split := SplitPage(titled("Deep"), body, Options{})
	checkShape(t, split)
	if split.Blocks != depth || split.Pending != 0 {
		t.Errorf("%d blocks, %d pending; want %d, 0", split.Blocks, split.Pending, depth)
	}
	text := joined(split)
	for _, i := range []int{1, depth / 2, depth - 6} {
		if types[i%len(types)] == "column" || types[i%len(types)] == "synced_block" {
			i++
		}
		if !strings.Contains(text, fmt.Sprintf("level%d", i)) {
			t.Errorf("level %d is lost", i)
		}
	}
	if len(text) > 60*depth {
		t.Errorf("%d bytes for %d levels: indentation has no limit", len(text), depth)
	}
}

func TestSplitCycles(t *testing.T) {
	t.Parallel()
	named := func(id notion.ID, children ...*Node) *Node {
		return &Node{Read: true, Children: children, Block: notion.Block{
			ID: id, Type: "toggle", HasChildren: true, Content: notion.Content{RichText: []notion.RichText{{PlainText: "text of " + string(id)}}},
		}}
	}
	nameless := named("")
	nameless.Children = []*Node{named("x", nameless)}
	a := named("a")
	a.Children = []*Node{named("b", a, named("a"), named("c"))}
	twice := named("twice")
	split := SplitPage(titled("Loops"), []*Node{a, nameless, nil, twice, twice}, Options{})
	want := []Skip{{Type: "toggle", Reason: "appears inside itself", Count: 3}}
	if diff := cmp.Diff(want, split.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if split.Blocks != 7 {
		t.Errorf("%d blocks, want 7", split.Blocks)
	}
	if n := strings.Count(joined(split), "text of twice"); n != 2 {
		t.Errorf("a block that stands beside itself is there %d times, want 2", n)
	}
}

func TestSplitDataSource(t *testing.T) {
	t.Parallel()
	ds := &notion.DataSource{
		ID: "ds", Title: []notion.RichText{{PlainText: "Projects"}}, Description: []notion.RichText{{PlainText: "What we work on."}},
		Properties: map[string]notion.Schema{
			"Name":   {Type: "title"},
			"Status": {Type: "status", Status: &notion.Options{Options: []notion.Option{{Name: "Open"}, {Name: "Done"}}}, Description: "Set by the lead."},
			"Client": {Type: "relation", Relation: &notion.RelationTo{DataSourceID: "0123", DatabaseID: "abc"}},
		},
	}
	split := SplitDataSource(ds, Options{})
	want := `**Projects**

What we work on.

Properties:

- Client (relation): to https://app.notion.com/p/abc
- Name (title)
- Status (status): Open, Done. Set by the lead.`
	if diff := cmp.Diff(want, joined(split)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	checkShape(t, split)
	for _, s := range split.Passages[0].Spans {
		if s.Block != "ds" {
			t.Errorf("span of block %q, want ds", s.Block)
		}
	}
	if got := joined(SplitDataSource(&notion.DataSource{ID: "x"}, Options{})); got != "Untitled" {
		t.Errorf("a data source without anything reads %q", got)
	}
}

func joined(s Split) string {
	var all []string
	for _, p := range s.Passages {
		all = append(all, string(p.Named(nobody).Text))
	}
	return strings.Join(all, "\n\n")
}

// FuzzSplit splits whatever JSON gives blocks; children nest under "children".
func FuzzSplit(f *testing.F) {
	f.Add(`[{"id":"a","type":"paragraph","paragraph":{"rich_text":[{"plain_text":"# x: y. Z"}]},"children":[{"type":"heading_1","heading_1":{"rich_text":[{"plain_text":"h"}]}}]}]`, 5)
	f.Add(`[{"id":"t","type":"table","table":{"table_width":-3,"has_column_header":true},"children":[{"type":"table_row","table_row":{"cells":[[{"plain_text":"|\n"}]]}},{"type":"divider"},{"type":"table_row","table_row":{"cells":[]}}]}]`, 1)
	f.Add(`[{"type":"code","code":{"rich_text":[{"plain_text":"`+"```"+`\na\n\nb c d"}],"language":"`+"`"+`"}},{"type":"unsupported"}]`, 2)
	f.Add(`[{"type":"to_do","to_do":{"rich_text":[{"type":"equation","equation":{"expression":"a$b"}},{"type":"mention","mention":{"page":{"id":"q"}},"plain_text":" p "}]}}]`, 0)
	f.Fuzz(func(t *testing.T, data string, words int) {
		var trees []tree
		if json.Unmarshal([]byte(data), &trees) != nil {
			return
		}
		body := nodes(trees, new(int))
		opt := Options{Words: words % 1000}
		split := SplitPage(&notion.Page{ID: "page"}, body, opt)
		checkShape(t, split)
		if !cmp.Equal(split, SplitPage(&notion.Page{ID: "page"}, body, opt)) {
			t.Error("two splits of one page differ")
		}
		for _, p := range split.Passages {
			BestSpan(p, make([]float64, len(p.Spans)))
			for i := range p.Spans {
				Cite(Source{}, p, i)
			}
		}
	})
}

type tree struct {
	node     Node
	Children []tree `json:"children"`
}

func (n *tree) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &n.node.Block); err != nil {
		return err
	}
	var below struct {
		Children []tree `json:"children"`
	}
	if json.Unmarshal(data, &below) == nil {
		n.Children = below.Children
	}
	return nil
}

// nodes gives blocks without an id one of their own.
func nodes(trees []tree, n *int) []*Node {
	var all []*Node
	for i := range trees {
		node := &trees[i].node
		if *n++; node.Block.ID == "" {
			node.Block.ID = notion.ID(fmt.Sprintf("n%d", *n))
		}
		node.Children = nodes(trees[i].Children, n)
		all = append(all, node)
	}
	return all
}

func BenchmarkSplit(b *testing.B) {
	g := &generator{r: rand.New(rand.NewPCG(1, 1)), headings: map[notion.ID][]string{}}
	var body []*Node
	for g.n < 1000 {
		body = append(body, g.siblings(0, nil)...)
	}
	page, passages := titled("Bench"), 0
	b.ReportAllocs()
	for b.Loop() {
		passages = len(SplitPage(page, body, Options{}).Passages)
	}
	b.ReportMetric(float64(g.n), "blocks/op")
	b.ReportMetric(float64(passages), "passages/op")
}
