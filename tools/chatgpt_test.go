package tools

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ChatGPT gets exactly search and fetch, with the very objects of its contract,
// as structured content and as one text.
func TestChatGPT(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{Search, Fetch}, Names(Options{Toolsets: []Toolset{ChatGPT}})); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	w := newWorld(t, handbook(), nil).sync()
	a := w.call(Search, map[string]any{"query": "full refund for damaged goods"})
	if a.Text != string(a.Structured) {
		t.Errorf("text and structured content differ: %s", a.Text)
	}
	out := got[FindOut](t, a)
	if len(out.Results) == 0 || out.Results[0].Title != "Finance / Refund policy" || !strings.Contains(out.Results[0].URL, "#") {
		t.Fatalf("%s", a.Text)
	}
	seen := map[string]bool{}
	for _, r := range out.Results {
		if seen[r.ID] {
			t.Errorf("%s comes twice", r.ID)
		}
		seen[r.ID] = true
		doc := w.call(Fetch, map[string]any{"id": r.ID})
		if doc.IsError || doc.Text != string(doc.Structured) {
			t.Errorf("fetch %s: %s", r.ID, doc.Text)
		}
	}
	doc := got[FetchOut](t, w.call(Fetch, map[string]any{"id": out.Results[0].URL}))
	if doc.ID != out.Results[0].ID || doc.Title != "Refund policy" || !strings.Contains(string(doc.Text), "within 30 days") || strings.Contains(string(doc.Text), "{#") || strings.Contains(doc.URL, "#") || doc.Metadata["last_edited"] == "" {
		t.Errorf("%+v", doc)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(a.Structured, &keys); err != nil || len(keys) != 1 {
		t.Errorf("more than results: %s", a.Structured)
	}
}

func TestParseToolsets(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]Toolset{
		"": DefaultToolsets(), "core": {Core}, " Write , core,core": {Write, Core}, "chatgpt": {ChatGPT},
	} {
		if got, err := ParseToolsets(s); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{"all": "choose from core, databases, write, or chatgpt alone", "core,chatgpt": "goes with no other"} {
		if _, err := ParseToolsets(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
