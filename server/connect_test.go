package server_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// withConnect serves the pages on which people connect.
func withConnect(t *testing.T) func(*server.HTTPConfig) {
	return func(c *server.HTTPConfig) {
		sealer, err := auth.NewSealer(auth.SealerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		idp := authtest.New(authtest.Config{URL: idpURL, Clients: []authtest.Client{{ID: "mcp-notion", RedirectURIs: []string{c.Base + web.CallbackPath}}}})
		login, err := auth.NewLogin(auth.LoginConfig{
			Issuer: auth.Issuer{URL: idpURL}, ClientID: "mcp-notion", RedirectURL: c.Base + web.CallbackPath, Sealer: sealer, HTTP: idp.Client(),
		})
		if err != nil {
			t.Fatal(err)
		}
		pages := web.NewConnect(web.ConnectConfig{Base: c.Base, Login: login, Sealer: sealer, Broker: tokens.Uncached(&registry{})})
		c.Connect, c.Link, c.Sealer = pages, pages.Link, sealer
	}
}

const rawLink = "//broker.example" // of the registry

// notConnectedYet is a site with a user who has not connected.
func notConnectedYet(t *testing.T) (*site, *member) {
	t.Helper()
	s := newSite(t, siteConfig{pipes: true, users: 2, http: withConnect(t), cache: tokens.CacheConfig{Refusal: time.Millisecond, Rejected: 300 * time.Millisecond}})
	s.broker.drop(s.people[0].conn)
	return s, s.people[0]
}

func legacySession(s *site, m *member, capabilities map[string]any) string {
	r := s.send(request{token: s.bearer(m, nil), body: rpc(0, "initialize", map[string]any{
		"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": map[string]any{"name": "t", "version": "1"},
	})})
	return r.header.Get("Mcp-Session-Id")
}

// Whoever is not connected gets a link in the form that their client knows, and
// never the broker's own.
func TestNotConnectedIsToldInTheClientsForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m := notConnectedYet(t)
		link := s.base + "/connect?link="
		canOpen := map[string]any{"elicitation": map[string]any{"url": map[string]any{}}}
		onlyForms := map[string]any{"elicitation": map[string]any{"form": map[string]any{}}}
		args := map[string]any{"query": "x"}
		token := s.bearer(m, nil)
		for _, tt := range []struct {
			name, want string
			r          request
		}{
			{"modern that opens links", "input", modernCall(token, "search_notion", args, canOpen)},
			{"modern that does not", "text", modernCall(token, "search_notion", args, nil)},
			{"modern with forms alone", "text", modernCall(token, "search_notion", args, onlyForms)},
			{"legacy that opens links", "error", request{token: token, body: toolCall("search_notion", args), headers: map[string]string{"Mcp-Session-Id": legacySession(s, m, canOpen)}}},
			{"legacy that does not", "text", request{token: token, body: toolCall("search_notion", args), headers: map[string]string{"Mcp-Session-Id": legacySession(s, m, nil)}}},
			{"legacy with forms alone", "text", request{token: token, body: toolCall("search_notion", args), headers: map[string]string{"Mcp-Session-Id": legacySession(s, m, onlyForms)}}},
			{"legacy without a session", "text", request{token: token, body: toolCall("search_notion", args)}},
		} {
			for _, state := range []string{"never", "again"} {
				if state == "again" {
					s.broker.set(m.conn, "")
				} else {
					s.broker.drop(m.conn)
				}
				time.Sleep(2 * time.Millisecond) // until the cache asks again
				r := s.send(tt.r)
				a := r.said(t)
				words := map[string]string{"never": "not connected", "again": "authorized again"}[state]
				ok := false
				switch ask := a.Result.InputRequests["connect"]; tt.want {
				case "input":
					ok = r.status == 200 && a.Result.ResultType == "input_required" && a.Result.RequestState != "" && ask.Method == "elicitation/create" &&
						ask.Params.Mode == "url" && strings.HasPrefix(ask.Params.URL, link) && ask.Params.ElicitationID == "" && strings.Contains(ask.Params.Message, words)
				case "error":
					ok = a.Error != nil && a.Error.Code == -32042 && len(a.Error.Data.Elicitations) == 1 &&
						strings.HasPrefix(a.Error.Data.Elicitations[0].URL, link) && a.Error.Data.Elicitations[0].Mode == "url" && a.Error.Data.Elicitations[0].ElicitationID != ""
				case "text":
					code := map[string]string{"never": `"error":{"code":"not_connected"}`, "again": `"error":{"code":"needs_reauthorization"}`}[state]
					ok = a.Result.IsError && strings.Contains(a.text(), link) && strings.Contains(a.text(), words) && strings.Contains(r.body, code)
				}
				if !ok {
					t.Errorf("%s, %s: %d %s", tt.name, state, r.status, r.body)
				}
				if strings.Contains(r.body, rawLink) || strings.Contains(r.body, m.conn.Subject.User) {
					t.Errorf("%s, %s: the broker's link or the user's name is in %s", tt.name, state, r.body)
				}
			}
		}
		s.checkLog("link=", "user0", token)
	})
}

// The state that a client sends back is nobody's pass.
func TestRequestStateOfAnotherUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m := notConnectedYet(t)
		s.share(s.people[1], 1, true)
		canOpen := map[string]any{"elicitation": map[string]any{"url": map[string]any{}}}
		ask := func(m *member, state string) response {
			params := map[string]any{"name": "search_notion", "arguments": map[string]any{"query": "common own word"}}
			if state != "" {
				params["requestState"] = state
				params["inputResponses"] = map[string]any{"connect": map[string]any{"action": "accept"}}
			}
			return s.send(modern(s.bearer(m, nil), "tools/call", "search_notion", params, canOpen))
		}
		state := ask(m, "").said(t).Result.RequestState
		if strings.Contains(state, m.conn.Subject.User) || strings.Contains(state, "connect") {
			t.Errorf("the state can be read: %s", state)
		}
		refused := []response{ask(s.people[1], state)}
		for _, made := range []string{state + "x", state[:len(state)-2], "\u0000", strings.Repeat("a", 5000)} {
			refused = append(refused, ask(m, made))
		}
		for _, r := range refused {
			if r.status != http.StatusBadRequest || r.said(t).Error == nil || strings.Contains(r.body, "quagga") || strings.Contains(r.body, "/connect") {
				t.Errorf("a state that is not one's own: %d %s", r.status, r.body)
			}
		}
		for _, made := range []string{state, ""} {
			if r := ask(m, made); r.said(t).Result.ResultType != "input_required" || strings.Contains(r.body, "quagga") {
				t.Errorf("still not connected: %s", r.body)
			}
		}
		s.broker.set(m.conn, m.secret)
		s.share(m, 0, true)
		time.Sleep(2 * time.Millisecond)
		if r := ask(m, state); !strings.Contains(r.body, word(0)) {
			t.Errorf("connected meanwhile: %s", r.body)
		}
	})
}

// When Notion refuses the token in the middle of it all, the broker is asked
// once more, and then the user gets our link, and what was indexed is gone.
func TestRevokedAtNotion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m := notConnectedYet(t)
		s.broker.set(m.conn, m.secret)
		s.share(m, 0, true)
		time.Sleep(2 * time.Millisecond)
		s.mirrored(m)
		s.notion.Revoke(m.secret)
		page := s.notion.Pages()[0].ID
		r := s.send(request{token: s.bearer(m, nil), body: toolCall("read_page", map[string]any{"page": page})})
		a := r.said(t)
		if !a.Result.IsError || !strings.Contains(a.text(), s.base+"/connect?link=") || !strings.Contains(a.text(), "authorized again") || strings.Contains(r.body, rawLink) || strings.Contains(r.body, "quagga") {
			t.Errorf("revoked: %s", r.body)
		}
		waitFor(t, "the purge", func() bool { return s.folders() == 0 })
		s.broker.set(m.conn, m.other())
		s.secretOf(m, m.other())
		s.share(m, 2, true)
		waitFor(t, "the answer after connecting again", func() bool {
			text := s.search(m, "common own word").text()
			if strings.Contains(text, word(0)) {
				t.Errorf("of the former token: %s", text)
			}
			return strings.Contains(text, word(2))
		})
	})
}

// Where the broker cannot be told, or cannot be asked again, there is no link,
// and least of all the broker's own.
func TestRefusedAtNotionWithoutABrokersWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, http: withConnect(t), direct: true})
		s.shareOwn()
		m := s.people[0]
		s.mirrored(m)
		s.notion.Revoke(m.secret)
		r := s.send(request{token: s.bearer(m, nil), body: toolCall("read_page", map[string]any{"page": s.notion.Pages()[0].ID})})
		if !r.said(t).Result.IsError || strings.Contains(r.body, rawLink) || strings.Contains(r.body, "quagga") {
			t.Errorf("%s", r.body)
		}
	})
}

// secretOf changes the token that a member is known by.
func (s *site) secretOf(m *member, secret string) { m.secret, m.shared = secret, map[int]bool{} }

// Without pages to connect, words have to do.
func TestNotConnectedWithoutALink(t *testing.T) {
	t.Parallel()
	s := newSite(t, siteConfig{})
	s.broker.drop(s.people[0].conn)
	a := s.send(request{token: s.bearer(s.people[0], nil), body: toolCall("search_notion", map[string]any{"query": "x"})}).said(t)
	if !a.Result.IsError || !strings.Contains(a.text(), "where they signed in") || strings.Contains(a.text(), "http") {
		t.Errorf("%+v", a)
	}
}

// A connection of an organization is one for all of its members, by
// configuration, and never mixed with anybody's own.
func TestSharedConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, siteConfig{pipes: true, users: 3, http: func(c *server.HTTPConfig) { c.Shared = []tokens.Handle{"handbook"} }})
		a, b := s.people[0], s.people[1]
		s.share(a, 0, true)
		s.share(b, 1, true)
		shared, err := tokens.Connection{Subject: a.conn.Subject, Handle: "handbook"}.Shared()
		if err != nil {
			t.Fatal(err)
		}
		owner := s.people[2] // whose token the organization's connection has
		s.share(owner, 2, true)
		s.broker.set(shared, owner.secret)
		// A connection of their own with the same name is not reached.
		own := tokens.Connection{Subject: a.conn.Subject, Handle: "handbook"}
		s.broker.set(own, a.secret)
		ask := func(m *member, claims, args map[string]any) string {
			args["query"] = "common own word"
			return s.send(request{token: s.bearer(m, claims), body: toolCall("search_notion", args)}).body
		}
		for _, m := range []*member{a, b} {
			if got := ask(m, nil, map[string]any{"connection": "handbook"}); !strings.Contains(got, word(2)) || strings.Contains(got, word(0)) || strings.Contains(got, word(1)) {
				t.Errorf("%s of the organization's: %s", m.conn.Subject.User, got)
			}
		}
		if got := ask(a, nil, map[string]any{}); !strings.Contains(got, word(0)) || strings.Contains(got, word(2)) {
			t.Errorf("one's own: %s", got)
		}
		if got := ask(b, nil, map[string]any{}); !strings.Contains(got, word(1)) || strings.Contains(got, word(2)) {
			t.Errorf("one's own: %s", got)
		}
		if n := s.folders(); n != 3 {
			t.Errorf("%d indexes on disk, want one for each person and one for the organization", n)
		}
		for name, claims := range map[string]map[string]any{"another organization": {"org_id": "other"}, "no organization": {"org_id": ""}} {
			if got := ask(a, claims, map[string]any{"connection": "handbook"}); strings.Contains(got, "quagga") {
				t.Errorf("a member of %s: %s", name, got)
			}
		}
	})
}

// The pages are behind the check of names too, and what they say is not kept.
func TestConnectPagesAreServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := notConnectedYet(t)
		r := s.send(request{method: http.MethodGet, path: "/connect?link=made-up"})
		if r.status != http.StatusGone || r.header.Get("Cache-Control") != "no-store" || r.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%d %v %s", r.status, r.header, r.body)
		}
		if r := s.send(request{method: http.MethodGet, path: "/connect?link=made-up", host: "evil.example"}); r.status != http.StatusForbidden {
			t.Errorf("by another name: %d", r.status)
		}
	})
}
