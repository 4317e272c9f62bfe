package emulator_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// ids writes the ids of people, rows and the like for their names in angle
// brackets.
func (w *world) ids(s string) string {
	w.t.Helper()
	for _, u := range results(w.ok("GET", "/v1/users", nil)) {
		s = strings.ReplaceAll(s, "<"+u["name"].(string)+">", u["id"].(string))
	}
	for _, p := range w.Pages() {
		s = strings.ReplaceAll(s, "<"+p.Title+">", p.ID)
	}
	return s
}

func fromJSON(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// written are values of every type that can be written, each with what is read
// afterwards; "" is the same.
var written = []struct{ property, kind, value, read string }{
	{"Value", "number", `12.5`, ""},
	{"Value", "number", `null`, ""},
	{"Site", "url", `"https://example.com/x"`, ""},
	{"Site", "url", `null`, ""},
	{"Mail", "email", `"x@example.com"`, ""},
	{"Phone", "phone_number", `"+1 5"`, ""},
	{"Signed", "checkbox", `true`, ""},
	{"Signed", "checkbox", `false`, ""},
	{"Stage", "status", `{"name":"Won"}`, `{"color":"default","id":"8edaf914","name":"Won"}`},
	{"Stage", "status", `{"id":"8edaf914"}`, `{"color":"default","id":"8edaf914","name":"Won"}`},
	{"Stage", "status", `null`, ""},
	{"Size", "select", `{"name":"Medium"}`, `{"color":"default","id":"3c7b7541","name":"Medium"}`},
	{"Size", "select", `null`, ""},
	{"Tags", "multi_select", `[{"name":"Blue"},{"name":"Red"}]`, `[{"color":"default","id":"5b5487cd","name":"Blue"},{"color":"default","id":"8a1f1b82","name":"Red"}]`},
	{"Tags", "multi_select", `[]`, ""},
	{"Due", "date", `{"start":"2026-07-01"}`, `{"start":"2026-07-01","end":null,"time_zone":null}`},
	{"Due", "date", `{"start":"2026-07-01","end":"2026-07-05","time_zone":null}`, ""},
	{"Due", "date", `{"start":"2026-07-01T09:30:00+02:00"}`, `{"start":"2026-07-01T09:30:00.000+02:00","end":null,"time_zone":null}`},
	{"Due", "date", `{"start":"2026-07-01T09:30:00Z","end":"2026-07-01T10:30:00Z"}`, `{"start":"2026-07-01T09:30:00.000+00:00","end":"2026-07-01T10:30:00.000+00:00","time_zone":null}`},
	{"Due", "date", `{"start":"2026-07-01T09:30","time_zone":"Europe/Paris"}`, `{"start":"2026-07-01T09:30:00.000+02:00","end":null,"time_zone":"Europe/Paris"}`},
	{"Due", "date", `null`, ""},
	{"Account", "relation", `[{"id":"<Maple>"},{"id":"<Birch>"}]`, ""},
	{"Account", "relation", `[]`, ""},
	{"Contract", "files", `[{"name":"a.pdf","external":{"url":"https://example.com/a.pdf"}}]`, `[{"name":"a.pdf","type":"external","external":{"url":"https://example.com/a.pdf"}}]`},
	{"Checked", "verification", `{"state":"unverified"}`, `{"state":"unverified","date":null,"verified_by":null}`},
}

func TestValuesAreWritten(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	deals := w.sourceOf("Deals")
	row := w.query(deals, nil)[0]["id"].(string)
	for _, c := range written {
		value := fromJSON(t, w.ids(c.value))
		want := value
		if c.read != "" {
			want = fromJSON(t, c.read)
		}
		properties := object{c.property: object{"type": c.kind, c.kind: value}}
		made := w.ok("POST", "/v1/pages", object{"parent": object{"data_source_id": deals["id"]}, "properties": properties})
		changed := w.ok("PATCH", "/v1/pages/"+row, object{"properties": properties})
		for what, p := range map[string]object{"made": made, "changed": changed, "read": w.ok("GET", "/v1/pages/"+row, nil)} {
			if diff := cmp.Diff(want, get(p, "properties", c.property, c.kind)); diff != "" {
				t.Errorf("%s %s = %s (-want +got):\n%s", what, c.property, c.value, diff)
			}
		}
	}
	people := w.ok("PATCH", "/v1/pages/"+row, fromJSON(t, w.ids(`{"properties":{"Owner":{"people":[{"id":"<Bob Ray>"},{"object":"user","id":"<Ann Lee>"}]}}}`)))
	if get(people, "properties", "Owner", "people", 0, "name") != "Bob Ray" || get(people, "properties", "Owner", "people", 1, "name") != "Ann Lee" {
		t.Errorf("people: %v", get(people, "properties", "Owner"))
	}
	texts := w.ok("PATCH", "/v1/pages/"+row, fromJSON(t, `{"properties":{"title":{"title":[{"text":{"content":"New name"}}]},"Note":{"rich_text":[{"text":{"content":"bold"},"annotations":{"bold":true}}]}}}`))
	if text(texts) != "New name" || get(texts, "properties", "Note", "rich_text", 0, "annotations", "bold") != true {
		t.Errorf("texts: %v", texts["properties"])
	}
	verified := w.ok("PATCH", "/v1/pages/"+row, fromJSON(t, `{"properties":{"Checked":{"verification":{"state":"verified","date":{"start":"2026-03-01","end":"2026-06-01"}}}}}`))
	if v := get(verified, "properties", "Checked", "verification"); get(v, "state") != "verified" || get(v, "date", "end") != "2026-06-01" || get(v, "verified_by", "id") == nil {
		t.Errorf("verification: %v", v)
	}
}

// unfit are values that no row takes, each with a part of the error.
func unfit() map[string]string {
	long := func(n int) string { return strings.Repeat("x", n) }
	many := func(item string) string { return "[" + strings.Repeat(item+",", 100) + item + "]" }
	return map[string]string{
		`[]`:                                  "body.properties should be an object",
		`{"Nope":{"number":1}}`:               "Nope is not a property that exists.",
		`{"Value":1}`:                         "Value is expected to be number.",
		`{"Value":{"rich_text":[]}}`:          "Value is expected to be number.",
		`{"Stage":{"select":{"name":"Won"}}}`: "Stage is expected to be status.",
		`{"Value":{"number":"12"}}`:           "body.properties.Value.number should be a number or `null`, instead was `\"12\"`",
		`{"Name":{"title":null}}`:             "body.properties.Name.title should be an array",
		`{"Note":{"rich_text":"x"}}`:          "body.properties.Note.rich_text should be an array",
		`{"Note":{"rich_text":null}}`:         "body.properties.Note.rich_text should be an array",
		`{"Note":{"rich_text":[{"text":{"content":"` + long(2001) + `"}}]}}`: "body.properties.Note.rich_text[0].text.content.length should be ≤ `2000`, instead was `2001`",
		`{"Note":{"rich_text":` + many(`{"text":{"content":"x"}}`) + `}}`:    "body.properties.Note.rich_text.length should be ≤ `100`, instead was `101`",
		`{"Signed":{"checkbox":"yes"}}`:                                      "body.properties.Signed.checkbox should be a boolean",
		`{"Signed":{"checkbox":null}}`:                                       "body.properties.Signed.checkbox should be a boolean",
		`{"Site":{"url":""}}`:                                                "body.properties.Site.url.length should be ≥ `1`",
		`{"Site":{"url":"` + long(2001) + `"}}`:                              "body.properties.Site.url.length should be ≤ `2000`",
		`{"Mail":{"email":"` + long(201) + `"}}`:                             "body.properties.Mail.email.length should be ≤ `200`",
		`{"Phone":{"phone_number":7}}`:                                       "body.properties.Phone.phone_number should be a string or `null`",
		`{"Stage":{"status":{"name":"Lost"}}}`:                               `Invalid status option. Status option "Lost" does not exist.`,
		`{"Stage":{"status":"Won"}}`:                                         "body.properties.Stage.status should be an object",
		`{"Size":{"select":{"name":"a, b"}}}`:                                "Invalid select option, commas not allowed: a, b",
		`{"Size":{"select":{"name":""}}}`:                                    "body.properties.Size.select.name.length should be ≥ `1`",
		`{"Size":{"select":{"name":"` + long(101) + `"}}}`:                   "body.properties.Size.select.name.length should be ≤ `100`",
		`{"Size":{"select":{"id":"_none_"}}}`:                                `is an invalid select option "_none_".`,
		`{"Size":{"select":{}}}`:                                             "body.properties.Size.select.name should be a string",
		`{"Tags":{"multi_select":{"name":"Red"}}}`:                           "body.properties.Tags.multi_select should be an array",
		`{"Tags":{"multi_select":["Red"]}}`:                                  "body.properties.Tags.multi_select[0] should be an object",
		`{"Tags":{"multi_select":` + many(`{"name":"Red"}`) + `}}`:           "body.properties.Tags.multi_select.length should be ≤ `100`",
		`{"Due":{"date":"2026-07-01"}}`:                                      "body.properties.Due.date should be an object or `null`",
		`{"Due":{"date":{"start":"July 1"}}}`:                                "body.properties.Due.date.start should be a valid ISO 8601 date string",
		`{"Due":{"date":{"end":"2026-07-01"}}}`:                              "body.properties.Due.date.start should be a valid ISO 8601 date string",
		`{"Due":{"date":{"start":"2026-07-02","end":"2026-07-01"}}}`:         "body.properties.Due.date.end should not be before start",
		`{"Due":{"date":{"start":"2026-07-02","end":"2026-07-03T10:00"}}}`:   "a time in both of start and end or in neither",
		`{"Due":{"date":{"start":"2026-07-02T10:00","time_zone":"Mars"}}}`:   "body.properties.Due.date.time_zone should be a valid IANA time zone",
		`{"Owner":{"people":[{"id":"ann"}]}}`:                                "body.properties.Owner.people[0].id should be a valid uuid",
		`{"Owner":{"people":"me"}}`:                                          "body.properties.Owner.people should be an array",
		`{"Account":{"relation":[{"id":"<Alpha>"}]}}`:                        "is not in the data source that the relation is to",
		`{"Account":{"relation":[{"title":"Birch"}]}}`:                       "body.properties.Account.relation[0].id should be a valid uuid",
		`{"Contract":{"files":[{"external":{"url":"https://e.com"}}]}}`:      "body.properties.Contract.files[0].name should be defined",
		`{"Contract":{"files":[{"name":"a"}]}}`:                              "body.properties.Contract.files[0].external.url should be a string",
		`{"Checked":{"verification":{"state":"expired"}}}`:                   "body.properties.Checked.verification.state should be",
		`{"Weighted":{"formula":{"number":1}}}`:                              "Weighted is of type formula, which cannot be set",
		`{"Total":{"rollup":{"number":1}}}`:                                  "Total is of type rollup, which cannot be set",
		`{"Number":{"unique_id":{"number":1}}}`:                              "Number is of type unique_id, which cannot be set",
		`{"Made by":{"created_by":{"id":"<Ann Lee>"}}}`:                      "Made by is of type created_by, which cannot be set",
		`{"Edited":{"last_edited_time":"2026-01-01"}}`:                       "Edited is of type last_edited_time, which cannot be set",
		`{"Remind":{"button":{}}}`:                                           "Remind is of type button, which cannot be set",
		// The first of the two would fit.
		`{"Size":{"select":{"name":"Tiny"}},"Value":{"number":"x"}}`: "body.properties.Value.number should be",
	}
}

func TestValuesAreRefused(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	deals := w.sourceOf("Deals")
	row := w.query(deals, nil)[0]
	before := w.ok("GET", "/v1/pages/"+row["id"].(string), nil)
	for properties, want := range unfit() {
		body := object{"properties": fromJSON(t, w.ids(properties))}
		w.do("PATCH", "/v1/pages/"+row["id"].(string), body).fails(t, 400, "validation_error", want)
		body["parent"] = object{"data_source_id": deals["id"]}
		w.do("POST", "/v1/pages", body).fails(t, 400, "validation_error", want)
	}
	for properties, noun := range map[string]string{
		`{"Owner":{"people":[{"id":"` + strings.Repeat("0", 32) + `"}]}}`:     "user",
		`{"Account":{"relation":[{"id":"` + strings.Repeat("0", 32) + `"}]}}`: "page",
		`{"Contract":{"files":[{"file_upload":{"id":"x"}}]}}`:                 "file_upload",
	} {
		body := object{"properties": fromJSON(t, properties)}
		w.do("PATCH", "/v1/pages/"+row["id"].(string), body).fails(t, 404, "object_not_found", noun)
	}
	after := w.ok("GET", "/v1/pages/"+row["id"].(string), nil)
	delete(before, "request_id")
	delete(after, "request_id")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("refused requests changed the row: %s", diff)
	}
	if diff := cmp.Diff(deals["properties"], w.sourceOf("Deals")["properties"]); diff != "" || len(w.query(deals, nil)) != 3 {
		t.Errorf("refused requests changed the table: %s", diff)
	}
}

// What is written shows wherever the value is read from.
func TestWritesShowElsewhere(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	deals, accounts := w.sourceOf("Deals"), w.sourceOf("Accounts")
	w.clock.add(90 * time.Second)
	made := w.ok("POST", "/v1/pages", object{
		"parent": object{"data_source_id": deals["id"]}, "icon": object{"emoji": "🚀"},
		"properties": fromJSON(t, w.ids(`{"Name":{"title":[{"text":{"content":"Delta"}}]},"Size":{"select":{"name":"Tiny"}},
			"Account":{"relation":[{"id":"<Birch>"},{"id":"<Maple>"}]}}`)),
		"markdown": "The **body**.",
	})
	p := made["properties"]
	if get(p, "Number", "unique_id", "number") != 13.0 || get(p, "Total", "rollup", "number") != 1200.0 || get(made, "icon", "emoji") != "🚀" {
		t.Errorf("number %v, total %v, icon %v", get(p, "Number"), get(p, "Total"), made["icon"])
	}
	if get(p, "Made", "created_time") != "2026-03-10T12:01:00.000Z" || made["created_time"] != "2026-03-10T12:01:00.000Z" {
		t.Errorf("made %v", get(p, "Made"))
	}
	options := get(w.sourceOf("Deals"), "properties", "Size", "select", "options").([]any)
	if len(options) != 4 || get(options[3], "name") != "Tiny" {
		t.Errorf("options: %v", options)
	}
	if rows := w.query(deals, object{"filter": object{"property": "Size", "select": object{"equals": "Tiny"}}}); len(rows) != 1 || text(rows[0]) != "Delta" {
		t.Errorf("rows: %v", rows)
	}
	if found := results(w.ok("POST", "/v1/search", object{"query": "delta"})); len(found) != 1 {
		t.Errorf("search finds %d", len(found))
	}
	back := func(account string) (names []string) {
		for _, row := range w.query(accounts, object{"filter": object{"property": "Name", "title": object{"equals": account}}}) {
			for _, r := range get(row, "properties", "Deals", "relation").([]any) {
				names = append(names, text(w.ok("GET", "/v1/pages/"+get(r, "id").(string), nil)))
			}
		}
		return names
	}
	if diff := cmp.Diff([][]string{{"Alpha", "Delta"}, {"Alpha", "Beta"}, {"Delta"}}, [][]string{back("Birch"), back("Cedar"), back("Maple")}); diff != "" {
		t.Errorf("the other side of the relation: %s", diff)
	}
	w.clock.add(2 * time.Minute)
	changed := w.ok("PATCH", "/v1/pages/"+made["id"].(string), object{"properties": fromJSON(t, w.ids(`{"Account":{"relation":[{"id":"<Maple>"}]}}`)), "icon": nil})
	if diff := cmp.Diff([][]string{{"Alpha"}, {"Delta"}}, [][]string{back("Birch"), back("Maple")}); diff != "" {
		t.Errorf("the other side after a change: %s", diff)
	}
	if changed["icon"] != nil || get(changed, "properties", "Edited", "last_edited_time") != "2026-03-10T12:03:00.000Z" || get(changed, "properties", "Made", "created_time") != "2026-03-10T12:01:00.000Z" {
		t.Errorf("icon %v, edited %v", changed["icon"], get(changed, "properties", "Edited"))
	}
	w.ok("PATCH", "/v1/pages/"+made["id"].(string), object{"in_trash": true})
	if rows := w.query(deals, object{"in_trash": true}); len(rows) != 1 || len(w.query(deals, nil)) != 3 {
		t.Errorf("in the trash: %v", rows)
	}
}

func TestCapabilitiesOfWriting(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{Tokens: []emulator.Token{
		{Secret: "ntn_test"}, {Secret: "no-insert", NoInsert: true}, {Secret: "no-update", NoUpdate: true}, {Secret: "no-comment", NoComment: true},
		{Secret: "no-comments", NoReadComments: true}, {Secret: "no-users", NoUsers: true},
	}})
	deals := w.sourceOf("Deals")
	row := w.query(deals, nil)[0]["id"].(string)
	page := object{"parent": object{"data_source_id": deals["id"]}}
	comment := object{"parent": object{"page_id": row}, "markdown": "x"}
	for _, c := range []struct {
		secret, method, path string
		body                 any
	}{
		{"no-insert", "POST", "/v1/pages", page},
		{"no-insert", "PATCH", "/v1/blocks/" + row + "/children", object{"children": []any{paragraph("x")}}},
		{"no-update", "PATCH", "/v1/pages/" + row, object{"in_trash": true}},
		{"no-comment", "POST", "/v1/comments", comment},
		{"no-comments", "GET", "/v1/comments?block_id=" + row, nil},
		{"no-users", "GET", "/v1/users", nil},
	} {
		w.as(c.secret, c.method, c.path, c.body).fails(t, 403, "restricted_resource", "")
		allowed := w.do(c.method, c.path, c.body)
		if allowed.status != 200 {
			t.Errorf("%s %s: %d %v", c.method, c.path, allowed.status, allowed.body)
		}
		if c.body != nil && allowed.body["in_trash"] == true {
			w.ok("PATCH", "/v1/pages/"+row, object{"in_trash": false})
		}
	}
	if made := w.as("no-comments", "POST", "/v1/comments", comment).body; made["id"] == nil || made["rich_text"] != nil {
		t.Errorf("a comment that cannot be read: %v", made)
	}
}
