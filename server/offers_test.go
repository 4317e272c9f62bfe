package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
)

// offered is what the answers to resources and prompts have in common.
type offered struct {
	ID     int `json:"id"`
	Result struct {
		Contents []struct{ URI, MimeType, Text string }
		Messages []struct{ Content struct{ Text string } }
		Prompts  []struct {
			Name, Title, Description string
			Arguments                []struct {
				Name, Description string
				Required          bool
			}
		}
		Resources         []struct{ URI, Name, Description, MimeType string }
		ResourceTemplates []struct{ URITemplate string }
		Completion        struct{ Values []string }
	} `json:"result"`
	Error *struct {
		Code    int
		Message string
	} `json:"error"`
}

// spoken sends lines over stdio and gives the answers by their ids.
func spoken(t *testing.T, cfg server.Config, lines ...string) map[int]offered {
	t.Helper()
	var out strings.Builder
	if err := server.Stdio(t.Context(), cfg, strings.NewReader(strings.Join(append([]string{initialize}, lines...), "\n")), &out); err != nil {
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
	return got
}

func readRequest(id int, uri string) string {
	return rpc(id, "resources/read", map[string]string{"uri": uri})
}

func completion(id int, ref map[string]string, arg, typed string) string {
	return rpc(id, "completion/complete", map[string]any{"ref": ref, "argument": map[string]string{"name": arg, "value": typed}})
}

func TestPagesAreResources(t *testing.T) {
	fake, url := fakeNotion(t, emulator.Config{})
	var page string
	for _, p := range fake.Pages() {
		if p.Path == "queue.md" {
			page = p.ID
		}
	}
	compact := strings.ReplaceAll(page, "-", "")
	good := []string{
		"notion://page/" + page, "notion://page/" + compact,
		"https://app.notion.com/p/Queue-" + compact, "https://www.notion.so/team/Queue-" + compact,
	}
	bad := []string{
		"notion://page/", "notion://page/..%2f..%2fetc", "file:///etc/passwd", "https://evil.example/p/" + compact,
		"https://app.notion.com/p/nothing", "notion://page/00000000-0000-8000-8000-000000000000",
	}
	var lines []string
	for i, uri := range append(good, bad...) {
		lines = append(lines, readRequest(i+2, uri))
	}
	got := spoken(t, config(dataDir(t), url, secret), append(lines, rpc(50, "resources/templates/list", map[string]any{}))...)
	for i, uri := range good {
		if c := got[i+2].Result.Contents; len(c) != 1 || c[0].URI != uri || c[0].MimeType != "text/markdown" || !strings.Contains(c[0].Text, "twelve") {
			t.Errorf("%s: %+v", uri, got[i+2])
		}
	}
	for i, uri := range bad {
		if o := got[len(good)+i+2]; o.Error == nil || len(o.Result.Contents) > 0 {
			t.Errorf("%s gives %+v", uri, o)
		}
	}
	if n := len(got[50].Result.ResourceTemplates); n != 3 {
		t.Errorf("%d templates, want 3", n)
	}
}

func TestPrompts(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	got := spoken(t, config(dataDir(t), url, secret),
		rpc(2, "prompts/list", map[string]any{}),
		rpc(3, "prompts/get", map[string]any{"name": "answer_from_notion", "arguments": map[string]string{"question": "how many workers?"}}),
		rpc(4, "prompts/get", map[string]any{"name": "answer_from_notion", "arguments": map[string]string{"question": " "}}),
	)
	if n := len(got[2].Result.Prompts); n != 6 {
		t.Errorf("%d prompts, want 6", n)
	}
	for _, p := range got[2].Result.Prompts {
		if p.Title == "" || p.Description == "" || len(p.Arguments) == 0 || !p.Arguments[0].Required || p.Arguments[0].Description == "" {
			t.Errorf("not described: %+v", p)
		}
	}
	if m := got[3].Result.Messages; len(m) != 1 || !strings.Contains(m[0].Content.Text, "how many workers?") {
		t.Errorf("the prompt: %+v", got[3])
	}
	if got[4].Error == nil {
		t.Errorf("a prompt without a question: %+v", got[4])
	}
}

// What is listed and completed comes from the caller's own pages, asked for
// with the caller's own token.
func TestListsAndCompletionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 3, pool: server.PoolConfig{Poll: 50 * time.Millisecond}, direct: true})
		s.shareOwn()
		for _, m := range s.people {
			s.mirrored(m)
		}
		template := map[string]string{"type": "ref/resource", "uri": "notion://page/{id}"}
		prompt := map[string]string{"type": "ref/prompt", "name": "account_brief"}
		ask := func(m *member, body string) offered {
			t.Helper()
			r := s.send(request{token: s.bearer(m, nil), body: body})
			var o offered
			if err := json.Unmarshal([]byte(r.body), &o); err != nil || r.status != http.StatusOK {
				t.Fatalf("%d %s", r.status, r.body)
			}
			return o
		}
		for i, m := range s.people {
			own := "notion://page/" + s.pages[i]
			if l := ask(m, rpc(1, "resources/list", map[string]any{})).Result.Resources; len(l) != 1 || l[0].URI != own || l[0].Name != fmt.Sprintf("Part %d", i) || l[0].Description == "" {
				t.Errorf("user %d is shown %+v", i, l)
			}
			if v := ask(m, completion(1, template, "id", "par")).Result.Completion.Values; !slices.Equal(v, []string{s.pages[i]}) {
				t.Errorf("user %d: ids %q", i, v)
			}
			if v := ask(m, completion(1, prompt, "account", "Pa")).Result.Completion.Values; !slices.Equal(v, []string{fmt.Sprintf("Part %d", i)}) {
				t.Errorf("user %d: titles %q", i, v)
			}
			if v := ask(m, completion(1, prompt, "purpose", "Pa")).Result.Completion.Values; len(v) != 0 {
				t.Errorf("user %d: titles %q for an argument that names no page", i, v)
			}
		}
		first := s.people[0]
		s.share(first, 0, false)
		waitFor(t, "the page to be gone", func() bool {
			return len(ask(first, rpc(1, "resources/list", map[string]any{})).Result.Resources) == 0
		})
		s.broker.drop(s.people[1].conn)
		if l := ask(s.people[1], rpc(1, "resources/list", map[string]any{})).Result.Resources; l == nil || len(l) != 0 {
			t.Errorf("not connected, and shown %+v", l)
		}
		if r := s.send(request{token: s.bearer(s.people[2], map[string]any{"scope": "other"}), body: rpc(1, "resources/list", map[string]any{})}); r.status != http.StatusForbidden {
			t.Errorf("without the scope: %d %s", r.status, r.body)
		}
	})
}
