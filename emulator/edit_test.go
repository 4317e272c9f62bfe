package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
)

func TestEditKeepsWhatDidNotChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	before := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))
	if err := w.Edit("home.md", "# New home\n\nAdded\n\nWelcome\n\n- one\n  - changed\n"); err != nil {
		t.Fatal(err)
	}
	after := results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))
	if got := texts(after); got != "Added|Welcome|one|Leave policy" {
		t.Fatalf("blocks: %s", got)
	}
	if after[1]["id"] != before[0]["id"] || after[2]["id"] != before[1]["id"] || after[1]["last_edited_time"] != loaded {
		t.Errorf("unchanged blocks changed: %v", after)
	}
	if after[0]["last_edited_time"] != edited {
		t.Errorf("the new block was edited at %v", after[0]["last_edited_time"])
	}
	page := w.ok("GET", "/v1/pages/{home.md}", nil)
	if text(page) != "New home" || page["last_edited_time"] != edited || page["created_time"] != loaded {
		t.Errorf("page: %v", page)
	}
	gone := before[2]["id"].(string)
	w.do("GET", "/v1/blocks/"+gone, nil).fails(t, 404, "object_not_found", "block")
}

func TestTrashRestoreDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	leave, rules := w.id("home/leave.md"), w.id("home/leave/rules.md")
	block := results(w.ok("GET", "/v1/blocks/"+rules+"/children", nil))[0]["id"].(string)
	steps := []struct {
		name    string
		do      func() error
		status  int
		inTrash bool
	}{
		{"trash", func() error { return w.Trash("home/leave.md") }, 200, true},
		{"restore", func() error { return w.Restore("home/leave.md") }, 200, false},
		{"delete", func() error { return w.Delete("home/leave.md") }, 404, false},
	}
	for _, s := range steps {
		w.clock.add(time.Minute)
		if err := s.do(); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{leave, rules} {
			r := w.do("GET", "/v1/pages/"+id, nil)
			if r.status != s.status || r.status == 200 && r.body["in_trash"] != s.inTrash {
				t.Errorf("after %s: %d, in_trash %v", s.name, r.status, r.body["in_trash"])
			}
		}
		listed := strings.Contains(texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))), "Leave policy")
		if listed != (s.name == "restore") {
			t.Errorf("after %s the parent lists the page: %v", s.name, listed)
		}
	}
	w.do("GET", "/v1/blocks/"+block, nil).fails(t, 404, "object_not_found", "block")
	if err := w.Delete("home/leave.md"); err == nil {
		t.Error("deleted a page twice")
	}
}

func TestMoveRenameAdd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	for _, err := range []error{
		w.Move("home/leave.md", "pay.md"), w.Rename("home/leave.md", "Time off"), w.AddPage("home/new.md", "# Brand new\n\nText\n"),
		w.Move("pay.md", "accounts.csv"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))); got != "Monthly.|Time off" {
		t.Errorf("new parent: %s", got)
	}
	if p := w.ok("GET", "/v1/pages/{home/leave.md}", nil); p["last_edited_time"] != edited || !strings.Contains(p["url"].(string), "/Time-off-") {
		t.Errorf("moved page: %v", p)
	}
	if got := texts(results(w.ok("GET", "/v1/blocks/{home.md}/children", nil))); !strings.HasSuffix(got, "|Brand new") {
		t.Errorf("old parent: %s", got)
	}
	if p := w.ok("GET", "/v1/pages/{pay.md}", nil); get(p, "parent", "type") != "data_source_id" || text(p) != "Pay" {
		t.Errorf("page that became a row: %v", p)
	}
	for name, err := range map[string]error{
		"below itself": w.Move("home.md", "home/new.md"), "no page": w.Rename("missing.md", "x"), "there is one": w.AddPage("odd.md", ""),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

func TestEveryBlockOfThePagesIsReachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{PageSizeMax: 3})
	var walked []string
	var walk func(id string)
	walk = func(id string) {
		cursor := ""
		for {
			o := w.ok("GET", "/v1/blocks/"+id+"/children"+cursor, nil)
			for _, b := range results(o) {
				walked = append(walked, b["id"].(string))
				copied := get(b, "synced_block", "synced_from") != nil
				if b["has_children"] == true && b["type"] != "child_page" && b["type"] != "unsupported" && !copied {
					walk(b["id"].(string))
				}
			}
			if o["has_more"] == false {
				return
			}
			cursor = "?start_cursor=" + o["next_cursor"].(string)
		}
	}
	for _, p := range []string{"home.md", "odd.md", "home/leave.md"} {
		walked = nil
		walk(w.id(p))
		var want []string
		for _, b := range w.Blocks(p) {
			want = append(want, b.ID)
		}
		if diff := cmp.Diff(want, walked); diff != "" {
			t.Errorf("%s: %s", p, diff)
		}
	}
}

func TestEditedCopyFindsItsOriginal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	if err := w.Edit("pay.md", "<!-- synced_copy: promise -->\n"); err != nil {
		t.Fatal(err)
	}
	original := results(w.ok("GET", "/v1/blocks/{odd.md}/children", nil))[2]
	copied := results(w.ok("GET", "/v1/blocks/{pay.md}/children", nil))[0]
	if get(copied, "synced_block", "synced_from", "block_id") != original["id"] {
		t.Errorf("copy: %v", copied)
	}
}
