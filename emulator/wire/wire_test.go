package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

func parse(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func view() wire.View {
	return wire.View{
		Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Title: func(id string) (string, bool) {
			return "Seen", id == "seen"
		},
		Person: func(id string) (string, string, bool) { return "Ann", "ann@example.com", id == "ann" },
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	got := view().Text([]block.Text{
		{Kind: "text", Plain: "a", Link: "https://example.com", Style: block.Style{Bold: true}},
		{Kind: "equation", Plain: "x^2"},
		{Kind: "mention", Plain: "Secret title", Mention: &block.Mention{Type: "page", ID: "hidden"}},
		{Kind: "mention", Plain: "Old title", Mention: &block.Mention{Type: "page", ID: "seen"}},
		{Kind: "mention", Plain: "@ann", Mention: &block.Mention{Type: "user", ID: "ann"}},
	})
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "Secret") {
		t.Errorf("the title of a hidden page is told: %s", raw)
	}
	var plain []string
	for _, r := range got {
		plain = append(plain, r.(wire.Object)["plain_text"].(string))
	}
	if diff := cmp.Diff([]string{"a", "x^2", "Untitled", "Seen", "@Ann"}, plain); diff != "" {
		t.Error(diff)
	}
	want := parse(t, `{"type":"text","plain_text":"a","href":"https://example.com",
		"text":{"content":"a","link":{"url":"https://example.com"}},
		"annotations":{"bold":true,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}}`)
	first, err := json.Marshal(got[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, parse(t, string(first))); diff != "" {
		t.Error(diff)
	}
}

func TestParseTextRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"body.children[0] should be an array":                                 `"text"`,
		"body.children[0][0] should be an object":                             `["text"]`,
		"body.children[0][0].text should be defined":                          `[{}]`,
		"body.children[0][0].text.content.length should be ≤ `2000`":          `[{"text":{"content":"` + strings.Repeat("x", 2001) + `"}}]`,
		"body.children[0][0].equation.expression.length should be ≤ `1000`":   `[{"equation":{"expression":"` + strings.Repeat("x", 1001) + `"}}]`,
		"body.children[0].length should be ≤ `100`, instead was `101`":        "[" + strings.Repeat(`{"text":{"content":"x"}},`, 100) + `{"text":{"content":"x"}}]`,
		"body.children[0][0].mention.page.id should be a valid uuid":          `[{"mention":{"page":{"id":"x"}}}]`,
		"body.children[0][0].mention should have one of user, page, database": `[{"mention":{"custom_emoji":{}}}]`,
	} {
		_, err := wire.ParseText(parse(t, body), "body.children[0]")
		var e *wire.Error
		if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}

func TestParseBlocksDepthAndTypes(t *testing.T) {
	t.Parallel()
	nest := func(depth int) string {
		s := `{"paragraph":{"rich_text":[]}}`
		for range depth {
			s = `{"paragraph":{"rich_text":[],"children":[` + s + `]}}`
		}
		return "[" + s + "]"
	}
	if _, err := wire.ParseBlocks(parse(t, nest(2)), "body.children", 2); err != nil {
		t.Errorf("two levels: %v", err)
	}
	for body, want := range map[string]string{
		nest(3):                           "children should be not present",
		`[{"child_page":{"title":"x"}}]`:  "block type that can be created",
		`[{"type":"ai_block"}]`:           "block type that can be created",
		`[{"paragraph":{}}]`:              "body.children[0].paragraph.rich_text should be defined",
		`[{"paragraph":"x"}]`:             "body.children[0].paragraph should be an object",
		`[{"table_row":{"cells":["x"]}}]`: "body.children[0].table_row.cells[0] should be an array",
	} {
		if _, err := wire.ParseBlocks(parse(t, body), "body.children", 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	d := &workspace.Database{Columns: []column.Column{
		{ID: "title", Name: "Name", Type: "title"}, {ID: "n", Name: "N", Type: "number"}, {ID: "t", Name: "Tags", Type: "multi_select"},
	}}
	change, err := wire.Reader{}.Properties(d, parse(t, `{"Name":{"title":[{"text":{"content":"New"}}]},"n":{"number":3},
		"Tags":{"multi_select":[{"name":"a"},{"name":"b"},{"name":"a"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if *change.Title != "New" || *change.Values["N"].Number != 3 || len(change.Values["Tags"].Options) != 2 || len(d.Columns[2].Options) != 0 {
		t.Errorf("change %+v, options %v", change, d.Columns[2].Options)
	}
	if _, err := (wire.Reader{}).Properties(nil, parse(t, `{"N":{"number":1}}`)); err == nil {
		t.Error("a page that is no row took a property")
	}
}

func TestTimeIsRoundedDownToTheMinute(t *testing.T) {
	t.Parallel()
	got := wire.Time(time.Date(2026, 3, 4, 5, 6, 59, 999, time.UTC))
	if want := "2026-03-04T05:06:00.000Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFieldsThatTheAPIAlwaysNames(t *testing.T) {
	t.Parallel()
	d := &workspace.Database{ID: "d", CreatedBy: "ann", EditedBy: "bob", Columns: []column.Column{
		{ID: "a", Name: "S", Type: "select", Options: []string{"x"}},
		{ID: "b", Name: "M", Type: "multi_select", Options: []string{"x"}},
		{ID: "c", Name: "T", Type: "status", Options: []string{"x"}},
	}}
	source := view().DataSource(d, nil, false)
	if wire.String(source, "created_by", "id") != "ann" || wire.String(source, "last_edited_by", "id") != "bob" {
		t.Errorf("made by %v, edited by %v", source["created_by"], source["last_edited_by"])
	}
	if o := view().Database(d, nil, nil, false); o["created_by"] != nil || o["last_edited_by"] != nil {
		t.Error("a database tells who made it; only its data source does")
	}
	properties := source["properties"].(wire.Ordered).By
	p := &workspace.Page{Values: map[string]column.Value{}}
	for _, c := range d.Columns {
		o := properties[c.Name].(wire.Object)[c.Type].(wire.Object)["options"].([]any)[0].(wire.Object)
		if v, ok := o["description"]; !ok || v != nil {
			t.Errorf("%s: an option in the schema: %v", c.Type, o)
		}
		p.Values[c.Name] = column.Value{Options: []string{"x"}}
		if raw, err := json.Marshal(view().Property(p, &c)); err != nil || strings.Contains(string(raw), "description") {
			t.Errorf("%s: the value of a row has a description: %s, %v", c.Type, raw, err)
		}
	}
	for typ, want := range map[string]bool{"paragraph": true, "quote": false, "to_do": false} {
		o := view().Block(block.New(typ, map[string]any{"rich_text": []block.Text{}}), nil, false)
		v, ok := o[typ].(wire.Object)["icon"]
		if ok != want || v != nil {
			t.Errorf("icon of %s: %v, %v", typ, v, ok)
		}
	}
	icon := wire.Object{"type": "emoji", "emoji": "x"}
	o := view().Block(block.New("paragraph", map[string]any{"icon": icon}), nil, false)
	if diff := cmp.Diff(any(icon), o["paragraph"].(wire.Object)["icon"]); diff != "" {
		t.Error(diff)
	}
}
