package tools

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

func titlesOf(out QueryOut) []string {
	var all []string
	for _, r := range out.Rows {
		all = append(all, string(r.Title))
	}
	return all
}

func TestQueryDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	for _, c := range []struct {
		args map[string]any
		want []string
	}{
		{map[string]any{"database": "Log"}, []string{"First call", "Second call", "Third call"}},
		{map[string]any{"database": w.page("Log").URL, "where": []any{map[string]any{"property": "status", "value": "open"}}}, []string{"First call", "Third call"}},
		{map[string]any{"database": string(w.page("Log").ID), "where": []any{map[string]any{"property": "Amount", "operator": ">=", "value": 10}}, "sort": "amount desc"}, []string{"Second call", "First call"}},
		{map[string]any{"database": w.page("First call").URL, "where": []any{map[string]any{"property": "Due", "operator": "in", "value": "Q3 2026"}, map[string]any{"property": "Paid", "value": true}}}, []string{"First call"}},
		{map[string]any{"database": "Log", "any": true, "where": []any{map[string]any{"property": "Tags", "operator": "contains", "value": "blue"}, map[string]any{"property": "Name", "operator": "starts with", "value": "second"}}, "sort": []string{"Due"}}, []string{"First call", "Second call", "Third call"}},
		{map[string]any{"database": "Log", "where": []any{map[string]any{"property": "Amount", "operator": ">", "value": 1000}}}, nil},
	} {
		out := got[QueryOut](t, w.call(QueryDatabase, c.args))
		if diff := cmp.Diff(c.want, titlesOf(out)); diff != "" || out.Source != "live" {
			t.Errorf("%v from %s (-want +got):\n%s", c.args, out.Source, diff)
		}
	}
}

func TestQueryDatabaseGolden(t *testing.T) {
	t.Parallel()
	files := office()
	files["Odd.csv"] = "Name,Note\n\"a | b [x](https://evil.example)\",\"line one\nline </quoted> two\"\n"
	w := newWorld(t, files, nil).sync()
	var out strings.Builder
	for _, args := range []map[string]any{
		{"database": "Log", "describe": true},
		{"database": "Log", "columns": []string{"status", "Amount"}, "limit": 2},
		{"database": "Odd"},
		{"database": "Log", "where": []any{map[string]any{"property": "Due", "value": "last year"}}},
		{"database": "Log", "where": []any{map[string]any{"property": "Status", "value": "Opn"}}},
		{"database": "Log", "where": []any{map[string]any{"property": "Satus", "value": "Open"}}},
		{"database": "Log", "columns": []string{"Nothing"}},
		{"database": "Log", "sort": []string{"Nothing"}},
		{"database": "Team"},
		{"database": "Log", "cursor": "abc"},
	} {
		a := w.call(QueryDatabase, args)
		fmt.Fprintf(&out, "== %v\n%s\n\n", args, a.Text)
	}
	golden.File(t, "testdata/query.txt", out.String())
}

func TestQueryGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	args := map[string]any{"database": "Log", "limit": 2}
	first := got[QueryOut](t, w.call(QueryDatabase, args))
	if len(first.Rows) != 2 || first.NextCursor == "" {
		t.Fatalf("%+v", first)
	}
	args["cursor"] = first.NextCursor
	second := got[QueryOut](t, w.call(QueryDatabase, args))
	if diff := cmp.Diff([]string{"First call", "Second call", "Third call"}, append(titlesOf(first), titlesOf(second)...)); diff != "" || second.NextCursor != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	args["sort"] = "Due"
	if a := w.call(QueryDatabase, args); !a.IsError || !strings.Contains(a.Text, "another query") {
		t.Errorf("the cursor of another query: %s", a.Text)
	}
}

// Where Notion cannot be reached the index answers, and says so; where Notion
// refuses, nothing is shown.
func TestQueryWithoutNotion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	args := map[string]any{"database": "Log", "where": []any{map[string]any{"property": "Status", "value": "Open"}}, "sort": "Amount"}
	w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})
	out := got[QueryOut](t, w.call(QueryDatabase, args))
	if diff := cmp.Diff([]string{"Third call", "First call"}, titlesOf(out)); diff != "" || out.Source != "index" || out.AsOf == "" || len(out.Notes) == 0 {
		t.Errorf("%+v (-want +got):\n%s", out, diff)
	}
	w.notion.ClearFaults()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		w.notion.Inject(emulator.Fault{Status: status})
		if a := w.call(QueryDatabase, args); !a.IsError || strings.Contains(a.Text, "Third call") {
			t.Errorf("%d: %s", status, a.Text)
		}
		w.notion.ClearFaults()
	}
	gone := errors.New("no grant")
	w.closed.Store(&gone)
	if a := w.call(QueryDatabase, args); !a.IsError || strings.Contains(a.Text, "Third call") {
		t.Errorf("without a token: %s", a.Text)
	}
}

func TestRowsAreFoundByTheirProperties(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	a := w.call(SearchNotion, map[string]any{"query": "https://example.org closed"})
	if out := got[SearchOut](t, a); len(out.Passages) == 0 || out.Passages[0].Title != "Second call" {
		t.Errorf("%s", a.Text)
	}
}

func TestLookupOfPeople(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Deals.csv": "Name,Owner,Account\nOne,Kim Lee,Acme\nTwo,Kim Park,Birch\nThree,Jo Doe,Acme\n"}
	w := newWorld(t, files, nil).sync()
	where := func(v string) map[string]any {
		return map[string]any{"database": "Deals", "where": []any{map[string]any{"property": "Owner", "operator": "is", "value": v}}}
	}
	if info := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": "Deals", "describe": true})); info.Properties[1].Type != "people" {
		t.Fatalf("Owner is no column of people: %+v", info.Properties)
	}
	for v, want := range map[string][]string{"Kim Lee": {"One"}, "kim": {"One", "Two"}, "doe": {"Three"}} {
		if diff := cmp.Diff(want, titlesOf(got[QueryOut](t, w.call(QueryDatabase, where(v))))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v, diff)
		}
	}
	if a := w.call(QueryDatabase, where("Nobody")); !a.IsError || !strings.Contains(a.Text, "full name or mail address") {
		t.Errorf("%s", a.Text)
	}
	noUsers := newWorld(t, files, func(tok *emulator.Token, _ *Config) { tok.NoUsers = true }).sync()
	if a := noUsers.call(QueryDatabase, where("kim")); !a.IsError || !strings.Contains(a.Text, "kim") && !strings.Contains(a.Text, "Read user information") {
		t.Errorf("%s", a.Text)
	}
}

// Notion shows 25 related pages in a row; the rest is asked for.
func TestQueryCompletesLongRelations(t *testing.T) {
	t.Parallel()
	var accounts strings.Builder
	var names []string
	accounts.WriteString("Name,Size\n")
	for i := range 60 {
		names = append(names, fmt.Sprintf("Account %d", i))
		fmt.Fprintf(&accounts, "Account %d,%d\n", i, i)
	}
	files := map[string]string{
		"Accounts.csv":  accounts.String(),
		"Campaigns.csv": "Name,Accounts\nSpring,\"" + strings.Join(names, ", ") + "\"\nAutumn,Account 7\n",
	}
	w := newWorld(t, files, nil).sync()
	out := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": "Campaigns", "sort": "Name desc", "columns": []string{"Accounts"}}))
	if len(out.Rows) != 2 || strings.Count(string(out.Rows[0].Values[1]), "Account ") != 60 || out.Rows[1].Values[1] != "Account 7" {
		t.Errorf("%+v", out)
	}
	if a := w.call(ReadPage, map[string]any{"page": "Spring"}); !strings.Contains(a.Text, "Accounts, all 60: ") || !strings.Contains(a.Text, "Account 59") {
		t.Errorf("the row is not read whole: %s", a.Text)
	}
	byTitle := map[string]any{"database": "Campaigns", "where": []any{map[string]any{"property": "Accounts", "value": "account 7"}}}
	if diff := cmp.Diff([]string{"Spring", "Autumn"}, titlesOf(got[QueryOut](t, w.call(QueryDatabase, byTitle)))); diff != "" {
		t.Errorf("by a related page (-want +got):\n%s", diff)
	}
}
