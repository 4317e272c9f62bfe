package tools

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// writeBlocks adds generated blocks to a page or block, a level at a time.
func (w *world) writeBlocks(parent notion.ID, all []markdowntest.Block) {
	w.t.Helper()
	var children []any
	for _, b := range all {
		children = append(children, map[string]any{"type": b.Type, b.Type: b.Content})
	}
	var list struct{ Results []struct{ ID notion.ID } }
	if err := json.Unmarshal(w.post(http.MethodPatch, "/v1/blocks/"+string(parent)+"/children", map[string]any{"children": children}), &list); err != nil {
		w.t.Fatal(err)
	}
	for i, b := range all {
		if len(b.Children) > 0 {
			w.writeBlocks(list.Results[i].ID, b.Children)
		}
	}
}

func (w *world) post(method, path string, body any) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(mustJSON(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+owner)
	req.Header.Set("Notion-Version", "2026-03-11")
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatal(res.Status, b.String(), err)
	}
	return b.Bytes()
}

// hostileTable is a table whose columns, options and values are generated.
func hostileTable(d *markdowntest.Dice) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	line := func(first string) []string {
		cells := []string{first}
		for range 5 {
			cells = append(cells, d.Text())
		}
		return cells
	}
	_ = w.Write(line("Name"))
	for range 12 {
		_ = w.Write(line(d.Text()))
	}
	w.Flush()
	return b.String()
}

// Generated pages go through Notion, the mirror and every tool that reads.
func TestGeneratedPages(t *testing.T) {
	t.Parallel()
	const pages = 40
	files := map[string]string{"Top.md": "Above all.", "Rows.csv": hostileTable(markdowntest.Seeded(1000))}
	w := newWorld(t, files, nil).sync()
	var ids []notion.ID
	var dice []*markdowntest.Dice
	var blocks [][]markdowntest.Block
	for seed := range uint64(pages) {
		d := markdowntest.Seeded(seed)
		title := fmt.Sprint(d.Text(), "\ncanary", seed)
		p, err := w.owner.CreatePage(t.Context(), notion.CreatePage{Parent: notion.Parent{Type: "page_id", PageID: w.page("Top").ID}, Properties: map[string]any{"title": map[string]any{"title": []notion.RichText{notion.Plain(title)}}}})
		if err != nil {
			t.Fatal(err)
		}
		written := d.Blocks(3)
		w.writeBlocks(p.ID, written)
		if _, err := w.owner.CreateComment(t.Context(), notion.CreateComment{Page: p.ID, RichText: []notion.RichText{notion.Plain(d.Text())}}); err != nil {
			t.Fatal(err)
		}
		dice, ids, blocks = append(dice, d), append(ids, p.ID), append(blocks, written)
	}
	w.sync()
	w.safeTable("Rows")
	for i, id := range ids {
		w.safePage(i, id, dice[i])
		w.says(i, id, blocks[i])
	}
}

func (w *world) safeTable(title string) {
	w.t.Helper()
	id := string(w.page(title).ID)
	rows := w.call(QueryDatabase, map[string]any{"database": id})
	safe(w.t, "rows", rows)
	safe(w.t, "columns", w.call(QueryDatabase, map[string]any{"database": id, "describe": true}))
	safe(w.t, "table", w.call(ReadPage, map[string]any{"page": id, "max_tokens": 20_000}))
	safe(w.t, "fetch table", w.call(Fetch, map[string]any{"id": id}))
	for _, r := range got[QueryOut](w.t, rows).Rows {
		safe(w.t, "row", w.call(ReadPage, map[string]any{"page": r.PageID}))
	}
}

func (w *world) safePage(i int, id notion.ID, d *markdowntest.Dice) {
	w.t.Helper()
	t, name := w.t, fmt.Sprint("page ", i)
	safe(t, name+" searched", w.call(SearchNotion, map[string]any{"query": fmt.Sprint("canary", i), "limit": 3, "max_tokens": 4000}))
	safe(t, name+" asked for", w.call(SearchNotion, map[string]any{"query": d.Text() + " evil"}))
	safe(t, name, w.call(ReadPage, map[string]any{"page": string(id), "max_tokens": 20_000, "comments": true}))
	safe(t, name+" in parts", w.call(ReadPage, map[string]any{"page": string(id), "max_tokens": 300}))
	safe(t, name+" found in", w.call(ReadPage, map[string]any{"page": string(id), "find": "evil note words"}))
	safe(t, name+" fetched", w.call(Fetch, map[string]any{"id": string(id)}))
	safe(t, name+" cited", w.call(CheckCitations, map[string]any{"citations": []any{
		map[string]any{"url": notion.PageURL(id), "quote": d.Text() + " two words of " + d.Text()}, map[string]any{"url": d.Text(), "quote": d.Text()},
	}}))
}

// says holds the text of a page against what was written there.
func (w *world) says(i int, id notion.ID, all []markdowntest.Block) {
	w.t.Helper()
	var text []string
	for _, p := range got[ReadOut](w.t, w.call(ReadPage, map[string]any{"page": string(id), "max_tokens": 20_000})).Passages {
		text = append(text, string(p.Text))
	}
	shown := squeezed(markdowntest.Visible(strings.Join(text, "\n\n")))
	var look func([]markdowntest.Block)
	look = func(all []markdowntest.Block) {
		for _, b := range all {
			if want := squeezed(b.Says); b.Type != "table" && !strings.Contains(shown, want) {
				w.t.Errorf("page %d: %q is not to be seen in %s", i, want, strings.Join(text, "\n\n"))
			}
			look(b.Children)
		}
	}
	look(all)
}

// apart is what may be shown otherwise: the address of a link that stands within a
// word, joiners, and a tag in code.
var apart = strings.NewReplacer("("+strings.TrimPrefix(markdowntest.Own, "https://")+")", "", "\u200d", "", "&lt;quoted", "<quoted", "&lt;/quoted", "</quoted")

func squeezed(s string) string {
	return apart.Replace(strings.Join(strings.Fields(markdown.Clean(s)), ""))
}
