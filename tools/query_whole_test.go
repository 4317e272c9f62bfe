package tools

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each part says which rows it shows and of how many: what the index counted
// while Notion has more, what was shown at the end.
func TestQueryCountsRows(t *testing.T) {
	t.Parallel()
	var csv strings.Builder
	csv.WriteString("Berth,Boat\n")
	for i := range 7 {
		fmt.Fprintf(&csv, "Pier %d,%s\n", i, []string{"Sloop", "Ketch"}[i%2])
	}
	w := newWorld(t, map[string]string{"Harbour.csv": csv.String()}, nil).sync()
	args := map[string]any{"database": "Harbour", "limit": 3}
	for _, want := range []string{"rows 1 to 3 of 7 that the index has", "rows 4 to 6 of 7 that the index has", "rows 7 to 7 of 7; today"} {
		a := w.call(QueryDatabase, args)
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in %s", want, a.Text)
		}
		args["cursor"] = got[QueryOut](t, a).NextCursor
	}
	a := w.call(QueryDatabase, map[string]any{"database": "Harbour", "limit": 1, "where": []any{map[string]any{"property": "Boat", "value": "Ketch"}}})
	if out := got[QueryOut](t, a); out.Total != nil || out.AtLeast != 2 || out.Known == nil || *out.Known != 3 || !strings.Contains(a.Text, "rows 1 to 1 of 3 that") {
		t.Errorf("%+v: %s", out, a.Text)
	}
	cold := newWorld(t, map[string]string{"Harbour.csv": csv.String()}, nil)
	a = cold.call(QueryDatabase, map[string]any{"database": string(w.page("Harbour").ID), "limit": 3})
	if !strings.Contains(a.Text, "rows 1 to 3 of at least 4") {
		t.Errorf("before anything is read: %s", a.Text)
	}
}

// A wide table keeps its order, hides what is empty before what is not, and
// names what it hides.
func TestWideTable(t *testing.T) {
	t.Parallel()
	head, row := []string{"Zone"}, []string{"North"}
	for i := range 16 {
		head, row = append(head, fmt.Sprintf("%c%d", 'P'-rune(i), i)), append(row, map[bool]string{true: fmt.Sprint("v", i)}[i%5 != 1])
	}
	w := newWorld(t, map[string]string{"Survey.csv": strings.Join(head, ",") + "\n" + strings.Join(row, ",") + "\n"}, nil).sync()
	a := w.call(QueryDatabase, map[string]any{"database": "Survey"})
	out := got[QueryOut](t, a)
	if diff := cmp.Diff("Zone P0 N2 M3 L4 K5 I7 H8 G9 F10 D12 C13", strings.TrimSpace(strings.Join(plain(out.Columns), " "))); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"empty in these rows, not shown: O1, J6, E11.", "`columns`: B14, A15."} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in %s", want, a.Text)
		}
	}
	named := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": "Survey", "columns": head}))
	if len(named.Columns) != len(head) || len(named.Notes) != 0 {
		t.Errorf("%+v", named)
	}
}

func plain[T ~string](all []T) []string {
	var out []string
	for _, s := range all {
		out = append(out, string(s))
	}
	return out
}

// All that is wrong with a call is said at once, with what would fit.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	a := w.call(QueryDatabase, map[string]any{
		"database": "Log", "sort": []string{"Prize"}, "columns": []string{"Colour", "Statuz"},
		"where": []any{
			map[string]any{"property": "Amuont", "value": 1}, map[string]any{"property": "Status", "value": []string{"Opne", "Lost"}},
			map[string]any{"property": "Amount", "operator": "starts with", "value": 1}, map[string]any{"property": "Due", "operator": "before", "value": "whenever"},
		},
	})
	for _, want := range []string{`"Prize"`, `"Colour"`, `"Statuz"`, `"Amuont"`, `"Opne"`, `"Lost"`, `"starts with"`, `"whenever"`, `Did you mean "Amount"`, `Did you mean "Open"`, "since Monday"} {
		if !a.IsError || !strings.Contains(a.Text, want) {
			t.Errorf("no %q in %s", want, a.Text)
		}
	}
	if n := strings.Count(a.Text, "It has: "); n != 1 {
		t.Errorf("the columns are listed %d times: %s", n, a.Text)
	}
}

// Without a database it is said which there are, or that there are none.
func TestWhichDatabases(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Sales pipeline.csv": calls, "Support.md": "Helping.", "Support/Tickets.csv": calls}, nil).sync()
	for _, args := range []map[string]any{{}, {"database": " "}} {
		if a := w.call(QueryDatabase, args); !a.IsError || !strings.Contains(a.Text, `Say which database. There are 2: "Sales pipeline" (`) || !strings.Contains(a.Text, `"Tickets" in Support (`) {
			t.Errorf("%v: %s", args, a.Text)
		}
	}
	if a := w.call(QueryDatabase, map[string]any{"database": "Tickts"}); !strings.Contains(a.Text, `Did you mean "Tickets"?`) {
		t.Errorf("%s", a.Text)
	}
	none := newWorld(t, map[string]string{"Support.md": "Helping."}, nil)
	if a := none.call(QueryDatabase, nil); !strings.Contains(a.Text, "None is known so far") {
		t.Errorf("before anything is read: %s", a.Text)
	}
	if a := none.sync().call(QueryDatabase, nil); !strings.Contains(a.Text, "No database is shared with this connection.") {
		t.Errorf("%s", a.Text)
	}
}
