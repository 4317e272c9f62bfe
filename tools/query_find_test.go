package tools

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

const calls = "Name,Status\nOne,Open\nTwo,Closed\nThree,Open\n"

// A database is found by whatever names it; what names several is answered
// with the list of them, and nothing is guessed.
func TestDatabaseByWhateverNamesIt(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Sales.md": "Selling.", "Sales/Log.csv": calls, "Support.md": "Helping.", "Support/Log.csv": calls, "Support/Tickets.csv": calls,
		"Sales pipeline.csv": calls, "Empty.md": "Nothing.",
	}
	w := newWorld(t, files, nil).sync()
	for name, want := range map[string]string{
		"Sales pipeline": "Sales pipeline", "the sales PIPELINE database": "Sales pipeline", "pipeline": "Sales pipeline",
		"Tickets": "Tickets", "Sales": "Log", w.page("Sales").URL: "Log", w.page("Tickets").ID.Compact(): "Tickets",
		string(w.page("Tickets").Parent.DatabaseID): "Tickets",
	} {
		out := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": name}))
		if string(out.Title) != want || len(out.Rows) != 3 || out.Total == nil || *out.Total != 3 {
			t.Errorf("%q: %s with %d rows", name, out.Title, len(out.Rows))
		}
	}
	for name, want := range map[string][]string{
		"Log":     {`2 databases are called "Log"`, `"Log" in Sales (`, `"Log" in Support (`},
		"log db":  {`2 databases are called`},
		"Support": {`holds 2 databases`, `"Log" in Support (`, `"Tickets" in Support (`},
		"Deals":   {`No database is called "Deals". There are 4: `, `"Sales pipeline"`, `"Tickets" in Support (`},
		"Empty":   {"a page without a database on it"},
		"sa":      {"No database is called"},
		"???":     {"No database is called"},
	} {
		a := w.call(QueryDatabase, map[string]any{"database": name})
		for _, part := range want {
			if !a.IsError || !strings.Contains(a.Text, part) {
				t.Errorf("%q: no %q in %s", name, part, a.Text)
			}
		}
	}
	if a := w.call(CreatePage, map[string]any{"parent": "Log", "title": "x"}); !a.IsError || !strings.Contains(a.Text, `"Log" in Support (`) {
		t.Errorf("a row is made in one of two tables: %s", a.Text)
	}
}

// Before the index has seen anything, Notion is asked.
func TestDatabaseThatTheIndexHasNotSeen(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Sales.md": "Selling.", "Sales/Deals.csv": calls, "Support.md": "x", "Support/A.csv": calls, "Support/B.csv": calls}
	synced := newWorld(t, files, nil).sync()
	w := newWorld(t, files, nil)
	for name, want := range map[string]string{"deals": "Deals", synced.page("Sales").URL: "Deals", synced.page("One").URL: "", string(synced.page("Deals").ID): "Deals"} {
		out := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": name}))
		if want != "" && string(out.Title) != want || len(out.Rows) != 3 || out.Source != "live" {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if a := w.call(QueryDatabase, map[string]any{"database": synced.page("Support").URL}); !a.IsError || !strings.Contains(a.Text, "holds 2 databases") {
		t.Errorf("%s", a.Text)
	}
}

// A database with several tables lists them, and each can be asked by its id.
func TestDatabaseWithSeveralTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	table, base := w.page("Log").ID, w.page("Log").Parent.DatabaseID
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		w.notion.ServeHTTP(rec, r)
		body, err := io.ReadAll(rec.Body)
		if err != nil {
			t.Error(err)
		}
		one := []byte(`"data_sources":[`)
		body = bytes.Replace(body, one, append(one, []byte(`{"id":"0a1b0000-0000-8000-8000-00000000000c","name":"Archive <quoted>"},`)...), 1)
		rw.WriteHeader(rec.Code)
		if _, err := rw.Write(body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(proxy.Close)
	w.client = notion.New(tested, notion.Config{BaseURL: proxy.URL, MaxRetries: -1})
	a := w.call(QueryDatabase, map[string]any{"database": string(base)})
	if !a.IsError || !strings.Contains(a.Text, `has 2 tables`) || !strings.Contains(a.Text, table.Compact()) || !strings.Contains(a.Text, "0a1b000000008000800000000000000c") || strings.Contains(a.Text, "<quoted>") {
		t.Errorf("%s", a.Text)
	}
	if out := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": table.Compact()})); len(out.Rows) != 3 {
		t.Errorf("%+v", out)
	}
}

// From the index everything works as in Notion, and says so: the schema, the
// database by its link, people by name, page after page.
func TestEverythingFromTheIndex(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Deals.csv": "Name,Owner,Amount\nOne,Kim Lee,1\nTwo,Jo Doe,2\nThree,Kim Lee,3\nFour,Kim Lee,4\nFive,Jo Doe,5\n"}
	w := newWorld(t, files, nil).sync()
	link := w.page("Deals").URL
	kim := []any{map[string]any{"property": "owner", "value": "kim"}}
	args := map[string]any{"database": link, "where": kim, "sort": "Amount desc", "limit": 2}
	live := got[QueryOut](t, w.call(QueryDatabase, args))
	w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})

	info := w.call(QueryDatabase, map[string]any{"database": link, "describe": true})
	if out := got[QueryOut](t, info); out.Source != "index" || len(out.Properties) != 3 || !strings.Contains(info.Text, "from the index, as of") || !strings.Contains(info.Text, "Notion could not be asked") {
		t.Errorf("%s", info.Text)
	}
	first := got[QueryOut](t, w.call(QueryDatabase, args))
	if diff := cmp.Diff(live.Rows, first.Rows); diff != "" || first.Source != "index" || first.Total == nil || *first.Total != 3 {
		t.Errorf("%+v (-live +index):\n%s", first, diff)
	}
	args["cursor"] = first.NextCursor
	w.notion.ClearFaults() // what began in the index goes on there
	a := w.call(QueryDatabase, args)
	if diff := cmp.Diff([]string{"One"}, titlesOf(got[QueryOut](t, a))); diff != "" || !strings.Contains(a.Text, "go on from the index") || !strings.Contains(a.Text, "last rows that meet") {
		t.Errorf("%s\n%s", a.Text, diff)
	}

	w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})
	for _, value := range []string{"me", "nobody"} {
		a := w.call(QueryDatabase, map[string]any{"database": "Deals", "where": []any{map[string]any{"property": "Owner", "value": value}}})
		failure(t, a, "notion_fault")
	}
	args["cursor"] = live.NextCursor
	failure(t, w.call(QueryDatabase, args), "notion_fault")
}

// "me" is the person whom the token acts for, and the answer says who that is.
// For a token of the workspace it is nobody, and not a table without rows.
func TestMe(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Deals.csv": "Name,Owner,Amount\nOne,Kim Lee,1\nTwo,Jo Doe,2\nThree,Kim Lee,3\nFour,Kim Lee,4\nFive,Jo Doe,5\n"}
	where := func(value any, operator string) map[string]any {
		return map[string]any{"database": "Deals", "where": []any{map[string]any{"property": "Owner", "operator": operator, "value": value}}}
	}
	kims := newWorld(t, files, func(tok *emulator.Token, _ *Config) { tok.Owner = "Kim Lee" }).sync()
	for _, c := range []struct {
		value    any
		operator string
		want     []string
	}{
		{"me", "is", []string{"One", "Three", "Four"}},
		{"ME", "is not", []string{"Two", "Five"}},
		{[]any{"me", "jo"}, "", []string{"One", "Two", "Three", "Four", "Five"}},
	} {
		a := kims.call(QueryDatabase, where(c.value, c.operator))
		if diff := cmp.Diff(c.want, titlesOf(got[QueryOut](t, a))); diff != "" || strings.Count(a.Text, `"me" is Kim Lee`) != 1 {
			t.Errorf("%v: %s\n%s", c.value, diff, a.Text)
		}
	}
	nameless := newWorld(t, files, func(tok *emulator.Token, _ *Config) { tok.Owner, tok.NoUsers = "Kim Lee", true }).sync()
	if a := nameless.call(QueryDatabase, where("me", "is")); len(got[QueryOut](t, a).Rows) != 3 || !strings.Contains(a.Text, `"me" is somebody (id `) {
		t.Errorf("%s", a.Text)
	}
	nobodys := newWorld(t, files, nil).sync()
	a := nobodys.call(QueryDatabase, where("me", "is"))
	failure(t, a, CodeInput)
	if !strings.Contains(a.Text, "belongs to the whole workspace") || !strings.Contains(a.Text, "Ask the user for their name") {
		t.Errorf("%s", a.Text)
	}
}

// A Notion that does not answer is not waited for until the call ends.
func TestQueryWhenNotionHangs(t *testing.T) {
	t.Parallel()
	inBubble(t, office(), func(t *testing.T, w *world) {
		w.patient().notion.Inject(emulator.Fault{Hang: true})
		for _, name := range []string{"Log", w.page("Log").URL} {
			if out := got[QueryOut](t, w.call(QueryDatabase, map[string]any{"database": name})); out.Source != "index" || len(out.Rows) != 3 {
				t.Errorf("%s: %+v", name, out)
			}
		}
		failure(t, w.call(QueryDatabase, map[string]any{"database": "0a1b0000000080008000000000000009"}), "timeout")
	})
}

// Rows that Notion has not shown for too long are not shown without it.
func TestRowsThatAreNotTrusted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, office(), nil).sync()
	var err error
	if w.Set.cfg.Syncer, err = ingest.New(ingest.Config{Index: w.index, Client: w.Set.cfg.Client, Now: w.now, Trust: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})
	args := map[string]any{"database": "Log"}
	if out := got[QueryOut](t, w.call(QueryDatabase, args)); len(out.Rows) != 3 {
		t.Fatalf("%+v", out)
	}
	w.pass(20 * time.Minute)
	a := w.call(QueryDatabase, args)
	failure(t, a, "notion_fault")
	if strings.Contains(a.Text, "First call") {
		t.Errorf("%s", a.Text)
	}
}

// A row that refers to a page is no proof that the page may still be seen: its
// title is shown when Notion has shown it lately, or does when it is asked.
func TestTitlesOfRelatedPages(t *testing.T) {
	t.Parallel()
	accounts, deals := "Name,Size\n", "Name,Accounts\nFew,\"Account 1, Account 2\"\nMany,\""
	for i := range 8 {
		accounts += fmt.Sprintf("Account %d,%d\n", i, i)
		deals += fmt.Sprintf("Account %d, ", i)
	}
	w := newWorld(t, map[string]string{"Accounts.csv": accounts, "Deals.csv": strings.TrimSuffix(deals, ", ") + "\"\n"}, nil).sync()
	var err error
	if w.Set.cfg.Syncer, err = ingest.New(ingest.Config{Index: w.index, Client: w.Set.cfg.Client, Now: w.now, Trust: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	many := w.page("Many").URL
	ask := func() []string { // the cells of a table, and the whole list of a row
		_, list, _ := strings.Cut(w.call(ReadPage, map[string]any{"page": many}).Text, ", all 8:")
		return []string{w.call(QueryDatabase, map[string]any{"database": "Deals"}).Text, list}
	}
	for _, text := range ask() {
		if !strings.Contains(text, "Account 1") || !strings.Contains(text, "Account 2") {
			t.Fatal(text)
		}
	}
	for _, c := range []struct {
		account string
		status  int
	}{{"Account 1", http.StatusNotFound}, {"Account 2", http.StatusBadGateway}} {
		w.pass(20 * time.Minute)
		w.notion.Inject(emulator.Fault{Route: "/v1/pages/{id}", ID: string(w.page(c.account).ID), Status: c.status})
		for _, text := range ask() {
			if strings.Contains(text, c.account) || !strings.Contains(text, "Account 3") {
				t.Errorf("%s, which Notion does not show: %s", c.account, text)
			}
		}
	}
}

// A column of titles is found by what such a column is mostly called, which is
// said; a column that has that name is itself.
func TestTitleColumnByAnotherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"People.csv": "Handle,Team\nada,Red\nbo,Blue\n", "Books.csv": "Handle,Name\nx,Zeno\ny,Plato\n"}, nil).sync()
	const note = `No column is called `
	for _, c := range []struct {
		database string
		args     map[string]any
		first    string
		said     bool
	}{
		{"People", map[string]any{"where": []any{map[string]any{"property": "Name", "operator": "is", "value": "bo"}}}, "bo", true},
		{"People", map[string]any{"sort": []string{"title desc"}}, "bo", true},
		{"People", map[string]any{"columns": []string{"Name", "Team"}}, "ada", true},
		{"People", map[string]any{"sort": []string{"Handle desc"}}, "bo", false},
		{"Books", map[string]any{"sort": []string{"Name"}}, "Plato", false},
	} {
		c.args["database"] = c.database
		a := w.call(QueryDatabase, c.args)
		out := got[QueryOut](t, a)
		if len(out.Rows) == 0 || string(out.Rows[0].Title) != c.first || strings.Contains(a.Text, note) != c.said {
			t.Errorf("%v: %s", c.args, a.Text)
		}
	}
}

// An answer without rows says which condition keeps them out, and what is nearly so.
func TestNoRowsAreExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Deals.csv": "Name,Stage,Amount\nAcme,Won,1\nGlobex,Won,2\nInitech,Lost,3\n"}, nil).sync()
	is := func(column, operator string, value any) any {
		return map[string]any{"property": column, "operator": operator, "value": value}
	}
	for _, c := range []struct {
		where []any
		want  []string
		not   string
	}{
		{[]any{is("Name", "is", "Globx")}, []string{"0 of 3 rows", `the nearest that is written there is "Globex"`}, "alone"},
		{[]any{is("Stage", "is", "Won"), is("Amount", ">", 2)}, []string{"0 of 3 rows", `Stage is "Won", alone: 2 rows.`, `alone: 1 row.`}, "nearest"},
		{[]any{is("Amount", ">", 9)}, []string{"0 of 3 rows"}, "nearest"},
		{[]any{is("Name", "is", "Acme")}, nil, "0 of"},
	} {
		a := w.call(QueryDatabase, map[string]any{"database": "Deals", "where": c.where})
		for _, want := range c.want {
			if !strings.Contains(a.Text, want) {
				t.Errorf("%v: no %q in %s", c.where, want, a.Text)
			}
		}
		if strings.Contains(a.Text, c.not) {
			t.Errorf("%v: %s", c.where, a.Text)
		}
	}
}
