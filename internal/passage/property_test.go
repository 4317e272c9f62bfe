package passage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mcp-notion/mcp-notion/notion"
)

// TestProperties has each type of property value once, as the API gives it,
// and its empty form.
func TestProperties(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, json, want string }{
		{"title", `{"type":"title","title":[{"plain_text":"left out"}]}`, ""},
		{"rich_text", `{"type":"rich_text","rich_text":[{"plain_text":"a\nb"}]}`, "P: a\n  b"},
		{"number", `{"type":"number","number":1250000.5}`, "P: 1250000.5"},
		{"number zero", `{"type":"number","number":0}`, "P: 0"},
		{"number none", `{"type":"number","number":null}`, ""},
		{"url", `{"type":"url","url":"https://a.example"}`, "P: `https://a.example`"},
		{"url none", `{"type":"url","url":null}`, ""},
		{"select", `{"type":"select","select":{"name":"High"}}`, "P: High"},
		{"select none", `{"type":"select","select":null}`, ""},
		{"multi_select", `{"type":"multi_select","multi_select":[{"name":"a"},{"name":"b"}]}`, "P: a, b"},
		{"status", `{"type":"status","status":{"name":"In progress"}}`, "P: In progress"},
		{"date", `{"type":"date","date":{"start":"2026-03-01"}}`, "P: 2026-03-01"},
		{"date range", `{"type":"date","date":{"start":"2026-03-01T09:00:00.000+02:00","end":"2026-03-01T10:30:00.000Z","time_zone":"Europe/Berlin"}}`, "P: 2026-03-01 09:00 +02:00 to 2026-03-01 10:30 UTC Europe/Berlin"},
		{"email", `{"type":"email","email":"a@b.example"}`, "P: `a@b.example`"},
		{"phone_number", `{"type":"phone_number","phone_number":"+49 30 1"}`, "P: +49 30 1"},
		{"checkbox", `{"type":"checkbox","checkbox":true}`, "P: Yes"},
		{"checkbox off", `{"type":"checkbox","checkbox":false}`, "P: No"},
		{"files", `{"type":"files","files":[{"name":"a.pdf","type":"file","file":{"url":"https://s3.example/a?X-Amz-Signature=1"}},{"name":"b","type":"external","external":{"url":"https://b.example"}}]}`, "P: a.pdf, b (b.example)"},
		{"people", `{"type":"people","people":[{"id":"1","name":"Ada"},{"id":"2","person":{"email":"g@x.example"}},{"id":"3"}]}`, "P: Ada, `g@x.example`, somebody (id 3)"},
		{"relation", `{"type":"relation","relation":[{"id":"aa-bb"}]}`, "P: 1 page (https://app.notion.com/p/aabb)"},
		{"a person without a name", `{"type":"people","people":[{"object":"user","id":"a"}]}`, "P: somebody (id a)"},
		{"agents", `{"type":"people","people":[{"object":"agent","agent_id":"b"},{"object":"agent","agent_id":"c","name":"Helper"}]}`, "P: agent (id b), Helper"},
		{"a type of later days", `{"type":"mood_ring","mood_ring":{"colour":"red"}}`, "P: (a mood ring, which cannot be shown here)"},
		{"nothing of a type of later days", `{"type":"mood_ring","mood_ring":null}`, ""},
		{"relation many", `{"type":"relation","has_more":true,"relation":[{"id":"a"},{"id":"b"}]}`, "P: more than 2 pages (https://app.notion.com/p/a, https://app.notion.com/p/b, and more: read_page)"},
		{"relation none", `{"type":"relation","relation":[]}`, ""},
		{"rollup number", `{"type":"rollup","rollup":{"type":"number","number":7}}`, "P: 7"},
		{"rollup array", `{"type":"rollup","rollup":{"type":"array","array":[{"type":"title","title":[{"plain_text":"X"}]},{"type":"number","number":2}]}}`, "P: X, 2"},
		{"rollup incomplete", `{"type":"rollup","rollup":{"type":"incomplete"}}`, "P: (a rollup that Notion does not hand out)"},
		{"formula string", `{"type":"formula","formula":{"type":"string","string":"late"}}`, "P: late"},
		{"formula boolean", `{"type":"formula","formula":{"type":"boolean","boolean":false}}`, "P: No"},
		{"formula unsupported", `{"type":"formula","formula":{"type":"unsupported"}}`, "P: (a formula that Notion does not hand out)"},
		{"created_by", `{"type":"created_by","created_by":{"id":"1","name":"Ada"}}`, "P: Ada"},
		{"last_edited_by nameless", `{"type":"last_edited_by","last_edited_by":{"id":"1"}}`, "P: somebody (id 1)"},
		{"created_time", `{"type":"created_time","created_time":"2026-01-02T03:04:00.000Z"}`, "P: 2026-01-02 03:04 UTC"},
		{"last_edited_time", `{"type":"last_edited_time","last_edited_time":"2026-01-02T03:04:00.000Z"}`, "P: 2026-01-02 03:04 UTC"},
		{"button", `{"type":"button","button":{}}`, ""},
		{"unique_id", `{"type":"unique_id","unique_id":{"prefix":"TASK","number":12}}`, "P: TASK-12"},
		{"unique_id plain", `{"type":"unique_id","unique_id":{"prefix":null,"number":12}}`, "P: 12"},
		{"verification", `{"type":"verification","verification":{"state":"verified","date":{"start":"2026-01-01","end":"2026-04-01"}}}`, "P: verified until 2026-04-01"},
		{"unverified", `{"type":"verification","verification":{"state":"unverified","date":null}}`, ""},
		{"place", `{"type":"place","place":{"lat":1.5,"lon":2,"name":"HQ","address":"1 Main St"}}`, "P: HQ, 1 Main St"},
		{"place without a name", `{"type":"place","place":{"lat":1.5,"lon":2}}`, "P: 1.5, 2"},
		{"place none", `{"type":"place","place":null}`, ""},
		{"of a new type", `{"type":"brand_new","brand_new":1}`, "P: (a brand new, which cannot be shown here)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p notion.Property
			if err := json.Unmarshal([]byte(tt.json), &p); err != nil {
				t.Fatal(err)
			}
			page := &notion.Page{ID: "row", Properties: map[string]notion.Property{"P": p}}
			w := newWalker(Options{})
			w.properties(page)
			got := ""
			for _, u := range w.units {
				got += string(u.text.Named(nobody))
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPropertiesLong(t *testing.T) {
	t.Parallel()
	page := &notion.Page{ID: "row", Properties: map[string]notion.Property{
		"Notes": {Type: "rich_text", RichText: []notion.RichText{{Type: "text", PlainText: prose(1000)}}},
		"Area":  {Type: "select", Select: &notion.Option{Name: "Ops"}},
	}}
	split := SplitPage(page, nil, Options{})
	checkSplit(t, split, nil, Options{})
	if len(split.Passages) < 5 || !strings.HasPrefix(string(split.Passages[0].Text), "Area: Ops\nNotes: Word1 ") {
		t.Errorf("got %s", show(split))
	}
	var want, got []string
	eachWord(strings.ToLower(prose(1000)), func(w string) { want = append(want, w) })
	eachWord(strings.ToLower(joined(split)), func(w string) { got = append(got, w) })
	if diff := cmp.Diff(append([]string{"area", "ops", "notes"}, want...), got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}
