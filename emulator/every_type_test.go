package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// typesWorld has a column of every type. It is Tuesday, the 10th of March.
func typesWorld(t *testing.T, cfg emulator.Config) *world {
	t.Helper()
	w, err := emulator.Load(sample.Types())
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	cfg.Now = c.Now
	s := emulator.New(w, cfg)
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	return &world{Server: s, t: t, url: hs.URL, clock: c}
}

func goldenJSON(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/"+name, string(got)+"\n")
}

func TestEveryTypeOfProperty(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	source := results(w.ok("POST", "/v1/search", object{"query": "Deals", "filter": object{"property": "object", "value": "data_source"}}))[0]
	goldenJSON(t, "schema.json", source["properties"])
	rows := results(w.ok("POST", "/v1/data_sources/"+source["id"].(string)+"/query", nil))
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	goldenJSON(t, "full.json", rows[0]["properties"])
	goldenJSON(t, "empty.json", rows[2]["properties"])
	items := object{}
	for name, p := range rows[0]["properties"].(object) {
		id := p.(object)["id"].(string)
		item := w.ok("GET", "/v1/pages/"+rows[0]["id"].(string)+"/properties/"+id, nil)
		delete(item, "request_id")
		items[name] = item
	}
	goldenJSON(t, "items.json", items)
}

// sourceOf is the data source of a title, whole.
func (w *world) sourceOf(title string) object {
	w.t.Helper()
	for _, s := range results(w.ok("POST", "/v1/search", object{"filter": object{"property": "object", "value": "data_source"}})) {
		if plain(s["title"]) == title {
			return s
		}
	}
	w.t.Fatalf("no data source %q", title)
	return nil
}

func (w *world) query(source object, body any) []object {
	w.t.Helper()
	return results(w.ok("POST", "/v1/data_sources/"+source["id"].(string)+"/query", body))
}

func TestDatabaseWithTwoDataSources(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	deals, accounts := w.sourceOf("Deals"), w.sourceOf("Accounts")
	id := get(deals, "parent", "database_id").(string)
	if id != get(accounts, "parent", "database_id") {
		t.Errorf("two databases: %v, %v", deals["parent"], accounts["parent"])
	}
	d := w.ok("GET", "/v1/databases/"+id, nil)
	want := []any{object{"id": accounts["id"], "name": "Accounts"}, object{"id": deals["id"], "name": "Deals"}}
	if diff := cmp.Diff(any(want), d["data_sources"]); diff != "" || plain(d["title"]) != "Pipeline" {
		t.Errorf("%v: %s", d["title"], diff)
	}
	for _, s := range []object{deals, accounts} {
		for _, row := range w.query(s, nil) {
			if get(row, "parent", "data_source_id") != s["id"] || get(row, "parent", "database_id") != id {
				t.Errorf("%s hangs below %v", text(row), row["parent"])
			}
		}
	}
	// Which of the two tables the row is for, a database cannot tell.
	title := object{"Name": object{"title": []any{object{"text": object{"content": "New"}}}}}
	w.do("POST", "/v1/pages", object{"parent": object{"database_id": id}, "properties": title}).fails(t, 400, "validation_error", "multiple data sources")
	made := w.ok("POST", "/v1/pages", object{"parent": object{"data_source_id": deals["id"]}, "properties": title})
	if get(made, "parent", "data_source_id") != deals["id"] || len(w.query(deals, nil)) != 4 || len(w.query(accounts, nil)) != 3 {
		t.Errorf("the row went to %v", made["parent"])
	}
}

func TestQueryBody(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	deals := w.sourceOf("Deals")
	path := "/v1/data_sources/" + deals["id"].(string) + "/query"
	w.do("POST", path, object{"filter_properties": []string{"Name"}}).fails(t, 400, "validation_error", "body.filter_properties should be not present")
	w.do("POST", path, object{"filter": object{"property": "Stage", "status": object{"equals": "Lost"}}}).fails(t, 400, "validation_error", "Available options")
	w.do("POST", path, object{"sorts": []any{object{"property": "Name"}}}).fails(t, 400, "validation_error", "body.sorts[0].direction")
	if rows := w.query(deals, object{"result_type": "data_source"}); len(rows) != 0 {
		t.Errorf("data sources among the rows: %v", rows)
	}
	row := results(w.ok("POST", path+"?filter_properties=title&filter_properties[]=Value", object{"page_size": 1}))[0]
	if p := row["properties"].(object); len(p) != 2 || p["Name"] == nil || p["Value"] == nil {
		t.Errorf("properties: %v", p)
	}
}

// "me" is the user that a token acts for, and so differs between two tokens.
func TestMeIsTheCaller(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{Tokens: []emulator.Token{{Secret: "ntn_test", Name: "A"}, {Secret: "b", Name: "B"}}})
	deals := w.sourceOf("Deals")
	w.ok("POST", "/v1/pages", object{"parent": object{"data_source_id": deals["id"]}})
	for secret, want := range map[string]int{"ntn_test": 1, "b": 0} {
		filter := object{"filter": object{"property": "Made by", "created_by": object{"contains": "me"}}}
		rows := results(w.as(secret, "POST", "/v1/data_sources/"+deals["id"].(string)+"/query", filter).body)
		if len(rows) != want {
			t.Errorf("%s made %d rows, want %d", secret, len(rows), want)
		}
	}
}

func TestLongPropertiesArePaged(t *testing.T) {
	t.Parallel()
	var accounts, names strings.Builder
	accounts.WriteString("Name,Size\n")
	for i := range 60 {
		fmt.Fprintf(&accounts, "Account %02d,%d\n", i, i)
		fmt.Fprintf(&names, "Account %02d,", i)
	}
	schema := "columns:\n- {name: Accounts, type: relation, to: Accounts}\n- {name: Team, type: people}\n" +
		"- {name: Sum, type: rollup, relation: Accounts, property: Size, function: sum}\n" +
		"- {name: Sizes, type: rollup, relation: Accounts, property: Size, function: show_original}\n"
	w := worldOf(t, fstest.MapFS{
		"Accounts.csv":          {Data: []byte(accounts.String())},
		"Campaigns.csv":         {Data: []byte("Name,Accounts,Team\nSpring,\"" + names.String() + "\",\"" + names.String() + "\"\n")},
		"Campaigns.schema.yaml": {Data: []byte(schema)},
	}, emulator.Config{PageSizeMax: 25})
	row := w.query(w.sourceOf("Campaigns"), nil)[0]
	properties := row["properties"].(object)
	if get(properties, "Accounts", "has_more") != true || get(properties, "Sum", "rollup", "number") != 1770.0 {
		t.Errorf("accounts %v, sum %v", properties["Accounts"], properties["Sum"])
	}
	for name, keys := range map[string][]any{"Accounts": {"relation"}, "Team": {"people"}, "Sizes": {"rollup", "array"}} {
		if list := get(properties[name], keys...).([]any); len(list) != 25 {
			t.Errorf("%s has %d in the page", name, len(list))
		}
	}
	for name, kind := range map[string]string{"Accounts": "relation", "Team": "people", "Sizes": "number", "Sum": "relation"} {
		id := get(properties[name], "id").(string)
		parts, all := "", map[string]bool{}
		for next := any("?page_size=40"); next != nil; {
			part := w.ok("GET", "/v1/pages/"+row["id"].(string)+"/properties/"+id+next.(string), nil)
			for _, item := range results(part) {
				all[fmt.Sprint(item[kind])] = true
			}
			parts += fmt.Sprintf("%d ", len(results(part)))
			if rolled := get(part, "property_item", "rollup"); name == "Sum" && (get(rolled, "type") == "incomplete") != (part["has_more"] == true) {
				t.Errorf("a part of the rollup: %v", rolled)
			}
			next = nil
			if url, ok := get(part, "property_item", "next_url").(string); ok {
				_, query, _ := strings.Cut(url, "?")
				next = "?" + query
			}
		}
		if parts != "25 25 10 " || len(all) != 60 {
			t.Errorf("%s: parts of %s, %d different", name, parts, len(all))
		}
	}
}

func TestUsersArePaged(t *testing.T) {
	t.Parallel()
	w := typesWorld(t, emulator.Config{})
	var names []string
	for next := any(""); next != nil; {
		path := "/v1/users?page_size=2"
		if next != "" {
			path += "&start_cursor=" + next.(string)
		}
		part := w.ok("GET", path, nil)
		for _, u := range results(part) {
			names = append(names, u["name"].(string))
			one := w.ok("GET", "/v1/users/"+u["id"].(string), nil)
			delete(one, "request_id")
			if diff := cmp.Diff(any(u), any(one)); diff != "" {
				t.Error(diff)
			}
		}
		next = part["next_cursor"]
	}
	if got := strings.Join(names, ", "); got != "Workspace Owner, Ann Lee, Bob Ray, Emulator" {
		t.Errorf("users: %s", got)
	}
	w.do("GET", "/v1/users/"+strings.Repeat("0", 32), nil).fails(t, 404, "object_not_found", "user")
}
