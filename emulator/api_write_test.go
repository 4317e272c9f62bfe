package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

const edited = "2026-03-04T05:06:00.000Z" // the clock of a new world, rounded

func TestCreateAndReadPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	p := w.ok("POST", "/v1/pages", object{
		"parent":     object{"page_id": w.id("pay.md")},
		"properties": object{"title": object{"title": []any{object{"text": object{"content": "Bonus"}}}}},
		"children":   []any{paragraph("first", paragraph("below"))},
	})
	id := p["id"].(string)
	if text(p) != "Bonus" || p["created_time"] != edited || get(p, "parent", "page_id") != w.id("pay.md") {
		t.Errorf("new page: %v", p)
	}
	kids := results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))
	if texts(kids) != "Monthly.|Bonus" || kids[1]["id"] != id {
		t.Errorf("children of the parent: %v", kids)
	}
	if w.ok("GET", "/v1/pages/{pay.md}", nil)["last_edited_time"] != edited {
		t.Error("the parent was not edited")
	}
	if found := results(w.ok("POST", "/v1/search", object{"query": "bonus"})); len(found) != 1 {
		t.Errorf("search finds %d", len(found))
	}
	row := w.ok("POST", "/v1/pages", object{
		"parent":     object{"data_source_id": w.source("accounts.csv")},
		"properties": object{"Name": object{"title": []any{object{"text": object{"content": "Delta"}}}}, "ARR": object{"number": 7}},
		"markdown":   "## Heading\n\nText",
	})
	if get(row, "properties", "ARR", "number") != 7.0 {
		t.Errorf("row: %v", row)
	}
	if got := types(results(w.ok("GET", "/v1/blocks/"+row["id"].(string)+"/children", nil))); got != "heading_2 paragraph" {
		t.Errorf("body of the row: %s", got)
	}
	rows := results(w.ok("POST", "/v1/data_sources/"+w.source("accounts.csv")+"/query", object{}))
	if texts(rows) != "Acme|Beta|Cyan|Delta" {
		t.Errorf("rows: %s", texts(rows))
	}
}

func TestCreatePageRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	home := object{"page_id": w.id("home.md")}
	for message, body := range map[string]object{
		"body.parent should be defined":               {},
		"body.parent.page_id should be a valid uuid":  {"parent": object{"page_id": "x"}},
		"body.children and body.markdown":             {"parent": home, "children": []any{}, "markdown": "x"},
		"Nope is not a property that exists.":         {"parent": home, "properties": object{"Nope": object{"number": 1}}},
		"body.children should be an array":            {"parent": home, "children": "x"},
		"body.children[0].paragraph.rich_text should": {"parent": home, "children": []any{object{"paragraph": object{}}}},
	} {
		w.do("POST", "/v1/pages", body).fails(t, 400, "validation_error", message)
	}
	before := len(w.Pages())
	w.do("POST", "/v1/pages", object{"parent": object{"page_id": strings.Repeat("0", 32)}}).fails(t, 404, "object_not_found", "page")
	if len(w.Pages()) != before {
		t.Error("a refused request made a page")
	}
}

func TestAppendChildren(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	first := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))[0]["id"].(string)
	add := func(s string, position any) {
		t.Helper()
		body := object{"children": []any{paragraph(s)}}
		if position != nil {
			body["position"] = position
		}
		if got := texts(results(w.ok("PATCH", "/v1/blocks/{home.md}/children", body))); got != s {
			t.Errorf("answer to the append: %s", got)
		}
	}
	add("end", nil)
	add("start", object{"type": "start"})
	add("second", object{"type": "after_block", "after_block": object{"id": first}})
	got := texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil)))
	if want := "start|Welcome|second|one|See Leave and Pay.|Leave policy|end"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	after := object{"children": []any{paragraph("x")}, "after": first}
	w.do("PATCH", "/v1/blocks/{home.md}/children", after).fails(t, 400, "validation_error", "body.after should be not present")
	old := w.send("PATCH", "/v1/blocks/{home.md}/children", after, http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2025-09-03"}})
	if old.status != 200 {
		t.Errorf("after in version 2025-09-03: %d %v", old.status, old.body)
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	many := func(n int, b object) []any {
		var out []any
		for range n {
			out = append(out, b)
		}
		return out
	}
	nested := paragraph("a", many(11, paragraph("b"))...)
	for message, body := range map[string]object{
		"body.children should be defined":                       {},
		"body.children.length should be ≤ `100`":                {"children": many(101, paragraph("x"))},
		"text.content.length should be ≤ `2000`":                {"children": []any{paragraph(strings.Repeat("x", 2001))}},
		"the number of blocks should be ≤ `1000`":               {"children": many(90, nested)},
		"children should be not present":                        {"children": []any{paragraph("1", paragraph("2", paragraph("3", paragraph("4"))))}},
		"is not a child of the parent":                          {"children": many(1, paragraph("x")), "position": object{"type": "after_block", "after_block": object{"id": w.id("pay.md")}}},
		"body.children[0] should have a block type that can be": {"children": []any{object{"type": "child_database", "child_database": object{}}}},
	} {
		w.do("PATCH", "/v1/blocks/{home.md}/children", body).fails(t, 400, "validation_error", message)
	}
	table := results(w.ok("GET", "/v1/blocks/{home/leave.md}/children", nil))[1]["id"].(string)
	row := results(w.ok("GET", "/v1/blocks/"+table+"/children", nil))[0]["id"].(string)
	w.do("PATCH", "/v1/blocks/"+row+"/children", object{"children": many(1, paragraph("x"))}).
		fails(t, 400, "validation_error", "does not support children")
	if n := len(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))); n != 4 {
		t.Errorf("refused requests left %d blocks", n)
	}
}

func TestUpdateAndTrashBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	id := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))[0]["id"].(string)
	b := w.ok("PATCH", "/v1/blocks/"+id, paragraph("Changed"))
	if text(b) != "Changed" || b["last_edited_time"] != edited || b["created_time"] != loaded {
		t.Errorf("changed block: %v", b)
	}
	if w.ok("GET", "/v1/pages/{home.md}", nil)["last_edited_time"] != edited {
		t.Error("the page was not edited")
	}
	w.do("PATCH", "/v1/blocks/"+id, object{"heading_1": object{}}).fails(t, 400, "validation_error", "body.paragraph should be defined")
	if b := w.ok("DELETE", "/v1/blocks/"+id, nil); b["in_trash"] != true {
		t.Errorf("deleted block: %v", b)
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))); strings.Contains(got, "Changed") {
		t.Errorf("a deleted block is listed: %s", got)
	}
	if b := w.ok("GET", "/v1/blocks/"+id, nil); b["in_trash"] != true {
		t.Errorf("a deleted block can be read: %v", b)
	}
	w.do("PATCH", "/v1/blocks/"+id, paragraph("No")).fails(t, 400, "validation_error", "archived")
	if b := w.ok("PATCH", "/v1/blocks/"+id, object{"in_trash": false}); b["in_trash"] != false {
		t.Errorf("restored block: %v", b)
	}
}

func TestTrashAndMovePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	if p := w.ok("PATCH", "/v1/pages/{home/leave.md}", object{"in_trash": true}); p["in_trash"] != true {
		t.Errorf("page: %v", p)
	}
	if p := w.ok("GET", "/v1/pages/{home/leave/rules.md}", nil); p["in_trash"] != true {
		t.Error("a page below one in the trash is not in it")
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))); strings.Contains(got, "Leave policy") {
		t.Errorf("a page in the trash is listed: %s", got)
	}
	found := results(w.ok("POST", "/v1/search", object{"filter": object{"in_trash": true}}))
	if len(found) != 2 {
		t.Errorf("search in the trash finds %s", texts(found))
	}
	w.do("PATCH", "/v1/pages/{home/leave.md}", object{"properties": object{}}).fails(t, 400, "validation_error", "archived")
	w.do("PATCH", "/v1/blocks/{home/leave.md}/children", object{"children": []any{paragraph("x")}}).fails(t, 400, "validation_error", "archived")
	w.ok("PATCH", "/v1/pages/{home/leave.md}", object{"archived": false})

	moved := w.ok("POST", "/v1/pages/{home/leave.md}/move", object{"parent": object{"page_id": w.id("pay.md")}})
	if get(moved, "parent", "page_id") != w.id("pay.md") {
		t.Errorf("moved page: %v", moved)
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))); got != "Monthly.|Leave policy" {
		t.Errorf("new parent: %s", got)
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))); strings.Contains(got, "policy") {
		t.Errorf("old parent: %s", got)
	}
	w.do("POST", "/v1/pages/{pay.md}/move", object{"parent": object{"page_id": w.id("home/leave.md")}}).
		fails(t, 400, "validation_error", "below itself")
}

func TestUpdateMarkdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	before := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))
	w.clock.add(time.Hour)
	o := w.ok("PATCH", "/v1/pages/{home.md}/markdown", object{"type": "update_content", "update_content": object{
		"content_updates": []any{object{"old_str": "Welcome", "new_str": "Hello"}}}})
	if !strings.HasPrefix(o["markdown"].(string), "Hello") {
		t.Errorf("markdown: %v", o)
	}
	after := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))
	if texts(after) != "Hello|one|See Leave and Pay.|Leave policy" || after[1]["id"] != before[1]["id"] {
		t.Errorf("blocks: %v", after)
	}
	if after[0]["last_edited_time"] == after[1]["last_edited_time"] {
		t.Error("an unchanged block was edited")
	}
	w.ok("PATCH", "/v1/pages/{home.md}/markdown", object{"type": "insert_content", "insert_content": object{"content": "- last"}})
	w.ok("PATCH", "/v1/pages/{pay.md}/markdown", object{"type": "replace_content", "replace_content": object{"new_str": "# New"}})
	if got := types(results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))); got != "heading_1" {
		t.Errorf("replaced body: %s", got)
	}
	w.do("PATCH", "/v1/pages/{home.md}/markdown", object{"type": "update_content", "update_content": object{
		"content_updates": []any{object{"old_str": "absent", "new_str": ""}}}}).fails(t, 400, "validation_error", "Could not find")
	w.do("PATCH", "/v1/pages/{accounts.csv}/markdown", object{}).fails(t, 404, "object_not_found", "page")
}

func TestComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{
		{Secret: "full", Name: "Full"}, {Secret: "write", NoReadComments: true}, {Secret: "none", NoComment: true, NoReadComments: true},
	}})
	block := results(w.as("full", "GET", "/v1/blocks/{pay.md}/children", nil).body)[0]["id"].(string)
	onPage := w.as("full", "POST", "/v1/comments", object{"parent": object{"page_id": w.id("pay.md")}, "markdown": "**Hi** there"}).body
	if plain(onPage["rich_text"]) != "Hi there" || get(onPage, "rich_text", 0, "annotations", "bold") != true {
		t.Errorf("comment: %v", onPage)
	}
	onBlock := w.as("full", "POST", "/v1/comments", object{"parent": object{"block_id": block},
		"rich_text": []any{object{"text": object{"content": "On the block"}}}}).body
	reply := w.as("full", "POST", "/v1/comments", object{"discussion_id": onPage["discussion_id"], "markdown": "Reply"}).body
	if reply["discussion_id"] != onPage["discussion_id"] || get(reply, "parent", "page_id") != w.id("pay.md") {
		t.Errorf("reply: %v", reply)
	}
	listed := results(w.as("full", "GET", "/v1/comments?block_id={pay.md}", nil).body)
	if len(listed) != 2 || listed[1]["id"] != reply["id"] {
		t.Errorf("comments on the page: %v", listed)
	}
	if got := results(w.as("full", "GET", "/v1/comments?block_id="+block, nil).body); len(got) != 1 || got[0]["id"] != onBlock["id"] {
		t.Errorf("comments on the block: %v", got)
	}
	partial := w.as("write", "POST", "/v1/comments", object{"parent": object{"page_id": w.id("pay.md")}, "markdown": "x"}).body
	if partial["id"] == nil || partial["rich_text"] != nil || partial["parent"] != nil {
		t.Errorf("comment without the right to read comments: %v", partial)
	}
	w.as("write", "GET", "/v1/comments?block_id={pay.md}", nil).fails(t, 403, "restricted_resource", "Insufficient")
	w.as("none", "POST", "/v1/comments", object{}).fails(t, 403, "restricted_resource", "Insufficient")
	w.as("full", "POST", "/v1/comments", object{"markdown": "x"}).fails(t, 400, "validation_error", "parent.page_id")
	w.as("full", "POST", "/v1/comments", object{"parent": object{"page_id": w.id("pay.md")}}).fails(t, 400, "validation_error", "rich_text or markdown")
	w.as("full", "POST", "/v1/comments", object{"discussion_id": w.id("pay.md"), "markdown": "x"}).fails(t, 404, "object_not_found", "discussion")

	w.Resolve(onPage["discussion_id"].(string))
	if left := results(w.as("full", "GET", "/v1/comments?block_id={pay.md}", nil).body); len(left) != 1 || left[0]["id"] != partial["id"] {
		t.Errorf("comments after one thread was resolved: %v", left)
	}
}

func TestChangeComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{
		{Secret: "ntn_test", Name: "Tested"}, {Secret: "other", Name: "Other"}, {Secret: "leave", Roots: []string{"home/leave.md"}}, {Secret: "none", NoComment: true},
	}})
	onPage := object{"page_id": w.id("pay.md")}
	first := w.ok("POST", "/v1/comments", object{"parent": onPage, "markdown": "First"})
	named := w.ok("POST", "/v1/comments", object{"discussion_id": first["discussion_id"], "markdown": "Second", "display_name": object{"type": "custom", "custom": object{"name": "Robin"}}})
	if get(named, "display_name", "resolved_name") != "Robin" || get(first, "display_name", "resolved_name") != "Tested" {
		t.Errorf("names: %v, %v", first["display_name"], named["display_name"])
	}
	path := "/v1/comments/" + first["id"].(string)
	w.clock.add(2 * time.Minute)
	changed := w.ok("PATCH", path, object{"markdown": "Better"})
	if plain(changed["rich_text"]) != "Better" || changed["created_time"] != edited || changed["last_edited_time"] != "2026-03-04T05:08:00.000Z" {
		t.Errorf("changed: %v", changed)
	}
	w.as("other", "PATCH", path, object{"markdown": "x"}).fails(t, 403, "restricted_resource", "")
	w.as("other", "DELETE", path, nil).fails(t, 403, "restricted_resource", "")
	w.as("none", "DELETE", path, nil).fails(t, 403, "restricted_resource", "")
	w.as("leave", "DELETE", path, nil).fails(t, 404, "object_not_found", "comment")
	for message, body := range map[string]object{
		"body.attachments should be not present":    {"parent": onPage, "markdown": "x", "attachments": []any{}},
		"body.display_name should be":               {"parent": onPage, "markdown": "x", "display_name": object{"type": "custom"}},
		"body.rich_text.length should be ≥ `1`":     {"parent": onPage, "rich_text": []any{}},
		"body should have one of rich_text or mark": {"parent": onPage, "rich_text": []any{}, "markdown": "x"},
	} {
		w.do("POST", "/v1/comments", body).fails(t, 400, "validation_error", message)
	}
	w.do("PATCH", path, object{"parent": onPage, "markdown": "x"}).fails(t, 400, "validation_error", "body.parent should be not present")
	w.ok("DELETE", path, nil)
	w.do("GET", path, nil).fails(t, 404, "object_not_found", "comment")
	if left := results(w.ok("GET", "/v1/comments?block_id={pay.md}", nil)); len(left) != 1 || left[0]["id"] != named["id"] {
		t.Errorf("left: %v", left)
	}
}

func TestPropertiesPastTheReferenceLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	var ids []any
	for range 30 {
		p := w.ok("POST", "/v1/pages", object{"parent": object{"data_source_id": w.source("projects.csv")}, "properties": object{}})
		ids = append(ids, object{"id": p["id"]})
	}
	row := w.ok("PATCH", "/v1/pages/{accounts/Acme.md}", object{"properties": object{"Project": object{"relation": ids}}})
	prop := row["properties"].(object)["Project"].(object)
	if len(prop["relation"].([]any)) != 25 || prop["has_more"] != true {
		t.Errorf("property in the page: %v", prop)
	}
	path := "/v1/pages/{accounts/Acme.md}/properties/" + prop["id"].(string)
	first := w.ok("GET", path+"?page_size=20", nil)
	second := w.ok("GET", path+"?page_size=20&start_cursor="+first["next_cursor"].(string), nil)
	if len(results(first)) != 20 || len(results(second)) != 10 || second["has_more"] != false {
		t.Errorf("%d and %d items", len(results(first)), len(results(second)))
	}
	if get(first, "property_item", "next_url") == nil || first["type"] != "property_item" {
		t.Errorf("list: %v", first)
	}
	single := w.ok("GET", "/v1/pages/{accounts/Acme.md}/properties/ARR", nil)
	if single["object"] != "property_item" || single["number"] != 1200.0 {
		t.Errorf("property item: %v", single)
	}
}
