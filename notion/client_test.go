package notion

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	testSecret = "ntn_verysecret"
	idA        = ID("11111111-2222-8333-8444-aaaaaaaaaaaa")
	idB        = ID("11111111-2222-8333-8444-bbbbbbbbbbbb")
)

// serve runs a handler as a Notion API under a base path, and gives a client
// that does not repeat reads.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return New(testSecret, Config{BaseURL: srv.URL + "/base/", MaxRetries: -1})
}

// answer is a handler that always gives the same.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

const (
	onePage    = `{"object":"page","id":"1111111122228333-8444aaaaaaaaaaaa"}`
	emptyList  = `{"object":"list","results":[],"next_cursor":null,"has_more":false}`
	emptyItems = `{"object":"list","results":[],"property_item":{"id":"a%3Ab","type":"relation"}}`
)

// apiCall is a call of the client and the request that it must make.
type apiCall struct {
	name   string
	call   func(ctx context.Context, c *Client) (any, error)
	answer string
	want   string // method, path and query
	body   string // JSON; "" for none
}

func checkCalls(t *testing.T, calls []apiCall) {
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got *http.Request
			var body []byte
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				fmt.Fprint(w, c.answer)
			})
			if _, err := c.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if line := got.Method + " " + got.URL.RequestURI(); line != c.want {
				t.Errorf("got  %s\nwant %s", line, c.want)
			}
			checkHeaders(t, got.Header, c.body != "")
			if c.body == "" && len(body) > 0 {
				t.Errorf("sent a body: %s", body)
			}
			if diff := diffJSON(c.body, string(body)); c.body != "" && diff != "" {
				t.Error(diff)
			}
			if n := client.Background().Requests(); n != 1 {
				t.Errorf("counted %d requests", n)
			}
		})
	}
}

var hi = []RichText{{Type: "text", Text: &Text{Content: "hi"}, PlainText: "hi", Href: "https://x"}}

func TestRequestsOfSearchAndDatabases(t *testing.T) {
	t.Parallel()
	checkCalls(t, []apiCall{
		{"search all", func(ctx context.Context, c *Client) (any, error) { return c.Search(ctx, SearchRequest{}) }, emptyList,
			"POST /base/v1/search", `{"page_size":100}`},
		{"search", func(ctx context.Context, c *Client) (any, error) {
			return c.Search(ctx, SearchRequest{Query: "q", Kind: "page", InTrash: true, Newest: true, Cursor: "c", PageSize: 7})
		}, emptyList,
			"POST /base/v1/search", `{"query":"q","page_size":7,"start_cursor":"c","filter":{"property":"object","value":"page","in_trash":true},"sort":{"timestamp":"last_edited_time","direction":"descending"}}`},
		{"search trash", func(ctx context.Context, c *Client) (any, error) { return c.Search(ctx, SearchRequest{InTrash: true}) }, emptyList,
			"POST /base/v1/search", `{"page_size":100,"filter":{"in_trash":true}}`},
		{"database", func(ctx context.Context, c *Client) (any, error) { return c.Database(ctx, idA) }, `{"object":"database","id":"x"}`,
			"GET /base/v1/databases/" + string(idA), ""},
		{"data source", func(ctx context.Context, c *Client) (any, error) { return c.DataSource(ctx, idA) }, `{"object":"data_source","id":"x"}`,
			"GET /base/v1/data_sources/" + string(idA), ""},
		{"query", func(ctx context.Context, c *Client) (any, error) {
			return c.QueryDataSource(ctx, idA, QueryRequest{Filter: map[string]any{"f": 1}, Sorts: []Sort{{Timestamp: "created_time", Direction: "ascending"}}, InTrash: true})
		}, emptyList,
			"POST /base/v1/data_sources/" + string(idA) + "/query", `{"page_size":100,"filter":{"f":1},"sorts":[{"timestamp":"created_time","direction":"ascending"}],"in_trash":true}`},
	})
}

func TestRequestsOfPages(t *testing.T) {
	t.Parallel()
	yes := true
	checkCalls(t, []apiCall{
		{"page", func(ctx context.Context, c *Client) (any, error) { return c.Page(ctx, idA) }, onePage,
			"GET /base/v1/pages/" + string(idA), ""},
		{"create page", func(ctx context.Context, c *Client) (any, error) {
			return c.CreatePage(ctx, CreatePage{Parent: Parent{PageID: idA}, Children: []NewBlock{{Type: "paragraph", Content: Content{RichText: hi}}}})
		}, onePage,
			"POST /base/v1/pages", `{"parent":{"type":"page_id","page_id":"` + string(idA) + `"},"properties":{},"children":[{"object":"block","type":"paragraph","paragraph":{"rich_text":[{"type":"text","text":{"content":"hi"}}]}}]}`},
		{"create row", func(ctx context.Context, c *Client) (any, error) {
			return c.CreatePage(ctx, CreatePage{Parent: Parent{Type: "data_source_id", DataSourceID: idA, DatabaseID: idB}, Properties: map[string]any{"Done": map[string]any{"checkbox": true}}, Markdown: "# x", Icon: &Icon{Type: "emoji", Emoji: "x"}})
		}, onePage,
			"POST /base/v1/pages", `{"parent":{"type":"data_source_id","data_source_id":"` + string(idA) + `"},"properties":{"Done":{"checkbox":true}},"markdown":"# x","icon":{"type":"emoji","emoji":"x"}}`},
		{"create top page", func(ctx context.Context, c *Client) (any, error) { return c.CreatePage(ctx, CreatePage{}) }, onePage,
			"POST /base/v1/pages", `{"parent":{"type":"workspace","workspace":true},"properties":{}}`},
		{"update page", func(ctx context.Context, c *Client) (any, error) {
			return c.UpdatePage(ctx, idA, UpdatePage{InTrash: &yes})
		}, onePage,
			"PATCH /base/v1/pages/" + string(idA), `{"in_trash":true}`},
		{"move page", func(ctx context.Context, c *Client) (any, error) { return c.MovePage(ctx, idA, Parent{PageID: idB}) }, onePage,
			"POST /base/v1/pages/" + string(idA) + "/move", `{"parent":{"type":"page_id","page_id":"` + string(idB) + `"}}`},
		{"property", func(ctx context.Context, c *Client) (any, error) { return c.PageProperty(ctx, idA, "a%3Ab", "c") }, emptyItems,
			"GET /base/v1/pages/" + string(idA) + "/properties/a:b?page_size=100&start_cursor=c", ""},
		{"markdown", func(ctx context.Context, c *Client) (any, error) { return c.PageMarkdown(ctx, idA, true) }, `{"object":"page_markdown","id":"x","markdown":"m"}`,
			"GET /base/v1/pages/" + string(idA) + "/markdown?include_transcript=true", ""},
	})
}

func TestRequestsOfBlocks(t *testing.T) {
	t.Parallel()
	checkCalls(t, []apiCall{
		{"block", func(ctx context.Context, c *Client) (any, error) { return c.Block(ctx, idA) }, `{"object":"block","id":"x","type":"divider","divider":{}}`,
			"GET /base/v1/blocks/" + string(idA), ""},
		{"children", func(ctx context.Context, c *Client) (any, error) { return c.Children(ctx, idA, "c/=") }, emptyList,
			"GET /base/v1/blocks/" + string(idA) + "/children?page_size=100&start_cursor=c%2F%3D", ""},
		{"append", func(ctx context.Context, c *Client) (any, error) {
			return c.AppendChildren(ctx, idA, []NewBlock{{Type: "divider"}}, Position{After: idB})
		}, emptyList,
			"PATCH /base/v1/blocks/" + string(idA) + "/children", `{"children":[{"object":"block","type":"divider","divider":{}}],"position":{"type":"after_block","after_block":{"id":"` + string(idB) + `"}}}`},
		{"append at start", func(ctx context.Context, c *Client) (any, error) {
			return c.AppendChildren(ctx, idA, []NewBlock{{Type: "divider"}}, Position{Start: true})
		}, emptyList,
			"PATCH /base/v1/blocks/" + string(idA) + "/children", `{"children":[{"object":"block","type":"divider","divider":{}}],"position":{"type":"start"}}`},
		{"update block", func(ctx context.Context, c *Client) (any, error) {
			return c.UpdateBlock(ctx, idA, UpdateBlock{Type: "to_do", Content: Content{Checked: true}})
		}, `{"object":"block","id":"x","type":"to_do","to_do":{}}`,
			"PATCH /base/v1/blocks/" + string(idA), `{"to_do":{"rich_text":[],"checked":true}}`},
		{"delete block", func(ctx context.Context, c *Client) (any, error) { return nil, c.DeleteBlock(ctx, idA) }, `{"object":"block","id":"x"}`,
			"DELETE /base/v1/blocks/" + string(idA), ""},
	})
}

func TestRequestsOfCommentsAndUsers(t *testing.T) {
	t.Parallel()
	checkCalls(t, []apiCall{
		{"comments", func(ctx context.Context, c *Client) (any, error) { return c.Comments(ctx, idA, "") }, emptyList,
			"GET /base/v1/comments?block_id=" + string(idA) + "&page_size=100", ""},
		{"comment", func(ctx context.Context, c *Client) (any, error) { return c.Comment(ctx, idA) }, `{"object":"comment","id":"x"}`,
			"GET /base/v1/comments/" + string(idA), ""},
		{"comment on page", func(ctx context.Context, c *Client) (any, error) {
			return c.CreateComment(ctx, CreateComment{Page: idA, RichText: hi})
		}, `{"object":"comment","id":"x"}`,
			"POST /base/v1/comments", `{"parent":{"type":"page_id","page_id":"` + string(idA) + `"},"rich_text":[{"type":"text","text":{"content":"hi"}}]}`},
		{"comment on block", func(ctx context.Context, c *Client) (any, error) {
			return c.CreateComment(ctx, CreateComment{Block: idA, RichText: hi})
		}, `{"object":"comment","id":"x"}`,
			"POST /base/v1/comments", `{"parent":{"type":"block_id","block_id":"` + string(idA) + `"},"rich_text":[{"type":"text","text":{"content":"hi"}}]}`},
		{"reply", func(ctx context.Context, c *Client) (any, error) {
			return c.CreateComment(ctx, CreateComment{Discussion: idA, RichText: hi})
		}, `{"object":"comment","id":"x"}`,
			"POST /base/v1/comments", `{"discussion_id":"` + string(idA) + `","rich_text":[{"type":"text","text":{"content":"hi"}}]}`},
		{"me", func(ctx context.Context, c *Client) (any, error) { return c.Me(ctx) }, `{"object":"user","id":"x"}`,
			"GET /base/v1/users/me", ""},
	})
}

func checkHeaders(t *testing.T, h http.Header, hasBody bool) {
	t.Helper()
	contentType := ""
	if hasBody {
		contentType = "application/json"
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + testSecret, "Notion-Version": "2026-03-11", "Content-Type": contentType,
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := h.Get("User-Agent"); !strings.HasPrefix(got, "mcp-notion/") {
		t.Errorf("User-Agent is %q", got)
	}
}

func diffJSON(want, got string) string {
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		return err.Error()
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		return err.Error()
	}
	return cmp.Diff(w, g)
}

func TestInvalidCallsAreNotSent(t *testing.T) {
	t.Parallel()
	client := serve(t, answer(200, onePage))
	ctx := t.Context()
	_, empty := client.Page(ctx, "")
	_, dots := client.Children(ctx, "..", "")
	_, none := client.CreateComment(ctx, CreateComment{RichText: []RichText{Plain("x")}})
	_, two := client.CreateComment(ctx, CreateComment{Page: idA, Block: idB})
	_, body := client.QueryDataSource(ctx, idA, QueryRequest{Filter: func() {}})
	for name, err := range map[string]error{"empty": empty, "dots": dots, "none": none, "two": two, "body": body} {
		if !isKind(err, ErrValidation) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := client.Requests(); n != 0 {
		t.Errorf("sent %d requests", n)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "https://api.notion.com/v1",
		"https://api.notion.com/": "https://api.notion.com/v1",
		" http://127.0.0.1:1/v1/": "http://127.0.0.1:1/v1",
		"http://h/base/v1":        "http://h/base/v1",
		"http://h/base//":         "http://h/base/v1",
	} {
		if got := baseURL(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// The token must not show, however a client, an error or a log is printed.
func TestSecretDoesNotShow(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, strings.Repeat("-", 60)+r.Header.Get("Authorization"))
	}))
	defer srv.Close()
	var log bytes.Buffer
	client := New(testSecret, Config{BaseURL: srv.URL, MaxRetries: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err := client.Page(t.Context(), idA)
	if !isKind(err, ErrServer, ErrMalformed) {
		t.Fatalf("got %v", err)
	}
	refused := New(testSecret, Config{BaseURL: "http://127.0.0.1:1", MaxRetries: -1})
	_, unreachable := refused.Page(t.Context(), idA)
	newline := New(testSecret+"\n", Config{BaseURL: srv.URL, MaxRetries: -1})
	_, header := newline.Page(t.Context(), idA)

	nested := struct {
		c *Client
		v Client
	}{client, *client}
	var shown strings.Builder
	for _, v := range []any{client, *client, nested, &nested, err, unreachable, header, log.String()} {
		fmt.Fprintf(&shown, "%v %+v %#v %s %q\n", v, v, v, v, v)
		if data, err := json.Marshal(v); err == nil {
			shown.Write(data)
		}
	}
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "client", client, "err", err)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("x", "client", client, "nested", nested)
	if strings.Contains(shown.String(), "verysecret") {
		t.Errorf("the token shows:\n%s", shown.String())
	}
	if !strings.Contains(fmt.Sprintf("%+v", client), srv.URL) {
		t.Errorf("a client prints as %+v", client)
	}
	if !strings.Contains(log.String(), "op=") {
		t.Errorf("the repeated read was not logged: %q", log.String())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	visited := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer other.Close()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	_, err := client.Page(t.Context(), idA)
	if !isKind(err, ErrMalformed) || !strings.Contains(err.Error(), "redirect") || visited {
		t.Errorf("visited %v, %v", visited, err)
	}
}
