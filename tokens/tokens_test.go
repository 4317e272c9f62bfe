package tokens_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func TestTokenNeverPrints(t *testing.T) {
	t.Parallel()
	const secret = "ntn_very_secret"
	tok := tokens.NewToken(secret, time.Time{})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", tok, "in", struct{ T tokens.Token }{tok})
	j, err := json.Marshal(map[string]any{"t": tok, "p": &tok})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{
		fmt.Sprint(tok), fmt.Sprintf("%v %+v %#v %s %q", tok, tok, tok, tok, tok),
		fmt.Sprintf("%+v", struct{ T tokens.Token }{tok}), fmt.Sprintf("%+v %#v", struct{ t tokens.Token }{tok}, struct{ t *tokens.Token }{&tok}), fmt.Sprintf("%v", &tok), string(j), log.String(),
	}
	for _, s := range shown {
		if strings.Contains(s, "very_secret") {
			t.Errorf("the secret shows in %q", s)
		}
	}
	if tok.Reveal() != secret {
		t.Error("Reveal does not reveal")
	}
}

func TestParseHandle(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"my-notion", "a", "0", "team-2"} {
		if h, err := tokens.ParseHandle(good); err != nil || string(h) != good {
			t.Errorf("ParseHandle(%q) = %q, %v", good, h, err)
		}
	}
	for _, bad := range []string{"", "My", "a_b", "-a", "a-", "a--b", "../x", "ä", strings.Repeat("a", 65)} {
		if _, err := tokens.ParseHandle(bad); err == nil {
			t.Errorf("ParseHandle(%q) is accepted", bad)
		}
	}
}

func TestConnectionKeys(t *testing.T) {
	t.Parallel()
	conns := []tokens.Connection{
		{},
		{Subject: auth.Local("ntn_a"), Handle: "my-notion"},
		{Subject: auth.Local("ntn_b"), Handle: "my-notion"},
		{Subject: auth.Local("ntn_a"), Handle: "other"},
		{Subject: auth.Subject{Issuer: "a", Organization: "b", User: "c"}, Handle: "h"},
		{Subject: auth.Subject{Issuer: "a", Organization: "", User: "bc"}, Handle: "h"},
		{Subject: auth.Subject{Issuer: "ab", Organization: "", User: "c"}, Handle: "h"},
		{Subject: auth.Subject{Issuer: "a", Organization: "b", User: ""}, Handle: "ch"},
	}
	seen := map[string]int{}
	for i, c := range conns {
		key := c.Key()
		if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
			t.Errorf("key %q is not 32 hexadecimal digits", key)
		}
		if j, ok := seen[key]; ok {
			t.Errorf("connections %d and %d share a key", i, j)
		}
		seen[key] = i
	}
	if got := fmt.Sprintf("%+v", conns[1]); strings.Contains(got, "ntn_a") {
		t.Errorf("the credential shows in %s", got)
	}
}
