package ingest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// What is kept of a row are its values; addresses of files in Notion, which are
// secrets for an hour, are not, and the row itself stays as it was.
func TestStoredProperties(t *testing.T) {
	t.Parallel()
	const row = `{"properties":{
		"Plan":{"type":"files","files":[{"type":"file","name":"plan.pdf","file":{"url":"https://files.example/plan.pdf?X-Amz-Signature=secret"}},
			{"type":"external","name":"site","external":{"url":"https://example.com/site"}}]},
		"Plans":{"type":"rollup","rollup":{"type":"array","array":[{"type":"files","files":[{"type":"file","name":"b.pdf","file":{"url":"https://files.example/b.pdf?X-Amz-Signature=secret"}}]}]}},
		"Amount":{"type":"number","number":12.5}}}`
	var page notion.Page
	if err := json.Unmarshal([]byte(row), &page); err != nil {
		t.Fatal(err)
	}
	raw, err := storedProperties(&page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"plan.pdf", "b.pdf", "https://example.com/site", "12.5"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in %s", want, raw)
		}
	}
	if strings.Contains(string(raw), "secret") {
		t.Errorf("an address that expires is kept: %s", raw)
	}
	if page.Properties["Plan"].Files[0].File == nil || page.Properties["Plans"].Rollup.Array[0].Files[0].File == nil {
		t.Error("the row was changed")
	}
}
