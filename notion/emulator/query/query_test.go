package query_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion/emulator/query"
	"github.com/mcp-notion/mcp-notion/notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// now is a Tuesday.
var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// deals are the rows Alpha, Beta and Gamma of a table with a column of every
// type. Gamma has nothing in most of them.
func deals(t *testing.T) (query.Table, []*workspace.Page) {
	t.Helper()
	w, err := workspace.Load(sample.Types())
	if err != nil {
		t.Fatal(err)
	}
	d := w.FindDatabase("Deals")
	var rows []*workspace.Page
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

// conditions are all operators of all types of column, with the first letters
// of the rows that pass.
var conditions = map[string]map[string]string{
	`"property":"Name","title"`: {
		`"equals":"alpha"`: "A", `"does_not_equal":"Alpha"`: "BG", `"contains":"MM"`: "G", `"does_not_contain":"a"`: "",
		`"starts_with":"b"`: "B", `"ends_with":"HA"`: "A", `"is_empty":true`: "", `"is_not_empty":true`: "ABG",
	},
	`"property":"Note","rich_text"`: {
		`"equals":"Second call"`: "B", `"does_not_equal":"Second call"`: "AG", `"contains":"call"`: "AB", `"does_not_contain":"call"`: "G",
		`"starts_with":"first"`: "A", `"ends_with":"call"`: "B", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Site","url"`: {
		`"equals":"https://example.com/a"`: "A", `"does_not_equal":"https://example.com/a"`: "BG", `"contains":".org"`: "B", `"does_not_contain":".org"`: "AG",
		`"starts_with":"https"`: "AB", `"ends_with":"/b"`: "B", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Mail","email"`: {
		`"equals":"ann@example.com"`: "A", `"does_not_equal":"ann@example.com"`: "BG", `"contains":"@example"`: "AB", `"does_not_contain":"@"`: "G",
		`"starts_with":"bo"`: "B", `"ends_with":".com"`: "A", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Phone","phone_number"`: {
		`"equals":"+1 555 0100"`: "B", `"does_not_equal":"+1 555 0100"`: "AG", `"contains":"123"`: "A", `"does_not_contain":"123"`: "BG",
		`"starts_with":"+49"`: "A", `"ends_with":"00"`: "B", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Mail","rich_text"`: {`"contains":"ann"`: "A"},
	`"property":"Value","number"`: {
		`"equals":300`: "B", `"does_not_equal":300`: "AG", `"greater_than":300`: "A", `"less_than":1200`: "B", `"greater_than_or_equal_to":300`: "AB",
		`"less_than_or_equal_to":300`: "B", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Number","unique_id"`: {
		`"equals":9`: "B", `"does_not_equal":9`: "AG", `"greater_than":9`: "G", `"less_than":9`: "A", `"greater_than_or_equal_to":9`: "BG",
		`"less_than_or_equal_to":9`: "AB", `"is_empty":true`: "", `"is_not_empty":true`: "ABG",
	},
	`"property":"Signed","checkbox"`: {`"equals":true`: "A", `"equals":false`: "BG", `"does_not_equal":true`: "BG", `"does_not_equal":false`: "A"},
	`"property":"Size","select"`: {
		`"equals":"Large"`: "A", `"does_not_equal":"Large"`: "BG", `"equals":["Large","Small"]`: "AB", `"does_not_equal":["Large","Small"]`: "G",
		`"equals":"Medium"`: "", `"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Stage","status"`: {
		`"equals":"Won"`: "B", `"does_not_equal":"Won"`: "AG", `"equals":["Won","Proposal"]`: "AB", `"does_not_equal":["Won"]`: "AG",
		`"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Tags","multi_select"`: {
		`"contains":"Red"`: "AB", `"does_not_contain":"Blue"`: "BG", `"contains":["Blue","Green"]`: "A", `"does_not_contain":["Blue","Red"]`: "G",
		`"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Due","date"`: {
		`"equals":"2026-03-04"`: "A", `"equals":"2026-04-09"`: "", `"before":"2026-04-05"`: "A", `"after":"2026-03-04"`: "B", `"after":"2026-03-03"`: "AB",
		`"on_or_before":"2026-04-05"`: "AB", `"on_or_after":"2026-04-05"`: "B", `"before":"2026-03-04T12:00:00+02:00"`: "A", `"is_empty":true`: "G",
		`"is_not_empty":true`: "AB", `"past_week":{}`: "A", `"past_month":{}`: "A", `"past_year":{}`: "A", `"this_week":{}`: "", `"next_week":{}`: "",
		`"next_month":{}`: "B", `"next_year":{}`: "B", `"before":"today"`: "A", `"after":"tomorrow"`: "B", `"on_or_after":"yesterday"`: "B",
		`"on_or_after":"one_week_ago"`: "AB", `"after":"one_week_from_now"`: "B", `"before":"one_month_ago"`: "", `"before":"one_month_from_now"`: "AB",
		`"equals":"today"`: "",
	},
	`"property":"Made","created_time"`: {
		`"equals":"2026-01-10"`: "A", `"before":"2026-01-10"`: "G", `"after":"2026-01-10"`: "B", `"on_or_before":"2026-01-10"`: "AG",
		`"on_or_after":"2026-01-10"`: "AB", `"past_month":{}`: "B", `"past_year":{}`: "AB", `"is_empty":true`: "", `"is_not_empty":true`: "ABG",
	},
	`"property":"Edited","last_edited_time"`: {
		`"equals":"2026-03-09"`: "A", `"equals":"2026-03-09T08:30:00Z"`: "A", `"after":"2026-03-09T08:29:00Z"`: "A", `"after":"2026-03-09T08:30:00Z"`: "",
		`"this_week":{}`: "A", `"past_month":{}`: "AB",
	},
	`"timestamp":"created_time","created_time"`:         {`"after":"2026-02-01"`: "B", `"past_year":{}`: "AB"},
	`"timestamp":"last_edited_time","last_edited_time"`: {`"on_or_after":"2026-02-21"`: "AB", `"past_week":{}`: "A"},
	`"property":"Owner","people"`: {
		`"contains":"<Ann Lee>"`: "A", `"contains":"me"`: "A", `"does_not_contain":"<Ann Lee>"`: "BG", `"does_not_contain":"me"`: "BG",
		`"is_empty":true`: "G", `"is_not_empty":true`: "AB",
	},
	`"property":"Made by","created_by"`:         {`"contains":"me"`: "AG", `"does_not_contain":"<Ann Lee>"`: "B", `"is_empty":true`: "", `"is_not_empty":true`: "ABG"},
	`"property":"Edited by","last_edited_by"`:   {`"contains":"<Bob Ray>"`: "AB", `"does_not_contain":"<Bob Ray>"`: "G", `"is_empty":true`: "", `"is_not_empty":true`: "ABG"},
	`"property":"Account","relation"`:           {`"contains":"<Birch>"`: "A", `"does_not_contain":"<Birch>"`: "BG", `"is_empty":true`: "G", `"is_not_empty":true`: "AB"},
	`"property":"Contract","files"`:             {`"is_empty":true`: "BG", `"is_not_empty":true`: "A"},
	`"property":"Checked","verification"`:       {`"status":"verified"`: "A", `"status":"expired"`: "B", `"status":"none"`: "G", `"does_not_equal":"verified"`: "BG"},
	`"property":"Weighted","formula"`:           {`"number":{"greater_than":150}`: "A", `"number":{"is_empty":true}`: "G"},
	`"property":"Label","formula"`:              {`"string":{"ends_with":"LARGE"}`: "A", `"string":{"is_empty":true}`: "G"},
	`"property":"Late","formula"`:               {`"checkbox":{"equals":true}`: "A", `"checkbox":{"does_not_equal":true}`: "BG"},
	`"property":"Next","formula"`:               {`"date":{"next_month":{}}`: "A", `"date":{"past_month":{}}`: "B", `"date":{"is_empty":true}`: "G"},
	`"property":"Total","rollup"`:               {`"number":{"equals":1500}`: "A", `"number":{"less_than":1000}`: "B", `"number":{"is_empty":true}`: "G"},
	`"property":"First renewal","rollup"`:       {`"date":{"before":"2026-04-01"}`: "A", `"date":{"next_month":{}}`: "B", `"date":{"is_not_empty":true}`: "AB"},
	`"property":"Accounts","rollup"`:            {`"any":{"rich_text":{"contains":"birch"}}`: "A", `"every":{"rich_text":{"equals":"Cedar"}}`: "BG", `"none":{"rich_text":{"equals":"Cedar"}}`: "G"},
	`"property":"ARRs","rollup"`:                {`"any":{"number":{"greater_than":300}}`: "A", `"every":{"number":{"greater_than":300}}`: "G", `"none":{"number":{"greater_than":300}}`: "BG"},
	`"property":"Actives","rollup"`:             {`"any":{"checkbox":{"equals":true}}`: "A", `"every":{"checkbox":{"equals":false}}`: "BG"},
	`"property":"Regions","rollup"`:             {`"any":{"select":{"equals":"North"}}`: "A", `"none":{"select":{"equals":["North","West"]}}`: "BG"},
	`"property":"Sectors","rollup"`:             {`"any":{"multi_select":{"contains":"Energy"}}`: "A", `"every":{"multi_select":{"contains":"Public"}}`: "ABG"},
	`"property":"Plans","rollup"`:               {`"any":{"status":{"equals":"Gold"}}`: "A", `"any":{"status":{"is_not_empty":true}}`: "AB"},
	`"property":"Renewals","rollup"`:            {`"any":{"date":{"before":"today"}}`: "A", `"every":{"date":{"after":"today"}}`: "BG"},
	`"property":"Leads","rollup"`:               {`"any":{"people":{"contains":"me"}}`: "A", `"none":{"people":{"contains":"<Bob Ray>"}}`: "G"},
	`"property":"Terms","rollup"`:               {`"any":{"files":{"is_not_empty":true}}`: "A", `"any":{"files":{"is_empty":true}}`: "AB"},
	`"property":"Back","rollup"`:                {`"any":{"relation":{"contains":"<Beta>"}}`: "AB", `"every":{"relation":{"contains":"<Beta>"}}`: "BG"},
	`"property":"title","type":"title","title"`: {`"equals":"Beta"`: "B"},
}

func TestEveryOperatorOfEveryType(t *testing.T) {
	t.Parallel()
	table, rows := deals(t)
	asked := map[string]bool{}
	for on, operators := range conditions {
		property, _, _ := strings.Cut(strings.TrimPrefix(on, `"property":"`), `"`)
		if c := table.D.Column(property); c != nil {
			asked[c.Type] = true
		}
		for op, want := range operators {
			filter := "{" + on + ":{" + op + "}}"
			if got := matching(t, table, rows, filter); got != want {
				t.Errorf("%s: got %q, want %q", filter, got, want)
			}
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
