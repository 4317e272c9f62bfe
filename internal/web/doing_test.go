package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

func TestConnectFromThePage(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.enter(ada)
	h.want(base+"/connect/start?connection=my-notion", http.StatusSeeOther, page)
	if len(h.broker.asked) != 1 || h.broker.asked[0] != mine() || h.broker.caller[0] != mine().Subject {
		t.Fatalf("the broker was asked for %+v by %+v", h.broker.asked, h.broker.caller)
	}
	h.want(base+"/connect/done", http.StatusOK, "not connected yet") // nothing was granted
	h.want(base+"/connect/start?connection=my-notion", http.StatusSeeOther, page)
	h.broker.granted = true
	r := h.get(base + "/connect/done")
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/connect" || len(h.broker.forgot) != 2 {
		t.Errorf("back from the broker: %d %s, forgot %v", r.StatusCode, r.Header.Get("Location"), h.broker.forgot)
	}
	if n := strings.Count(h.audit.String(), `"action":"connect"`); n != 1 || !strings.Contains(h.audit.String(), `"outcome":"done"`) {
		t.Errorf("audit: %s", h.audit.String())
	}
	for _, bad := range []string{"", "Not%20A%20Handle", "../x"} {
		h.want(base+"/connect/start?connection="+bad, http.StatusBadRequest, "no such connection")
	}
}

// A link in an answer needs no second sign-in of somebody who has signed in.
func TestLinksInASession(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.enter(ada)
	h.want(h.link(mine()), http.StatusSeeOther, page)
	h.want(h.link(of("user_2", "my-notion")), http.StatusSeeOther, issuer+"/authorize?") // as somebody else
	if len(h.broker.asked) != 1 {
		t.Errorf("the broker was asked for %+v", h.broker.asked)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	h.enter(ada)
	h.contains(h.body(base+"/connect/disconnect?connection=my-notion"), "Disconnect Notion?", "deleted from this server at once", `method="post"`)
	if len(h.pool.ended)+len(h.pool.purged) != 0 {
		t.Fatalf("ended by asking: %+v", h.pool.ended)
	}
	form := h.form()
	r := h.post("/connect/disconnect", url.Values{"form": {form}, "connection": {"my-notion"}})
	to := r.Header.Get("Location")
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/connect?notice=") {
		t.Fatalf("%d %s", r.StatusCode, to)
	}
	if len(h.pool.ended) != 1 || h.pool.ended[0] != mine() || len(h.pool.purged) != 1 || h.pool.purged[0] != mine() {
		t.Errorf("ended %v, purged %v", h.pool.ended, h.pool.purged)
	}
	h.contains(h.body(base+to), "Notion is disconnected.", "deleted from this server", "Not connected")
	h.contains(h.audit.String(), `"action":"disconnect"`, `"outcome":"done"`)
	h.lacks(h.audit.String(), "user_1", "my-notion")
	h.enter(ada) // a notice is for the session in which it was done
	h.lacks(h.body(base+to), "is disconnected.")
}

func TestDisconnectThatFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set    func(*pool)
		status int
		want   string
		purged int
	}{
		"the broker": {func(p *pool) { p.endFails = errors.New("secret detail") }, http.StatusServiceUnavailable, "nothing was deleted", 0},
		"the index":  {func(p *pool) { p.purgeFail = errors.New("secret detail") }, http.StatusInternalServerError, "could not be deleted just now", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHomes(t)
			h.pool.standing[mine()] = read40()
			tt.set(h.pool)
			h.enter(ada)
			r := h.post("/connect/disconnect", url.Values{"form": {h.form()}, "connection": {"my-notion"}})
			got := read(t, r)
			if r.StatusCode != tt.status || len(h.pool.purged) != tt.purged {
				t.Errorf("%d, purged %v", r.StatusCode, h.pool.purged)
			}
			h.contains(got, tt.want)
			h.lacks(got, "secret detail")
			h.contains(h.audit.String(), `"outcome":"unclear"`)
		})
	}
}

// What an organization shares is shown to its members, and ended by none of
// them here.
func TestSharedConnections(t *testing.T) {
	t.Parallel()
	h := newHomes(t, func(c *web.HomeConfig) { c.Shared = []tokens.Handle{"wiki"} })
	shared, err := of("user_1", "wiki").Shared()
	if err != nil {
		t.Fatal(err)
	}
	h.pool.standing[shared] = read40()
	h.enter(authtest.User{ID: "user_2", Organization: "org_1"})
	got := h.body(base + "/connect")
	h.contains(got, "Notion of your organization: wiki", "40 pages", "Shared by everybody", "How to disconnect")
	h.contains(h.body(base+"/connect/disconnect?connection=wiki"), "belongs to your organization")
	r := h.post("/connect/disconnect", url.Values{"form": {h.form()}, "connection": {"wiki"}})
	if r.StatusCode != http.StatusBadRequest || len(h.pool.ended)+len(h.pool.purged) != 0 {
		t.Errorf("a member has ended it: %d %v", r.StatusCode, h.pool.ended)
	}
	for _, stranger := range []authtest.User{{ID: "user_3", Organization: "org_2"}, {ID: "user_3"}} {
		h.enter(stranger)
		h.lacks(h.body(base+"/connect"), "40 pages")
	}
}

func TestBrokersThatCannotDisconnect(t *testing.T) {
	t.Parallel()
	h := newHomes(t, func(c *web.HomeConfig) { c.Disconnect = nil })
	h.pool.standing[mine()] = read40()
	h.enter(ada)
	h.contains(h.body(base+"/connect"), "How to disconnect")
	h.contains(h.body(base+"/connect/disconnect?connection=my-notion"), "where it was made")
	if r := h.post("/connect/disconnect", url.Values{"form": {h.form()}, "connection": {"my-notion"}}); r.StatusCode != http.StatusBadRequest || len(h.pool.purged) != 0 {
		t.Errorf("%d, purged %v", r.StatusCode, h.pool.purged)
	}
}

func TestConnectionsThatTheBrokerKnows(t *testing.T) {
	t.Parallel()
	further, foreign := of("user_1", "my-notion-2"), of("user_2", "secret-one")
	h := newHomes(t, func(c *web.HomeConfig) {
		c.List = func(_ context.Context, who auth.Subject) ([]tokens.Listed, error) {
			if who != mine().Subject {
				t.Errorf("listed for %+v", who)
			}
			return []tokens.Listed{{Connection: further, Label: "Acme <Sales>"}, {Connection: foreign, Label: "Not yours"}, {Connection: mine(), Label: "Acme"}}, nil
		}
	})
	h.pool.standing[mine()], h.pool.standing[further], h.pool.standing[foreign] = read40(), read40(), read40()
	h.enter(ada)
	got := h.body(base + "/connect")
	h.contains(got, ">Acme</h2>", "Acme &lt;Sales&gt;", `<option value="my-notion-2">`)
	h.lacks(got, "Not yours", "secret-one", "<Sales>")
	if strings.Count(got, "<section") != 3 || strings.Index(got, ">Acme</h2>") > strings.Index(got, "Acme &lt;Sales&gt;</h2>") {
		t.Errorf("the cards: %s", got)
	}
}

// Each request of a page may ask the broker, which all users share: nobody may
// make it be asked without end, and nobody's limit is another's.
func TestNobodyAsksTheBrokerWithoutEnd(t *testing.T) {
	t.Parallel()
	listed, left := 0, map[string]int{"user_1": 5, "user_2": 5}
	h := newHomes(t, func(c *web.HomeConfig) {
		c.List = func(context.Context, auth.Subject) ([]tokens.Listed, error) { listed++; return nil, nil }
		c.Enter = func(who auth.Subject) func() {
			if left[who.User]--; left[who.User] < 0 {
				return nil
			}
			return func() {}
		}
	})
	h.enter(ada)
	for range 10 {
		h.get(base + "/connect/state")
		h.get(base + "/connect/start?connection=my-notion")
	}
	if n := listed + len(h.broker.asked); n != 5 {
		t.Errorf("the broker was asked %d times", n)
	}
	h.want(base+"/connect/state", http.StatusTooManyRequests, "too much at once")
	h.enter(authtest.User{ID: "user_2", Organization: "org_1"})
	if r := h.get(base + "/connect/state"); r.StatusCode != http.StatusOK {
		t.Errorf("one's limit is the other's: %d", r.StatusCode)
	}
}

// What comes from Notion is text, and links lead to Notion alone.
func TestForeignTextIsText(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	h.pool.passages[mine()] = []tools.FoundPassage{
		{Title: evil, Text: evil, Path: []markdown.Text{evil}, Headings: []markdown.Text{evil}, URL: "javascript:alert(1)", LastEdited: evil},
		{Title: "Elsewhere", Text: "x", URL: "https://evil.example/notion.com"},
		{Title: "Alike", Text: "x", URL: "https://evilnotion.com/p"},
		{Title: "Data", Text: "x", URL: "data:text/html,<script>alert(1)</script>"},
		{Title: "User", Text: "x", URL: "https://notion.so@evil.example/"},
		{Title: "Real", Text: "x", URL: "https://app.notion.com/p/0123#abc", LastEdited: "2026-11-20T10:00:00Z"},
	}
	h.enter(ada)
	searched := read(t, h.post("/connect/search", url.Values{"form": {h.form()}, "connection": {"my-notion"}, "query": {evil}}))
	for _, got := range []string{h.body(base + "/connect"), h.body(base + "/connect/state"), searched} {
		h.contains(got, "&lt;script&gt;", `<a href="https://app.notion.com/p/0123#abc"`, "20 November 2026")
		h.lacks(got, "<script>", "<img src=x", "javascript:", "evil.example", "evilnotion", "data:text", "style=", "onerror=\"")
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	h.pool.passages[mine()] = []tools.FoundPassage{{Title: "Refunds", Text: "within 30 days", URL: "https://app.notion.com/p/1#2", Headings: []markdown.Text{"Rules"}}}
	h.enter(ada)
	form := h.form()
	ask := func(query string) string {
		return read(t, h.post("/connect/search", url.Values{"form": {form}, "connection": {"my-notion"}, "query": {query}}))
	}
	h.contains(ask(" refund period "), "within 30 days", "Rules", "Evidence: strong; in tests", `value="refund period"`)
	h.contains(ask("  "), "Type a question first")
	h.contains(ask(strings.Repeat("a", 501)), "too long")
	if len(h.pool.asked) != 1 || h.pool.asked[0] != "refund period" {
		t.Errorf("asked %q", h.pool.asked)
	}
	h.pool.fails = tokens.ErrNeedsReauthorization
	h.lacks(ask("refund"), "within 30 days")
	h.pool.fails = nil
	h.lacks(h.log.String(), "refund", "user_1", "within 30 days")
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.enter(ada)
	got := h.body(base + "/connect")
	for _, name := range []string{"connect.css", "connect.js", "icon.svg"} {
		at := strings.Index(got, name+`"`)
		path := got[strings.LastIndexByte(got[:at], '"')+1:at] + name
		r := h.fetch(path)
		if r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || len(read(t, r)) < 100 {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/connect/static/000000000000/connect.css", "/connect/static/x/connect.go", "/connect/static/x/..%2f..%2fconnect.go", "/connect/nothing"} {
		if r := h.fetch(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}
