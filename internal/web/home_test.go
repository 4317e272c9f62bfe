package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/web"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

const sessionName = "__Host-mcp-notion-session"

// pool is what stands behind the page of connections: what is known of each
// connection that stands.
type pool struct {
	mu        sync.Mutex
	standing  map[tokens.Connection]ingest.Coverage
	passages  map[tokens.Connection][]tools.FoundPassage
	fails     error // of every call
	refuses   string
	asked     []string // queries
	ended     []tokens.Connection
	purged    []tokens.Connection
	endFails  error
	purgeFail error
	callers   []auth.Subject
}

func (p *pool) call(ctx context.Context, conn tokens.Connection, tool string, args json.RawMessage) (tools.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who, _ := tokens.CallerFor(ctx, conn)
	p.callers = append(p.callers, who.Subject)
	c, ok := p.standing[conn]
	switch {
	case p.fails != nil:
		return tools.Answer{}, p.fails
	case !ok:
		return tools.Answer{}, tokens.ErrNotConnected
	case p.refuses != "":
		return tools.Answer{IsError: true, Text: p.refuses}, nil
	case tool == tools.Status:
		return answer(c)
	}
	var in tools.SearchIn
	if err := json.Unmarshal(args, &in); err != nil {
		return tools.Answer{}, err
	}
	if in.Query != "" {
		p.asked = append(p.asked, in.Query)
	}
	return answer(tools.SearchOut{Passages: p.passages[conn], Evidence: "strong", Coverage: tools.Coverage{Known: c.Known, Complete: c.Complete}})
}

func answer(v any) (tools.Answer, error) {
	raw, err := json.Marshal(v)
	return tools.Answer{Structured: raw}, err
}

func (p *pool) disconnect(_ context.Context, conn tokens.Connection) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.endFails != nil {
		return p.endFails
	}
	p.ended = append(p.ended, conn)
	delete(p.standing, conn)
	return nil
}

func (p *pool) purge(_ context.Context, conn tokens.Connection) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.purgeFail != nil {
		return p.purgeFail
	}
	p.purged = append(p.purged, conn)
	return nil
}

// homes is a world with the page of connections.
type homes struct {
	*world
	pool  *pool
	audit bytes.Buffer
	home  *web.HomeConfig
}

func newHomes(t *testing.T, change ...func(*web.HomeConfig)) *homes {
	t.Helper()
	h := &homes{pool: &pool{standing: map[tokens.Connection]ingest.Coverage{}, passages: map[tokens.Connection][]tools.FoundPassage{}}}
	h.home = &web.HomeConfig{Call: h.pool.call, Purge: h.pool.purge, Disconnect: h.pool.disconnect, Audit: audit.New(&h.audit, nil)}
	for _, c := range change {
		c(h.home)
	}
	h.world = newWorld(t, h.home)
	return h
}

// enter signs somebody in, from the page of connections and back to it.
func (h *homes) enter(user authtest.User) {
	h.t.Helper()
	h.idp.SetUser(user)
	h.want(h.signIn(base+"/connect/sign-in"), http.StatusSeeOther, "/connect")
	if h.cookies[sessionName] == "" {
		h.t.Fatal("no session")
	}
}

func (h *homes) body(address string) string {
	h.t.Helper()
	return read(h.t, h.get(address))
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var formField = regexp.MustCompile(`name="form" value="([^"]+)"`)

// form is what the forms of the session carry.
func (h *homes) form() string {
	h.t.Helper()
	m := formField.FindStringSubmatch(h.body(base + "/connect"))
	if m == nil {
		h.t.Fatal("the page has no form")
	}
	return html.UnescapeString(m[1])
}

// post sends a form as the browser does, with what is given changed.
func (h *homes) post(path string, fields url.Values, headers ...string) *http.Response {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", base)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(r)
}

func (h *homes) contains(page string, all ...string) {
	h.t.Helper()
	for _, want := range all {
		if !strings.Contains(page, want) {
			h.t.Errorf("no %q in %s", want, page)
		}
	}
}

func (h *homes) lacks(page string, all ...string) {
	h.t.Helper()
	for _, not := range all {
		if strings.Contains(page, not) {
			h.t.Errorf("%q is in %s", not, page)
		}
	}
}

var ada = authtest.User{ID: "user_1", Organization: "org_1"}

func of(user, handle string) tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: issuer, Organization: "org_1", User: user}, Handle: tokens.Handle(handle)}
}

func read40() ingest.Coverage {
	return ingest.Coverage{Known: 40, Complete: 40, AsOf: time.Now()}
}

func TestStatesOfAConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set   func(*pool)
		want  []string
		lacks []string
	}{
		"never connected": {func(*pool) {}, []string{"Not connected", "Connect Notion"}, []string{"Disconnect", "<progress", `role="search"`}},
		"asking": {func(p *pool) { p.standing[mine()] = ingest.Coverage{Phase: ingest.Listing} },
			[]string{"Connected", "Asking Notion", `data-busy="true"`}, []string{"No page is shared"}},
		"reading": {func(p *pool) {
			p.standing[mine()] = ingest.Coverage{Phase: ingest.Filling, Known: 40, Complete: 11, Failed: 1, Partial: 6, Listed: 22, AskAgain: 170}
		},
			[]string{"12 of 40 pages, 6 more in part; about 3 minutes left", `max="80" value="30"`, `data-busy="true"`, "By title only", "/connect/disconnect?connection=my-notion"}, []string{"Not connected"}},
		"read": {func(p *pool) { p.standing[mine()] = read40() },
			[]string{"40 pages can be searched", `data-busy="false"`, `role="search"`, "add this connection"}, []string{"<progress"}},
		"nothing shared": {func(p *pool) { p.standing[mine()] = ingest.Coverage{AsOf: time.Now()} },
			[]string{"No page is shared", "add this connection"}, []string{"<details"}},
		"skipped and failed": {func(p *pool) {
			c := read40()
			c.Complete, c.Failed = 39, 1
			c.Skipped = []ingest.Skipped{{Type: "ai_block", Reason: "Notion does not hand it out", Count: 3}}
			c.Problems = []ingest.Problem{{Page: "p", Title: "Broken <b>", Reason: "Notion fails"}}
			p.standing[mine()] = c
		},
			[]string{"3 &times; ai_block: Notion does not hand it out", "Broken &lt;b&gt;: Notion fails", "39 of 40 pages can be searched, and 1 cannot be read"}, []string{"<b>"}},
		"to be authorized again": {func(p *pool) { p.fails = tokens.ErrNeedsReauthorization },
			[]string{"Needs to be connected again", "Reconnect Notion"}, []string{"<progress", `role="search"`}},
		"not to be found out": {func(p *pool) { p.fails = errors.New("secret detail of broker.example") },
			[]string{"Not known just now", "Try again"}, []string{"secret detail", "broker.example", "Disconnect"}},
		"too often": {func(p *pool) { p.standing[mine()] = read40(); p.refuses = "That was too much <at> once." },
			[]string{"That was too much &lt;at&gt; once."}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHomes(t)
			tt.set(h.pool)
			h.enter(ada)
			for _, address := range []string{base + "/connect", base + "/connect/state"} {
				got := h.body(address)
				want := tt.want
				if strings.HasSuffix(address, "state") {
					want = slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s == `role="search"` })
				}
				h.contains(got, want...)
				h.lacks(got, tt.lacks...)
			}
			for _, who := range h.pool.callers {
				if who != mine().Subject {
					t.Errorf("asked on behalf of %+v", who)
				}
			}
		})
	}
}

func TestWithoutASessionNothingIsShown(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	good := func() string { h.enter(ada); return h.cookies[sessionName] }()
	for name, cookie := range map[string]string{
		"none": "", "made up": strings.Repeat("A", 80), "cut": good[:len(good)-1], "longer": good + "A",
		"another purpose": strings.TrimPrefix(h.link(mine()), base+"/connect?link="),
	} {
		delete(h.cookies, sessionName)
		if cookie != "" {
			h.cookies[sessionName] = cookie
		}
		got := h.body(base + "/connect")
		h.contains(got, "Sign in")
		h.lacks(got, "40 pages", "user_1", "Disconnect")
		if r := h.get(base + "/connect/state"); r.StatusCode != http.StatusUnauthorized || read(t, r) != "" {
			t.Errorf("%s: state: %d", name, r.StatusCode)
		}
		for _, path := range []string{"/connect/start?connection=my-notion", "/connect/disconnect?connection=my-notion"} {
			if r := h.get(base + path); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/connect" {
				t.Errorf("%s: %s: %d %s", name, path, r.StatusCode, r.Header.Get("Location"))
			}
		}
	}
	h.cookies[sessionName] = good
	h.contains(h.body(base+"/connect"), "40 pages")
	h.now = h.now.Add(8*time.Hour + time.Second)
	h.lacks(h.body(base+"/connect"), "40 pages")
	if len(h.broker.asked) != 0 {
		t.Errorf("the broker was asked for %+v", h.broker.asked)
	}
}

func TestSignOutEndsTheSessionForGood(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	h.enter(ada)
	kept, form := h.cookies[sessionName], h.form()
	if r := h.post("/connect/sign-out", url.Values{"form": {form}}); r.StatusCode != http.StatusSeeOther || h.cookies[sessionName] != "" {
		t.Errorf("sign out: %d, cookies %v", r.StatusCode, h.cookies)
	}
	h.cookies[sessionName] = kept // by somebody who has copied it
	h.lacks(h.body(base+"/connect"), "40 pages")
}

// Another site can make a browser send forms, and can neither read pages nor
// guess what a form carries.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[mine()] = read40()
	h.enter(ada)
	form := h.form()
	other := newHomes(t)
	other.enter(ada)
	for name, tt := range map[string]struct {
		form    []string
		headers []string
	}{
		"another site":          {[]string{form}, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}},
		"a site beside us":      {[]string{form}, []string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.com"}},
		"an older browser":      {[]string{form}, []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}},
		"no token":              {nil, nil},
		"an empty token":        {[]string{""}, nil},
		"a token of others":     {[]string{other.form()}, nil},
		"a token made up":       {[]string{"abc"}, nil},
		"as another type":       {nil, []string{"Content-Type", "text/plain"}},
		"a token in its header": {nil, []string{"X-Form", form}},
	} {
		for _, path := range []string{"/connect/disconnect", "/connect/search", "/connect/sign-out"} {
			r := h.post(path, url.Values{"form": tt.form, "connection": {"my-notion"}, "query": {"x"}}, tt.headers...)
			if r.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s: %d %s", name, path, r.StatusCode, read(t, r))
			}
		}
	}
	for _, path := range []string{"/connect/disconnect", "/connect/search", "/connect/sign-out"} { // a token in an address
		if r := h.post(path+"?connection=my-notion&form="+url.QueryEscape(form), nil); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: a token in the address: %d", path, r.StatusCode)
		}
	}
	if len(h.pool.ended)+len(h.pool.purged)+len(h.pool.asked) != 0 || h.cookies[sessionName] == "" {
		t.Errorf("something was done: %+v", h.pool)
	}
}

func TestTwoUsersSeeTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHomes(t)
	h.pool.standing[of("user_1", "my-notion")] = ingest.Coverage{Known: 41, Complete: 41, AsOf: time.Now()}
	h.pool.standing[of("user_2", "my-notion")] = ingest.Coverage{Known: 77, Complete: 77, AsOf: time.Now()}
	h.pool.passages[of("user_1", "my-notion")] = []tools.FoundPassage{{Title: "Zebra plan", Text: "zebra"}}
	h.enter(authtest.User{ID: "user_2", Organization: "org_1"})
	theirs := h.form()
	got := h.body(base + "/connect?subject=user_1&user=user_1&connection=my-notion")
	h.contains(got, "77 pages")
	h.lacks(got, "41 pages", "Zebra")
	r := h.post("/connect/search", url.Values{"form": {theirs}, "connection": {"my-notion"}, "query": {"zebra"}, "user": {"user_1"}})
	h.lacks(read(t, r), "Zebra plan", "41 page")
	h.enter(ada)
	h.contains(h.body(base+"/connect"), "41 pages", "Zebra plan")
	if r := h.post("/connect/disconnect", url.Values{"form": {theirs}, "connection": {"my-notion"}}); r.StatusCode != http.StatusForbidden {
		t.Errorf("a form of an earlier session: %d", r.StatusCode)
	}
	if len(h.pool.ended) != 0 {
		t.Errorf("ended: %+v", h.pool.ended)
	}
}
