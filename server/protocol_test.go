package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Clients of both protocol generations are served by the same endpoint.
func TestClientsOfBothGenerations(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	s.shareOwn()
	m := s.people[0]
	s.mirrored(m)
	for name, opts := range map[string][]client.ClientOption{
		"modern": {client.WithProtocolVersion(newest)},
		//lint:ignore SA1019 the older protocol is what is tested
		"legacy": {client.WithLegacyProtocolOnly()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, err := transport.NewStreamableHTTP(s.resource, transport.WithHTTPHeaders(map[string]string{"Authorization": "Bearer " + s.bearer(m, nil)}))
			if err != nil {
				t.Fatal(err)
			}
			c := client.NewClient(tr, opts...)
			defer func() { _ = c.Close() }()
			if err := c.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			init := mcp.InitializeRequest{}
			init.Params.ProtocolVersion = map[string]string{"modern": newest, "legacy": "2025-11-25"}[name]
			init.Params.ClientInfo = mcp.Implementation{Name: "test", Version: "1"}
			got, err := c.Initialize(t.Context(), init)
			if err != nil || got.ProtocolVersion != init.Params.ProtocolVersion || !strings.Contains(got.Instructions, "Notion") {
				t.Fatalf("initialize: %+v, %v", got, err)
			}
			list, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, tool := range list.Tools {
				names = append(names, tool.Name)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(tools.Names(tools.Options{}))), names); diff != "" {
				t.Errorf("tools (-want +got):\n%s", diff)
			}
			call := mcp.CallToolRequest{}
			call.Params.Name, call.Params.Arguments = "search_notion", map[string]any{"query": "common own word"}
			res, err := c.CallTool(t.Context(), call)
			if err != nil || res.IsError || !strings.Contains(fmt.Sprint(res.Content), word(0)) {
				t.Errorf("search: %+v, %v", res, err)
			}
		})
	}
}

// Each generation by hand, with what the libraries leave out.
func TestRequestsByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	token := s.bearer(s.people[0], nil)
	mismatch := modern(token, "tools/list", "", map[string]any{}, nil)
	mismatch.headers["Mcp-Method"] = "tools/call"
	for _, tt := range []struct {
		name   string
		r      request
		status int
		has    string
	}{
		{"a level of the log", request{token: token, body: rpc(1, "logging/setLevel", map[string]any{"level": "info"})}, 200, `"result":{}`},
		{"a level that there is not", request{token: token, body: rpc(1, "logging/setLevel", map[string]any{"level": "loud"})}, 200, "-32602"},
		{"no session is needed", request{token: token, body: rpc(1, "tools/list", map[string]any{})}, 200, `"search_notion"`},
		{"any session is taken", request{token: token, body: rpc(1, "ping", nil), headers: map[string]string{"Mcp-Session-Id": "long gone"}}, 200, `"result":{}`},
		{"a notification", request{token: token, body: `{"jsonrpc":"2.0","method":"notifications/initialized"}`}, 202, ""},
		{"modern list", modern(token, "tools/list", "", map[string]any{}, nil), 200, `"cacheScope":"private"`},
		{"modern discover", modern(token, "server/discover", "", map[string]any{}, nil), 200, newest},
		{"header and body differ", mismatch, 400, "-32020"},
		{"a version of the future", request{token: token, body: rpc(1, "tools/list", map[string]any{}), headers: map[string]string{"MCP-Protocol-Version": "2031-01-01"}}, 400, ""},
		{"an unknown tool", request{token: token, body: toolCall("drop_database", nil)}, 200, "-32602"},
		{"an unknown method", request{token: token, body: rpc(1, "resources/steal", nil)}, 200, "-32601"},
		{"a batch", request{token: token, body: "[" + rpc(1, "ping", nil) + "]"}, 400, "-32700"},
		{"no JSON", request{token: token, body: "{"}, 400, "-32700"},
		{"another content type", request{token: token, body: rpc(1, "ping", nil), headers: map[string]string{"Content-Type": "text/plain"}}, 400, ""},
		{"no stream", request{token: token, method: http.MethodGet}, 405, ""},
		{"the end of a session", request{token: token, method: http.MethodDelete, headers: map[string]string{"Mcp-Session-Id": "x"}}, 200, ""},
		{"another path", request{token: token, path: "/sse", body: rpc(1, "ping", nil)}, 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := s.send(tt.r)
			if r.status != tt.status || !strings.Contains(r.body, tt.has) {
				t.Errorf("got %d %s, want %d with %q", r.status, r.body, tt.status, tt.has)
			}
			if h := r.header.Get("Cache-Control"); h != "no-store" && r.status != http.StatusNotFound {
				t.Errorf("Cache-Control: %q", h)
			}
			if r.status == http.StatusMethodNotAllowed && r.header.Get("Allow") != http.MethodPost {
				t.Errorf("Allow: %q", r.header.Get("Allow"))
			}
		})
	}
}

// A subscription to nothing is acknowledged before it ends, each time: the
// library alone loses that now and then.
func TestSubscriptionIsAcknowledgedFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	token := s.bearer(s.people[0], nil)
	for range 20 {
		r := s.send(modern(token, "subscriptions/listen", "", map[string]any{"notifications": map[string]any{"toolsListChanged": true}}, nil))
		ack, end := strings.Index(r.body, `"notifications/subscriptions/acknowledged"`), strings.Index(r.body, `"result"`)
		if r.status != 200 || ack < 0 || end < ack {
			t.Fatalf("got %d %s", r.status, r.body)
		}
	}
}

func TestMetadataIsPublic(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	for _, path := range []string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"} {
		r := s.send(request{method: http.MethodGet, path: path})
		var doc struct {
			Resource string
			Servers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
			Methods  []string `json:"bearer_methods_supported"`
		}
		if err := json.Unmarshal([]byte(r.body), &doc); err != nil || r.status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		if doc.Resource != s.resource || !slices.Equal(doc.Servers, []string{idpURL}) ||
			!slices.Equal(doc.Scopes, []string{"notion:read", "notion:comment"}) || !slices.Equal(doc.Methods, []string{"header"}) {
			t.Errorf("%s: %+v", path, doc)
		}
	}
	r := s.send(request{body: rpc(1, "initialize", nil)})
	want := `Bearer resource_metadata="` + s.base + `/.well-known/oauth-protected-resource/mcp"`
	if r.status != http.StatusUnauthorized || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), want) {
		t.Errorf("without a token: %d, %q", r.status, r.header.Get("WWW-Authenticate"))
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	for _, path := range []string{"/healthz", "/readyz"} {
		// A supervisor has no token and asks by address.
		if r := s.send(request{method: http.MethodGet, path: path, host: "10.1.2.3:8080"}); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if err := s.pool.Close(); err != nil {
		t.Fatal(err)
	}
	if r := s.send(request{method: http.MethodGet, path: "/readyz"}); r.status != http.StatusServiceUnavailable {
		t.Errorf("closing: %d %s", r.status, r.body)
	}
}

func TestShutdownFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true})
		s.shareOwn()
		m := s.people[0]
		s.mirrored(m)
		page := s.notion.Pages()[0].ID
		s.notion.Inject(emulator.Fault{ID: page, Delay: 5 * time.Second})
		before := s.notion.Requests()
		answered := make(chan response, 1)
		go func() {
			r, err := s.try(request{token: s.bearer(m, nil), body: toolCall("read_page", map[string]any{"page": page})})
			if err != nil {
				r.body = err.Error()
			}
			answered <- r
		}()
		waitFor(t, "a request to Notion", func() bool { return s.notion.Requests() > before })
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if r := <-answered; r.status != http.StatusOK || !strings.Contains(r.body, "Part 0") {
			t.Errorf("the call under way: %d %s", r.status, r.body)
		}
		if _, err := s.try(request{method: http.MethodGet, path: "/healthz"}); err == nil {
			t.Error("the server still answers")
		}
	})
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true})
		token := s.bearer(s.people[0], nil)
		pad := func(n int) string {
			return strings.Replace(rpc(1, "ping", nil), "{", `{"pad":"`+strings.Repeat("x", n)+`",`, 1)
		}
		if r := s.send(request{token: token, body: pad(1<<20 - 200)}); r.status != http.StatusOK {
			t.Errorf("just below 1 MB: %d %s", r.status, r.body)
		}
		if r := s.send(request{token: token, body: pad(1 << 20)}); r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("above 1 MB: %d %s", r.status, r.body)
		}
		if r := s.send(request{token: token, body: rpc(1, "ping", nil), headers: map[string]string{"X-Big": strings.Repeat("x", 80<<10)}}); r.status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("big header: %d %s", r.status, r.body)
		}
		head := "POST /mcp HTTP/1.1\r\nHost: " + strings.TrimPrefix(s.base, "http://") + "\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\n"
		if got := s.raw(head + "Content-Length: 100\r\n\r\n{"); !strings.HasPrefix(got, "HTTP/1.1 408") {
			t.Errorf("slow body: %q", got)
		}
		stranger := strings.Replace(head, token, "made-up", 1)
		if got := s.raw(stranger + "Content-Length: 100\r\n\r\n{"); !strings.HasPrefix(got, "HTTP/1.1 401") {
			t.Errorf("slow body of a stranger: %q", got)
		}
		if got := s.raw("POST /mcp HTTP/1.1\r\nHost: x\r\nX-Slow: "); got != "" && !strings.HasPrefix(got, "HTTP/1.1 408") {
			t.Errorf("slow headers: %q", got)
		}
	})
}

// raw sends bytes and nothing more, and returns what comes back until the
// server hangs up.
func (s *site) raw(text string) string {
	s.t.Helper()
	c, err := s.way.DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		s.t.Fatal(err)
	}
	got, err := io.ReadAll(bufio.NewReader(c))
	if err != nil {
		s.t.Errorf("the server does not hang up: %v", err)
	}
	return string(got)
}

func TestAddressesThatOthersReach(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cfg server.HTTPConfig
		ok  bool
	}{
		{server.HTTPConfig{Addr: "127.0.0.1:0"}, true},
		{server.HTTPConfig{Addr: "[::1]:0"}, true},
		{server.HTTPConfig{Addr: "localhost:0"}, true},
		{server.HTTPConfig{Addr: "0.0.0.0:0"}, false},
		{server.HTTPConfig{Addr: ":0"}, false},
		{server.HTTPConfig{Addr: ":0", Remote: true}, false},
		{server.HTTPConfig{Addr: ":0", Issued: true}, false},
		{server.HTTPConfig{Addr: ":0", Remote: true, Issued: true}, true},
		{server.HTTPConfig{Addr: "localhost.evil.example:80"}, false},
		{server.HTTPConfig{Addr: "8080"}, false},
	} {
		if err := tt.cfg.CheckAddr(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.cfg, err)
		}
	}
	if _, err := server.Listen(server.HTTPConfig{Addr: ":0"}); err == nil {
		t.Error("it listens for others without an issuer")
	}
}

// Browser pages of a configured origin get what browsers ask for; no others do.
func TestOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{http: func(c *server.HTTPConfig) { c.Origins = []string{"https://chat.example"} }})
	token := s.bearer(s.people[0], nil)
	preflight := func(origin string) response {
		return s.send(request{method: http.MethodOptions, headers: map[string]string{
			"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type", "Sec-Fetch-Site": "cross-site",
		}})
	}
	r := preflight("https://chat.example")
	if r.status != http.StatusNoContent || r.header.Get("Access-Control-Allow-Origin") != "https://chat.example" || !strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %d %v", r.status, r.header)
	}
	r = s.send(request{token: token, body: rpc(1, "ping", nil), headers: map[string]string{"Origin": "https://chat.example", "Sec-Fetch-Site": "cross-site"}})
	if r.status != http.StatusOK || r.header.Get("Access-Control-Allow-Origin") != "https://chat.example" {
		t.Errorf("call: %d %v", r.status, r.header)
	}
	for _, origin := range []string{"https://evil.example", "https://chat.example.evil.example", "http://chat.example", "null"} {
		if r := preflight(origin); r.header.Get("Access-Control-Allow-Origin") != "" || r.status == http.StatusNoContent {
			t.Errorf("preflight of %s: %d %v", origin, r.status, r.header)
		}
	}
}

// A client's notice ends its own call, and nobody else's.
func TestCancellationIsOnesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2})
		s.shareOwn()
		victim, attacker := s.people[0], s.people[1]
		s.mirrored(victim)
		page := s.notion.Pages()[0].ID
		session := s.send(request{token: s.bearer(victim, nil), body: rpc(0, "initialize", map[string]any{"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "t", "version": "1"}})}).header.Get("Mcp-Session-Id")
		notice := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
		modernNotice := modern("", "notifications/cancelled", "", map[string]any{"requestId": 1}, nil)
		modernNotice.body = strings.Replace(modernNotice.body, `"id":1,`, "", 1)
		legacy := func(id string) request {
			return request{body: toolCall("read_page", map[string]any{"page": page}), headers: map[string]string{"Mcp-Session-Id": id}}
		}
		for _, tt := range []struct {
			name      string
			call      request
			cancel    request
			by        *member
			cancelled bool
		}{
			{"their own", legacy(session), request{body: notice, headers: map[string]string{"Mcp-Session-Id": session}}, victim, true},
			{"another session of theirs", legacy(session), request{body: notice, headers: map[string]string{"Mcp-Session-Id": "other"}}, victim, false},
			{"another user with their session", legacy(session), request{body: notice, headers: map[string]string{"Mcp-Session-Id": session}}, attacker, false},
			{"another user without one", legacy(""), request{body: notice}, attacker, false},
			{"another user in capitals", legacy(""), request{body: strings.ReplaceAll(notice, "method", "METHOD")}, attacker, false},
			{"another user, modern", legacy(""), modernNotice, attacker, false},
			{"modern both", modernCall("", "read_page", map[string]any{"page": page}, nil), modernNotice, attacker, false},
			{"modern both, legacy notice", modernCall("", "read_page", map[string]any{"page": page}, nil), request{body: notice}, attacker, false},
		} {
			s.notion.Inject(emulator.Fault{ID: page, Delay: 5 * time.Second, Times: 1})
			tt.call.token, tt.cancel.token = s.bearer(victim, nil), s.bearer(tt.by, nil)
			answered := make(chan response, 1)
			before := s.notion.Requests()
			go func() {
				r, _ := s.try(tt.call)
				answered <- r
			}()
			waitFor(t, "a request to Notion", func() bool { return s.notion.Requests() > before })
			if r := s.send(tt.cancel); r.status != http.StatusAccepted {
				t.Errorf("%s: the notice: %d %s", tt.name, r.status, r.body)
			}
			r := <-answered
			if done := strings.Contains(r.body, "Part 0"); done == tt.cancelled {
				t.Errorf("%s: cancelled %v, want %v: %d %s", tt.name, !done, tt.cancelled, r.status, r.body)
			}
			s.notion.ClearFaults()
		}
	})
}

// pastEnd is a context that is over.
func pastEnd(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestServeEndsAtOnceWhenItMay(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	verifier := server.HTTPConfig{Base: "://", Pool: s.pool}
	l, err := server.Listen(server.HTTPConfig{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.ServeOn(pastEnd(t), l, verifier); err == nil || !strings.Contains(err.Error(), "base URL") {
		t.Errorf("a base that is none: %v", err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}
