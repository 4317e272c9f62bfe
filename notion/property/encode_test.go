package property_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// every has a column of each type.
var every = map[string]notion.Schema{
	"Name": {Type: "title"}, "Notes": {Type: "rich_text"}, "Amount": {Type: "number"}, "Done": {Type: "checkbox"}, "Due": {Type: "date"},
	"Stage": {Type: "select", Select: &notion.Options{Options: []notion.Option{{Name: "Open"}, {Name: "Won, paid"}}}},
	"State": {Type: "status", Status: &notion.Options{Options: []notion.Option{{Name: "In progress"}, {Name: "Done"}}}},
	"Tags":  {Type: "multi_select", MultiSelect: &notion.Options{Options: []notion.Option{{Name: "Red"}, {Name: "Blue"}}}},
	"Owner": {Type: "people"}, "Account": {Type: "relation", Relation: &notion.RelationTo{DataSourceID: "t1"}}, "Files": {Type: "files"},
	"Site": {Type: "url"}, "Mail": {Type: "email"}, "Phone": {Type: "phone_number"},
	"Sum": {Type: "rollup"}, "Calc": {Type: "formula"}, "ID": {Type: "unique_id"}, "Born": {Type: "created_time"}, "Maker": {Type: "created_by"}, "Go": {Type: "button"},
}

const idA, idB = "0a1b0000-0000-8000-8000-000000000001", "0a1b0000-0000-8000-8000-000000000002"

func find(want string, table notion.ID, word string) ([]notion.ID, error) {
	switch {
	case want == "people" && strings.EqualFold(word, "kim lee"), want == "relation" && table == "t1" && word == "Acme, Inc.":
		return []notion.ID{idA}, nil
	case word == "Twins":
		return []notion.ID{idA, idB}, nil
	}
	return nil, nil
}

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"name", `"A row"`, `{"title":[{"text":{"content":"A row"},"type":"text"}]}`},
		{"Notes", `42`, `{"rich_text":[{"text":{"content":"42"},"type":"text"}]}`},
		{"AMOUNT", `"$1,250.50"`, `{"number":1250.5}`},
		{"Amount", `"15 %"`, `{"number":0.15}`},
		{"Amount", `-3`, `{"number":-3}`},
		{"Done", `"yes"`, `{"checkbox":true}`},
		{"Done", `false`, `{"checkbox":false}`},
		{"Due", `"2026-07-01"`, `{"date":{"start":"2026-07-01"}}`},
		{"Due", `"2026-07-01T09:00:00+02:00"`, `{"date":{"start":"2026-07-01T09:00:00+02:00"}}`},
		{"Due", `"2026-07-01 to 2026-07-15"`, `{"date":{"end":"2026-07-15","start":"2026-07-01"}}`},
		{"Due", `{"start":"2026-07-01","end":"2026-07-02"}`, `{"date":{"end":"2026-07-02","start":"2026-07-01"}}`},
		{"Due", `"2026-07-01T09:00+02:00"`, `{"date":{"start":"2026-07-01T09:00:00+02:00"}}`},
		{"Due", `"2026-07-01 09:00 +02:00"`, `{"date":{"start":"2026-07-01T09:00:00+02:00"}}`},
		{"Due", `"2026-07-01 09:00"`, `{"date":{"start":"2026-07-01T09:00:00Z"}}`},
		{"Due", `"2026-07-01T09:00+02:00 to 2026-07-01T11:00+02:00"`, `{"date":{"start":"2026-07-01T09:00:00+02:00","end":"2026-07-01T11:00:00+02:00"}}`},
		{"Due", `"2026-07-01 09:00 to 2026-07-02 00:00"`, `{"date":{"start":"2026-07-01T09:00:00Z","end":"2026-07-02T00:00:00Z"}}`},
		{"Due", `"2026-07-01T09:00+02:00 to 2026-07-02"`, `{"date":{"start":"2026-07-01T09:00:00+02:00","end":"2026-07-02T23:59:00+02:00"}}`},
		{"Due", `"2026-07"`, `{"date":{"start":"2026-07-01","end":"2026-07-31"}}`},
		{"Due", `"Q3 2026 to Q4 2026"`, `{"date":{"start":"2026-07-01","end":"2026-12-31"}}`},
		{"Due", `"2026/07/01"`, `{"date":{"start":"2026-07-01"}}`},
		{"Due", `"tomorrow"`, `{"date":{"start":"2026-11-22"}}`},
		{"Stage", `"won, paid"`, `{"select":{"name":"Won, paid"}}`},
		{"State", `["in progress"]`, `{"status":{"name":"In progress"}}`},
		{"Tags", `"[\"red\",\"blue\"]"`, `{"multi_select":[{"name":"Red"},{"name":"Blue"}]}`},
		{"Due", `"{\"start\":\"2026-07-01\"}"`, `{"date":{"start":"2026-07-01"}}`},
		{"Notes", `"[1]"`, `{"rich_text":[{"text":{"content":"[1]"},"type":"text"}]}`},
		{"Tags", `"red, blue"`, `{"multi_select":[{"name":"Red"},{"name":"Blue"}]}`},
		{"Owner", `"Kim Lee"`, `{"people":[{"id":"` + idA + `"}]}`},
		{"Owner", `["` + idB + `"]`, `{"people":[{"id":"` + idB + `"}]}`},
		{"Account", `"Acme, Inc."`, `{"relation":[{"id":"` + idA + `"}]}`},
		{"Account", `"https://app.notion.com/p/Acme-0a1b0000000080008000000000000002"`, `{"relation":[{"id":"` + idB + `"}]}`},
		{"Files", `"https://example.com/a/plan.pdf"`, `{"files":[{"external":{"url":"https://example.com/a/plan.pdf"},"name":"plan.pdf","type":"external"}]}`},
		{"Site", `"https://example.com"`, `{"url":"https://example.com"}`},
		{"Mail", `"kim@example.com"`, `{"email":"kim@example.com"}`},
		{"Phone", `"+49 30 1234567"`, `{"phone_number":"+49 30 1234567"}`},
		{"Notes", `""`, ``}, {"Sum", `null`, ``}, {"Tags", `[]`, ``},
	} {
		got, err := property.Encode(every, given(t, c.name, c.value), property.Config{Now: now, Find: find})
		if err != nil {
			t.Errorf("%s = %s: %v", c.name, c.value, err)
			continue
		}
		want := map[string]any{}
		if c.want != "" {
			s, _ := property.Find(every, c.name)
			want[s.Name] = parsed(t, c.want)
		}
		data, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(any(want), parsed(t, string(data))); diff != "" {
			t.Errorf("%s = %s (-want +got):\n%s", c.name, c.value, diff)
		}
	}
}

func given(t *testing.T, name, value string) map[string]any {
	t.Helper()
	return map[string]any{name: parsed(t, value)}
}

func parsed(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func TestEncodeSaysWhatFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"Nmae", `"x"`, `Did you mean "Name"?`},
		{"Amount", `"many"`, `"Amount" is a number, and "many" is none`},
		{"Amount", `"1,5"`, `is a number`},
		{"Done", `"perhaps"`, `true or false`},
		{"Due", `"2026-07-02 to 2026-07-01"`, `"Due" is a date`},
		{"Due", `"2026-07-01 09:00 to 2026-07-01 08:00"`, `"Due" is a date`},
		{"Due", `"soon"`, `Write a day (2026-07-01)`},
		{"Stage", `"Opne"`, `Did you mean "Open"? Its options are: Open, Won, paid.`},
		{"State", `"Later"`, `Its options are: In progress, Done.`},
		{"Tags", `["Red","Green"]`, `no option "Green"`},
		{"Owner", `"Nobody"`, `Nobody called "Nobody" was found`},
		{"Owner", `"me"`, `Nobody called "me"`},
		{"Owner", `"Twins"`, `ambiguous: 2 are called that. Give an id or link, or a mail address.`},
		{"Account", `"Nothing"`, `No page called "Nothing"`},
		{"Files", `"file:///etc/passwd"`, `https://`},
		{"Site", `"example"`, `such as https://example.com`},
		{"Mail", `"Kim <kim@example.com>"`, `such as kim@example.com`},
		{"Phone", `"call me"`, `such as +49`},
		{"Sum", `5`, `which Notion fills in by itself`},
		{"Calc", `5`, `Leave it out`}, {"ID", `5`, `Leave it out`}, {"Born", `"today"`, `Leave it out`}, {"Maker", `"x"`, `Leave it out`}, {"Go", `"x"`, `Leave it out`},
		{"Notes", `{"a":1}`, `takes a text`},
	} {
		_, err := property.Encode(every, given(t, c.name, c.value), property.Config{Now: now, Find: find})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.name, c.value, err, c.want)
		}
	}
	if _, err := property.Encode(every, map[string]any{"Notes": "a", "notes": "b"}, property.Config{}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("given twice: %v", err)
	}
}
