package property_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC) // a Saturday

// table is one table of the sample workspace, as Notion shows it.
type table struct {
	client *notion.Client
	source *notion.DataSource
	rows   []notion.Page
}

func load(t *testing.T, title string) table {
	t.Helper()
	w, err := emulator.Load(sample.FS())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(emulator.New(w, emulator.Config{Now: func() time.Time { return now }, Tokens: []emulator.Token{{Secret: "ntn_test"}}}))
	t.Cleanup(srv.Close)
	out := table{client: notion.New("ntn_test", notion.Config{BaseURL: srv.URL, Pacer: notion.NewPacer(notion.PacerConfig{PerToken: -1})})}
	for found, err := range out.client.AllSearch(t.Context(), notion.SearchRequest{Query: title}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range found.DataSources {
			if notion.PlainText(d.Title) == title {
				out.source = &d
			}
		}
	}
	if out.source == nil {
		t.Fatalf("no table %s", title)
	}
	out.rows = out.query(t, notion.QueryRequest{})
	return out
}

func (b table) query(t *testing.T, req notion.QueryRequest) []notion.Page {
	t.Helper()
	var rows []notion.Page
	for got, err := range b.client.AllRows(t.Context(), b.source.ID, req) {
		if err != nil {
			t.Fatalf("%+v: %v", req.Filter, err)
		}
		rows = append(rows, got.Pages...)
	}
	return rows
}

// person finds people among those in the rows.
func (b table) person(_ string, _ notion.ID, word string) ([]notion.ID, error) {
	for _, row := range b.rows {
		for _, p := range row.Properties {
			for _, u := range p.People {
				if strings.Contains(strings.ToLower(u.Name), word) {
					return []notion.ID{u.ID}, nil
				}
			}
		}
	}
	return nil, nil
}

func titles(rows []notion.Page) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Title())
	}
	slices.Sort(all)
	return all
}

// The filter that Notion is sent and the test on rows at hand pass the same
// rows, for every property of four tables, every operator, and values that
// stand in the rows and beside them.
func TestFilterAndMatchAgree(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Customers", "Incidents", "Projects", "Vendors"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := load(t, name)
			tried, some := 0, 0
			for _, c := range conditions(b) {
				w, err := property.Compile(b.source.Properties, []property.Condition{c}, property.Config{Now: now})
				if err != nil {
					t.Errorf("%+v: %v", c, err)
					continue
				}
				want := titles(b.query(t, notion.QueryRequest{Filter: w.API()}))
				var got []notion.Page
				for _, row := range b.rows {
					if w.Match(&row) {
						got = append(got, row)
					}
				}
				tried++
				if len(want) > 0 && len(want) < len(b.rows) {
					some++
				}
				if diff := cmp.Diff(want, titles(got)); diff != "" {
					t.Errorf("%+v (-Notion +at hand):\n%s", c, diff)
				}
			}
			t.Logf("%d conditions, of which %d pass some rows", tried, some)
			if some < 20 {
				t.Error("too few conditions tell rows apart")
			}
		})
	}
}

func conditions(b table) []property.Condition {
	var all []property.Condition
	for _, name := range slices.Sorted(maps.Keys(b.source.Properties)) {
		values := []any{}
		operators := []string{"is", "is not", "contains", "does not contain", "starts with", "ends with"}
		switch kind := b.source.Properties[name].Type; kind {
		case "number":
			operators, values = []string{"=", "!=", ">", ">=", "<", "<="}, []any{95, 40.0, "58,400"}
		case "date", "created_time":
			operators, values = []string{"is", "before", "after", "on or before", "on or after"}, []any{"2027-01-15", "2026-02", "Q1 2027", "2026", "last 300 days"}
		case "checkbox":
			operators, values = []string{"is", "is not"}, []any{true, "no"}
		case "select", "status", "multi_select":
			for _, o := range property.Options(b.source.Properties[name])[:1] {
				values = append(values, strings.ToLower(o))
			}
			operators = []string{"is", "is not", "contains"}
		case "relation", "people":
			continue
		default:
			values = []any{"search", "SEV2", b.rows[0].Title()}
		}
		for _, op := range operators {
			for _, v := range values {
				all = append(all, property.Condition{Property: strings.ToUpper(name), Operator: op, Value: v})
			}
		}
		all = append(all, property.Condition{Property: name, Operator: "empty"}, property.Condition{Property: name, Operator: "is_not_empty"})
	}
	return slices.DeleteFunc(all, func(c property.Condition) bool {
		s, _ := property.Find(b.source.Properties, c.Property)
		return s.Type == "checkbox" && strings.Contains(c.Operator, "empty")
	})
}

func TestManyConditions(t *testing.T) {
	t.Parallel()
	b := load(t, "Customers")
	for _, c := range []struct {
		any   bool
		where []property.Condition
	}{
		{false, []property.Condition{{"Renewal date", "in", "Q1 2027"}, {"Region", "is", []any{"EU", "US"}}}},
		{true, []property.Condition{{"ARR (EUR)", "at least", "400,000"}, {"Health", "=", "red"}}},
		{false, []property.Condition{{"Health", "is not", []any{"Green", "Red"}}, {"Account executive", "contains", "morrow"}}},
		{false, nil},
		{false, []property.Condition{{"Renewal date", "is", []any{"Q1 2027", "Q3 2027"}}, {"Region", "is", []any{"EU", "US"}}}}, // deeper than Notion takes filters
		{true, []property.Condition{{"Renewal date", "is", []any{"Q1 2027", "Q3 2027"}}, {"ARR (EUR)", "between", []any{40000, "$ 80,000"}}}},
		{false, []property.Condition{{"Renewal date", "within the next", "120 days"}}},
		{false, []property.Condition{{"Renewal date", "next_year", nil}}},
	} {
		w, err := property.Compile(b.source.Properties, c.where, property.Config{Any: c.any, Now: now, Find: b.person})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		want, n := titles(b.query(t, notion.QueryRequest{Filter: w.API()})), 0
		for _, row := range b.rows {
			if w.Match(&row) {
				n++
			}
		}
		if n != len(want) || n == 0 {
			t.Errorf("%+v: %d rows at hand, %d in Notion", c, n, len(want))
		}
		since, later := b.rows[len(b.rows)/2].CreatedTime, 0
		for _, row := range b.rows {
			if w.Match(&row) && !row.CreatedTime.Before(since) {
				later++
			}
		}
		if got := len(b.query(t, notion.QueryRequest{Filter: w.Since(since).API()})); got != later {
			t.Errorf("%+v: %d rows that were made since %v, want %d of %d", c, got, since, later, n)
		}
	}
}

func TestOrderAgreesWithNotion(t *testing.T) {
	t.Parallel()
	b := load(t, "Customers")
	for _, by := range [][]string{{"Renewal date"}, {"arr (eur) desc"}, {"Health", "-Renewal date"}, {"Name descending"}, {"Region asc", "ARR (EUR): highest"}} {
		o, err := property.ParseOrder(b.source.Properties, by)
		if err != nil {
			t.Error(err)
			continue
		}
		rows := slices.Clone(b.rows)
		o.Rows(rows)
		want := b.query(t, notion.QueryRequest{Sorts: o.Sorts})
		for i := range want {
			if a, c := row(o, want[i]), row(o, rows[i]); a != c {
				t.Errorf("%v: place %d is %s in Notion and %s at hand", by, i, a, c)
				break
			}
		}
	}
}

// row is what a row is sorted by.
func row(o property.Order, p notion.Page) string {
	var all []string
	for _, s := range o.Sorts {
		v := p.Properties[s.Property]
		text := notion.PlainText(v.Title)
		if v.Number != nil {
			text = fmt.Sprint(*v.Number)
		}
		if v.Date != nil {
			text = v.Date.Start
		}
		if v.Select != nil {
			text = v.Select.Name
		}
		if v.Status != nil {
			text = v.Status.Name
		}
		all = append(all, text)
	}
	return strings.Join(all, " | ")
}

// What is wrong is said with what there is, as a golden file.
func TestMisfits(t *testing.T) {
	t.Parallel()
	b := load(t, "Customers")
	b.source.Properties["Verified"] = notion.Schema{Type: "verification"}
	b.source.Properties["Stage"] = stage
	b.source.Properties["Press"] = notion.Schema{Type: "button"}
	var out strings.Builder
	for _, c := range []property.Condition{
		{"Renewel", "is", "2027"}, {"zzz", "is", "x"}, {"Health", "is", "Gren"}, {"Health", "is", "purple"}, {"Health", ">", "Green"},
		{"ARR (EUR)", "is", "a lot"}, {"ARR (EUR)", "is", "1,5"}, {"ARR (EUR)", "starts with", "4"}, {"Renewal date", "is", "soon"}, {"Renewal date", "is", 7},
		{"ARR (EUR)", "between", 5}, {"ARR (EUR)", "between", []any{1, "x"}}, {"Renewal date", "past weak", nil}, {"Verified", "is", "maybe"}, {"Stage", "is", "Doing"}, {"Press", "is", "x"},
		{"Name", "is", ""}, {"Name", "sounds like", "x"}, {"Region", "is", []any{}}, {strings.Repeat("x", 200), "is", "x"},
	} {
		_, err := property.Compile(b.source.Properties, []property.Condition{c}, property.Config{Now: now})
		if err == nil {
			t.Errorf("%+v is let through", c)
			continue
		}
		fmt.Fprintf(&out, "%.30s %s %v\n    %v\n", c.Property, c.Operator, c.Value, err)
	}
	_, err := property.ParseOrder(b.source.Properties, []string{"Renewl desc"})
	fmt.Fprintf(&out, "sort\n    %v\n", err)
	golden.File(t, "testdata/misfits.txt", out.String())
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2026-07-01": "2026-07-01 2026-07-02", "2026-07": "2026-07-01 2026-08-01", "2026": "2026-01-01 2027-01-01",
		"Q3": "2026-07-01 2026-10-01", "q3 2027": "2027-07-01 2027-10-01", "2027-Q1": "2027-01-01 2027-04-01",
		"July 2026": "2026-07-01 2026-08-01", "3 march 2026": "2026-03-03 2026-03-04",
		"today": "2026-11-21 2026-11-22", "yesterday": "2026-11-20 2026-11-21", "tomorrow": "2026-11-22 2026-11-23",
		"this week": "2026-11-16 2026-11-23", "last week": "2026-11-09 2026-11-16", "next month": "2026-12-01 2027-01-01",
		"this quarter": "2026-10-01 2027-01-01", "next quarter": "2027-01-01 2027-04-01", "last year": "2025-01-01 2026-01-01",
		"last 30 days": "2026-10-22 2026-11-22", "next 2 weeks": "2026-11-21 2026-12-06", "within 90 days": "2026-11-21 2027-02-20",
		"past week": "2026-11-14 2026-11-22", "within the next 2 days": "2026-11-21 2026-11-24", "in the last month": "2026-10-01 2026-11-01",
		"3 days ago": "2026-11-18 2026-11-19", "2026-07-01 to 2026-07-15": "2026-07-01 2026-07-16", "2026-07-01/2026-07-15": "2026-07-01 2026-07-16",
		"2026-07-01T09:00:00Z": "2026-07-01 2026-07-01", "20260701": "2026-07-01 2026-07-02", "30.06.2026": "2026-06-30 2026-07-01",
		"06/30/2026": "2026-06-30 2026-07-01", "July 14th": "2026-07-14 2026-07-15", "the 14th of July, 2025": "2025-07-14 2025-07-15",
		"July": "2026-07-01 2026-08-01", "in March": "2026-03-01 2026-04-01", "14. März 2026": "2026-03-14 2026-03-15", "3 de mayo de 2026": "2026-05-03 2026-05-04",
		"1er août 2026": "2026-08-01 2026-08-02", "2026年3月": "2026-03-01 2026-04-01", "2026年3月14日": "2026-03-14 2026-03-15",
		"2026-W27": "2026-06-29 2026-07-06", "week 1 of 2026": "2025-12-29 2026-01-05", "KW 47": "2026-11-16 2026-11-23",
		"first quarter of 2026": "2026-01-01 2026-04-01", "Q1/2027": "2027-01-01 2027-04-01", "H2 2026": "2026-07-01 2027-01-01", "the second half of 2025": "2025-07-01 2026-01-01",
		"Monday": "2026-11-16 2026-11-17", "last Monday": "2026-11-16 2026-11-17", "next Friday": "2026-11-27 2026-11-28", "last Saturday": "2026-11-14 2026-11-15",
		"since Monday": "2026-11-16 2026-11-22", "since Sunday": "2026-11-15 2026-11-22", "since yesterday": "2026-11-20 2026-11-22", "since last quarter": "2026-07-01 2026-11-22",
		"since December": "2025-12-01 2026-11-22", "in 30 days": "2026-11-21 2026-12-22", "the last two weeks": "2026-11-07 2026-11-22", "a week ago": "2026-11-14 2026-11-15",
		"last few days": "2026-11-18 2026-11-22", "year to date": "2026-01-01 2026-11-22", "beginning of the month": "2026-11-01 2026-11-02", "end of next month": "2026-12-31 2027-01-01",
		"from 1 July to 15 July": "2026-07-01 2026-07-16", "between March and May": "2026-03-01 2026-06-01", "July to September 2026": "2026-07-01 2026-10-01",
	} {
		p, ok := property.ParsePeriod(s, now)
		if got := p.Start.Format(time.DateOnly) + " " + p.End.Format(time.DateOnly); !ok || got != want {
			t.Errorf("%q: %s, %t, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "soon", "7", "2026-13", "31.06.2026", "03/04/2026", "2026-W54", "Q5", "week", "since", "since tomorrow", "next 3 lightyears", "2026-07-15 to 2026-07-01"} {
		if p, ok := property.ParsePeriod(s, now); ok {
			t.Errorf("%q is read as %v", s, p)
		}
	}
}

// Words that may begin a period again and again are read in the end.
func TestPeriodsWithinPeriods(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"start x to ", "from x to ", "since from x and ", "in ", "end ", "between start x until ", "in start since x - "} {
		property.ParsePast(strings.Repeat(s, 180/len(s))+"monday", now)
		if p, ok := property.ParsePeriod(strings.Repeat(s, 20_000)+"monday", now); ok {
			t.Errorf("20,000 times %q is read as %v", s, p)
		}
	}
}

func TestPastPeriods(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"July": "2026-07-01", "December": "2025-12-01", "Q4": "2026-10-01", "24 December": "2025-12-24", "Sunday": "2026-11-15", "December 2026": "2026-12-01", "next week": "2026-11-23",
	} {
		if p, ok := property.ParsePast(s, now); !ok || p.Start.Format(time.DateOnly) != want {
			t.Errorf("%q: %v, %t, want %s", s, p, ok, want)
		}
	}
	last, ok := property.ParsePast("last 24 hours", now)
	if !ok || !last.End.Equal(now.Truncate(time.Minute)) || last.End.Sub(last.Start) != 24*time.Hour {
		t.Errorf("%v, %t", last, ok)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("Renewal date", "in", "Q3 2026")
	f.Add("ARR", ">=", "$1,250.50")
	f.Add("Owner", "is", "me")
	schema := map[string]notion.Schema{
		"Renewal date": {Type: "date"}, "ARR": {Type: "number"}, "Owner": {Type: "people"}, "Name": {Type: "title"}, "F": {Type: "formula"},
		"S": {Type: "select", Select: &notion.Options{Options: []notion.Option{{Name: "A"}}}}, "R": {Type: "relation"}, "U": {Type: "unique_id"}, "B": {Type: "button"},
	}
	f.Fuzz(func(t *testing.T, name, op, value string) {
		w, err := property.Compile(schema, []property.Condition{{name, op, value}}, property.Config{Now: now})
		if err == nil && w.API() == nil {
			t.Errorf("%q %q %q lets every row through", name, op, value)
		}
		w.Match(&notion.Page{})
	})
}

// A list that a client sends as text is a list, unless it may be the text that
// is looked for.
func TestListsAsText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		want        any
	}{
		{"Stage", `["Open","won, paid"]`, []any{"Open", "Won, paid"}},
		{"Tags", ` ["red", "blue"] `, []any{"Red", "Blue"}},
		{"Amount", `[10, 20]`, []any{10, 20}},
		{"Notes", `["one","two"]`, []any{"one", "two"}},
		{"Notes", `[1]`, `[1]`}, {"Notes", `["one"]`, `["one"]`}, {"Notes", `[`, `[`},
	} {
		got, err := property.Compile(every, []property.Condition{{Property: c.name, Value: c.value}}, property.Config{Now: now})
		if err != nil {
			t.Errorf("%s: %v", c.value, err)
			continue
		}
		want, err := property.Compile(every, []property.Condition{{Property: c.name, Value: c.want}}, property.Config{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.API(), got.API()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.value, diff)
		}
	}
}

// "before in 30 days" means that day, and what words for a time mean is told.
func TestDaysAhead(t *testing.T) {
	t.Parallel()
	schema := map[string]notion.Schema{"Due": {Name: "Due", Type: "date"}}
	for _, c := range []struct{ operator, value, want, read string }{
		{"before", "in 30 days", `{"property":"Due","date":{"before":"2026-12-21"}}`, "in 30 days: 2026-12-21"},
		{"on or before", "in 1 month", `{"property":"Due","date":{"on_or_before":"2026-12-21"}}`, "in 1 month: 2026-12-21"},
		{"after", "last week", `{"property":"Due","date":{"on_or_after":"2026-11-16"}}`, "last week: 2026-11-09 to 2026-11-15"},
		{"before", "2026-12-21", `{"property":"Due","date":{"before":"2026-12-21"}}`, ""},
	} {
		read := ""
		cfg := property.Config{Now: now, Read: func(words string, p property.Period) { read = words + ": " + p.String() }}
		w, err := property.Compile(schema, []property.Condition{{Property: "Due", Operator: c.operator, Value: c.value}}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(w.API())
		if err != nil || read != c.read || !sameJSON(t, string(got), c.want) {
			t.Errorf("%s %s: %s, read as %q, %v", c.operator, c.value, got, read, err)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}

// What no property is called stands for the titles; a property of the name is
// itself, whatever holds the titles.
func TestNamesOfTheTitle(t *testing.T) {
	t.Parallel()
	handle := map[string]notion.Schema{"Handle": {Type: "title"}, "Team": {Type: "select"}}
	both := map[string]notion.Schema{"Handle": {Type: "title"}, "name": {Type: "rich_text"}}
	for _, c := range []struct {
		schema     map[string]notion.Schema
		name, want string
		stands     bool
	}{
		{handle, "Name", "Handle", true}, {handle, "title", "Handle", true}, {handle, "HANDLE", "Handle", false},
		{both, "Name", "name", false}, {both, "Title", "Handle", true}, {handle, "Namen", "", false},
	} {
		s, _ := property.Find(c.schema, c.name)
		if s.Name != c.want || property.StandsForTitle(c.schema, c.name) != c.stands {
			t.Errorf("%q: %q", c.name, s.Name)
		}
	}
}
