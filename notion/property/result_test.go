package property_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// stage is a status whose options have groups.
var stage = notion.Schema{Type: "status", Status: &notion.Options{
	Options: []notion.Option{{ID: "1", Name: "Idea"}, {ID: "2", Name: "Draft"}, {ID: "3", Name: "Review"}, {ID: "4", Name: "Shipped"}},
	Groups:  []notion.OptionGroup{{Name: "To-do", OptionIDs: []string{"1"}}, {Name: "In progress", OptionIDs: []string{"2", "3"}}, {Name: "Complete", OptionIDs: []string{"4"}}},
}}

// computedRow is a row as the API writes the types that nobody types in.
const computedRow = `{"properties":{
	"Label":{"type":"formula","formula":{"type":"string","string":"2026 plan"}},
	"Score":{"type":"formula","formula":{"type":"number","number":7}},
	"Late":{"type":"formula","formula":{"type":"boolean","boolean":true}},
	"Ends":{"type":"formula","formula":{"type":"date","date":{"start":"2026-07-15"}}},
	"Total":{"type":"rollup","rollup":{"type":"number","number":40,"function":"sum"}},
	"First":{"type":"rollup","rollup":{"type":"date","date":{"start":"2026-03-01"},"function":"earliest_date"}},
	"Names":{"type":"rollup","rollup":{"type":"array","array":[{"type":"title","title":[{"plain_text":"Acme"}]},{"type":"title","title":[{"plain_text":"Birch"}]}]}},
	"Plans":{"type":"rollup","rollup":{"type":"array","array":[{"type":"select","select":{"name":"Team Plan"}},{"type":"select","select":null}]}},
	"None":{"type":"rollup","rollup":{"type":"array","array":[]}},
	"Stage":{"type":"status","status":{"name":"Review"}},
	"Number":{"type":"unique_id","unique_id":{"prefix":"BUG","number":12}},
	"Verified":{"type":"verification","verification":{"state":"verified"}},
	"Made by":{"type":"created_by","created_by":{"id":"0a1b0000-0000-8000-8000-000000000001"}},
	"Files":{"type":"files","files":[]}
}}`

// Formulas and rollups are compared by what they give, which rows show.
func TestComputed(t *testing.T) {
	t.Parallel()
	var row notion.Page
	if err := json.Unmarshal([]byte(computedRow), &row); err != nil {
		t.Fatal(err)
	}
	schema := map[string]notion.Schema{"Stage": stage}
	for name, p := range row.Properties {
		if name != "Stage" {
			schema[name] = notion.Schema{Type: p.Type}
		}
	}
	for _, c := range []struct {
		where property.Condition
		api   string
		match bool
	}{
		{property.Condition{Property: "Label", Operator: "is", Value: "2026"}, `{"formula":{"string":{"equals":"2026"}},"property":"Label"}`, false},
		{property.Condition{Property: "Label", Operator: "contains", Value: 2026}, `{"formula":{"string":{"contains":"2026"}},"property":"Label"}`, true},
		{property.Condition{Property: "Score", Operator: "between", Value: []any{5, 9}}, `{"and":[{"formula":{"number":{"greater_than_or_equal_to":5}},"property":"Score"},{"formula":{"number":{"less_than_or_equal_to":9}},"property":"Score"}]}`, true},
		{property.Condition{Property: "Score", Operator: "is empty"}, `{"formula":{"number":{"is_empty":true}},"property":"Score"}`, false},
		{property.Condition{Property: "Late", Operator: "checked"}, `{"formula":{"checkbox":{"equals":true}},"property":"Late"}`, true},
		{property.Condition{Property: "Ends", Operator: "after", Value: "2026-07"}, `{"formula":{"date":{"on_or_after":"2026-08-01"}},"property":"Ends"}`, false},
		{property.Condition{Property: "Total", Operator: "more than", Value: 30}, `{"property":"Total","rollup":{"number":{"greater_than":30}}}`, true},
		{property.Condition{Property: "First", Operator: "since", Value: "2026"}, `{"property":"First","rollup":{"date":{"on_or_after":"2026-01-01"}}}`, true},
		{property.Condition{Property: "Names", Operator: "contains", Value: "birch"}, `{"property":"Names","rollup":{"any":{"rich_text":{"contains":"birch"}}}}`, true},
		{property.Condition{Property: "Names", Operator: "does not contain", Value: "birch"}, `{"property":"Names","rollup":{"none":{"rich_text":{"contains":"birch"}}}}`, false},
		{property.Condition{Property: "Names", Operator: "empty"}, `{"property":"Names","rollup":{"none":{"rich_text":{"is_not_empty":true}}}}`, false},
		{property.Condition{Property: "Plans", Operator: "is", Value: "team plan"}, `{"property":"Plans","rollup":{"any":{"select":{"equals":"Team Plan"}}}}`, true},
		{property.Condition{Property: "Plans", Operator: "is not", Value: "Team Plan"}, `{"property":"Plans","rollup":{"none":{"select":{"equals":"Team Plan"}}}}`, false},
		{property.Condition{Property: "None", Operator: "is empty"}, `{"property":"None","rollup":{"none":{"rich_text":{"is_not_empty":true}}}}`, true},
		{property.Condition{Property: "None", Operator: ">", Value: 3}, `{"property":"None","rollup":{"number":{"greater_than":3}}}`, false},
		{property.Condition{Property: "Stage", Operator: "is", Value: "in progress"}, `{"or":[{"property":"Stage","status":{"equals":"Draft"}},{"property":"Stage","status":{"equals":"Review"}}]}`, true},
		{property.Condition{Property: "Stage", Operator: "is not", Value: "In progress"}, `{"and":[{"property":"Stage","status":{"does_not_equal":"Draft"}},{"property":"Stage","status":{"does_not_equal":"Review"}}]}`, false},
		{property.Condition{Property: "Stage", Operator: "isNot", Value: "complete"}, `{"property":"Stage","status":{"does_not_equal":"Shipped"}}`, true},
		{property.Condition{Property: "Number", Operator: "=", Value: "BUG-12"}, `{"property":"Number","unique_id":{"equals":12}}`, true},
		{property.Condition{Property: "Verified", Operator: "is", Value: true}, `{"property":"Verified","verification":{"status":"verified"}}`, true},
		{property.Condition{Property: "Verified", Value: "unverified"}, `{"property":"Verified","verification":{"status":"none"}}`, false},
		{property.Condition{Property: "Made by", Operator: "is", Value: "me"}, `{"created_by":{"contains":"0a1b0000-0000-8000-8000-000000000002"},"property":"Made by"}`, false},
		{property.Condition{Property: "Made by", Operator: "is", Value: "0a1b0000000080008000000000000001"}, `{"created_by":{"contains":"0a1b0000-0000-8000-8000-000000000001"},"property":"Made by"}`, true},
		{property.Condition{Property: "Files", Operator: "is empty"}, `{"files":{"is_empty":true},"property":"Files"}`, true},
		{property.Condition{Property: "last edited", Operator: "this_week"}, `{"and":[{"last_edited_time":{"on_or_after":"2026-11-16"},"timestamp":"last_edited_time"},{"last_edited_time":{"before":"2026-11-23"},"timestamp":"last_edited_time"}]}`, false},
	} {
		w, err := property.Compile(schema, []property.Condition{c.where}, property.Config{Now: now, Rows: []notion.Page{{}, row}, Me: func() (notion.ID, error) { return idB, nil }})
		if err != nil {
			t.Errorf("%+v: %v", c.where, err)
			continue
		}
		got, err := json.Marshal(w.API())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.api, string(got)); diff != "" || w.Match(&row) != c.match {
			t.Errorf("%+v: match %t (-want +got):\n%s", c.where, w.Match(&row), diff)
		}
	}
}

// Operators are understood in many words, and never taken for another one.
func TestOperatorsInManyWords(t *testing.T) {
	t.Parallel()
	schema := map[string]notion.Schema{"T": {Type: "title"}, "N": {Type: "number"}, "D": {Type: "date"}, "C": {Type: "checkbox"}, "S": {Type: "status", Status: stage.Status}, "P": {Type: "people"}}
	for _, c := range []struct{ property, operator, want string }{
		{"T", "", "equals"}, {"T", "==", "equals"}, {"T", "does_not_equal", "does_not_equal"}, {"T", "IS NOT", "does_not_equal"}, {"T", "doesn't contain", "does_not_contain"}, {"T", "startsWith", "starts_with"},
		{"N", "is greater than", "greater_than"}, {"N", "greater_than_or_equal_to", "greater_than_or_equal_to"}, {"N", "is at most", "less_than_or_equal_to"}, {"N", "exceeds", "greater_than"}, {"N", "≠", "does_not_equal"},
		{"D", "is before", "before"}, {"D", "on_or_after", "on_or_after"}, {"D", "since", "on_or_after"}, {"D", "<=", "on_or_before"}, {"D", "is on", "equals"}, {"D", "is later than", "after"},
		{"C", "is", "equals"}, {"C", "!=", "does_not_equal"}, {"S", "contains", "equals"}, {"S", "is none of", "does_not_equal"}, {"P", "is", "contains"}, {"P", "is not", "does_not_contain"}, {"P", "includes", "contains"},
		{"T", "is_set", "is_not_empty"}, {"D", "IS NULL", "is_empty"}, {"S", "missing", "is_empty"},
		{"T", ">", ""}, {"T", "between", ""}, {"C", ">", ""}, {"S", "starts with", ""}, {"P", "before", ""}, {"N", "ends with", ""}, {"D", "ends with", ""}, {"T", "sounds like", ""},
	} {
		value := map[string]any{"T": "x", "N": 1, "D": "2026-07-01", "C": true, "S": "Draft", "P": "0a1b0000000080008000000000000001"}[c.property]
		w, err := property.Compile(schema, []property.Condition{{Property: c.property, Operator: c.operator, Value: value}}, property.Config{Now: now})
		got := ""
		if m, ok := w.API().(map[string]any); ok && err == nil {
			for op := range m[schema[c.property].Type].(map[string]any) {
				got = op
			}
		}
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s %q is %q, want %q; %v", c.property, c.operator, got, c.want, err)
		}
	}
}

func TestParseOrder(t *testing.T) {
	t.Parallel()
	schema := map[string]notion.Schema{"Due date": {Type: "date"}, "Level up": {Type: "number"}, "-odd": {Type: "number"}, "Stage": stage}
	for s, want := range map[string]notion.Sort{
		"due date": {Property: "Due date", Direction: "ascending"}, "-Due date": {Property: "Due date", Direction: "descending"}, "Due_Date desc": {Property: "Due date", Direction: "descending"},
		"level up": {Property: "Level up", Direction: "ascending"}, "level up down": {Property: "Level up", Direction: "descending"}, "-odd": {Property: "-odd", Direction: "ascending"},
		"Stage: descending": {Property: "Stage", Direction: "descending"}, "Stage (asc)": {Property: "Stage", Direction: "ascending"}, "last edited desc": {Timestamp: "last_edited_time", Direction: "descending"},
	} {
		o, err := property.ParseOrder(schema, []string{s})
		if err != nil || len(o.Sorts) != 1 || o.Sorts[0] != want {
			t.Errorf("%q is %+v, %v; want %+v", s, o.Sorts, err, want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{"7": 7, "-1,250.50": -1250.5, "$ 500": 500, "80 €": 80, "15 %": 0.15, "50k": 50_000, "€1.2M": 1_200_000, "1e3": 1000} {
		if n, ok := property.ParseNumber(s); !ok || n != want {
			t.Errorf("%q is %v, %t; want %v", s, n, ok, want)
		}
	}
	for _, s := range []string{"", "k", "5m", "1,5", "12 34", "NaN", "1e400", "five", "--5", "1,2500", "1.250,50"} {
		if n, ok := property.ParseNumber(s); ok {
			t.Errorf("%q is read as %v", s, n)
		}
	}
}
