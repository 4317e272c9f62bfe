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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/emulator/hook"
)

// listener takes webhooks.
type listener struct {
	t      *testing.T
	mu     sync.Mutex
	token  string
	busy   int // how many are refused to begin with
	events []event
}

type event struct {
	ID, Timestamp string
	Type          string
	Attempt       int    `json:"attempt_number"`
	Workspace     string `json:"workspace_id"`
	Entity        struct{ ID, Type string }
	Readers       []struct{ ID, Type string } `json:"accessible_by"`
	Data          struct {
		Parent struct{ ID, Type string }
	}
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		l.t.Error(err)
	}
	var said struct {
		Token string `json:"verification_token"`
		event
	}
	if err := json.Unmarshal(body, &said); err != nil {
		l.t.Errorf("%s: %v", body, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case said.Token != "":
		l.token = said.Token
	case r.Header.Get("X-Notion-Signature") != hook.Sign(l.token, body):
		l.t.Errorf("the signature is not of the body: %s", body)
	case l.busy > 0:
		l.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		l.events = append(l.events, said.event)
	}
}

// got returns how often each type came for each object, when nothing comes any
// more.
func (l *listener) got() map[string]int {
	time.Sleep(time.Hour)
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[string]int{}
	for _, e := range l.events {
		counts[e.Type+" "+e.Entity.ID]++
	}
	return counts
}

// listenerURL is where the listener is, for a Server that is led to it.
const listenerURL = "http://listener.test/"

func webhookWorld(l *listener) (*emulator.Server, map[string]string) {
	l.t.Helper()
	w, err := emulator.Load(fstest.MapFS{
		"a.md": {Data: []byte("# A\n\nText.\n")}, "a/b.md": {Data: []byte("# B\n\nText.\n")}, "c.md": {Data: []byte("# C\n\nText.\n")},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	s := emulator.New(w, emulator.Config{HTTP: &http.Client{Transport: emulatortest.InProcess(l)}, Tokens: []emulator.Token{
		{Secret: "ntn_all", Name: "all"}, {Secret: "ntn_c", Name: "c", Roots: []string{"c.md"}},
	}})
	ids := map[string]string{}
	for _, p := range s.Pages() {
		ids[p.Path] = p.ID
	}
	return s, ids
}

func TestWebhookHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{t: t}
		s, ids := webhookWorld(l)
		if err := s.Subscribe(t.Context(), listenerURL); err != nil || l.token == "" {
			t.Fatalf("%v, token %q", err, l.token)
		}
		if err := s.Edit("a/b.md", "# B\n\nBefore.\n"); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify("secret_of_somebody_else"); err == nil {
			t.Error("verified with another token")
		}
		if err := s.Verify(l.token); err != nil {
			t.Fatal(err)
		}
		if err := s.Edit("c.md", "# C\n\nAfter.\n"); err != nil {
			t.Fatal(err)
		}
		// What was edited before the verification would come before this, or with it.
		if diff := cmp.Diff(map[string]int{"page.content_updated " + ids["c.md"]: 1}, l.got()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWebhookEvents(t *testing.T) {
	t.Parallel()
	const changed, created, deleted, shared = "page.content_updated ", "page.created ", "page.deleted ", "page.permissions_updated "
	for _, tt := range []struct {
		name string
		do   func(*emulator.Server) error
		want func(ids map[string]string) []string
	}{
		{"several edits are one", func(s *emulator.Server) error {
			return cmpOr(s.Edit("c.md", "# C\n\n1\n"), s.Edit("c.md", "# C\n\n2\n"), s.Rename("c.md", "D"))
		}, func(ids map[string]string) []string { return []string{changed + ids["c.md"]} }},
		{"add", func(s *emulator.Server) error { return s.AddPage("a/new.md", "# New\n") },
			func(ids map[string]string) []string {
				return []string{created + ids["a/new.md"], changed + ids["a.md"]}
			}},
		{"trash", func(s *emulator.Server) error { return s.Trash("a/b.md") },
			func(ids map[string]string) []string { return []string{deleted + ids["a/b.md"], changed + ids["a.md"]} }},
		{"delete", func(s *emulator.Server) error { return s.Delete("c.md") },
			func(ids map[string]string) []string { return []string{deleted + ids["c.md"]} }},
		{"properties", func(s *emulator.Server) error {
			id := s.Pages()[0].ID
			req := httptest.NewRequest("PATCH", "/v1/pages/"+id, strings.NewReader(`{"properties":{"title":[{"text":{"content":"New"}}]}}`))
			req.Header.Set("Authorization", "Bearer ntn_all")
			req.Header.Set("Notion-Version", "2026-03-11")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)
			if w.Code != http.StatusOK {
				return fmt.Errorf("%d %s", w.Code, w.Body)
			}
			return nil
		}, func(ids map[string]string) []string { return []string{"page.properties_updated " + ids["a.md"]} }},
		{"move", func(s *emulator.Server) error { return s.Move("c.md", "a.md") }, func(ids map[string]string) []string {
			return []string{"page.moved " + ids["c.md"], shared + ids["c.md"], changed + ids["c.md"], changed + ids["a.md"]}
		}},
		{"share", func(s *emulator.Server) error { return s.Share("ntn_c", "a/b.md") },
			func(ids map[string]string) []string { return []string{shared + ids["a/b.md"]} }},
		{"unshare", func(s *emulator.Server) error { return s.Unshare("ntn_c", "c.md") },
			func(ids map[string]string) []string { return []string{shared + ids["c.md"]} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &listener{t: t, token: "secret_known"}
				s, ids := webhookWorld(l)
				s.Send(listenerURL, l.token)
				if err := tt.do(s); err != nil {
					t.Fatal(err)
				}
				for _, p := range s.Pages() {
					ids[p.Path] = p.ID
				}
				want := map[string]int{}
				for _, e := range tt.want(ids) {
					want[e]++
				}
				if diff := cmp.Diff(want, l.got()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Whoever has just lost a page is not among those who are said to see it.
func TestWebhookOfAnUnshare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{t: t, token: "secret_known"}
		s, ids := webhookWorld(l)
		s.Send(listenerURL, l.token)
		if err := s.Unshare("ntn_all", "a/b.md"); err == nil {
			t.Error("a page was taken that is shared by the one above it")
		}
		if err := s.Unshare("ntn_c", "c.md"); err != nil {
			t.Fatal(err)
		}
		if l.got(); len(l.events) != 1 {
			t.Fatalf("%+v", l.events)
		}
		if e := l.events[0]; e.Type != "page.permissions_updated" || e.Entity.ID != ids["c.md"] || e.Entity.Type != "page" || len(e.Readers) != 1 {
			t.Errorf("%+v", e)
		}
	})
}

// An event names the bots that see its object, and comes again, with the same
// id, where nobody took it.
func TestWebhookReadersAndRepetition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{t: t, token: "secret_known", busy: 1}
		s, ids := webhookWorld(l)
		s.Send(listenerURL, l.token)
		if err := s.Edit("a.md", "# A\n\nOther.\n"); err != nil {
			t.Fatal(err)
		}
		l.got()
		if err := s.Edit("c.md", "# C\n\nOther.\n"); err != nil {
			t.Fatal(err)
		}
		if l.got(); len(l.events) != 2 {
			t.Fatalf("%+v", l.events)
		}
		first, second := l.events[0], l.events[1]
		if first.Attempt != 2 || second.Attempt != 1 || first.ID == second.ID || first.Entity.ID != ids["a.md"] {
			t.Errorf("%+v\n%+v", first, second)
		}
		if len(first.Readers) != 1 || len(second.Readers) != 2 || second.Data.Parent.Type != "space" || second.Data.Parent.ID != second.Workspace {
			t.Errorf("%+v\n%+v", first, second)
		}
	})
}
