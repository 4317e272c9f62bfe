package workos_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// grantEvent is a webhook about an account of the provider notion.
func grantEvent(name, user, organization string) []byte {
	data := map[string]any{"object": "connected_account", "id": "data_installation_01ABC", "provider_slug": "notion", "user_id": nil, "organization_id": nil}
	if user != "" {
		data["user_id"] = user
	}
	if organization != "" {
		data["organization_id"] = organization
	}
	body, err := json.Marshal(map[string]any{"id": "event_1", "event": name, "data": data, "created_at": "2026-11-20T00:00:00.000Z"})
	if err != nil {
		panic(err)
	}
	return body
}

func TestNotice(t *testing.T) {
	t.Parallel()
	shared, err := connection("org_1", "", "handbook").Shared()
	if err != nil {
		t.Fatal(err)
	}
	further, err := connection("org_1", "", "handbook-01abc").Shared()
	if err != nil {
		t.Fatal(err)
	}
	_, several := world(t, func(c *workos.Config) {
		c.Multiple = true
		c.Connections = map[tokens.Handle]workos.Target{
			"my-notion": {}, "handbook": {Shared: true}, "wiki": {Slug: "notion-wiki"}, "one": {Account: "data_installation_other"},
		}
	})
	_, plain := world(t, nil)
	const pipes = "pipes.connected_account."
	for _, tt := range []struct {
		name   string
		broker *workos.Broker
		body   []byte
		want   tokens.Notice
	}{
		{"connected", plain, grantEvent(pipes+"connected", "user_1", "org_1"), tokens.Notice{Outcome: tokens.Granted, Connections: []tokens.Connection{mine}}},
		{"disconnected", plain, grantEvent(pipes+"disconnected", "user_1", "org_1"), tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{mine}}},
		{"reauthorization", plain, grantEvent(pipes+"reauthorization_needed", "user_1", ""), tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{connection("", "user_1", "my-notion")}}},
		{"failed", plain, grantEvent(pipes+"connection_failed", "user_2", "org_1"), tokens.Notice{Outcome: tokens.Refused, Connections: []tokens.Connection{yours}}},
		{"one of several accounts", several, grantEvent(pipes+"connected", "user_1", "org_1"), tokens.Notice{Outcome: tokens.Granted, Connections: []tokens.Connection{mine, connection("org_1", "user_1", "my-notion-01abc")}}},
		{"of an organization", several, grantEvent(pipes+"disconnected", "", "org_1"), tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{shared, further}}},
		{"of an organization, where none is shared", plain, grantEvent(pipes+"disconnected", "", "org_1"), tokens.Notice{Outcome: tokens.Ended}},
		{"another provider", plain, []byte(strings.Replace(string(grantEvent(pipes+"connected", "user_1", "org_1")), `"notion"`, `"github"`, 1)), tokens.Notice{Outcome: tokens.Granted}},
		{"of nobody", plain, grantEvent(pipes+"connected", "", ""), tokens.Notice{Outcome: tokens.Granted}},
		{"something else", plain, grantEvent("user.created", "user_1", "org_1"), tokens.Notice{}},
	} {
		tt.want.Event = "event_1"
		got, err := tt.broker.Notice(tt.body)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(tokens.Connection{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.name, err, diff)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"id":"e"}`, `{"event":"` + pipes + `connected","data":{}}`, `{"id":"e","event":"` + pipes + `connected","data":"sk_secret"}`, `{"id":"e","event":"` + pipes + `connected"}`} {
		if n, err := plain.Notice([]byte(body)); err == nil || strings.Contains(err.Error(), "sk_secret") {
			t.Errorf("%s: %+v, %v; want an error that does not repeat it", body, n, err)
		}
	}
}

func FuzzNotice(f *testing.F) {
	f.Add(grantEvent("pipes.connected_account.connected", "user_1", "org_1"))
	f.Add(grantEvent("pipes.connected_account.connection_failed", "", "org_1"))
	b, err := workos.New(workos.Config{APIKey: tokens.NewToken(apiKey, time.Time{}), Issuer: issuer, Multiple: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := b.Notice(body)
		if err != nil {
			return
		}
		for _, c := range n.Connections {
			if c.Subject.Issuer != issuer || c.Subject.User == "" && !c.IsShared() {
				t.Errorf("it names somebody whom nobody vouches for: %+v", c)
			}
			if _, err := tokens.ParseHandle(string(c.Handle)); err != nil {
				t.Error(err)
			}
		}
	})
}

// What the fake sends, the receiver takes and the Broker understands.
func TestNoticesOfTheFake(t *testing.T) {
	t.Parallel()
	f, b := world(t, nil)
	got := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !webhook.WorkOS(r.Header, body, auth.NewSecret("whsec_test"), time.Now()) {
			t.Errorf("not signed: %v", err)
		}
		n, err := b.Notice(body)
		if err != nil || len(n.Connections) != 1 || n.Connections[0] != mine {
			t.Errorf("%s: %+v, %v", body, n, err)
		}
		got <- fmt.Sprint(n.Outcome)
	}))
	t.Cleanup(srv.Close)
	f.AddWebhook(srv.URL, "whsec_test")
	next := func(want tokens.Outcome) {
		t.Helper()
		select {
		case o := <-got:
			if o != string(want) {
				t.Errorf("%s, want %s", o, want)
			}
		case <-time.After(2 * time.Minute):
			t.Errorf("no %s came", want)
		}
	}
	f.Connect(account(mine, "ntn_a"))
	next(tokens.Granted)
	f.SetState("user_1", "org_1", fake.NeedsReauthorization)
	next(tokens.Ended)
	f.Connect(account(mine, "ntn_b"))
	next(tokens.Granted)
	if err := b.Disconnect(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	next(tokens.Ended)
}
