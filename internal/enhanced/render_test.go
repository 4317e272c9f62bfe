package enhanced_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/enhanced"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

var corpus = flag.String("corpus", "", "folder of pages that TestCorpus reads")

// reader reads whole pages of an emulator, both ways.
type reader struct {
	t *testing.T
	c *notion.Client
}

func serve(t *testing.T, w *emulator.Workspace) (reader, []emulator.PageInfo) {
	s := emulator.New(w, emulator.Config{})
	transport := &http.Client{Transport: emulatortest.InProcess(s)}
	return reader{t, notion.New("ntn_test", notion.Config{BaseURL: "http://127.0.0.1", HTTP: transport})}, s.Pages()
}

// tree reads blocks with all that is below them, one request each.
func (r reader) tree(ctx context.Context, id notion.ID) []*passage.Node {
	r.t.Helper()
	var nodes []*passage.Node
	for cursor, more := "", true; more; more = cursor != "" {
		l, err := r.c.Children(ctx, id, cursor)
		if err != nil {
			return nil // of a type that the API does not hand out
		}
		for _, b := range l.Blocks {
			n := &passage.Node{Block: b, Read: true}
			if b.Type == "code" { // which Markdown has no place for
				n.Block.Content.Caption = nil
			}
			from := b.ID
			if b.Content.SyncedFrom != nil {
				from = b.Content.SyncedFrom.BlockID
			}
			if b.HasChildren && b.Type != "child_page" && b.Type != "child_database" {
				n.Children = r.tree(ctx, from)
			}
			nodes = append(nodes, n)
		}
		cursor = l.NextCursor
	}
	return nodes
}

func text(title string, nodes []*passage.Node) string {
	page := &notion.Page{ID: "p", Properties: map[string]notion.Property{"t": {Type: "title", Title: []notion.RichText{notion.Plain(title)}}}}
	var b strings.Builder
	for _, p := range passage.SplitPage(page, nodes, passage.Options{}).Passages {
		fmt.Fprintf(&b, "%q\n%s\n\n", p.Headings, p.Text)
	}
	return b.String()
}

// gaps are the types of the outermost blocks with gaps.
func gaps(nodes []*passage.Node) []string {
	var all []string
	for _, n := range nodes {
		if n.Gap {
			name := n.Block.Type
			if below := gaps(n.Children); len(below) > 0 {
				name = strings.Join(below, " ")
			} else if n.Block.Content.BlockType != "" {
				name = n.Block.Content.BlockType
			}
			all = append(all, name)
		}
	}
	return all
}

// compare reads a page both ways. Without gaps both have the same text.
func (r reader) compare(p emulator.PageInfo) (missing []string) {
	r.t.Helper()
	md, err := r.c.PageMarkdown(r.t.Context(), notion.ID(p.ID), true)
	if err != nil {
		r.t.Fatal(err)
	}
	parsed := enhanced.Parse(md.Markdown, nil)
	if missing = gaps(parsed); len(missing) > 0 {
		return missing
	}
	if diff := cmp.Diff(text(p.Title, r.tree(r.t.Context(), notion.ID(p.ID))), text(p.Title, parsed)); diff != "" {
		r.t.Errorf("%s (-blocks +markdown):\n%s\nfrom\n%s", p.Path, diff, md.Markdown)
	}
	return nil
}

func (r reader) all(pages []emulator.PageInfo) {
	r.t.Helper()
	counts, gapped := map[string]int{}, 0
	for _, p := range pages {
		if p.Kind == "database" {
			continue
		}
		all := r.compare(p)
		for _, g := range all {
			counts[g]++
		}
		if len(all) > 0 {
			gapped++
		}
	}
	r.t.Logf("%d of %d pages have gaps: %v", gapped, len(pages), counts)
}

// Pages read as Markdown say what they say read block by block.
func TestSample(t *testing.T) {
	t.Parallel()
	w, err := emulator.Load(sample.FS())
	if err != nil {
		t.Fatal(err)
	}
	r, pages := serve(t, w)
	r.all(pages)
}

func TestCorpus(t *testing.T) {
	if *corpus == "" {
		t.Skip("no -corpus given")
	}
	w, err := emulator.LoadDir(*corpus)
	if err != nil {
		t.Fatal(err)
	}
	r, pages := serve(t, w)
	r.all(pages)
}

// Pages that nest what the samples do not.
func TestRendered(t *testing.T) {
	t.Parallel()
	w, err := emulator.Load(fstest.MapFS{
		"lists.md":   {Data: []byte("# One\nText with *italic*, **bold**, `code`, $a^2$, [a link](https://example.com/a), 5 \\* 6 [x] <y>.\n\n- bullet\n\t- *a **b** c*\n\n\t\tsecond `<p>` paragraph\n- [x] done\n\n3. three\n4. four\n\n\t```go\n\tx := `1`\n\n\t\ty\n\t```\n")},
		"callout.md": {Data: []byte("<aside>\n💡 Callout\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n> quote\n> more\n</aside>\n")},
		"toggle.md":  {Data: []byte("<details><summary>## Heading</summary>\nInside\n\n<details><summary>Toggle</summary>\n$$\nx = 1\n$$\n</details>\n</details>\n")},
		"columns.md": {Data: []byte("<columns>\n<column>\nLeft {yes}\n</column>\n<column>\n![cap](https://example.com/a.png)\n\n![](files/own.png)\n\n[Lists](lists.md) and [People](user://ann)\n</column>\n</columns>\n")},
		"marks.md":   {Data: []byte("- x\n\n\t\\- - no item\n\n\t\\# no heading\n\n\t1\\. no number\n\n\t\\---\n\n\t-dash\n\n\t.\n- \\- item\n")},
		"synced.md":  {Data: []byte("- x\n\n\t<synced_block id=\"s\">\n\tshared text\n\t</synced_block>\n\n<!-- synced_copy: s -->\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, pages := serve(t, w)
	r.all(pages)
}
