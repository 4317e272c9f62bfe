package nango_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/nango"
)

// authEvent is a webhook about a connection of the integration notion.
func authEvent(operation, success, tags string) []byte {
	return []byte(`{"from":"nango","type":"auth","operation":"` + operation + `","connectionId":"00000000-0000-4000-8000-000000000001","authMode":"OAUTH2",
		"providerConfigKey":"notion","provider":"notion","environment":"PROD","success":` + success + `,"tags":` + tags + `}`)
}

func TestNotice(t *testing.T) {
	t.Parallel()
	b, err := nango.New(nango.Config{
		APIKey: tokens.NewToken("key", time.Time{}), Issuer: issuer,
		Connections: map[tokens.Handle]nango.Target{"my-notion": {}, "handbook": {Shared: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var one, other tokens.Connection
	one.Subject.Issuer, one.Subject.Organization, one.Subject.User, one.Handle = issuer, "org_1", "user_1", "my-notion"
	other.Subject.Issuer, other.Subject.Organization, other.Handle = issuer, "org_1", "handbook"
	if other, err = other.Shared(); err != nil {
		t.Fatal(err)
	}
	const own, shared = `{"end_user_id":"user_1","organization_id":"org_1"}`, `{"organization_id":"org_1","mcp_notion_handle":"handbook","mcp_notion_shared":"true"}`
	for _, tt := range []struct {
		name string
		body []byte
		want tokens.Notice
	}{
		{"creation", authEvent("creation", "true", own), tokens.Notice{Outcome: tokens.Granted, Connections: []tokens.Connection{one}}},
		{"override", authEvent("override", "true", own), tokens.Notice{Outcome: tokens.Granted, Connections: []tokens.Connection{one}}},
		{"creation that failed", authEvent("creation", "false", own), tokens.Notice{Outcome: tokens.Refused, Connections: []tokens.Connection{one}}},
		{"refresh that failed", authEvent("refresh", "false", own), tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{one}}},
		{"something new", authEvent("deletion", "true", own), tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{one}}},
		{"of an organization", authEvent("creation", "true", shared), tokens.Notice{Outcome: tokens.Granted, Connections: []tokens.Connection{other}}},
		{"of nobody", authEvent("creation", "true", `{}`), tokens.Notice{Outcome: tokens.Granted}},
		{"of a person who is an organization", authEvent("creation", "true", `{"end_user_id":"user_1","organization_id":"org_1","mcp_notion_handle":"handbook","mcp_notion_shared":"true"}`), tokens.Notice{Outcome: tokens.Granted}},
		{"with a handle that is none", authEvent("creation", "true", `{"end_user_id":"user_1","mcp_notion_handle":"../x"}`), tokens.Notice{Outcome: tokens.Granted}},
		{"one's own, of what is shared", authEvent("creation", "true", `{"end_user_id":"user_1","mcp_notion_handle":"handbook"}`), tokens.Notice{Outcome: tokens.Granted}},
		{"another integration", []byte(strings.Replace(string(authEvent("creation", "true", own)), `"providerConfigKey":"notion"`, `"providerConfigKey":"github"`, 1)), tokens.Notice{Outcome: tokens.Granted}},
		{"something else", []byte(`{"type":"sync","connectionId":"x"}`), tokens.Notice{}},
	} {
		got, err := b.Notice(tt.body)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(tokens.Connection{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.name, err, diff)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"type":1,"x":"sk_secret"}`, "sk_secret"} {
		if n, err := b.Notice([]byte(body)); err == nil || strings.Contains(err.Error(), "sk_secret") {
			t.Errorf("%s: %+v, %v; want an error that does not repeat it", body, n, err)
		}
	}
}

func FuzzNotice(f *testing.F) {
	f.Add(authEvent("creation", "true", `{"end_user_id":"user_1","organization_id":"org_1"}`))
	f.Add(authEvent("refresh", "false", `{"organization_id":"org_1","mcp_notion_handle":"handbook","mcp_notion_shared":"true"}`))
	b, err := nango.New(nango.Config{APIKey: tokens.NewToken("key", time.Time{}), Issuer: issuer, Connections: map[tokens.Handle]nango.Target{"my-notion": {}, "handbook": {Shared: true}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := b.Notice(body)
		if err != nil {
			return
		}
		for _, c := range n.Connections {
			if c.Subject.Issuer != issuer || c.Subject.User == "" && !c.IsShared() || c.Subject.User != "" && c.IsShared() {
				t.Errorf("it names somebody whom nobody vouches for: %+v", c)
			}
		}
	})
}
