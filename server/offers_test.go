package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
)

// offered is what the answers to resources and prompts have in common.
type offered struct {
	ID     int `json:"id"`
	Result struct {
		Contents []struct{ URI, MimeType, Text string }
		Messages []struct{ Content struct{ Text string } }
		Prompts  []struct{ Name, Description string }
	} `json:"result"`
	Error *struct {
		Code    int
		Message string
	} `json:"error"`
}

func TestPagesAreResourcesAndThereIsAPrompt(t *testing.T) {
	fake, url := fakeNotion(t, emulator.Config{})
	var page string
	for _, p := range fake.Pages() {
		if p.Path == "queue.md" {
			page = p.ID
		}
	}
	read := func(id int, uri string) string {
		data, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": "resources/read", "params": map[string]string{"uri": uri}})
		return string(data)
	}
	lines := []string{
		initialize,
		read(2, "notion://page/"+page),
		read(3, "notion://page/"), read(4, "notion://page/..%2f..%2fetc"), read(5, "file:///etc/passwd"),
		read(6, "notion://page/00000000-0000-8000-8000-000000000000"),
		`{"jsonrpc":"2.0","id":7,"method":"prompts/list"}`,
		`{"jsonrpc":"2.0","id":8,"method":"prompts/get","params":{"name":"answer_from_notion","arguments":{"question":"how many workers?"}}}`,
		`{"jsonrpc":"2.0","id":9,"method":"prompts/get","params":{"name":"answer_from_notion","arguments":{"question":" "}}}`,
	}
	var out strings.Builder
	if err := server.Stdio(t.Context(), config(dataDir(t), url, secret), strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	got := map[int]offered{}
	for line := range strings.Lines(out.String()) {
		var o offered
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got[o.ID] = o
	}
	if c := got[2].Result.Contents; len(c) != 1 || c[0].MimeType != "text/markdown" || !strings.Contains(c[0].Text, "twelve") {
		t.Errorf("the page as a resource: %+v", got[2])
	}
	for id := 3; id <= 6; id++ {
		if got[id].Error == nil || len(got[id].Result.Contents) > 0 {
			t.Errorf("%s gives %+v", lines[id-1], got[id])
		}
	}
	if p := got[7].Result.Prompts; len(p) != 1 || p[0].Description == "" {
		t.Errorf("prompts: %+v", got[7])
	}
	if m := got[8].Result.Messages; len(m) != 1 || !strings.Contains(m[0].Content.Text, "how many workers?") {
		t.Errorf("the prompt: %+v", got[8])
	}
	if got[9].Error == nil {
		t.Errorf("a prompt without a question: %+v", got[9])
	}
}
