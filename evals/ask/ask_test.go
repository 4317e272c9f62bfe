package ask

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools"
)

const (
	pageA = "0a1b0000-0000-4000-8000-00000000000a"
	pageB = "0a1b0000-0000-4000-8000-00000000000b"
	block = "0a1b0000-0000-4000-8000-0000000000b1"
)

// fake answers tools from a table. A missing tool is an error.
type fake struct {
	answers map[string]tools.Answer // by tool and arguments
	called  []string
}

func (f *fake) Call(_ context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	key := tool + " " + string(args)
	f.called = append(f.called, key)
	if a, ok := f.answers[key]; ok {
		return a, nil
	}
	if a, ok := f.answers[tool]; ok {
		return a, nil
	}
	return tools.Answer{}, errors.New("unexpected call: " + key)
}

func text(s string) tools.Answer { return tools.Answer{Text: s} }

func TestProduct(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]tools.Answer{
		`search_notion {"also":["b"],"limit":3,"query":"a"}`: {
			Text: "for a model",
			Structured: json.RawMessage(`{"passages":[
				{"page_id":"` + pageA + `","title":"A","url":"https://app.notion.com/p/0a1b000000004000800000000000000a#0a1b00000000400080000000000000b1","text":"one","score":2.5},
				{"page_id":"` + pageB + `","title":"B","url":"https://app.notion.com/p/0a1b000000004000800000000000000b","text":"two","score":1}]}`),
		},
		`search_notion {"query":"sure"}`:  {Structured: json.RawMessage(`{"passages":[{"page_id":"` + pageA + `","score":9}],"confidence":0.25}`)},
		`search_notion {"query":"none"}`:  {Structured: json.RawMessage(`{"passages":[]}`)},
		`search_notion {"query":"error"}`: {IsError: true, Text: "Connect Notion first."},
	}}
	got, err := Product{Caller: f, Limit: 3}.Ask(t.Context(), questions.Question{Question: "a", Also: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Reply{
		Passages: []Passage{
			{Page: pageA, Block: block, URL: "https://app.notion.com/p/0a1b000000004000800000000000000a#0a1b00000000400080000000000000b1", Title: "A", Text: "one"},
			{Page: pageB, Block: pageB, URL: "https://app.notion.com/p/0a1b000000004000800000000000000b", Title: "B", Text: "two"},
		},
		Confidence: 2.5, Text: "for a model", Calls: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	for question, confidence := range map[string]float64{"sure": .25, "none": 0} {
		got, err := Product{Caller: f}.Ask(t.Context(), questions.Question{Question: question})
		if err != nil || got.Confidence != confidence {
			t.Errorf("%s: confidence %v, error %v; want %v", question, got.Confidence, err, confidence)
		}
	}
	_, err = Product{Caller: f}.Ask(t.Context(), questions.Question{Question: "error"})
	if err == nil || !strings.Contains(err.Error(), "Connect Notion first.") {
		t.Errorf("got error %v, want the words of the tool", err)
	}
}

func TestOfficial(t *testing.T) {
	t.Parallel()
	search := func(query string) string {
		return `API-post-search {"filter":{"property":"object","value":"page"},"page_size":10,"query":"` + query + `"}`
	}
	hit := func(ids ...string) tools.Answer {
		var parts []string
		for _, id := range ids {
			parts = append(parts, `{"id":"`+id+`","url":"https://app.notion.com/p/x","properties":{"Name":{"title":[{"plain_text":"T"}]}}}`)
		}
		return text(`{"results":[` + strings.Join(parts, ",") + `]}`)
	}
	f := &fake{answers: map[string]tools.Answer{
		search("how long is parental leave"): hit(),
		search("leave"):                      hit(pageA, pageB),
		search("parental"):                   hit(pageB),
		`API-retrieve-page-markdown {"page_id":"` + pageA + `"}`: text(`{"markdown":"# A"}`),
		`API-retrieve-page-markdown {"page_id":"` + pageB + `"}`: text(`{"markdown":"# B"}`),
	}}
	got, err := Official{Caller: f, Markdown: true}.Ask(t.Context(), questions.Question{Question: "how long is parental leave", Also: []string{"leave", "parental"}})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, p := range got.Passages {
		order = append(order, string(p.Page)+" "+p.Title+" "+p.Text)
	}
	if diff := cmp.Diff([]string{pageB + " T # B", pageA + " T # A"}, order); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if got.Calls != 5 || !strings.Contains(got.Text, `{"markdown":"# A"}`) || !strings.Contains(got.Text, `"results":[]`) {
		t.Errorf("%d calls; read %q", got.Calls, got.Text)
	}
	for _, p := range got.Passages {
		if p.Block != "" {
			t.Errorf("a page became a citation of block %s", p.Block)
		}
	}
}

func TestOfficialFallsBackOnWords(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]tools.Answer{
		officialSearch:   text(`{"results":[]}`),
		officialChildren: text(`{"results":[]}`),
	}}
	got, err := Official{Caller: f}.Ask(t.Context(), questions.Question{Question: "how long is parental leave?"})
	if err != nil || len(got.Passages) != 0 || got.Calls != 4 || got.Confidence != 0 {
		t.Errorf("got %+v, %v; want nothing after four searches", got, err)
	}
	if !strings.Contains(f.called[1], `"parental"`) || strings.Contains(f.called[3], `"is"`) {
		t.Errorf("searched for %q", f.called)
	}
}

func TestOfficialBlocks(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]tools.Answer{
		officialSearch: text(`{"results":[{"id":"` + pageA + `"}]}`),
		officialChildren: text(`{"results":[
			{"type":"paragraph","paragraph":{"rich_text":[{"plain_text":"Two "},{"plain_text":"runs"}]}},
			{"type":"table_row","table_row":{"cells":[[{"plain_text":"a"}],[{"plain_text":"b"}]]}},
			{"type":"divider","divider":{}}]}`),
	}}
	got, err := Official{Caller: f}.Ask(t.Context(), questions.Question{Question: "q"})
	if err != nil || len(got.Passages) != 1 || got.Passages[0].Text != "Two runs\na b\n" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOfficialError(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]tools.Answer{officialSearch: text(`{"status":"error","object":"error","code":"unauthorized","message":"API token is invalid."}`)}}
	_, err := Official{Caller: f}.Ask(t.Context(), questions.Question{Question: "q"})
	if err == nil || !strings.Contains(err.Error(), "unauthorized: API token is invalid.") || len(f.called) != 1 {
		t.Errorf("got error %v after %d calls", err, len(f.called))
	}
}

func TestSearchFetch(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]tools.Answer{
		`search {"query":"q"}`:         text(`{"results":[{"id":"k1","title":"A","url":"https://app.notion.com/p/0a1b000000004000800000000000000a#0a1b00000000400080000000000000b1"},{"id":"` + pageB + `","title":"B"}]}`),
		`fetch {"id":"k1"}`:            text(`{"id":"k1","title":"A","text":"alpha"}`),
		`fetch {"id":"` + pageB + `"}`: text(`{"text":"beta"}`),
	}}
	got, err := SearchFetch{Caller: f}.Ask(t.Context(), questions.Question{Question: "q"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range got.Passages {
		all = append(all, string(p.Page)+"#"+string(p.Block)+" "+p.Text)
	}
	if diff := cmp.Diff([]string{pageA + "#" + block + " alpha", pageB + "# beta"}, all); diff != "" {
		t.Errorf("passages (-want +got):\n%s", diff)
	}
}

func TestReadsOnlyTheBest(t *testing.T) {
	t.Parallel()
	v := visit{}
	var read []notion.ID
	found := []Passage{{Page: "1"}, {Page: "2"}, {Page: "3"}, {Page: "4"}}
	r, err := v.read(t.Context(), found, func(_ context.Context, _ *visit, p Passage) Passage {
		read = append(read, p.Page)
		return p
	})
	if err != nil || len(read) != readBest || len(r.Passages) != 4 {
		t.Errorf("read %v of %d, %v", read, len(r.Passages), err)
	}
}

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"a b":                        {"a", "b"},
		`  "/my program" --x='y z' `: {"/my program", "--x=y z"},
		`a ""`:                       {"a", ""},
		"":                           nil,
		`a "b`:                       nil,
	} {
		got, err := splitCommand(in)
		if diff := cmp.Diff(want, got); diff != "" || (want == nil) != (err != nil) {
			t.Errorf("%q: error %v (-want +got):\n%s", in, err, diff)
		}
	}
}

// TestMain lets this program be the server that a test starts.
func TestMain(m *testing.M) {
	switch os.Getenv("ASK_TEST_SERVER") {
	case "serve":
		if err := server.ServeStdio(library(os.Getenv("ASK_TEST_TOKEN"))); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "die":
		os.Stderr.WriteString("no token, no answers\n")
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// library is a small server with search and fetch.
func library(token string) *server.MCPServer {
	s := server.NewMCPServer("library", "1")
	answer := func(text string) server.ToolHandlerFunc {
		return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(text), nil
		}
	}
	s.AddTool(mcp.NewTool("search", mcp.WithString("query")), answer(`{"results":[{"id":"`+pageA+`","title":"`+token+`"}]}`))
	s.AddTool(mcp.NewTool("fetch", mcp.WithString("id")), answer(`{"text":"the text"}`))
	return s
}

func TestServers(t *testing.T) {
	t.Parallel()
	http := httptest.NewServer(server.NewStreamableHTTPServer(library("over http"), server.WithStateLess(true)))
	t.Cleanup(http.Close)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]ServerConfig{
		"over http":  {URL: http.URL + "/mcp"},
		"over stdio": {Command: `"` + self + `"`, Env: []string{"ASK_TEST_SERVER=serve", "ASK_TEST_TOKEN=over stdio"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Connect(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			slices.Sort(s.Tools)
			if s.Name != "library" || !slices.Equal(s.Tools, []string{"fetch", "search"}) {
				t.Errorf("server %q with %q", s.Name, s.Tools)
			}
			a, err := Adapt(s, Product{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Ask(t.Context(), questions.Question{Question: "q"})
			if err != nil || len(got.Passages) != 1 || got.Passages[0].Title != name || got.Passages[0].Text != "the text" || got.Calls != 2 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestCommandInheritsNoSecrets(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "GITHUB_TOKEN", "db_password"} {
		t.Setenv(name, "hidden")
	}
	t.Setenv("ASK_TEST_PLAIN", "shown")
	cmd, err := command(t.Context(), "x", []string{"NOTION_TOKEN=ntn_eval"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Join(cmd.Env, "\n")
	if strings.Contains(env, "hidden") || !strings.Contains(env, "ASK_TEST_PLAIN=shown") || !strings.Contains(env, "NOTION_TOKEN=ntn_eval") {
		t.Errorf("environment: %q", cmd.Env)
	}
}

func TestConnectFails(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		cfg  ServerConfig
		want string
	}{
		{ServerConfig{Command: `"` + self + `"`, Env: []string{"ASK_TEST_SERVER=die"}}, "no token, no answers"},
		{ServerConfig{Command: "/no/such/program"}, "/no/such/program"},
		{ServerConfig{URL: "http://127.0.0.1:1/mcp"}, "greet the server"},
	} {
		s, err := Connect(t.Context(), tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, error %v; want one with %q", tt.cfg, s, err, tt.want)
		}
	}
}

func TestAdapt(t *testing.T) {
	t.Parallel()
	for tool, want := range map[string]any{
		"search_notion":                              Product{},
		"API-post-search API-get-block-children":     Official{},
		"API-post-search API-retrieve-page-markdown": Official{},
		"search fetch":                               SearchFetch{},
		"search":                                     nil,
	} {
		a, err := Adapt(&Server{Name: "s", Tools: strings.Fields(tool)}, Product{})
		if (err == nil) != (want != nil) {
			t.Errorf("%s: error %v", tool, err)
			continue
		}
		if err == nil && typeName(a) != typeName(want) {
			t.Errorf("%s: got %T, want %T", tool, a, want)
		}
	}
}

func typeName(v any) string {
	switch v.(type) {
	case Product:
		return "Product"
	case Official:
		return "Official"
	case SearchFetch:
		return "SearchFetch"
	}
	return "none"
}
