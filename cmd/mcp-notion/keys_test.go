package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/cobra"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/console"
	"github.com/mcp-notion/mcp-notion/tools"
)

// desk runs commands in this process against an emulator of its own.
type desk struct {
	t      *testing.T
	notion *emulator.Server
	env    map[string]string
	seen   keys
}

func newDesk(t *testing.T, files fstest.MapFS) *desk {
	t.Helper()
	w, err := emulator.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	e := emulator.New(w, emulator.Config{})
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	return &desk{t, e, map[string]string{
		"MCP_NOTION_URL": srv.URL, "MCP_NOTION_DATA": t.TempDir(), "MCP_NOTION_MODEL": "none",
		"NOTION_TOKEN": "ntn_secret0123456789012345678901234567890123456789",
	}, keys{}}
}

// run gives a command its input and returns what it writes on stdout.
func (d *desk) run(in string, line ...string) string {
	d.t.Helper()
	var out, errs bytes.Buffer
	root := newRoot(console.Terminal{Out: &out, Err: &errs}, strings.NewReader(in), getenv(d.env))
	root.SetArgs(line)
	if err := root.ExecuteContext(d.t.Context()); err != nil && out.Len() == 0 {
		d.t.Fatalf("%q: %v\n%s", line, err, errs.String())
	}
	return out.String()
}

// json is what a command writes as JSON, every key of which is looked at.
func (d *desk) json(in string, line ...string) map[string]any {
	d.t.Helper()
	var v map[string]any
	out := d.run(in, line...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		d.t.Fatalf("%q writes no JSON object: %v\n%s", line, err, out)
	}
	d.seen.look(d.t, strings.Join(line, " "), "", v)
	return v
}

// keys are all keys that were seen, and where.
type keys map[string]string

var (
	snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)
	plain = regexp.MustCompile(`^[0-9T:-]{19}(\.\d{1,3})?Z$`)
	// longTimes are names of times that a number alone does not say the unit of.
	longTimes = regexp.MustCompile(`(^|_)(took|elapsed|duration|latency|age|delay|wait|seconds|timeout)$`)
)

// look goes through a JSON value.
func (k keys) look(t *testing.T, where, name string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for _, other := range ofPages {
			if v["page_id"] != nil && v[other] != nil {
				t.Errorf("%s: beside page_id stands the key %q", where, other)
			}
		}
		for name, v := range v {
			k[name] = where
			if !snake.MatchString(name) {
				t.Errorf("%s: the key %q is not in snake case", where, name)
			}
			k.look(t, where, name, v)
		}
	case []any:
		for _, v := range v {
			k.look(t, where, name, v)
		}
	case string:
		if strings.HasPrefix(v, "0001-01-01") || stamp.MatchString(v) && !plain.MatchString(v) {
			t.Errorf("%s: %q is no time, not in UTC or of a false precision: %s", where, name, v)
		}
	case float64:
		if longTimes.MatchString(name) && !strings.HasSuffix(name, "_in_seconds") && !strings.HasSuffix(name, "_after_seconds") {
			t.Errorf("%s: %q does not say what it counts", where, name)
		}
	}
}

// spellings are the names that one thing could have. The first is the one that
// all answers have; the others belong to nothing.
var spellings = [][]string{
	{"url", "link", "href", "uri", "address"},
	{"title", "page_title", "heading_title", "subject_line"},
	{"page_id", "page", "pageid", "notion_id", "uuid"},
	{"block_id", "block", "anchor"},
	{"last_edited", "edited", "edited_at", "last_edited_time", "modified", "updated", "updated_at", "last_edit"},
	{"as_of", "last_complete", "last_sync", "last_synced", "synced", "synced_at", "asof"},
	{"last_poll", "polled", "last_polled"},
	{"took_ms", "took", "took_ns", "elapsed", "elapsed_ms", "duration", "duration_ms", "seconds"},
	{"next_cursor", "cursor", "next_page", "start_cursor"},
	{"why", "reason", "because", "explanation"},
	{"text", "content", "body", "markdown"},
	{"line_start", "start", "from_line", "begin"},
	{"line_end", "end", "to_line"},
	{"headings", "section", "breadcrumb"},
	{"known", "total_pages", "page_count"},
	{"write_id", "write", "pending", "kept", "outbox_id"},
	{"database", "data_source_id", "database_id"},
	{"notes", "note", "remarks", "warnings", "messages"},
}

// ofPages are names that an object about a page has no use for, because
// something else there says the same.
var ofPages = []string{"id", "name", "page", "link"}

// agree checks that nothing that was seen has two names.
func (k keys) agree(t *testing.T) {
	t.Helper()
	for _, names := range spellings {
		for _, other := range names[1:] {
			if where, ok := k[other]; ok {
				t.Errorf("%s: the key %q is %q everywhere else", where, other, names[0])
			}
		}
	}
}

// conversation is one in which an assistant makes calls.
func conversation(calls ...string) string {
	said := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`
	for i, call := range calls {
		said += fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":%s}`+"\n", i+2, call)
	}
	return said
}

// writing is a conversation in which an assistant writes a comment.
func writing(page string) string {
	return conversation(`{"name":"append_comment","arguments":{"page":"` + page + `","text":"Ask again"}}`)
}

// structured looks at what a client gets of every tool beside the text.
func (d *desk) structured() {
	d.t.Helper()
	page, asked := d.page("Policy.md"), map[string]bool{}
	for _, call := range []string{
		`{"name":"search_notion","arguments":{"query":"refund"}}`, `{"name":"search_notion","arguments":{}}`,
		`{"name":"read_page","arguments":{"page":"` + page + `","comments":true}}`, `{"name":"read_page","arguments":{"page":"Calls"}}`, `{"name":"read_page","arguments":{"page":"nonsense"}}`,
		`{"name":"query_database","arguments":{"database":"Calls"}}`, `{"name":"query_database","arguments":{"database":"Calls","describe":true}}`,
		`{"name":"check_citations","arguments":{"as_of":"2020-01-01","citations":[{"url":"` + page + `","quote":"takes four days"}]}}`,
		`{"name":"append_comment","arguments":{"page":"` + page + `","text":"Asked"}}`, `{"name":"create_page","arguments":{"parent":"Calls","title":"Fourth call"}}`,
		`{"name":"pending_writes","arguments":{}}`,
	} {
		var answer struct {
			Result struct{ StructuredContent map[string]any }
		}
		said := d.run(conversation(call), "stdio")
		for line := range strings.Lines(said) { // in whatever order they are answered
			if err := json.Unmarshal([]byte(line), &answer); err != nil {
				d.t.Errorf("%s: %v in %s", call, err, line)
			}
		}
		if len(answer.Result.StructuredContent) == 0 {
			d.t.Errorf("%s: no structured answer in %s", call, said)
		}
		d.seen.look(d.t, call, "", answer.Result.StructuredContent)
		name, _, _ := strings.Cut(call, `","`)
		asked[strings.TrimPrefix(name, `{"name":"`)] = true
	}
	for _, name := range tools.Names(tools.Options{}) {
		if !asked[name] {
			d.t.Errorf("this test has no call of %s", name)
		}
	}
}

// keep has a comment wait because Notion is busy, and returns the id of the
// write.
func (d *desk) keep(page string) string {
	d.t.Helper()
	d.notion.Inject(emulator.Fault{Method: http.MethodPost, Route: "/v1/comments", Status: 429, RetryAfter: 3600})
	defer d.notion.ClearFaults()
	audit := filepath.Join(d.t.TempDir(), "audit.jsonl")
	d.run(writing(page), "stdio", "--audit", audit)
	lines, err := os.ReadFile(audit)
	if err != nil {
		d.t.Fatal(err)
	}
	var entry map[string]any
	if err := json.Unmarshal(lines, &entry); err != nil {
		d.t.Fatalf("%v: %s", err, lines)
	}
	d.seen.look(d.t, "stdio --audit", "", entry)
	writes, _ := d.json("", "pending", "--json")["writes"].([]any)
	if len(writes) != 1 {
		d.t.Fatalf("%d writes are kept: %v", len(writes), writes)
	}
	w := writes[0].(map[string]any)
	if w["state"] != "waiting" || w["write_id"] == "" {
		d.t.Fatalf("kept: %v", w)
	}
	return w["write_id"].(string)
}

var office = fstest.MapFS{
	"Policy.md": {Data: []byte("# Policy\n\nNothing here.\n\n## Refunds\n\nA refund takes three days.\n\n<!-- unsupported: button -->\n")},
	"Broken.md": {Data: []byte("# Broken\n\nNotion fails here.\n")},
	"Calls.csv": {Data: []byte("Name,Status\nFirst,Open\nSecond,Closed\n")},
}

// A write that waits can be dropped, and is not made then.
func TestPendingCancels(t *testing.T) {
	t.Parallel()
	d := newDesk(t, office)
	id := d.keep(d.page("Policy.md"))
	if out := d.run("", "pending"); !strings.Contains(out, id+": comment, waiting") {
		t.Errorf("before: %q", out)
	}
	if out := d.run("", "pending", "--cancel", id); !strings.Contains(out, id+": comment, cancelled") {
		t.Errorf("when it is cancelled: %q", out)
	}
	if out := d.run("", "pending", "--cancel", id); !strings.Contains(out, id+": comment, cancelled") {
		t.Errorf("once more: %q", out)
	}
	if out := d.run("", "read", "--comments", d.page("Policy.md")); strings.Contains(out, "Ask again") {
		t.Errorf("it was written: %q", out)
	}
}

func (d *desk) page(path string) string {
	d.t.Helper()
	for _, p := range d.notion.Pages() {
		if p.Path == path {
			return string(p.ID)
		}
	}
	d.t.Fatalf("there is no page %s", path)
	return ""
}

// calls are command lines for every command that has --json, by command. The
// first of them may be of an index that is empty.
func (d *desk) calls() map[string][][]string {
	page, corpus := d.page("Policy.md"), "../../evals/testdata/"
	return map[string][][]string{
		"status":  {{"status"}},
		"sync":    {{"sync"}},
		"search":  {{"search", "refund"}, {"search"}, {"search", "refnd"}, {"search", "--edited-after", "nonsense", "refund"}},
		"read":    {{"read", page}, {"read", "--find", "refund", page}, {"read", "--comments", page}, {"read", "Calls"}, {"read", "nonsense"}},
		"query":   {{"query", "Calls"}, {"query", "--describe", "Calls"}, {"query", "nonsense"}},
		"check":   {{"check", "-"}},
		"comment": {{"comment", "--page", page, "Still true"}, {"comment", "--page", page, "Still true"}},
		"create":  {{"create", "--in", "Calls", "--set", "Status=Open", "Third call"}},
		"pending": {{"pending"}, {"pending", "--cancel", "nonsense"}},
		"eval":    {{"eval", "--corpus", corpus + "corpus", "--questions", corpus + "questions.jsonl", "--leave-out"}},
	}
}

// All commands call a thing by the same name where they write JSON. One that is
// new is asked for its call here.
func TestKeys(t *testing.T) {
	t.Parallel()
	d := newDesk(t, office)
	calls := d.calls()
	d.all(calls["status"]) // of nothing
	d.notion.Inject(emulator.Fault{ID: d.page("Broken.md"), Route: "/v1/blocks/{id}/children", Status: 400})
	d.all(calls["sync"])
	d.notion.ClearFaults()
	d.all(calls["comment"])
	d.keep(d.page("Policy.md"))
	root := newRoot(console.Terminal{Out: io.Discard, Err: io.Discard}, strings.NewReader(""), getenv(d.env))
	for _, name := range written(root) {
		if len(calls[name]) == 0 {
			t.Errorf("%s --json: this test has no call of it", name)
		}
		d.all(calls[name])
	}
	d.structured()
	d.seen.agree(t)
}

// written are the commands that write JSON, by what is typed.
func written(cmd *cobra.Command) (all []string) {
	if cmd.Flags().Lookup("json") != nil {
		all = append(all, strings.TrimPrefix(cmd.CommandPath(), "mcp-notion "))
	}
	for _, c := range cmd.Commands() {
		all = append(all, written(c)...)
	}
	return all
}

// all makes calls, with an answer that cites something on stdin.
func (d *desk) all(calls [][]string) {
	d.t.Helper()
	for _, line := range calls {
		form := "--json"
		if line[0] == "eval" {
			form = "--json=-" // to no file
		}
		link := "https://app.notion.com/p/" + strings.ReplaceAll(d.page("Policy.md"), "-", "")
		d.json("A refund “takes three days” "+link+".\n\nA refund “takes four days” "+link+".\n", append([]string{line[0], form}, line[1:]...)...)
	}
}
