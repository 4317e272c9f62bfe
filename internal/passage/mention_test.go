package passage_test

import (
	"encoding/json"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// A mention of which Notion gives no words shows what it is, and is never
// nothing.
func TestMentionsWithoutWords(t *testing.T) {
	t.Parallel()
	const id = "0a1b0000-0000-8000-8000-000000000001"
	for mention, want := range map[string]string{
		`{"type":"user","user":{"object":"user","id":"` + id + `"}}`:                                                   "ask @somebody (id " + id + ") now",
		`{"type":"user","user":{"object":"user","id":"` + id + `","name":"Kim"}}`:                                      "ask @Kim now",
		`{"type":"user","user":{"object":"agent","agent_id":"` + id + `"}}`:                                            "ask @agent (id " + id + ") now",
		`{"type":"agent","agent":{"id":"` + id + `"}}`:                                                                 "ask @agent (id " + id + ") now",
		`{"type":"agent","agent":{"agent_id":"` + id + `","name":"Helper"}}`:                                           "ask @Helper now",
		`{"type":"agent","agent":"` + id + `"}`:                                                                        "ask (an agent mention, which cannot be shown here) now",
		`{"type":"team_space","team_space":{"name":7}}`:                                                                "ask (a team space mention, which cannot be shown here) now",
		`{"type":"custom_emoji","custom_emoji":{"id":"` + id + `","name":"ship","url":"https://x.example"}}`:           "ask :ship: now",
		`{"type":"template_mention","template_mention":{"type":"template_mention_user","template_mention_user":"me"}}`: "ask (a template mention, which cannot be shown here) now",
		`{"type":"date","date":{"start":"2026-07-01","end":"2026-07-15"}}`:                                             "ask 2026-07-01 to 2026-07-15 now",
		`{"type":"link_mention","link_mention":{"href":"https://go.dev","title":"Go"}}`:                                "ask Go (go.dev) now",
		`{"type":"link_preview","link_preview":{"url":"https://prod-files-secure.s3.example/x?X-Amz-Signature=1"}}`:    "ask (a link) now",
		`{}`: "ask (a mention, which cannot be shown here) now",
	} {
		for _, words := range []string{"", "@", " "} {
			raw, err := json.Marshal(words)
			if err != nil {
				t.Fatal(err)
			}
			var runs []notion.RichText
			if err := json.Unmarshal([]byte(`[{"type":"text","plain_text":"ask "},{"type":"mention","mention":`+mention+`,"plain_text":`+string(raw)+`},{"type":"text","plain_text":" now"}]`), &runs); err != nil {
				t.Errorf("%s: %v", mention, err)
				continue
			}
			if got := markdown.Inline(runs); string(got) != want {
				t.Errorf("%s: %q, want %q", mention, got, want)
			}
			again, err := json.Marshal(runs) // as it is stored
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(again, &runs); err != nil || string(markdown.Inline(runs)) != want {
				t.Errorf("%s, stored: %q, %v", mention, markdown.Inline(runs), err)
			}
		}
	}
}
