package query_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion/emulator/query"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func accounts(t *testing.T) (*workspace.Database, []*workspace.Page) {
	t.Helper()
	table := strings.Join([]string{
		"Name,ARR,Active,Renewal,Status,Tags,Owner",
		`Acme,1200,Yes,2026-03-04,Open,"eu, big",Ann Lee`,
		`Beta,300,No,2026-04-05,Open,us,Bob Ray`,
		`Cyan,,No,,Closed,"us, big",`,
	}, "\n")
	w, err := workspace.Load(fstest.MapFS{"accounts.csv": {Data: []byte(table), ModTime: now.AddDate(0, 0, -3)}})
	if err != nil {
		t.Fatal(err)
	}
	return w.Databases[0], w.Pages
}

func parse(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func TestFilter(t *testing.T) {
	t.Parallel()
	d, rows := accounts(t)
	ann := workspace.PersonID("Ann Lee")
	for filter, want := range map[string]string{
		`{"property":"Name","title":{"contains":"A"}}`:                                     "Acme Beta Cyan",
		`{"property":"Name","title":{"starts_with":"ac"}}`:                                 "Acme",
		`{"property":"title","title":{"does_not_equal":"acme"}}`:                           "Beta Cyan",
		`{"property":"ARR","number":{"greater_than":300}}`:                                 "Acme",
		`{"property":"ARR","number":{"greater_than_or_equal_to":300,"less_than":1000}}`:    "Beta",
		`{"property":"ARR","number":{"is_empty":true}}`:                                    "Cyan",
		`{"property":"Active","checkbox":{"equals":true}}`:                                 "Acme",
		`{"property":"Active","checkbox":{"does_not_equal":true}}`:                         "Beta Cyan",
		`{"property":"Status","status":{"equals":"Open"}}`:                                 "Acme Beta",
		`{"property":"Status","status":{"does_not_equal":"Open"}}`:                         "Cyan",
		`{"property":"Tags","multi_select":{"contains":"big"}}`:                            "Acme Cyan",
		`{"property":"Tags","multi_select":{"does_not_contain":"big"}}`:                    "Beta",
		`{"property":"Owner","people":{"contains":"` + ann + `"}}`:                         "Acme",
		`{"property":"Owner","people":{"is_not_empty":true}}`:                              "Acme Beta",
		`{"property":"Renewal","date":{"before":"2026-04-01"}}`:                            "Acme",
		`{"property":"Renewal","date":{"on_or_after":"2026-04-05"}}`:                       "Beta",
		`{"property":"Renewal","date":{"after":"2026-03-04"}}`:                             "Beta",
		`{"property":"Renewal","date":{"past_week":{}}}`:                                   "Acme",
		`{"property":"Renewal","date":{"next_month":{}}}`:                                  "Beta",
		`{"timestamp":"last_edited_time","last_edited_time":{"on_or_after":"2026-03-07"}}`: "Acme Beta Cyan",
		`{"timestamp":"created_time","created_time":{"after":"2026-03-09T00:00:00Z"}}`:     "",
		`{"or":[{"property":"Name","title":{"equals":"Beta"}},{"and":[{"property":"Status","status":{"equals":"Closed"}},
			{"property":"Active","checkbox":{"equals":false}}]}]}`: "Beta Cyan",
	} {
		match, err := query.Filter(parse(t, filter), d, now)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		var got []string
		for _, p := range rows {
			if match(p) {
				got = append(got, p.Title)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", filter, s, want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	d, _ := accounts(t)
	for filter, want := range map[string]string{
		`[]`: "should be an object",
		`{}`: "should have a property",
		`{"property":"Nope","title":{"equals":"x"}}`:                                             "Nope",
		`{"property":"Name","number":{"equals":1}}`:                                              "body.filter.title",
		`{"property":"Name","title":{"past_week":{}}}`:                                           "past_week",
		`{"property":"ARR","number":{"equals":"12"}}`:                                            "equals",
		`{"property":"Renewal","date":{"before":"soon"}}`:                                        "before",
		`{"and":[{"or":[{"and":[{"property":"Name","title":{"equals":"x"}}]}]}]}`:                "two levels",
		`{"timestamp":"last_visited_time","last_visited_time":{"on_or_after":"2026-03-07"}}`:     "property",
		`{"timestamp":"last_edited_time","created_time":{"on_or_after":"2026-03-07T00:00:00Z"}}`: "last_edited_time",
	} {
		if _, err := query.Filter(parse(t, filter), d, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", filter, err, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	d, rows := accounts(t)
	for sorts, want := range map[string][]string{
		`[{"property":"Name","direction":"descending"}]`:                         {"Cyan", "Beta", "Acme"},
		`[{"property":"ARR","direction":"ascending"}]`:                           {"Beta", "Acme", "Cyan"},
		`[{"property":"ARR","direction":"descending"}]`:                          {"Acme", "Beta", "Cyan"},
		`[{"property":"Active"},{"property":"Name","direction":"descending"}]`:   {"Cyan", "Beta", "Acme"},
		`[{"property":"Status"},{"property":"Renewal","direction":"ascending"}]`: {"Acme", "Beta", "Cyan"},
		`[{"timestamp":"created_time"}]`:                                         {"Acme", "Beta", "Cyan"},
	} {
		got := append([]*workspace.Page(nil), rows...)
		if err := query.Sort(got, parse(t, sorts), d); err != nil {
			t.Errorf("%s: %v", sorts, err)
			continue
		}
		var titles []string
		for _, p := range got {
			titles = append(titles, p.Title)
		}
		if diff := cmp.Diff(want, titles); diff != "" {
			t.Errorf("%s: %s", sorts, diff)
		}
	}
	for _, sorts := range []string{`{}`, `[{"property":"Nope"}]`, `[{"timestamp":"never"}]`} {
		if err := query.Sort(rows, parse(t, sorts), d); err == nil {
			t.Errorf("%s: no error", sorts)
		}
	}
}
