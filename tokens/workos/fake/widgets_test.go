package fake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const version = "WorkOS-Widgets-Version: 1"

// widgetOf returns the header with which a user's widget asks.
func widgetOf(t *testing.T, s *fake.Server, user string) string {
	t.Helper()
	answer := read(t, ask(t, s, http.MethodPost, "/widgets/token", map[string]any{"user_id": user}, asApp), http.StatusCreated)
	return "Authorization: Bearer " + answer["token"].(string)
}

// installation is the account that the widget shows, or nil.
func installation(t *testing.T, s *fake.Server, widget string) map[string]any {
	t.Helper()
	list := read(t, ask(t, s, http.MethodGet, "/_widgets/DataIntegrations/mine", nil, widget, version), http.StatusOK)["data"].([]any)
	if len(list) != 1 {
		t.Fatalf("%d providers, want 1", len(list))
	}
	got, _ := list[0].(map[string]any)["installation"].(map[string]any)
	return got
}

// startConnecting returns the way to the provider's consent, and what proves
// that the widget began it.
func startConnecting(t *testing.T, s *fake.Server, widget string) (path, handoff string) {
	t.Helper()
	answer := read(t, ask(t, s, http.MethodPost, "/_widgets/DataIntegrations/notion/authorize", map[string]bool{"requireHandoff": true}, widget, version), http.StatusOK)
	u, err := url.Parse(answer["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(u.Path, "/authorize-redirect"), answer["handoffToken"].(string)
}

func TestWidgetConnects(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.Grants(func(fake.Account) string { return "ntn_ada" })
	widget := widgetOf(t, s, "user_ada")
	if got := installation(t, s, widget); got != nil {
		t.Fatalf("at first there is %v, want nothing", got)
	}
	path, handoff := startConnecting(t, s, widget)
	read(t, ask(t, s, http.MethodGet, path+"/authorize-redirect", nil), http.StatusOK)
	read(t, ask(t, s, http.MethodPost, path+"/consent", url.Values{"answer": {"allow"}}), http.StatusBadRequest)
	read(t, ask(t, s, http.MethodPost, path+"/handoff", url.Values{"handoff": {"a guess"}}), http.StatusBadRequest)
	if got := installation(t, s, widget); got != nil {
		t.Fatalf("without the handoff there is %v, want nothing", got)
	}
	read(t, ask(t, s, http.MethodPost, path+"/handoff", url.Values{"handoff": {handoff}}), http.StatusOK)
	page := read(t, ask(t, s, http.MethodPost, path+"/consent", url.Values{"answer": {"allow"}}), http.StatusOK)["page"].(string)
	if !strings.Contains(page, "Notion is connected") {
		t.Errorf("the page says %q", page)
	}
	if got := installation(t, s, widget)["state"]; got != fake.Connected {
		t.Errorf("state = %v, want %s", got, fake.Connected)
	}
	read(t, ask(t, s, http.MethodPost, path+"/consent", url.Values{"answer": {"allow"}}), http.StatusBadRequest)
	token := read(t, ask(t, s, http.MethodPost, "/data-integrations/notion/token", map[string]string{"user_id": "user_ada"}, asApp), http.StatusOK)
	if got := token["access_token"].(map[string]any)["access_token"]; got != "ntn_ada" {
		t.Errorf("the token is %v, want ntn_ada", got)
	}
	s.SetState("user_ada", "", fake.NeedsReauthorization)
	if got := installation(t, s, widget)["state"]; got != fake.NeedsReauthorization {
		t.Errorf("state = %v, want %s", got, fake.NeedsReauthorization)
	}
}

func TestConsentDenied(t *testing.T) {
	t.Parallel()
	s := newServer()
	widget := widgetOf(t, s, "user_ada")
	path, handoff := startConnecting(t, s, widget)
	read(t, ask(t, s, http.MethodPost, path+"/handoff", url.Values{"handoff": {handoff}}), http.StatusOK)
	read(t, ask(t, s, http.MethodPost, path+"/consent", url.Values{"answer": {"deny"}}), http.StatusBadRequest)
	read(t, ask(t, s, http.MethodPost, path+"/consent", url.Values{"answer": {"allow"}}), http.StatusBadRequest)
	if got := installation(t, s, widget); got != nil {
		t.Errorf("there is %v, want nothing", got)
	}
}

func TestWidgetIsOfOneUser(t *testing.T) {
	t.Parallel()
	s := newServer()
	id := s.Connect(fake.Account{User: "user_ada", Secret: "ntn_ada"})
	ada, bob := widgetOf(t, s, "user_ada"), widgetOf(t, s, "user_bob")
	if got := installation(t, s, bob); got != nil {
		t.Errorf("another's widget shows %v, want nothing", got)
	}
	remove := "/_widgets/DataIntegrations/installations/" + id
	read(t, ask(t, s, http.MethodDelete, remove, nil, bob, version), http.StatusNotFound)
	if got := installation(t, s, ada)["id"]; got != id {
		t.Errorf("another's widget deleted it: %v is left", got)
	}
	read(t, ask(t, s, http.MethodDelete, remove, nil, ada, version), http.StatusOK)
	if got := installation(t, s, ada); got != nil {
		t.Errorf("after deleting there is %v, want nothing", got)
	}
}

func TestWidgetTokensEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		widget := widgetOf(t, s, "user_ada")
		mine := "/_widgets/DataIntegrations/mine"
		for _, wrong := range []string{asApp, "Authorization: Bearer a.b.c"} {
			read(t, ask(t, s, http.MethodGet, mine, nil, wrong, version), http.StatusUnauthorized)
		}
		read(t, ask(t, s, http.MethodGet, mine, nil, widget), http.StatusBadRequest)
		time.Sleep(time.Hour)
		read(t, ask(t, s, http.MethodGet, mine, nil, widget, version), http.StatusOK)
		time.Sleep(time.Second)
		read(t, ask(t, s, http.MethodGet, mine, nil, widget, version), http.StatusForbidden)
	})
}

func TestOnlyAllowedOriginsShowWidgets(t *testing.T) {
	t.Parallel()
	s := newServer()
	for origin, want := range map[string]string{app: app, "https://elsewhere.example": ""} {
		for _, method := range []string{http.MethodOptions, http.MethodGet} {
			r := ask(t, s, method, "/_widgets/settings", nil, widgetOf(t, s, "user_ada"), version, "Origin: "+origin)
			if got := r.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s from %s: allowed %q, want %q", method, origin, got, want)
			}
		}
	}
}
