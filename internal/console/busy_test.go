package console

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/internal/telemetry/telemetrytest"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// planted stands in every secret, and in every text that people write, of the
// busy minute: in pages, titles, cells, comments, questions, names and paths.
const planted = "quagga"

// rounds is how often each of the users calls every tool.
const rounds = 2

// busyMinute is a server with all that can be told of it.
type busyMinute struct {
	*serving
	idp       *authtest.Provider
	notion    *emulator.Server
	users     []string
	trail     string // file of the audit
	collector *telemetrytest.Collector
	screen    *screen

	mu      sync.Mutex
	ids     map[string]bool // of requests
	answers strings.Builder // what users were told
}

func startBusyMinute(t *testing.T) *busyMinute {
	t.Helper()
	b := &busyMinute{users: []string{"user_quagga_1", "user_quagga_2", "user_quagga_3"}, collector: telemetrytest.New(t), screen: newScreen(t), ids: map[string]bool{}}
	notionURL := b.fakeWorkspace(t)
	pipes := fake.New("sk_quagga_api_key")
	for i, u := range b.users {
		pipes.AddUser(u, "org_quagga")
		pipes.Connect(fake.Account{User: u, Organization: "org_quagga", Secret: fmt.Sprintf("ntn_quagga_%d", i), Label: "The quagga workspace"})
	}
	pipes.AddUser("user_quagga_stranger", "org_quagga")
	api, embeddings := httptest.NewServer(pipes), httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(api.Close)
	t.Cleanup(embeddings.Close)
	idp, stop := authtest.Start(authtest.Config{Clients: []authtest.Client{{ID: "web", Secret: "login-quagga-secret"}}})
	t.Cleanup(stop)
	b.idp, b.trail = idp, filepath.Join(t.TempDir(), "audit.jsonl")
	broker, err := workos.New(workos.Config{APIKey: tokens.NewToken("sk_quagga_api_key", time.Time{}), Issuer: idp.URL(), BaseURL: api.URL})
	if err != nil {
		t.Fatal(err)
	}
	b.serving = startServe(t, ServeConfig{
		Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0", OTLP: b.collector.URL, Audit: b.trail, Broker: broker.Source(), BrokerName: "workos",
		Identity: Identity{Issuers: []string{idp.URL()}, LoginClient: "web"}, Poll: time.Second, Confirm: time.Second, PerUserRate: 60_000, PerUserCalls: 100,
		Config: Config{
			Data: shortFolder(t), NotionURL: notionURL, PerMinute: -1, LogLevel: "debug", LogFormat: "json", Embeddings: Embeddings{URL: embeddings.URL + "/v1", Model: "m"},
			Getenv: environment("MCP_NOTION_LOGIN_SECRET", "login-quagga-secret", "MCP_NOTION_SEAL_KEY", "seal-quagga-seal-quagga-seal-quagga", "MCP_NOTION_EMBED_KEY", "embed-quagga-key",
				"MCP_NOTION_WEBHOOK_SECRET", "secret_quagga_hook", "WORKOS_WEBHOOK_SECRET", "whsec_quagga"),
		},
	}, b.screen)
	return b
}

// fakeWorkspace is a Notion that is often busy, and now and then broken.
func (b *busyMinute) fakeWorkspace(t *testing.T) string {
	t.Helper()
	files := fstest.MapFS{"Rates.csv": {Data: []byte("Name,Status\nQuagga row,open\nOther,quagga\n")}}
	for i := range 12 {
		files[fmt.Sprintf("Quagga %d.md", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "# Quagga %d\n\nTravel is booked by the quagga office, see [quagga](https://example.com/quagga).\n\n## Quagga heading\n\n- nested quagga\n", i)}
	}
	var known []emulator.Token
	for i := range b.users {
		known = append(known, emulator.Token{Secret: fmt.Sprintf("ntn_quagga_%d", i), Name: "Quagga integration"})
	}
	e, url := fakeNotion(t, emulator.Config{Tokens: known}, files)
	for _, f := range []emulator.Fault{
		{Method: "GET", Every: 37, Status: 429, RetryAfter: 1, Message: "quagga is busy"}, {Method: "GET", Every: 23, Status: 500, Message: "quagga broke"},
		{Method: "POST", Route: "/v1/comments", Every: 4, CutAfter: true}, {Method: "GET", Every: 29, HTML: true},
	} {
		e.Inject(f)
	}
	b.notion = e
	return url
}

// ask sends one request, and notes the id under which it is answered.
func (b *busyMinute) ask(method, path, bearer, body string, headers ...string) (int, string) {
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Request-Id", "an id with quagga")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		b.t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	id := resp.Header.Get("X-Request-Id")
	if id == "" || b.ids[id] {
		b.t.Errorf("%s %s was answered under the id %q", method, path, id)
	}
	b.ids[id] = true
	b.answers.Write(text)
	return resp.StatusCode, string(text)
}

func (b *busyMinute) call(user, tool string, args map[string]any) {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": args}})
	if err != nil {
		b.t.Error(err)
	}
	b.ask("POST", "/mcp", b.bearer(user, "notion:read notion:comment"), string(body))
}

func (b *busyMinute) bearer(user, scopes string) string {
	return b.idp.Mint(b.base+"/mcp", map[string]any{"sub": user, "org_id": "org_quagga", "scope": scopes, "email": "quagga@example.com"})
}

// tools calls every tool of one user, rightly and wrongly.
func (b *busyMinute) tools(user string, round int) {
	page := b.notion.Pages()[round%12].ID
	link := "https://www.notion.so/" + strings.ReplaceAll(page, "-", "")
	for _, c := range []struct {
		tool string
		args map[string]any
	}{
		{"search_notion", map[string]any{"query": "who books quagga travel", "also": []string{"quagga office"}}},
		{"search_notion", map[string]any{}},
		{"search_notion", map[string]any{"query": "quagga", "under": "quagga", "edited_after": "quagga"}},
		{"search_notion", map[string]any{"quagga": "quagga"}},
		{"read_page", map[string]any{"page": link}},
		{"read_page", map[string]any{"page": page, "find": "quagga", "comments": true}},
		{"read_page", map[string]any{"page": "quagga"}},
		{"read_page", map[string]any{"page": "11111111-2222-3333-4444-555555555555", "cursor": "quagga"}},
		{"check_citations", map[string]any{"answer": "“the quagga office” [1](" + link + ")"}},
		{"query_database", map[string]any{"database": "Rates", "where": []any{map[string]any{"property": "Status", "value": "quagga"}}}},
		{"query_database", map[string]any{"database": "quagga"}},
		{"append_comment", map[string]any{"page": page, "text": fmt.Sprintf("a quagga comment of %s, %d", user, round)}},
		{"create_page", map[string]any{"parent": page, "title": fmt.Sprintf("quagga of %s, %d", user, round), "content": "quagga"}},
		{"pending_writes", map[string]any{}},
		{"quagga_tool", map[string]any{"quagga": true}},
	} {
		b.call(user, c.tool, c.args)
	}
}

// strangers send what nobody should.
func (b *busyMinute) strangers() {
	good := b.bearer(b.users[0], "notion:read")
	initialize := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"quagga","version":"quagga"}}}`
	b.ask("POST", "/mcp", good, initialize)
	b.ask("POST", "/mcp", good, `{"jsonrpc":"2.0","id":"quagga","method":"quagga","params":{"quagga":1}}`)
	b.ask("POST", "/mcp", good, "quagga")
	b.ask("POST", "/mcp", good, `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"notion://page/quagga"}}`)
	b.ask("POST", "/mcp", good, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"append_comment","arguments":{"text":"quagga"}}}`)
	b.ask("POST", "/mcp?access_token=quagga", "quagga", initialize)
	b.ask("POST", "/mcp", good+"quagga", initialize)
	b.ask("QUAGGA", "/mcp", good, "")
	b.ask("GET", "/connect?link=quagga", "", "")
	b.ask("GET", "/connect/callback?code=quagga&state=quagga", "", "", "Cookie", "__Host-quagga=quagga")
	b.ask("GET", "/quagga/../quagga?quagga", "", "", "User-Agent", "quagga")
	b.ask("POST", "/webhooks/notion", "", `{"type":"page.content_updated","entity":{"id":"quagga","type":"page"}}`, "X-Notion-Signature", "sha256=quagga")
	body := fmt.Sprintf(`{"id":"quagga%d","type":"page.content_updated","entity":{"id":%q,"type":"page"},"data":{"quagga":"quagga"}}`, time.Now().UnixNano(), b.notion.Pages()[0].ID)
	mac := hmac.New(sha256.New, []byte("secret_quagga_hook"))
	mac.Write([]byte(body))
	b.ask("POST", "/webhooks/notion", "", body, "X-Notion-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	b.ask("POST", "/webhooks/workos", "", `{"event":"pipes.connected_account.connected","quagga":1}`, "WorkOS-Signature", "t=1,v1=quagga")
	b.call("user_quagga_stranger", "search_notion", map[string]any{"query": "quagga"})
}

// A busy minute, with secrets and content planted wherever there can be some,
// is told in the log, the audit, the traces and the metrics without any of it.
func TestBusyMinuteTellsNoSecretAndNoContent(t *testing.T) {
	t.Parallel()
	b := startBusyMinute(t)
	var all sync.WaitGroup
	for _, user := range b.users {
		all.Go(func() {
			for round := range rounds {
				b.tools(user, round)
				b.strangers()
			}
		})
	}
	all.Wait()
	_, metrics := fetched(t, regexp.MustCompile(`http://\S+/metrics`).FindString(b.screen.out.String()))
	if err := b.stop(); err != nil {
		t.Error(err)
	}
	trail, err := os.ReadFile(b.trail)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.answers.String(), planted); n < 100 {
		t.Errorf("users saw %s %d times, so little was there to be told", planted, n)
	}
	for name, told := range map[string]string{"log": b.screen.err.String(), "audit": string(trail), "traces and metrics": b.collector.Text(), "metrics": metrics} {
		if len(told) < 1000 {
			t.Errorf("the %s tell nothing:\n%s", name, told)
		}
		for i, rest := 0, strings.ToLower(told); i < 3; i++ {
			_, after, found := strings.Cut(rest, planted)
			if !found {
				break
			}
			at := len(told) - len(after)
			t.Errorf("the %s: ...%s", name, told[max(0, at-300):min(len(told), at+100)])
			rest = after
		}
	}
	b.checkLog(t)
	b.checkTrail(t, trail)
}

// checkLog wants every request once in the log, under the id of its answer.
func (b *busyMinute) checkLog(t *testing.T) {
	t.Helper()
	requests, causes := 0, 0
	for line := range strings.Lines(b.screen.err.String()) {
		var l struct {
			Msg       string `json:"msg"`
			RequestID string `json:"request_id"`
			TraceID   string `json:"trace_id"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			continue // what a person is told at the start and at the end
		}
		if l.Msg != "request" {
			causes++
			continue
		}
		requests++
		if !b.ids[l.RequestID] || l.TraceID == "" {
			t.Errorf("nobody got an answer with this id, or it has no trace: %s", line)
		}
	}
	if requests != len(b.ids) || causes == 0 {
		t.Errorf("%d lines for %d requests, and %d others", requests, len(b.ids), causes)
	}
}

// checkTrail wants a line for each write, with its end.
func (b *busyMinute) checkTrail(t *testing.T, trail []byte) {
	t.Helper()
	done := map[string]int{}
	for line := range bytes.Lines(trail) {
		var e struct{ Action, Outcome, Connection, Time string }
		if err := json.Unmarshal(line, &e); err != nil || e.Connection == "" || e.Time == "" {
			t.Errorf("%v: %s", err, line)
		}
		done[e.Action]++
	}
	if writes := len(b.users) * rounds; done["comment"] < writes || done["page"] < writes {
		t.Errorf("of %d comments and as many pages, these are told: %v", writes, done)
	}
}
