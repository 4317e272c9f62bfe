package server_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

const backend = "https://chat.example"

// withBackend lets a backend act for the users of the issuer.
func withBackend(t *testing.T) (key any, change func(*auth.Config)) {
	t.Helper()
	private := authtest.NewKey()
	keys := publicPEM(t, private)
	return private, func(c *auth.Config) {
		c.Issuers = append(c.Issuers, auth.Issuer{URL: backend, Keys: keys, Delegates: true, SubjectIssuer: idpURL})
	}
}

func publicPEM(t *testing.T, k *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key, change := withBackend(t)
		s := newSite(t, siteConfig{pipes: true, auth: change})
		s.shareOwn()
		m := s.people[0]
		now := time.Now()
		good := map[string]any{"sub": "user0", "org_id": "org", "scope": "notion:read"}
		mint := func(change func(*authtest.Token)) string {
			tok := s.idp.Unsigned(s.resource, good)
			change(&tok)
			return tok.String()
		}
		delegated := func(change func(map[string]any)) string {
			c := map[string]any{
				"iss": backend, "sub": "user0", "org_id": "org", "aud": s.resource, "scope": "notion:read", "azp": backend,
				"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
			}
			change(c)
			return authtest.Token{Header: map[string]any{"alg": "ES256"}, Claims: c, Key: key}.String()
		}
		issuerKey, _ := s.idp.Key()
		public := publicPEM(t, issuerKey)
		claim := func(name string, v any) string { return mint(func(k *authtest.Token) { k.Claims[name] = v }) }
		bare := mint(func(*authtest.Token) {})
		for _, tt := range []struct {
			name, token string
			ok          bool
		}{
			{"none", "", false},
			{"a good one", bare, true},
			{"garbage", "abc", false},
			{"garbage of three parts", "a.b.c", false},
			{"for another resource", s.idp.Mint("https://other.example/mcp", good), false},
			{"for the server and not its endpoint", s.idp.Mint(s.base, good), false},
			{"for no resource", claim("aud", nil), false},
			{"of another issuer", claim("iss", "https://evil.example"), false},
			{"of an issuer that looks alike", claim("iss", idpURL+"/"), false},
			{"without a signature", mint(func(k *authtest.Token) { k.Header["alg"], k.Key = "none", nil }), false},
			{"without a signature, in capitals", mint(func(k *authtest.Token) { k.Header["alg"], k.Key = "NoNe", nil }), false},
			{"signed with the public key as a secret", mint(func(k *authtest.Token) { k.Header["alg"], k.Key = "HS256", public }), false},
			{"says RS256, signed as HS256", mint(func(k *authtest.Token) { k.Header["alg"], k.Key = "RS256", public }), false},
			{"signed by a stranger", mint(func(k *authtest.Token) { k.Key = authtest.NewKey() }), false},
			{"of a key that is nowhere", mint(func(k *authtest.Token) { k.Header["kid"], k.Key = "new", authtest.NewKey() }), false},
			{"brings its own key", mint(func(k *authtest.Token) {
				k.Header["kid"], k.Header["jku"], k.Key = "new", "https://evil.example/jwks", authtest.NewKey()
			}), false},
			{"expired", claim("exp", now.Add(-time.Hour).Unix()), false},
			{"never ends", claim("exp", nil), false},
			{"not yet", claim("nbf", now.Add(time.Hour).Unix()), false},
			{"an ID token", mint(func(k *authtest.Token) { k.Claims["aud"] = "client_1"; k.Claims["nonce"] = "n" }), false},
			{"an ID token for us", claim("at_hash", "abc"), false},
			{"a refresh token", claim("token_use", "refresh"), false},
			{"a logout token", mint(func(k *authtest.Token) { k.Header["typ"] = "logout+jwt" }), false},
			{"nobody's", claim("sub", nil), false},
			{"of a user that is a number", claim("sub", 7), false},
			{"of a user with a line break", claim("sub", "user0\r\nX-User: admin"), false},
			{"critical extensions", mint(func(k *authtest.Token) { k.Header["crit"] = []string{"exp"} }), false},
			{"far too long", strings.Repeat("a", 17<<10), false},
			{"of the backend", delegated(func(map[string]any) {}), true},
			{"of the backend, for an hour", delegated(func(c map[string]any) { c["exp"] = now.Add(time.Hour).Unix() }), false},
			{"of the backend, for another resource", delegated(func(c map[string]any) { c["aud"] = "https://other.example/mcp" }), false},
			{"of the backend, by nobody", delegated(func(c map[string]any) { delete(c, "azp") }), false},
			{"of the backend, by somebody else", delegated(func(c map[string]any) { c["azp"] = "https://evil.example" }), false},
			{"of the backend, in the issuer's name", delegated(func(c map[string]any) { c["iss"] = idpURL }), false},
			{"of the issuer, in the backend's name", mint(func(k *authtest.Token) { k.Claims["iss"], k.Claims["azp"] = backend, backend }), false},
		} {
			r := s.send(request{token: tt.token, body: toolCall("search_notion", map[string]any{"query": "common own word"})})
			if tt.ok {
				if r.status != http.StatusOK || !strings.Contains(r.body, word(0)) {
					t.Errorf("%s: %d %s", tt.name, r.status, r.body)
				}
				continue
			}
			wantRefusal(t, tt.name, tt.token, r)
		}
		s.checkLog(bare, m.secret)
	})
}

// wantRefusal checks the answer to a token that is not accepted, which must not
// show it.
func wantRefusal(t *testing.T, name, token string, r response) {
	t.Helper()
	h := r.header.Get("WWW-Authenticate")
	if r.status != http.StatusUnauthorized || !strings.Contains(h, "resource_metadata=") || (token != "") != strings.Contains(h, `error="invalid_token"`) {
		t.Errorf("%s: %d %q %s", name, r.status, h, r.body)
	}
	if strings.Contains(r.body+h, "quagga") || token != "" && strings.Contains(r.body+h, token) {
		t.Errorf("%s: it says too much: %s %s", name, h, r.body)
	}
}

// Where a token stands matters as much as what it says.
func TestWaysToSendAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2})
		token, other := s.bearer(s.people[0], nil), s.bearer(s.people[1], nil)
		ping := rpc(1, "ping", nil)
		for _, tt := range []struct {
			name string
			r    request
		}{
			{"in the query", request{path: "/mcp?access_token=" + token, body: ping}},
			{"in the query as well", request{token: token, path: "/mcp?access_token=" + token, body: ping}},
			{"in the query, encoded", request{token: token, path: "/mcp?%61ccess_token=" + token, body: ping}},
			{"in the body", request{body: strings.Replace(ping, "{", `{"access_token":"`+token+`",`, 1)}},
			{"as Basic", request{body: ping, headers: map[string]string{"Authorization": "Basic " + token}}},
			{"in another header", request{body: ping, headers: map[string]string{"X-Access-Token": token, "Cookie": "access_token=" + token}}},
			{"two in one header", request{body: ping, headers: map[string]string{"Authorization": "Bearer " + token + ", Bearer " + other}}},
			{"two headers", request{body: ping, also: func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + other} }}},
			{"the same in two headers", request{body: ping, also: func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token} }}},
		} {
			if r := s.send(tt.r); r.status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", tt.name, r.status, r.body)
			}
		}
		if r := s.send(request{token: token, body: ping}); r.status != http.StatusOK {
			t.Errorf("as it should be: %d %s", r.status, r.body)
		}
	})
}

func TestHostsAndOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	token := s.bearer(s.people[0], nil)
	port := s.base[strings.LastIndex(s.base, ":"):]
	for _, tt := range []struct {
		name    string
		host    string
		headers map[string]string
		status  int
	}{
		{"a client without a browser", "", nil, 200},
		{"the server's own pages", "", map[string]string{"Origin": s.base}, 200},
		{"by the name localhost", "localhost" + port, nil, 200},
		{"a page of a stranger", "", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page without an origin", "", map[string]string{"Origin": "null"}, 403},
		{"a page on another port", "", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"a page of another site", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a page of a sibling", "", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"}, 403},
		{"a name that leads here", "evil.example" + port, nil, 403},
		{"a name that leads here, and its page", "evil.example" + port, map[string]string{"Origin": "http://evil.example" + port}, 403},
		{"a name that begins as ours", "127.0.0.1.evil.example" + port, nil, 403},
		{"a name that ends as ours", "evil.localhost" + port, nil, 403},
		{"another machine's address", "10.0.0.1" + port, nil, 403},
		{"said by a proxy", "", map[string]string{"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}, 200},
	} {
		r := s.send(request{token: token, body: rpc(1, "ping", nil), host: tt.host, headers: tt.headers})
		if r.status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, r.status, r.body, tt.status)
		}
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource", "/mcp"} {
		if r := s.send(request{method: http.MethodGet, path: path, host: "evil.example"}); r.status != http.StatusForbidden {
			t.Errorf("GET %s by another name: %d %s", path, r.status, r.body)
		}
	}
}

func TestScopesOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true})
		s.shareOwn()
		m := s.people[0]
		comment := toolCall("append_comment", map[string]any{"page": s.notion.Pages()[0].ID, "text": "hello"})
		search := toolCall("search_notion", map[string]any{"query": "common"})
		for _, tt := range []struct{ name, scope, body, need string }{
			{"reading with nothing", "", search, "notion:read"},
			{"reading with the right to comment", "notion:comment", search, "notion:read"},
			{"reading", "notion:read", search, ""},
			{"commenting with the right to read", "notion:read", comment, "notion:read notion:comment"},
			{"commenting with the right to comment", "notion:comment", comment, "notion:read notion:comment"},
			{"scopes that only look alike", "notion:readx notion notion:comment.all NOTION:READ", comment, "notion:read notion:comment"},
			{"commenting", "notion:read notion:comment", comment, ""},
			{"the list needs none", "", rpc(1, "tools/list", map[string]any{}), ""},
		} {
			r := s.send(request{token: s.bearer(m, map[string]any{"scope": tt.scope}), body: tt.body})
			h := r.header.Get("WWW-Authenticate")
			if tt.need == "" {
				if r.status != http.StatusOK || r.said(t).Result.IsError {
					t.Errorf("%s: %d %s", tt.name, r.status, r.body)
				}
				continue
			}
			if r.status != http.StatusForbidden || !strings.Contains(h, `error="insufficient_scope"`) ||
				!strings.Contains(h, `scope="`+tt.need+`"`) || !strings.Contains(h, "resource_metadata=") {
				t.Errorf("%s: %d %q", tt.name, r.status, h)
			}
		}
		if n := s.notion.Counts()["POST /v1/comments"]; n != 1 {
			t.Errorf("%d comments were written, want 1", n)
		}
	})
}

// Who has no token, or one that has ended, is told which scopes to ask for: no
// more than the request needs.
func TestScopesToAskFor(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	ended := s.bearer(s.people[0], map[string]any{"exp": 1})
	comment := toolCall("append_comment", map[string]any{"page": s.notion.Pages()[0].ID, "text": "hello"})
	for _, tt := range []struct{ name, body, want string }{
		{"first words", rpc(1, "initialize", map[string]any{}), "notion:read"},
		{"the list", rpc(1, "tools/list", nil), "notion:read"},
		{"a search", toolCall("search_notion", map[string]any{"query": "x"}), "notion:read"},
		{"a resource", rpc(1, "resources/read", map[string]any{"uri": "notion://page/1"}), "notion:read"},
		{"a comment", comment, "notion:read notion:comment"},
		{"nothing", "", "notion:read"},
		{"no JSON", strings.Repeat("x", 100), "notion:read"},
		{"a comment that is too long to read for a stranger", strings.Repeat(" ", 1<<17) + comment, "notion:read"},
	} {
		for _, token := range []string{"", ended} {
			r := s.send(request{token: token, body: tt.body})
			if h := r.header.Get("WWW-Authenticate"); r.status != http.StatusUnauthorized || !strings.Contains(h, `scope="`+tt.want+`"`) {
				t.Errorf("%s: %d %q, want %s", tt.name, r.status, h, tt.want)
			}
		}
	}
}

// However a request is written, a token that may only read writes nothing.
func TestScopesCannotBeHidden(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	s.shareOwn()
	m := s.people[0]
	reader := s.bearer(m, map[string]any{"scope": "notion:read"})
	page := s.notion.Pages()[0].ID
	write := fmt.Sprintf(`"arguments":{"page":%q,"text":"hidden"}`, page)
	call := `{"jsonrpc":"2.0","id":1,`
	for _, body := range []string{
		call + `"method":"tools/list","method":"tools/call","params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","method":"tools/list","params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","METHOD":"tools/list","params":{"name":"append_comment",` + write + `}}`,
		call + `"METHOD":"tools/list","method":"tools/call","params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append_comment",` + write + `},"params":{"name":"search_notion"}}`,
		call + `"method":"tools/call","params":{"name":"search_notion"},"params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append_comment",` + write + `},"Params":{"name":"search_notion"}}`,
		call + `"method":"tools/call","Params":{"name":"search_notion"},"params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append_comment",` + write + `},"params":{}}`,
		call + `"method":"tools/call","params":{},"params":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append_comment",` + write + `},"params":null}`,
		call + `"method":"tools/call","params":{"name":"append_comment","NAME":"search_notion",` + write + `}}`,
		call + `"method":"tools/call","params":{"NAME":"search_notion","name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append\u005fcomment",` + write + `}}`,
		call + `"method":"tools\/call","param\u0073":{"n\u0061me":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","paramſ":{"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":"append_comment","capabilities":7,` + write + `}}`,
		call + `"method":"tools/call","params":{"capabilities":{"elicitation":[]},"name":"append_comment",` + write + `}}`,
		call + `"method":"tools/call","params":{"name":["search_notion"],"name":"append_comment",` + write + `}}`,
		"[" + call + `"method":"tools/call","params":{"name":"append_comment",` + write + `}}]`,
		"\ufeff" + call + `"method":"tools/call","params":{"name":"append_comment",` + write + `}}`,
	} {
		for _, r := range []request{{token: reader, body: body}, {token: reader, body: body, headers: map[string]string{"Mcp-Method": "tools/list", "Mcp-Name": "search_notion"}}} {
			if got := s.send(r); got.status == http.StatusOK && !got.said(t).Result.IsError && got.said(t).Error == nil && len(got.said(t).Result.Tools) == 0 {
				t.Errorf("%s: %s", body, got.body)
			}
		}
	}
	if n := s.notion.Counts()["POST /v1/comments"]; n != 0 {
		t.Errorf("%d comments were written", n)
	}
}

// Nothing in the arguments or headers of a call changes whose data it is about.
func TestIdentityIsTheTokensAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2})
		s.shareOwn()
		victim, attacker := s.people[0], s.people[1]
		s.search(victim, "common")
		work := victim.conn
		work.Handle = "work"
		s.broker.set(work, victim.secret)
		page := s.notion.Pages()[0].ID
		tool := func(tool string, args map[string]any) request {
			return request{token: s.bearer(attacker, nil), body: toolCall(tool, args)}
		}
		headers := tool("search_notion", map[string]any{"query": "own word"})
		headers.headers = map[string]string{
			"X-User": "user0", "X-Forwarded-User": "user0", "X-Subject": "user0", "Mcp-Session-Id": victim.conn.Key(),
			"Cookie": "user=user0", "X-Notion-Token": victim.secret,
		}
		meta := tool("search_notion", nil)
		meta.body = rpc(1, "tools/call", map[string]any{"name": "search_notion", "arguments": map[string]any{"query": "own word"}, "_meta": map[string]any{"user": "user0", "subject": victim.conn.Subject}})
		for _, r := range []request{
			tool("search_notion", map[string]any{"query": "own word", "connection": "work"}),
			tool("search_notion", map[string]any{"query": "own word", "connection": victim.conn.Key()}),
			tool("search_notion", map[string]any{"query": "own word", "connection": "../" + victim.conn.Key()}),
			tool("search_notion", map[string]any{"query": "own word", "connection": "my-notion\r\nAuthorization: Bearer x"}),
			tool("search_notion", map[string]any{"query": "own word", "connection": "my-notion\x00"}),
			tool("search_notion", map[string]any{"query": "own word", "connection": ""}),
			tool("search_notion", map[string]any{"query": "own word", "connection": strings.Repeat("a", 65)}),
			tool("search_notion", map[string]any{"query": "own word", "connection": 7}),
			tool("search_notion", map[string]any{"query": "own word", "connection": []string{"my-notion"}}),
			tool("search_notion", map[string]any{"query": "own word", "Connection": "work"}),
			tool("search_notion", map[string]any{"query": "own word", "subject": "user0", "user": "user0", "token": victim.secret}),
			tool("search_notion", map[string]any{"query": "own word", "under": page}),
			tool("read_page", map[string]any{"page": page}),
			tool("read_page", map[string]any{"page": "../" + page}),
			tool("read_page", map[string]any{"page": page + "/../../users"}),
			tool("read_page", map[string]any{"page": page + "%2f..%2f"}),
			tool("read_page", map[string]any{"page": "notion://page/..%2f..%2fetc%2fpasswd"}),
			tool("read_page", map[string]any{"page": "file:///etc/passwd"}),
			tool("read_page", map[string]any{"page": "https://evil.example/" + page}),
			tool("read_page", map[string]any{"page": page + "\r\nAuthorization: Bearer " + victim.secret}),
			tool("append_comment", map[string]any{"page": page, "text": "hello"}),
			headers, meta,
		} {
			got := s.send(r)
			if strings.Contains(got.body, word(0)) || strings.Contains(got.body, "root:") || strings.Contains(got.body, "Part 0") {
				t.Errorf("%s gave %s", r.body, got.body)
			}
			for name := range got.header {
				if strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "X-User") {
					t.Errorf("%s injected a header %s", r.body, name)
				}
			}
		}
		if n := s.notion.Counts()["POST /v1/comments"]; n != 0 {
			t.Errorf("%d comments were written", n)
		}
		if n := s.folders(); n > 2 {
			t.Errorf("%d indexes on disk, of 2 connections", n)
		}
		if _, err := os.Stat(filepath.Join(s.data, "..", victim.conn.Key())); err == nil {
			t.Error("something was written outside of the data folder")
		}
	})
}

// A place in a page is no key to the page.
func TestCursorOfAnotherUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 2})
		victim, attacker := s.people[0], s.people[1]
		if err := s.notion.AddPage("long.md", "# Long\n\n"+strings.Repeat("A paragraph of the zanzibar plan, which goes on for a while.\n\n", 400)); err != nil {
			t.Fatal(err)
		}
		if err := s.notion.Share(victim.secret, "long.md"); err != nil {
			t.Fatal(err)
		}
		var id string
		for _, p := range s.notion.Pages() {
			if p.Path == "long.md" {
				id = p.ID
			}
		}
		args := map[string]any{"page": id, "max_tokens": 500}
		first := s.send(request{token: s.bearer(victim, nil), body: toolCall("read_page", args)})
		var out struct {
			Result struct {
				StructuredContent struct {
					Next string `json:"next_cursor"`
				}
			}
		}
		if err := json.Unmarshal([]byte(first.body), &out); err != nil || out.Result.StructuredContent.Next == "" {
			t.Fatalf("no cursor: %v %s", err, first.body)
		}
		args["cursor"] = out.Result.StructuredContent.Next
		if r := s.send(request{token: s.bearer(victim, nil), body: toolCall("read_page", args)}); !strings.Contains(r.body, "zanzibar") {
			t.Errorf("its owner: %s", r.body)
		}
		if r := s.send(request{token: s.bearer(attacker, nil), body: toolCall("read_page", args)}); strings.Contains(r.body, "zanzibar") || !r.said(t).Result.IsError {
			t.Errorf("another user: %s", r.body)
		}
	})
}

// Asking for connections that do not exist costs nothing that stays.
func TestConnectionsThatAreNotThereLeaveNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{direct: true})
	m := s.people[0]
	for i := range 50 {
		body := toolCall("search_notion", map[string]any{"query": "x", "connection": fmt.Sprintf("made-up-%d", i)})
		if r := s.send(request{token: s.bearer(m, nil), body: body}); !r.said(t).Result.IsError {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	files, err := filepath.Glob(filepath.Join(s.data, "*"))
	if err != nil || len(files) != 0 {
		t.Errorf("left on disk: %v, %v", files, err)
	}
}
