package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

func TestTokensSeeWhatWasShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{
		{Secret: "all", Name: "All"},
		{Secret: "leave", Name: "Leave reader", Roots: []string{"home/leave.md"}},
		{Secret: "rows", Roots: []string{"accounts"}},
		{Secret: "empty", Roots: []string{}},
	}})
	for secret, want := range map[string]int{"all": 12, "leave": 2, "rows": 4, "empty": 0} {
		if got := results(w.as(secret, "POST", "/v1/search", nil).body); len(got) != want {
			t.Errorf("%s sees %d objects, want %d", secret, len(got), want)
		}
	}
	if r := w.as("leave", "GET", "/v1/pages/{home/leave/rules.md}", nil); r.status != 200 {
		t.Errorf("a page below a shared one: %d", r.status)
	}
	hidden := w.as("leave", "GET", "/v1/pages/{pay.md}", nil)
	absent := w.as("leave", "GET", "/v1/pages/"+strings.Repeat("0", 32), nil)
	hidden.fails(t, 404, "object_not_found", `shared with your integration "Leave reader".`)
	same := strings.Replace(hidden.body["message"].(string), w.id("pay.md"), "00000000-0000-0000-0000-000000000000", 1)
	if same != absent.body["message"] {
		t.Errorf("a hidden page can be told from none: %q, %q", hidden.body["message"], absent.body["message"])
	}
	block := results(w.as("all", "GET", "/v1/blocks/{pay.md}/children", nil).body)[0]["id"].(string)
	for _, path := range []string{
		"/v1/blocks/{pay.md}", "/v1/blocks/{pay.md}/children", "/v1/blocks/" + block, "/v1/pages/{pay.md}/markdown",
		"/v1/pages/{pay.md}/properties/title", "/v1/databases/{accounts.csv}", "/v1/comments?block_id=" + block,
	} {
		w.as("leave", "GET", path, nil).fails(t, 404, "object_not_found", "Leave reader")
	}
	w.as("leave", "PATCH", "/v1/blocks/"+block, paragraph("x")).fails(t, 404, "object_not_found", "block")
	w.as("leave", "POST", "/v1/comments", object{"parent": object{"block_id": block}, "markdown": "x"}).fails(t, 404, "object_not_found", "block")
}

func TestHiddenTitlesAreNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{{Secret: "a", Roots: []string{"accounts"}}, {Secret: "b", Roots: []string{"home.md"}}}})
	acme := w.as("a", "GET", "/v1/pages/{accounts/Acme.md}", nil).body
	if relation, told := acme["properties"].(object)["Project"]; told {
		t.Errorf("relation to a hidden table: %v", relation)
	}
	for _, path := range []string{"/v1/blocks/{home.md}/children", "/v1/pages/{home.md}/markdown"} {
		raw, err := json.Marshal(w.as("b", "GET", path, nil).body)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `"Pay"`) || strings.Contains(string(raw), ">Pay<") || !strings.Contains(string(raw), "Untitled") {
			t.Errorf("%s tells the title of a hidden page: %s", path, raw)
		}
	}
}

func TestShareUnshareRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{{Secret: "a", Roots: []string{"home.md"}}}})
	status := func(path string) int { return w.as("a", "GET", "/v1/pages/{"+path+"}", nil).status }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Share("a", "pay.md"))
	if status("pay.md") != 200 {
		t.Error("a shared page is not found")
	}
	for path, want := range map[string]string{"home/leave/rules.md": `"home.md"`, "accounts.csv": "not shared with this token"} {
		if err := w.Unshare("a", path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("unshare %s: %v, want %s", path, err, want)
		}
	}
	if status("home/leave/rules.md") != 200 {
		t.Error("an unshare that was refused took something")
	}
	must(w.Unshare("a", "home.md"))
	if status("home.md") != 404 || status("home/leave/rules.md") != 404 || status("pay.md") != 200 {
		t.Error("unsharing one page took too little or too much")
	}
	if p := w.Pages(); len(p) != 12 {
		t.Errorf("unsharing changed the workspace: %d pages", len(p))
	}
	if err := w.Share("other", "pay.md"); err == nil {
		t.Error("shared with a token that does not exist")
	}
	if err := w.Share("a", "missing.md"); err == nil {
		t.Error("shared a page that does not exist")
	}
	w.Revoke("a")
	w.as("a", "GET", "/v1/users/me", nil).fails(t, 401, "unauthorized", "API token is invalid.")

	open := newWorld(t, emulator.Config{})
	if err := open.Unshare("ntn_x", "home/leave/rules.md"); err == nil || !strings.Contains(err.Error(), `"home.md"`) {
		t.Errorf("unshare below what is shared: %v", err)
	}
	must(open.Unshare("ntn_x", "pay.md"))
	if open.as("ntn_x", "GET", "/v1/pages/{pay.md}", nil).status != 404 || open.as("ntn_y", "GET", "/v1/pages/{pay.md}", nil).status != 200 {
		t.Error("unsharing from a token that saw everything")
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{Tokens: []emulator.Token{{Secret: "blind", NoRead: true}, {Secret: "reader", NoInsert: true, NoUpdate: true}}})
	child := object{"children": []any{paragraph("x")}}
	w.as("blind", "GET", "/v1/pages/{pay.md}", nil).fails(t, 403, "restricted_resource", "Insufficient permissions for this endpoint.")
	w.as("blind", "POST", "/v1/search", nil).fails(t, 403, "restricted_resource", "Insufficient")
	w.as("reader", "PATCH", "/v1/blocks/{pay.md}/children", child).fails(t, 403, "restricted_resource", "Insufficient")
	w.as("reader", "DELETE", "/v1/blocks/{pay.md}", nil).fails(t, 403, "restricted_resource", "Insufficient")
	w.as("reader", "PATCH", "/v1/pages/{pay.md}", object{"in_trash": true}).fails(t, 403, "restricted_resource", "Insufficient")
	got := results(w.as("blind", "PATCH", "/v1/blocks/{pay.md}/children", child).body)
	if len(got) != 1 || len(got[0]) != 2 {
		t.Errorf("answer to a writer that may not read: %v", got)
	}
}

func TestRateLimitWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{PerMinute: 3, PerMinuteWorkspace: 5})
	call := func(secret string) reply { return w.as(secret, "GET", "/v1/users/me", nil) }
	for i := range 3 {
		if r := call("ntn_a"); r.status != 200 {
			t.Fatalf("request %d: %d", i, r.status)
		}
		w.clock.add(10 * time.Second)
	}
	r := call("ntn_a")
	r.fails(t, 429, "rate_limited", "rate limited")
	if r.header.Get("Retry-After") != "30" || get(r.body, "additional_data", "rate_limit_reason") != "public_api_request_rate_limit" {
		t.Errorf("Retry-After %q, %v", r.header.Get("Retry-After"), r.body)
	}
	for range 2 {
		if r := call("ntn_b"); r.status != 200 {
			t.Fatalf("another token: %d", r.status)
		}
	}
	if got := get(call("ntn_b").body, "additional_data", "rate_limit_reason"); got != "public_api_space_request_rate_limit" {
		t.Errorf("limit of the workspace: %v", got)
	}
	w.clock.add(30 * time.Second)
	if r := call("ntn_a"); r.status != 200 {
		t.Errorf("in the next minute: %d", r.status)
	}
	if w.Requests() != 8 || w.Counts()["GET /v1/users/me"] != 8 {
		t.Errorf("%d requests, %v", w.Requests(), w.Counts())
	}
}

func TestLogsHoldNoTokens(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w := newWorld(t, emulator.Config{Log: slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	w.as("ntn_very_secret", "GET", "/v1/pages/{pay.md}", nil)
	w.as("bad_very_secret", "GET", "/v1/pages/{pay.md}", nil)
	if log := buf.String(); strings.Contains(log, "very_secret") || !strings.Contains(log, "/v1/pages/{id}") {
		t.Errorf("log: %s", log)
	}
}

func TestSearchIsByTitleOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	for query, want := range map[string]string{
		"leave": "Leave policy", "lea": "Leave policy", "POL leave": "Leave policy", "eave": "", "twenty": "", "leave nothing": "", "acme": "Acme",
	} {
		if got := texts(results(w.ok("POST", "/v1/search", object{"query": query}))); got != want {
			t.Errorf("search %q finds %q, want %q", query, got, want)
		}
	}
	source := object{"filter": object{"property": "object", "value": "data_source"}}
	for _, o := range results(w.ok("POST", "/v1/search", source)) {
		if o["object"] != "data_source" {
			t.Errorf("found a %v", o["object"])
		}
	}
}

func TestSearchOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	if err := w.Edit("pay.md", "# Pay\n\nWeekly.\n"); err != nil {
		t.Fatal(err)
	}
	sorted := func(direction string) []object {
		return results(w.ok("POST", "/v1/search", object{"sort": object{"timestamp": "last_edited_time", "direction": direction},
			"filter": object{"property": "object", "value": "page"}}))
	}
	if newest := sorted("descending")[0]; text(newest) != "Pay" || newest["last_edited_time"] != edited {
		t.Errorf("newest: %v", newest)
	}
	if list := sorted("ascending"); text(list[len(list)-1]) != "Pay" {
		t.Errorf("oldest first: %s", texts(list))
	}
}

func TestSearchLagsAndOmits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{SearchLag: time.Minute})
	if n := len(results(w.ok("POST", "/v1/search", nil))); n != 12 {
		t.Errorf("what was loaded is found late: %d objects", n)
	}
	if err := w.AddPage("home/new.md", "# New page\n"); err != nil {
		t.Fatal(err)
	}
	find := func() string { return texts(results(w.ok("POST", "/v1/search", object{"query": "new"}))) }
	if find() != "" {
		t.Error("a new page is found at once")
	}
	if w.do("GET", "/v1/pages/{home/new.md}", nil).status != 200 {
		t.Error("a new page cannot be read")
	}
	w.clock.add(time.Minute)
	if find() != "New page" {
		t.Error("a new page is not found after the lag")
	}

	fsys := fstest.MapFS{"root.md": {Data: []byte("x")}}
	for i := range 20 {
		fsys[fmt.Sprintf("root/%02d.md", i)] = &fstest.MapFile{Data: []byte("x")}
	}
	o := worldOf(t, fsys, emulator.Config{SearchOmits: 5})
	list := results(o.ok("POST", "/v1/search", nil))
	if len(list) != 17 || !strings.Contains(texts(list), "root") {
		t.Errorf("search lists %d of 21 pages, and of those %s", len(list), texts(list))
	}
	if n := len(results(o.ok("GET", "/v1/blocks/{root.md}/children", nil))); n != 21 {
		t.Errorf("the page lists %d children", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				w.do("GET", "/v1/blocks/{home.md}/children", nil)
				w.do("POST", "/v1/search", object{"query": "pay"})
				w.do("PATCH", "/v1/blocks/{pay.md}/children", object{"children": []any{paragraph(fmt.Sprint(i, j))}})
				if err := w.Edit("home.md", fmt.Sprintf("# Home\n\n%d %d\n", i, j)); err != nil {
					t.Error(err)
				}
				w.Inject(emulator.Fault{Status: http.StatusTeapot, Times: 1, Method: "TRACE"})
				w.Counts()
			}
		})
	}
	wg.Wait()
	if n := len(results(w.ok("GET", "/v1/blocks/{pay.md}/children?page_size=100", nil))); n != 81 {
		t.Errorf("%d blocks after 80 appends", n)
	}
}
