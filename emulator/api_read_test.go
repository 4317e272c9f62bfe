package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
)

func TestRequestsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	auth := func(token, version string) http.Header {
		h := http.Header{"Authorization": {token}}
		if version != "" {
			h.Set("Notion-Version", version)
		}
		return h
	}
	good := auth("Bearer ntn_a", "2026-03-11")
	for _, c := range []struct {
		method, path  string
		body          any
		header        http.Header
		status        int
		code, message string
	}{
		{"GET", "/v1/users/me", nil, auth("", "2026-03-11"), 401, "unauthorized", "API token is invalid."},
		{"GET", "/v1/users/me", nil, auth("Bearer other", "2026-03-11"), 401, "unauthorized", "API token is invalid."},
		{"GET", "/v1/users/me", nil, auth("Bearer ntn_a", ""), 400, "missing_version", "Notion-Version header should be defined"},
		{"GET", "/v1/users/me", nil, auth("Bearer ntn_a", "2021-01-01"), 400, "validation_error", "Notion-Version"},
		{"GET", "/v1/pages/abc", nil, good, 400, "validation_error", "path.page_id should be a valid uuid"},
		{"GET", "/v1/nothing", nil, good, 400, "invalid_request_url", "Invalid request URL."},
		{"PUT", "/v1/pages", nil, good, 400, "invalid_request_url", "Invalid request URL."},
		{"POST", "/v1/search", `{"query":`, good, 400, "invalid_json", "Error parsing JSON body."},
		{"POST", "/v1/search", `[]`, good, 400, "validation_error", "body failed validation"},
		{"POST", "/v1/search", `{"page_size":101}`, good, 400, "validation_error", "body.page_size should be ≤ `100`"},
		{"POST", "/v1/search", `{"page_size":"10"}`, good, 400, "validation_error", "body.page_size should be a number"},
		{"POST", "/v1/search", `{"start_cursor":"x"}`, good, 400, "validation_error", "start_cursor"},
		{"POST", "/v1/search", `{"filter":{"property":"object","value":"database"}}`, good, 400, "validation_error", "data_source"},
		{"POST", "/v1/search", `{"query":"` + strings.Repeat("x", 600<<10) + `"}`, good, 400, "validation_error", "500 KB"},
		{"GET", "/v1/blocks/{home.md}/children?page_size=0", nil, good, 400, "validation_error", "query.page_size should be ≥ `1`"},
		{"GET", "/v1/comments", nil, good, 400, "validation_error", "query.block_id"},
		{"GET", "/v1/databases/{home.md}", nil, good, 404, "object_not_found", "Could not find database with ID"},
		{"GET", "/v1/pages/00000000000000000000000000000000", nil, good, 404, "object_not_found",
			"Could not find page with ID: 00000000-0000-0000-0000-000000000000. Make sure the relevant pages and databases are shared with your integration \"Emulator\"."},
	} {
		w.send(c.method, c.path, c.body, c.header).fails(t, c.status, c.code, c.message)
	}
}

func TestPageObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	got := w.ok("GET", "/v1/pages/{home/leave.md}", nil)
	id := w.id("home/leave.md")
	delete(got, "request_id")
	user := got["created_by"]
	run := object{"type": "text", "plain_text": "Leave policy", "href": nil, "text": object{"content": "Leave policy", "link": nil},
		"annotations": object{"bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default"}}
	want := object{
		"object": "page", "id": id, "parent": object{"type": "page_id", "page_id": w.id("home.md")},
		"created_time": loaded, "last_edited_time": loaded, "created_by": user, "last_edited_by": user,
		"icon": nil, "cover": nil, "in_trash": false, "is_archived": false, "is_locked": false, "public_url": nil,
		"url":        "https://app.notion.com/p/Leave-policy-" + strings.ReplaceAll(id, "-", ""),
		"properties": object{"title": object{"id": "title", "type": "title", "title": []any{run}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	old := w.send("GET", "/v1/pages/{pay.md}", nil, http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2025-09-03"}})
	if old.body["archived"] != false || get(old.body, "parent", "workspace") != true {
		t.Errorf("page of version 2025-09-03: %v", old.body)
	}
}

func TestChildrenComeOneLevelAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	top := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))
	if got := types(top); got != "paragraph bulleted_list_item paragraph child_page" {
		t.Fatalf("children of the page: %s", got)
	}
	if top[1]["has_children"] != true || get(top[1], "bulleted_list_item", "children") != nil {
		t.Errorf("list item: %v", top[1])
	}
	below := results(w.ok("GET", "/v1/blocks/"+top[1]["id"].(string)+"/children", nil))
	if texts(below) != "two" || get(below[0], "parent", "block_id") != top[1]["id"] {
		t.Errorf("below the list item: %v", below)
	}
	if text(top[3]) != "Leave policy" || top[3]["id"] != w.id("home/leave.md") || top[3]["has_children"] != true {
		t.Errorf("child page: %v", top[3])
	}
	if got := text(top[2]); got != "See Leave and Pay." {
		t.Errorf("text with links: %q", got)
	}
	if got := get(top[2], "paragraph", "rich_text", 3, "mention", "page", "id"); got != w.id("pay.md") {
		t.Errorf("mention of %v, want %s", got, w.id("pay.md"))
	}
	rows := results(w.ok("GET", "/v1/blocks/"+results(w.ok("GET", "/v1/blocks/{home/leave.md}/children", nil))[1]["id"].(string)+"/children", nil))
	if types(rows) != "table_row table_row" || plain(get(rows[1], "table_row", "cells", 1)) != "2" {
		t.Errorf("rows: %v", rows)
	}
}

func TestPagingAndShortPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{PageSizeMax: 2})
	var all []object
	path := "/v1/blocks/{odd.md}/children?page_size=100"
	for calls := 0; ; calls++ {
		o := w.ok("GET", path, nil)
		page := results(o)
		if len(page) > 2 || calls > 5 {
			t.Fatalf("page of %d after %d calls", len(page), calls)
		}
		all = append(all, page...)
		if o["has_more"] == false {
			if o["next_cursor"] != nil {
				t.Errorf("cursor %v at the end", o["next_cursor"])
			}
			break
		}
		path = "/v1/blocks/{odd.md}/children?page_size=100&start_cursor=" + o["next_cursor"].(string)
	}
	if got := types(all); got != "unsupported child_database synced_block synced_block meeting_notes image" {
		t.Errorf("all children: %s", got)
	}
	w.do("GET", "/v1/blocks/{odd.md}/children?start_cursor="+w.id("pay.md"), nil).fails(t, 400, "validation_error", "start_cursor")
}

func TestAwkwardBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	list := results(w.ok("GET", "/v1/blocks/{odd.md}/children", nil))
	ai, linked, original, copied, meeting, image := list[0], list[1], list[2], list[3], list[4], list[5]
	if ai["has_children"] != true || get(ai, "unsupported", "block_type") != "ai_block" {
		t.Errorf("ai block: %v", ai)
	}
	w.do("GET", "/v1/blocks/"+ai["id"].(string)+"/children", nil).
		fails(t, 400, "validation_error", "Block type ai_block is not supported via the API.")
	w.do("GET", "/v1/databases/"+linked["id"].(string), nil).fails(t, 404, "object_not_found", "Could not find database")
	if original["has_children"] != true || get(original, "synced_block", "synced_from") != nil {
		t.Errorf("original: %v", original)
	}
	if copied["has_children"] != true || get(copied, "synced_block", "synced_from", "block_id") != original["id"] {
		t.Errorf("copy: %v", copied)
	}
	summary := get(meeting, "meeting_notes", "children", "summary_block_id")
	if below := results(w.ok("GET", "/v1/blocks/"+summary.(string)+"/children", nil)); texts(below) != "We met" {
		t.Errorf("summary: %v", below)
	}
	url := get(image, "image", "file", "url").(string)
	if !strings.Contains(url, "X-Amz-Signature") || get(image, "image", "file", "expiry_time") != "2026-03-04T06:06:07.000Z" {
		t.Errorf("image: %v", image)
	}
	old := w.send("GET", "/v1/blocks/"+meeting["id"].(string), nil, http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2025-09-03"}})
	if old.body["type"] != "transcription" || old.body["transcription"] == nil {
		t.Errorf("meeting notes of version 2025-09-03: %v", old.body)
	}
}

func TestDatabaseAndQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	source := w.source("accounts.csv")
	ds := w.ok("GET", "/v1/data_sources/"+source, nil)
	if get(ds, "parent", "database_id") != w.id("accounts.csv") || get(ds, "properties", "ARR", "type") != "number" ||
		get(ds, "properties", "Project", "relation", "data_source_id") != w.source("projects.csv") {
		t.Errorf("data source: %v", ds)
	}
	o := w.ok("POST", "/v1/data_sources/"+source+"/query", object{
		"filter": object{"property": "Status", "status": object{"equals": "Open"}},
		"sorts":  []any{object{"property": "ARR", "direction": "ascending"}},
	})
	rows := results(o)
	if texts(rows) != "Cyan|Acme" || o["has_more"] != false || get(o, "request_status", "type") != "complete" {
		t.Errorf("rows: %v", o)
	}
	parent := object{"type": "data_source_id", "data_source_id": source, "database_id": w.id("accounts.csv")}
	if diff := cmp.Diff(any(parent), rows[0]["parent"]); diff != "" {
		t.Error(diff)
	}
	only := results(w.ok("POST", "/v1/data_sources/"+source+"/query?filter_properties%5B%5D=title", object{"page_size": 1}))
	if len(only) != 1 || len(only[0]["properties"].(object)) != 1 {
		t.Errorf("filtered properties: %v", only)
	}
	w.do("POST", "/v1/data_sources/"+w.id("accounts.csv")+"/query", object{}).fails(t, 404, "object_not_found", "data_source")
}

func TestMarkdownOfAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	o := w.ok("GET", "/v1/pages/{home.md}/markdown", nil)
	want := "Welcome\n- one\n\t- two\n\t\t- three\nSee "
	md := o["markdown"].(string)
	if !strings.HasPrefix(md, want) || !strings.Contains(md, ">Leave policy</page>") || o["truncated"] != false {
		t.Errorf("markdown: %v", o)
	}
	odd := w.ok("GET", "/v1/pages/{odd.md}/markdown", nil)
	if n := len(odd["unknown_block_ids"].([]any)); n != 1 || strings.Count(odd["markdown"].(string), "Words") != 2 {
		t.Errorf("markdown of odd blocks has %d unknown: %v", n, odd["markdown"])
	}
	small := newWorld(t, emulator.Config{MarkdownBlocks: 2}).ok("GET", "/v1/pages/{home.md}/markdown", nil)
	if small["truncated"] != true || len(small["unknown_block_ids"].([]any)) == 0 {
		t.Errorf("truncated markdown: %v", small)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{{Secret: "a", Name: "Alpha"}, {Secret: "b", NoUsers: true}}})
	me := w.as("a", "GET", "/v1/users/me", nil).body
	if me["type"] != "bot" || me["name"] != "Alpha" || get(me, "bot", "workspace_name") == "" {
		t.Errorf("me: %v", me)
	}
	users := results(w.as("a", "GET", "/v1/users", nil).body)
	if len(users) != 2 || get(users[0], "person", "email") != "workspace.owner@example.com" {
		t.Errorf("users: %v", users)
	}
	w.as("b", "GET", "/v1/users", nil).fails(t, 403, "restricted_resource", "Insufficient permissions for this endpoint.")
	if r := w.as("b", "GET", "/v1/users/me", nil); r.status != 200 {
		t.Errorf("users/me needs no capability, got %d", r.status)
	}
}

func TestQueryEndsAtTenThousandRows(t *testing.T) {
	t.Parallel()
	table := "Name\n" + strings.Repeat("row\n", 10050)
	w := worldOf(t, fstest.MapFS{"big.csv": {Data: []byte(table)}}, emulator.Config{})
	path := "/v1/data_sources/" + w.source("big.csv") + "/query"
	first := w.ok("POST", path, object{})
	cursor := first["next_cursor"].(string)
	last := w.ok("POST", path, object{"start_cursor": cursor[:len(cursor)-4] + "26ac"}) // 9,900
	if len(results(last)) != 100 || last["has_more"] != false || get(last, "request_status", "type") != "incomplete" ||
		get(last, "request_status", "incomplete_reason") != "query_result_limit_reached" {
		t.Errorf("%d rows, has_more %v, status %v", len(results(last)), last["has_more"], last["request_status"])
	}
}
