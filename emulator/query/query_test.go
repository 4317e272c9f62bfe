package query_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/emulator/query"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// now is a Tuesday.
var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// deals are the rows Alpha, Beta and Gamma of a table with a column of every
// type. Gamma has nothing in most of them.
func deals(t *testing.T) (query.Table, []*workspace.Page) {
	t.Helper()
	w, err := load.FS(sample.Types())
	if err != nil {
		t.Fatal(err)
	}
	return dealsOf(w)
}

func dealsOf(w *workspace.Workspace) (table query.Table, rows []*workspace.Page) {
	d := w.FindDatabase("Deals")
	for _, p := range w.Pages {
		if p.Parent.ID == d.ID {
			rows = append(rows, p)
		}
	}
	seen := func(string) bool { return true }
	return query.Table{W: w, D: d, Now: now, Me: workspace.PersonID("Ann Lee"), Seen: seen}, rows
}

func parse(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// ids writes the ids of people and rows for their names in angle brackets.
func ids(t *testing.T, table query.Table, s string) string {
	t.Helper()
	for _, u := range table.W.Users {
		s = strings.ReplaceAll(s, "<"+u.Name+">", u.ID)
	}
	for _, p := range table.W.Pages {
		s = strings.ReplaceAll(s, "<"+p.Title+">", p.ID)
	}
	return s
}

func matching(t *testing.T, table query.Table, rows []*workspace.Page, filter string) string {
	t.Helper()
	match, err := table.Filter(parse(t, ids(t, table, filter)))
	if err != nil {
		t.Errorf("%s: %v", filter, err)
		return ""
	}
	var got []string
	for _, p := range rows {
		if match(p) {
			got = append(got, p.Title[:1])
		}
	}
	return strings.Join(got, "")
}

func TestEveryOperatorOfEveryType(t *testing.T) {
	t.Parallel()
	table, rows := deals(t)
	asked := map[string]bool{}
	for _, f := range sample.Filters() {
		if got := matching(t, table, rows, f.JSON); got != f.Deals {
			t.Errorf("%s: got %q, want %q", f.JSON, got, f.Deals)
		}
		name, _ := parse(t, f.JSON).(map[string]any)["property"].(string)
		if c := table.D.Column(name); c != nil {
			asked[c.Type] = true
		}
	}
	for _, c := range table.D.Columns {
		if !asked[c.Type] && c.Type != "button" {
			t.Errorf("no condition on %s, a %s", c.Name, c.Type)
		}
	}
}

func TestCompoundFilters(t *testing.T) {
	t.Parallel()
	table, rows := deals(t)
	for filter, want := range map[string]string{
		`{"and":[]}`: "ABG",
		`{"or":[]}`:  "",
		`{"or":[{"property":"Name","title":{"equals":"Gamma"}},{"and":[{"property":"Value","number":{"greater_than":100}},
			{"property":"Value","number":{"less_than":1000}}]}]}`: "BG",
		`{"and":[{"or":[{"property":"Stage","status":{"equals":"Won"}},{"property":"Signed","checkbox":{"equals":true}}]},
			{"timestamp":"created_time","created_time":{"past_month":{}}}]}`: "B",
	} {
		if got := matching(t, table, rows, filter); got != want {
			t.Errorf("%s: got %q, want %q", filter, got, want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	table, _ := deals(t)
	for filter, want := range map[string]string{
		`[]`: "body.filter should be an object",
		`{}`: "body.filter should have a property",
		`{"property":"Nope","title":{"equals":"x"}}`:                       "Could not find property with name or id: Nope",
		`{"property":"Name"}`:                                              "one condition under the type",
		`{"property":"Name","title":{"equals":"x"},"number":{"equals":1}}`: "one condition under the type",
		`{"property":"Name","text":{"equals":"x"}}`:                        "body.filter.text should be not present",
		`{"property":"Name","type":"url","title":{"equals":"x"}}`:          "body.filter.type should be `\"title\"`",
		`{"property":"Name","number":{"equals":1}}`:                        "database property title does not match filter number",
		`{"property":"Stage","select":{"equals":"Won"}}`:                   "database property status does not match filter select",
		`{"property":"Size","status":{"equals":"Large"}}`:                  "database property select does not match filter status",
		`{"property":"Tags","select":{"equals":"Red"}}`:                    "database property multi_select does not match filter select",
		`{"property":"Owner","created_by":{"contains":"me"}}`:              "database property people does not match filter created_by",
		`{"property":"Remind","rich_text":{"equals":"x"}}`:                 "database property button does not match",
		`{"property":"Name","title":"x"}`:                                  "body.filter.title should be an object",
		`{"property":"Name","title":{}}`:                                   "body.filter.title should be an object with one operator",
		`{"property":"Value","number":{"greater_than":1,"less_than":2}}`:   "body.filter.number should be an object with one operator",
		`{"property":"Name","title":{"past_week":{}}}`:                     "body.filter.title.past_week should be not present",
		`{"property":"Name","title":{"greater_than":"a"}}`:                 "body.filter.title.greater_than should be not present",
		`{"property":"Name","title":{"equals":5}}`:                         "body.filter.title.equals should be a string, instead was `5`",
		`{"property":"Name","title":{"is_empty":false}}`:                   "body.filter.title.is_empty should be `true`, instead was `false`",
		`{"property":"Value","number":{"equals":"12"}}`:                    "body.filter.number.equals should be a number",
		`{"property":"Value","number":{"contains":1}}`:                     "body.filter.number.contains should be not present",
		`{"property":"Signed","checkbox":{"is_empty":true}}`:               "body.filter.checkbox.is_empty should be not present",
		`{"property":"Signed","checkbox":{"equals":"Yes"}}`:                "body.filter.checkbox.equals should be a boolean",
		`{"property":"Size","select":{"contains":"Large"}}`:                "body.filter.select.contains should be not present",
		`{"property":"Size","select":{"equals":"Huge"}}`:                   `select option "Huge" not found for property "Size". Available options: "Small", "Medium", "Large".`,
		`{"property":"Stage","status":{"equals":"won"}}`:                   `status option "won" not found for property "Stage".`,
		`{"property":"Tags","multi_select":{"contains":["Red","Pink"]}}`:   `multi_select option "Pink" not found for property "Tags".`,
		`{"property":"Tags","multi_select":{"equals":"Red"}}`:              "body.filter.multi_select.equals should be not present",
		`{"property":"Due","date":{"before":"soon"}}`:                      "body.filter.date.before should be a valid ISO 8601 date string",
		`{"property":"Due","date":{"does_not_equal":"2026-01-01"}}`:        "body.filter.date.does_not_equal should be not present",
		`{"property":"Due","date":{"past_week":true}}`:                     "body.filter.date.past_week should be an empty object",
		`{"property":"Owner","people":{"contains":"Ann"}}`:                 "body.filter.people.contains should be a valid uuid",
		`{"property":"Account","relation":{"contains":"me"}}`:              "body.filter.relation.contains should be a valid uuid",
		`{"property":"Owner","people":{"equals":"me"}}`:                    "body.filter.people.equals should be not present",
		`{"property":"Contract","files":{"contains":"pdf"}}`:               "body.filter.files.contains should be not present",
		`{"property":"Checked","verification":{"status":"yes"}}`:           "body.filter.verification.status should be `\"verified\"`",
		`{"property":"Checked","verification":{"is_empty":true}}`:          "body.filter.verification.is_empty should be not present",
		`{"property":"Weighted","formula":{"string":{"equals":"x"}}}`:      "does not match filter formula.string",
		`{"property":"Weighted","formula":{"equals":1}}`:                   "body.filter.formula.equals should be not present",
		`{"property":"Weighted","number":{"equals":1}}`:                    "database property formula does not match filter number",
		`{"property":"Total","rollup":{"any":{"number":{"equals":1}}}}`:    "does not match filter rollup.any",
		`{"property":"Regions","rollup":{"number":{"equals":1}}}`:          "does not match filter rollup.number",
		`{"property":"Regions","rollup":{"any":{"number":{"equals":1}}}}`:  "does not match filter rollup.any.number",
		`{"property":"Regions","rollup":{"any":{"status":{"equals":""}}}}`: "does not match filter rollup.any.status",
		`{"property":"Accounts","rollup":{"any":{"title":{"equals":""}}}}`: "body.filter.rollup.any.title should be not present",
		`{"property":"Regions","rollup":{"all":{"select":{}}}}`:            "body.filter.rollup.all should be not present",
		`{"and":{}}`:         "body.filter.and should be an array",
		`{"and":[],"or":[]}`: "should have and and nothing else",
		`{"and":[{"property":"Name","title":{"equals":"x"}},{"or":[{"property":"Value","number":{"equals":"1"}}]}]}`: "body.filter.and[1].or[0].number.equals should be a number",
		`{"and":[{"or":[{"and":[{"property":"Name","title":{"equals":"x"}}]}]}]}`:                                    "two levels",
		`{"timestamp":"last_visited_time","date":{"on_or_after":"2026-03-07"}}`:                                      "body.filter.timestamp should be",
		`{"timestamp":"last_edited_time","created_time":{"on_or_after":"2026-03-07T00:00:00Z"}}`:                     "body.filter.last_edited_time should be defined",
	} {
		if _, err := table.Filter(parse(t, filter)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", filter, err, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	table, rows := deals(t)
	for sorts, want := range map[string]string{
		`[{"property":"Name","direction":"descending"}]`:                                               "Gamma Beta Alpha",
		`[{"property":"Value","direction":"ascending"}]`:                                               "Beta Alpha Gamma",
		`[{"property":"Value","direction":"descending"}]`:                                              "Alpha Beta Gamma",
		`[{"property":"Number","direction":"descending"}]`:                                             "Gamma Beta Alpha",
		`[{"property":"Signed","direction":"ascending"},{"property":"Name","direction":"descending"}]`: "Gamma Beta Alpha",
		`[{"property":"Size","direction":"ascending"}]`:                                                "Beta Alpha Gamma",
		`[{"property":"Stage","direction":"descending"}]`:                                              "Beta Alpha Gamma",
		`[{"property":"Tags","direction":"ascending"},{"property":"Due","direction":"descending"}]`:    "Beta Alpha Gamma",
		`[{"property":"Owner","direction":"ascending"}]`:                                               "Alpha Beta Gamma",
		`[{"property":"Account","direction":"descending"}]`:                                            "Beta Alpha Gamma",
		`[{"property":"Made by","direction":"descending"}]`:                                            "Beta Alpha Gamma",
		`[{"property":"Contract","direction":"descending"}]`:                                           "Alpha Beta Gamma",
		`[{"property":"Checked","direction":"ascending"}]`:                                             "Beta Alpha Gamma",
		`[{"property":"Weighted","direction":"ascending"}]`:                                            "Beta Alpha Gamma",
		`[{"property":"Total","direction":"ascending"}]`:                                               "Beta Alpha Gamma",
		`[{"property":"First renewal","direction":"descending"}]`:                                      "Beta Alpha Gamma",
		`[{"property":"Regions","direction":"descending"}]`:                                            "Beta Alpha Gamma",
		`[{"timestamp":"created_time","direction":"ascending"}]`:                                       "Gamma Alpha Beta",
		`[{"timestamp":"last_edited_time","direction":"descending"}]`:                                  "Alpha Beta Gamma",
		`[]`: "Alpha Beta Gamma",
	} {
		got := append([]*workspace.Page(nil), rows...)
		if err := table.Sort(got, parse(t, sorts)); err != nil {
			t.Errorf("%s: %v", sorts, err)
			continue
		}
		var titles []string
		for _, p := range got {
			titles = append(titles, p.Title)
		}
		if diff := cmp.Diff(want, strings.Join(titles, " ")); diff != "" {
			t.Errorf("%s: %s", sorts, diff)
		}
	}
	for sorts, want := range map[string]string{
		`{}`: "body.sorts should be an array",
		`[{"property":"Nope","direction":"ascending"}]`:   "Could not find sort property with name or id: Nope",
		`[{"timestamp":"never","direction":"ascending"}]`: "body.sorts[0] should be",
		`[{"property":"Name"}]`:                           "body.sorts[0].direction should be",
		`[{"property":"Name","direction":"up"}]`:          "body.sorts[0].direction should be",
	} {
		if err := table.Sort(rows, parse(t, sorts)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", sorts, err, want)
		}
	}
}
