package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

type object = map[string]any

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a server with a small workspace.
type world struct {
	*emulator.Server
	t     *testing.T
	url   string
	clock *clock
}

const loaded = "2026-01-05T09:00:00.000Z" // when files without a time were edited

func files() map[string]string {
	return map[string]string{
		"home.md":             "# Home\n\nWelcome\n\n- one\n  - two\n    - three\n\nSee [Leave](home/leave.md) and [Pay](pay.md).\n",
		"home/leave.md":       "# Leave policy\n\nTwenty days.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
		"home/leave/rules.md": "# Rules\n\nAsk first.\n",
		"pay.md":              "# Pay\n\nMonthly.\n",
		"accounts.csv":        "Name,ARR,Status,Project\nAcme,1200,Open,Apollo\nBeta,300,Closed,Apollo\nCyan,20,Open,Gemini\n",
		"accounts/Acme.md":    "# Acme\n\nBody of Acme\n",
		"projects.csv":        "Name,Budget\nApollo,1\nGemini,2\n",
		"odd.md": "# Odd\n\n<!-- unsupported: ai_block -->\n\n<!-- linked_database: Elsewhere -->\n\n" +
			"<synced_block id=\"promise\">\nWords\n</synced_block>\n\n<!-- synced_copy: promise -->\n\n" +
			"<meeting-notes title=\"Weekly\">\n<summary>\nWe met\n</summary>\n</meeting-notes>\n\n![](a.png)\n",
	}
}

func newWorld(t *testing.T, cfg emulator.Config) *world {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files() {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return worldOf(t, fsys, cfg)
}

func worldOf(t *testing.T, fsys fstest.MapFS, cfg emulator.Config) *world {
	t.Helper()
	w, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	if cfg.Now == nil {
		cfg.Now = c.Now
	}
	s := emulator.New(w, cfg)
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	return &world{Server: s, t: t, url: hs.URL, clock: c}
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	body   object
}

// as sends a request with a token. The path may hold a page's path in braces,
// which stands for its id.
func (w *world) as(secret, method, path string, body any) reply {
	w.t.Helper()
	return w.send(method, path, body, http.Header{
		"Authorization": {"Bearer " + secret}, "Notion-Version": {"2026-03-11"},
	})
}

func (w *world) do(method, path string, body any) reply {
	w.t.Helper()
	return w.as("ntn_test", method, path, body)
}

func (w *world) send(method, path string, body any, header http.Header) reply {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+w.expand(path), reader(w.t, body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &r.body); err != nil && !strings.HasPrefix(string(raw), "[") {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return r
}

func reader(t *testing.T, body any) io.Reader {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(string(raw))
}

// expand replaces {path} by the id of the page or database there.
func (w *world) expand(s string) string {
	for {
		from := strings.Index(s, "{")
		to := strings.Index(s, "}")
		if from < 0 || to < from {
			return s
		}
		s = s[:from] + w.id(s[from+1:to]) + s[to+1:]
	}
}

func (w *world) id(path string) string {
	w.t.Helper()
	for _, p := range w.Pages() {
		if p.Path == path {
			return p.ID
		}
	}
	w.t.Fatalf("no page at %q", path)
	return ""
}

// source is the id of the data source of the database at a path.
func (w *world) source(path string) string {
	w.t.Helper()
	return w.ok("GET", "/v1/databases/{"+path+"}", nil)["data_sources"].([]any)[0].(object)["id"].(string)
}

// ok sends a request that must succeed.
func (w *world) ok(method, path string, body any) object {
	w.t.Helper()
	r := w.do(method, path, body)
	if r.status != 200 {
		w.t.Fatalf("%s %s: %d %v", method, path, r.status, r.body)
	}
	return r.body
}

// fails checks that an answer is an error of the API with the right parts.
func (r reply) fails(t *testing.T, status int, code, message string) {
	t.Helper()
	got, _ := r.body["message"].(string)
	if r.status != status || r.body["code"] != code || !strings.Contains(got, message) {
		t.Errorf("got %d %v %q, want %d %s %q", r.status, r.body["code"], got, status, code, message)
	}
	if r.body["object"] != "error" || r.body["status"] != float64(status) {
		t.Errorf("error body is %v", r.body)
	}
	if id := r.header.Get("x-notion-request-id"); id == "" || r.body["request_id"] != id {
		t.Errorf("request id %q in the header, %v in the body", id, r.body["request_id"])
	}
}

func results(o object) []object {
	var out []object
	for _, r := range o["results"].([]any) {
		out = append(out, r.(object))
	}
	return out
}

// get follows keys, also indexes, into JSON.
func get(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			o, _ := v.(object)
			v = o[k]
		case int:
			list, _ := v.([]any)
			if k >= len(list) {
				return nil
			}
			v = list[k]
		}
	}
	return v
}

// text is what a reader sees of a block or, for a page, its title.
func text(o object) string {
	if o["object"] == "page" {
		for _, p := range o["properties"].(object) {
			if get(p, "type") == "title" {
				return plain(get(p, "title"))
			}
		}
	}
	payload, _ := o[o["type"].(string)].(object)
	if title, ok := payload["title"].(string); ok {
		return title
	}
	return plain(payload["rich_text"])
}

func plain(runs any) string {
	var s strings.Builder
	list, _ := runs.([]any)
	for _, r := range list {
		fmt.Fprint(&s, get(r, "plain_text"))
	}
	return s.String()
}

func texts(list []object) string {
	var out []string
	for _, o := range list {
		out = append(out, text(o))
	}
	return strings.Join(out, "|")
}

func types(list []object) string {
	var out []string
	for _, o := range list {
		out = append(out, o["type"].(string))
	}
	return strings.Join(out, " ")
}

// paragraph is a block as clients send it.
func paragraph(s string, children ...any) object {
	p := object{"rich_text": []any{object{"text": object{"content": s}}}}
	if len(children) > 0 {
		p["children"] = children
	}
	return object{"type": "paragraph", "paragraph": p}
}
