package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// comment sends one comment on pay.md over a connection of its own and returns
// whether the caller learned that it was made.
func (w *world) comment(text string) bool {
	w.t.Helper()
	body := `{"parent":{"page_id":"` + w.id("pay.md") + `"},"rich_text":[{"text":{"content":"` + text + `"}}]}`
	req, err := http.NewRequest("POST", w.url+"/v1/comments", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer ntn_a"}, "Notion-Version": {"2026-03-11"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != 200 {
		w.t.Fatalf("comment: %d %s", resp.StatusCode, raw)
	}
	return err == nil
}

// said are the comments on pay.md, one letter each.
func (w *world) said() string {
	w.t.Helper()
	var s strings.Builder
	for _, c := range results(w.ok("GET", "/v1/comments?block_id={pay.md}", nil)) {
		s.WriteString(plain(c["rich_text"]))
	}
	return s.String()
}

func TestCutsOfWrites(t *testing.T) {
	t.Parallel()
	post := emulator.Fault{Method: "POST", Route: "/v1/comments"}
	with := func(f func(*emulator.Fault)) emulator.Fault { out := post; f(&out); return out }
	tests := []struct {
		name          string
		fault         emulator.Fault
		learned, made string // of the comments a to f
	}{
		{"before", with(func(f *emulator.Fault) { f.CutBefore, f.Times = true, 2 }), "cdef", "cdef"},
		{"middle", with(func(f *emulator.Fault) { f.CutBody, f.Times = true, 2 }), "cdef", "abcdef"},
		{"after", with(func(f *emulator.Fault) { f.CutAfter, f.Times = true, 2 }), "cdef", "abcdef"},
		{"the third", with(func(f *emulator.Fault) { f.CutBefore, f.Skip, f.Times = true, 2, 1 }), "abdef", "abdef"},
		{"every second", with(func(f *emulator.Fault) { f.CutAfter, f.Every = true, 2 }), "ace", "abcdef"},
		{"every second from the third", with(func(f *emulator.Fault) { f.CutBefore, f.Every, f.Skip = true, 2, 2 }), "abce", "abce"},
		{"every second, once", with(func(f *emulator.Fault) { f.CutBefore, f.Every, f.Times = true, 2, 1 }), "acdef", "acdef"},
		{"another route", emulator.Fault{Route: "/v1/search", CutBefore: true}, "abcdef", "abcdef"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Config{})
			w.Inject(tt.fault)
			learned := ""
			for _, text := range strings.Split("abcdef", "") {
				if w.comment(text) {
					learned += text
				}
			}
			if got := w.said(); learned != tt.learned || got != tt.made {
				t.Errorf("learned of %q and made %q, want %q and %q", learned, got, tt.learned, tt.made)
			}
		})
	}
}

func TestCutIsAskedForOverTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Config{})
	fault := object{"method": "POST", "route": "/v1/comments", "cut_after": true, "skip": 1, "every": 2, "times": 1}
	if r := w.send("POST", "/emulator/fault", fault, http.Header{}); r.status != 200 {
		t.Fatalf("fault: %d", r.status)
	}
	for i, want := range []bool{true, true, false, true} {
		if got := w.comment("x"); got != want {
			t.Errorf("comment %d: learned %v, want %v", i+1, got, want)
		}
	}
	if w.said() != "xxxx" {
		t.Errorf("comments: %q", w.said())
	}
}
