package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// moody is a broker that can fail, and take its time.
type moody struct {
	*registry
	mu    sync.Mutex
	down  bool
	takes time.Duration
	hangs map[tokens.Connection]bool
}

func (m *moody) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *moody) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	m.mu.Lock()
	down, hangs, takes := m.down, m.hangs[c], m.takes
	m.mu.Unlock()
	time.Sleep(takes)
	switch {
	case down:
		return tokens.Token{}, tokens.ErrUnavailable
	case hangs:
		<-ctx.Done()
		return tokens.Token{}, ctx.Err()
	}
	return m.registry.Token(ctx, c)
}

// site is a server as many users see it.
type site struct {
	*crowd
	way      *http.Transport // to it
	idp      *authtest.Provider
	moody    *moody
	base     string
	resource string
	stop     func() error  // ends it as Ctrl-C does, and waits
	pages    [parts]string // ids of the parts
}

const idpURL = "https://idp.example" // the issuer of the crowd's Subjects

// siteConfig changes what is served.
type siteConfig struct {
	users  int
	pool   server.PoolConfig
	cache  tokens.CacheConfig
	auth   func(*auth.Config)
	http   func(*server.HTTPConfig)
	direct bool // no cache before the broker
	silent bool // no log
	pipes  bool // no network, for a bubble
}

func newSite(t testing.TB, sc siteConfig) *site {
	t.Helper()
	s := &site{idp: authtest.New(authtest.Config{URL: idpURL})}
	if sc.silent {
		sc.pool.Log = slog.New(slog.DiscardHandler)
	}
	s.crowd = newCrowdVia(t, max(1, sc.users), sc.pool, func(r *registry) tokens.Keeper {
		s.moody = &moody{registry: r, hangs: map[tokens.Connection]bool{}}
		if sc.direct {
			return memoryless{s.moody}
		}
		return tokens.Cached(tokens.Source{Broker: s.moody}, sc.cache)
	})
	l, way, err := reach(sc.pipes)
	if err != nil {
		t.Fatal(err)
	}
	s.way = way
	s.base = "http://" + l.Addr().String()
	s.resource = s.base + "/mcp"
	ac := auth.Config{Resource: s.resource, Issuers: []auth.Issuer{{URL: idpURL}}, HTTP: s.idp.Client()}
	if sc.auth != nil {
		sc.auth(&ac)
	}
	verifier, err := auth.New(ac)
	if err != nil {
		t.Fatal(err)
	}
	hc := server.HTTPConfig{
		Base: s.base, Verifier: verifier, Issued: true, Pool: s.pool,
		Limits:  server.Limits{PerMinute: 60_000, AtOnce: 100},
		Version: "test", Log: slog.New(slog.NewTextHandler(&lockedWriter{mu: &s.logMu, b: s.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if sc.silent {
		hc.Log = nil
	}
	if sc.http != nil {
		sc.http(&hc)
	}
	for _, p := range s.notion.Pages() {
		var part int
		if _, err := fmt.Sscanf(p.Path, "part%d.md", &part); err != nil {
			t.Fatal(err)
		}
		s.pages[part] = p.ID
	}
	s.serve(l, hc)
	return s
}

func (s *site) serve(l net.Listener, hc server.HTTPConfig) {
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.ServeOn(ctx, l, hc) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		s.way.CloseIdleConnections()
		return errors.Join(<-served, s.pool.Close())
	})
	s.t.Cleanup(func() {
		if err := s.stop(); err != nil {
			s.t.Error(err)
		}
	})
}

// bearer is a token of a member with both scopes, and these claims.
func (s *site) bearer(m *member, claims map[string]any) string {
	all := map[string]any{"sub": m.conn.Subject.User, "org_id": m.conn.Subject.Organization, "scope": "notion:read notion:comment"}
	for k, v := range claims {
		all[k] = v
	}
	return s.idp.Mint(s.resource, all)
}

// request is one POST to /mcp. Empty fields are what a good client sends.
type request struct {
	token   string
	body    string
	method  string            // of HTTP
	path    string            // "" means /mcp
	headers map[string]string // "" removes one
	host    string
	also    func(*http.Request)
}

// response is what came back.
type response struct {
	status int
	header http.Header
	body   string
}

func (s *site) send(r request) response {
	s.t.Helper()
	resp, err := s.try(r)
	if err != nil {
		s.t.Fatalf("%s: %v", r.body, err)
	}
	return resp
}

func (s *site) try(r request) (response, error) {
	method, path := r.method, r.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/mcp"
	}
	req, err := http.NewRequestWithContext(context.Background(), method, s.base+path, strings.NewReader(r.body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for k, v := range r.headers {
		req.Header.Del(k)
		if v != "" {
			req.Header[http.CanonicalHeaderKey(k)] = []string{v}
		}
	}
	if r.host != "" {
		req.Host = r.host
	}
	if r.also != nil {
		r.also(req)
	}
	client := &http.Client{Transport: s.way, Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(body)}, err
}

// rpc is a request of JSON-RPC.
func rpc(id int, method string, params any) string {
	raw, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// toolCall is a call in the older protocol.
func toolCall(tool string, args map[string]any) string {
	return rpc(1, "tools/call", map[string]any{"name": tool, "arguments": args})
}

// modernCall is a call in the newer protocol, with the client's capabilities.
func modernCall(token, tool string, args, capabilities map[string]any) request {
	return modern(token, "tools/call", tool, map[string]any{"name": tool, "arguments": args}, capabilities)
}

const newest = "2026-07-28"

func modern(token, method, name string, params, capabilities map[string]any) request {
	if capabilities == nil {
		capabilities = map[string]any{}
	}
	params["_meta"] = map[string]any{
		"io.modelcontextprotocol/protocolVersion":    newest,
		"io.modelcontextprotocol/clientCapabilities": capabilities,
		"io.modelcontextprotocol/clientInfo":         map[string]any{"name": "test", "version": "1"},
	}
	return request{token: token, body: rpc(1, method, params), headers: map[string]string{
		"MCP-Protocol-Version": newest, "Mcp-Method": method, "Mcp-Name": name,
	}}
}

// said is an answer of JSON-RPC.
type said struct {
	Result struct {
		Content []struct{ Text string }
		IsError bool

		ResultType    string
		RequestState  string
		InputRequests map[string]struct {
			Method string
			Params struct{ Mode, URL, Message, ElicitationID string }
		}
		Tools []struct{ Name string }
	}
	Error *struct {
		Code    int
		Message string
		Data    struct {
			Elicitations []struct{ Mode, URL, Message, ElicitationID string }
		}
	}
}

func (r response) said(t testing.TB) said {
	t.Helper()
	var a said
	if err := json.NewDecoder(bytes.NewReader([]byte(r.body))).Decode(&a); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return a
}

func (a said) text() string {
	var all []string
	for _, c := range a.Result.Content {
		all = append(all, c.Text)
	}
	return strings.Join(all, "\n")
}

// search is a search of a member, which must be answered.
func (s *site) search(m *member, question string) said {
	s.t.Helper()
	r := s.send(request{token: s.bearer(m, nil), body: toolCall("search_notion", map[string]any{"query": question})})
	if r.status != http.StatusOK {
		s.t.Fatalf("search: %d %s", r.status, r.body)
	}
	return r.said(s.t)
}

// mirrored searches for a member and waits until all of theirs is indexed.
func (s *site) mirrored(m *member) {
	s.t.Helper()
	s.search(m, "common own word")
	waitFor(s.t, "the mirror", func() bool {
		st, err := s.pool.Status(context.Background(), m.conn)
		return err == nil && st.Coverage.Ready()
	})
}

// shareOwn shares one page with each member: the page of their own number.
func (s *site) shareOwn() {
	for i, m := range s.people {
		s.share(m, i%parts, true)
	}
}

// logged is what is in the log so far.
func (s *site) logged() string {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return s.log.String()
}

func (s *site) checkLog(words ...string) {
	s.t.Helper()
	log := s.logged()
	for _, bad := range words {
		if i := strings.Index(log, bad); i >= 0 {
			s.t.Errorf("the log has %q: ...%s", bad, log[max(0, i-200):min(len(log), i+200)])
		}
	}
}
