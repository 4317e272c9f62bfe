package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// long is longer than anything that a request names, and shorter than a request
// may be.
const long = 900_000

// No method looks at what is too long, and no error shows more than a little of
// what it was sent.
func TestArgumentsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	s.shareOwn()
	x := strings.Repeat("x", long)
	middle := strings.Repeat("y", 1500) // it could be a link
	arguments := func(in map[string]any) map[string]any {
		return map[string]any{"name": "search_notion", "arguments": in}
	}
	for name, body := range map[string]string{
		"resource":               rpc(1, "resources/read", map[string]any{"uri": "https://app.notion.com/" + x}),
		"resource, no link":      rpc(1, "resources/read", map[string]any{"uri": x}),
		"resource, short enough": rpc(1, "resources/read", map[string]any{"uri": middle}),
		"resource, odd":          rpc(1, "resources/read", map[string]any{"uri": "https://app.notion.com/ é" + middle}),
		"resource, known host":   rpc(1, "resources/read", map[string]any{"uri": "https://app.notion.com/" + middle}),
		"resource, twice":        `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"https://app.notion.com/` + x + `"},"params":{}}`,
		"resource, other case":   `{"jsonrpc":"2.0","id":1,"method":"resources/read","PARAMS":{"URI":"https://app.notion.com/` + x + `"}}`,
		"resource, escaped":      `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"\u0075ri":"` + x + `"}}`,
		"completion":             rpc(1, "completion/complete", map[string]any{"ref": map[string]any{"type": "ref/resource", "uri": "notion://page/{id}"}, "argument": map[string]any{"name": "id", "value": x}}),
		"completion, ref":        rpc(1, "completion/complete", map[string]any{"ref": map[string]any{"type": "ref/resource", "uri": x}, "argument": map[string]any{"name": "id", "value": "a"}}),
		"prompt":                 rpc(1, "prompts/get", map[string]any{"name": "answer_from_notion", "arguments": map[string]any{"question": x}}),
		"prompt, its name":       rpc(1, "prompts/get", map[string]any{"name": x}),
		"prompt, longish name":   rpc(1, "prompts/get", map[string]any{"name": middle}),
		"cursor":                 rpc(1, "tools/list", map[string]any{"cursor": x}),
		"method":                 rpc(1, x, nil),
		"method, longish":        rpc(1, middle, nil),
		"tool":                   rpc(1, "tools/call", map[string]any{"name": middle}),
		"tool, its name":         rpc(1, "tools/call", map[string]any{"name": x}),
		"connection":             toolCall("search_notion", map[string]any{"query": "a", "connection": x}),
		"question":               toolCall("search_notion", map[string]any{"query": x}),
		"argument":               toolCall("search_notion", map[string]any{x: 1}),
		"date":                   toolCall("search_notion", map[string]any{"query": "a", "edited_after": x}),
		"page":                   toolCall("read_page", map[string]any{"page": x}),
		"number":                 `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_page","arguments":{"page":"a","max_tokens":` + strings.Repeat("9", long) + `}}}`,
		"a level":                rpc(1, "logging/setLevel", map[string]any{"level": x}),
		"nothing of ours":        rpc(1, "tools/call", arguments(map[string]any{"where": map[string]any{"a": x}})),
	} {
		r := s.send(request{token: s.bearer(s.people[0], nil), body: body})
		if !json.Valid([]byte(r.body)) || r.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d %.200s", name, r.status, r.body)
		}
		for _, part := range []string{strings.Repeat("x", 81), strings.Repeat("y", 81), strings.Repeat("9", 81)} {
			if strings.Contains(r.body, part) {
				t.Errorf("%s: shown whole, in %d bytes", name, len(r.body))
			}
		}
		if said := r.said(t); said.Error == nil && !said.Result.IsError && !strings.Contains(name, "completion") && name != "cursor" {
			t.Errorf("%s: it was taken: %.200s", name, r.body)
		}
	}
	logo := "data:image/png;base64," + strings.Repeat("A", 100_000)
	in := map[string]any{"protocolVersion": "2025-11-25", "clientInfo": map[string]any{"name": "x", "version": "1", "icons": []any{map[string]any{"src": logo}}}}
	if r := s.send(request{token: s.bearer(s.people[0], nil), body: rpc(1, "initialize", in)}); r.status != http.StatusOK || r.said(t).Error != nil {
		t.Errorf("a client with a logo: %d %.200s", r.status, r.body)
	}
}

// Addresses work as people type them.
func TestAddressesAsTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	if r := s.send(request{path: "/mcp/", token: s.bearer(s.people[0], nil), body: rpc(1, "ping", nil)}); r.status != http.StatusOK {
		t.Errorf("/mcp/: %d %s", r.status, r.body)
	}
	if r := s.send(request{path: "/mcp/", body: rpc(1, "ping", nil)}); r.status != http.StatusUnauthorized || !strings.Contains(r.header.Get("WWW-Authenticate"), "/.well-known/oauth-protected-resource/mcp") {
		t.Errorf("/mcp/ without a token: %d %v", r.status, r.header)
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"} {
		want := s.send(request{method: http.MethodGet, path: path})
		if got := s.send(request{method: http.MethodGet, path: path + "/"}); got.status != http.StatusOK || got.body != want.body {
			t.Errorf("%s/: %d %s", path, got.status, got.body)
		}
	}
	if r := s.send(request{method: http.MethodGet, path: "/"}); r.status != http.StatusOK || !strings.Contains(r.body, s.base+"/mcp") {
		t.Errorf("/: %d %s", r.status, r.body)
	}
	if r := s.send(request{method: http.MethodGet, path: "/", host: "evil.example"}); r.status != http.StatusForbidden {
		t.Errorf("/ by another name: %d %s", r.status, r.body)
	}
	for _, path := range []string{"/mcp/x", "/nothing"} {
		if r := s.send(request{path: path, token: s.bearer(s.people[0], nil), body: rpc(1, "ping", nil)}); r.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}
