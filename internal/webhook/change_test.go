package webhook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	workspace = "13950b26-c203-4f3b-b97d-93ec06319565"
	page      = "153104cd-477e-809d-8dc4-ff2d96ae3090"
	person    = "c7c11cca-1d73-471d-9b6e-bdef51470190"
	bot       = "556a1abf-4f08-40c6-878a-75890d2a88ba"
)

// event is one as Notion sends it, with parts replaced.
func event(pairs ...string) []byte {
	text := `{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","timestamp":"2026-11-20T23:55:34.285Z","workspace_id":"` + workspace + `",
		"workspace_name":"Acme","subscription_id":"29d75c0d-5546-4414-8459-7b7a92f1fc4b","integration_id":"0ef2e755-4912-8096-91c1-00376a88a5ca",
		"type":"page.content_updated","authors":[{"id":"` + person + `","type":"person"}],
		"accessible_by":[{"id":"` + person + `","type":"person"},{"id":"` + bot + `","type":"bot"}],"attempt_number":1,"api_version":"2026-03-11",
		"entity":{"id":"` + page + `","type":"page"},
		"data":{"updated_blocks":[{"id":"153104cd-477e-80ec-a87d-f7ff0236d35c","type":"block"}],"parent":{"id":"` + workspace + `","type":"space"}}}`
	return []byte(strings.NewReplacer(pairs...).Replace(text))
}

func TestParseChange(t *testing.T) {
	t.Parallel()
	got, err := webhook.ParseChange(event())
	if err != nil {
		t.Fatal(err)
	}
	want := webhook.Change{
		Event: "367cba44-b6f3-4c92-81e7-6a2e9659efd4", At: time.Date(2026, 11, 20, 23, 55, 34, 285e6, time.UTC),
		Workspace: workspace, Object: page, Kind: "page",
		Readers: []webhook.Reader{{ID: person, Type: "person"}, {ID: bot, Type: "bot"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for from, to := range map[string]string{
		`"type":"page"}`: `"type":"comment"}`, "page.content_updated": "page.something_new",
		workspace: strings.ReplaceAll(workspace, "-", ""),
	} {
		got, err := webhook.ParseChange(event(from, to))
		if err != nil || got.Workspace != workspace || (got.Kind == "") != strings.Contains(to, "comment") {
			t.Errorf("%s: %+v, %v", to, got, err)
		}
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"page.permissions_updated": true, "page.moved": true, "database.moved": true, "page.deleted": true,
		"page.content_updated": false, "page.created": false, "page": false, "permissions_updated": false,
	} {
		got, err := webhook.ParseChange(event("page.content_updated", kind))
		if err != nil || got.Below != want {
			t.Errorf("%s: %v, %v, want %v", kind, got.Below, err, want)
		}
	}
}

func TestKindOfObject(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ event, entity, want string }{
		{"page.created", "page", "page"},
		{"database.moved", "database", "database"},
		{"data_source.schema_updated", "data_source", "data_source"},
		{"data_source.content_updated", "block", "data_source"},
		{"page.transcription_block.transcript_deleted", "block", ""},
		{"page.permissions_updated", "page", "page"},
		{"page.permissions_updated", "database", "database"},
		{"page.permissions_updated", "block", "page"},
		{"comment.created", "comment", ""},
		{"view.created", "view", ""},
	} {
		got, err := webhook.ParseChange(event("page.content_updated", tt.event, `"type":"page"}`, `"type":"`+tt.entity+`"}`))
		if err != nil || got.Kind != tt.want {
			t.Errorf("%s of a %s: %q, %v; want %q", tt.event, tt.entity, got.Kind, err, tt.want)
		}
	}
}

func TestParseChangeRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{
		"nothing":              nil,
		"no JSON":              []byte("hello secret_text"),
		"a list":               []byte("[]"),
		"null":                 []byte("null"),
		"no event id":          event("367cba44-b6f3-4c92-81e7-6a2e9659efd4", ""),
		"a long event id":      event("367cba44", strings.Repeat("secret_text", 100)),
		"no time":              event(`"timestamp":"2026-11-20T23:55:34.285Z",`, ""),
		"a time that is none":  event("2026-11-20T23:55:34.285Z", "secret_text"),
		"another workspace id": event(workspace, "secret_text"),
		"another page id":      event(page, "../secret_text"),
		"no type":              event("page.content_updated", ""),
		"the handshake":        []byte(`{"verification_token":"secret_text"}`),
	} {
		if c, err := webhook.ParseChange(body); err == nil || strings.Contains(err.Error(), "secret_text") {
			t.Errorf("%s: %+v, %v; want an error that does not repeat it", name, c, err)
		}
	}
}

func TestFor(t *testing.T) {
	t.Parallel()
	both := []webhook.Reader{{ID: person, Type: "person"}, {ID: bot, Type: "bot"}}
	for _, tt := range []struct {
		name    string
		readers []webhook.Reader
		bot     notion.ID
		person  notion.ID
		want    bool
	}{
		{"nobody is named", nil, bot, "", true},
		{"the bot is", both, bot, "", true},
		{"the person is", both, page, person, true},
		{"another bot and person are", both, page, workspace, false},
		{"another bot is, and the person is not known", both, page, "", false},
		{"a person is, and ours is not known", both[:1], bot, "", true},
		{"another person is", both[:1], bot, page, false},
	} {
		if got := (webhook.Change{Readers: tt.readers}).For(tt.bot, tt.person); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzParseChange(f *testing.F) {
	f.Add(event())
	f.Add(event(`"type":"page"}`, `"type":"data_source"}`))
	f.Add([]byte(`{"verification_token":"secret_abcdefghijklmnop"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := webhook.ParseChange(body)
		if err != nil {
			return
		}
		if _, err := notion.ParseID(string(c.Object)); err != nil {
			t.Errorf("object %q: %v", c.Object, err)
		}
		if c.Event == "" || c.At.IsZero() {
			t.Errorf("%+v cannot be told from others", c)
		}
		c.For(bot, person)
	})
}
