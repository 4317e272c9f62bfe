package tokens_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

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

// TestKeysAreStable holds the names of folders that exist on people's disks.
func TestKeysAreStable(t *testing.T) {
	t.Parallel()
	personal := tokens.Connection{Subject: auth.Subject{Issuer: "https://idp.example", Organization: "org_1", User: "user_1"}, Handle: "my-notion"}
	shared, err := personal.Shared()
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]tokens.Connection{
		"9b1a9b5b77d220ffa745837fb6983b3c": {Subject: auth.Local("ntn_a"), Handle: "my-notion"},
		"a391b57bf2182c9d0831b7b2fb39a771": personal,
		"d710ef933fb2f5b8fe12c1bb8becb590": shared,
	} {
		if got := c.Key(); got != want {
			t.Errorf("%+v: got %s, want %s", c, got, want)
		}
	}
}

// TestConnectionKeys makes all connections of a few names that could be cut
// differently, and shows that no two have the same key.
func TestConnectionKeys(t *testing.T) {
	t.Parallel()
	names := []string{"", "a", "b", "ab", "1:a", "0:", "shared", "mcp-notion shared connection"}
	seen := map[string]tokens.Connection{}
	add := func(c tokens.Connection) {
		key := c.Key()
		if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
			t.Fatalf("key %q is not 32 hexadecimal digits", key)
		}
		if other, ok := seen[key]; ok && other != c {
			t.Errorf("%+v and %+v share a key", c, other)
		}
		seen[key] = c
	}
	distinct := map[tokens.Connection]bool{}
	for i := range len(names) * len(names) * len(names) * len(names) {
		at := func(n int) string { return names[i/n%len(names)] }
		c := tokens.Connection{Subject: auth.Subject{Issuer: at(1), Organization: at(8), User: at(64)}, Handle: tokens.Handle(at(512))}
		add(c)
		distinct[c] = true
		shared, err := c.Shared()
		if (err == nil) != (c.Subject.Organization != "") {
			t.Errorf("%+v: Shared gives %v", c, err)
		}
		if err == nil {
			add(shared)
			distinct[shared] = true
		}
	}
	if len(seen) != len(distinct) {
		t.Errorf("%d connections have %d keys", len(distinct), len(seen))
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	c := tokens.Connection{Subject: auth.Subject{Issuer: "i", Organization: "o", User: "u"}, Handle: "h"}
	shared, err := c.Shared()
	if err != nil || !shared.IsShared() || c.IsShared() {
		t.Fatalf("got %+v, %v", shared, err)
	}
	colleague := c
	colleague.Subject.User = "u2"
	if other, err := colleague.Shared(); err != nil || other != shared {
		t.Errorf("two members share %+v and %+v, %v", shared, other, err)
	}
	byHand := tokens.Connection{Subject: auth.Subject{Issuer: "i", Organization: "o"}, Handle: "h"}
	if byHand == shared || byHand.Key() == shared.Key() || byHand.IsShared() {
		t.Error("a Subject without a name passes for the organization")
	}
	if got, err := (tokens.Connection{Subject: auth.Local("x"), Handle: "h"}).Shared(); err == nil {
		t.Errorf("a Subject of no organization shares %+v", got)
	}
}

func TestCheckOwner(t *testing.T) {
	t.Parallel()
	own := tokens.Connection{Subject: auth.Subject{Issuer: "i", Organization: "o", User: "u"}, Handle: "h"}
	shared, err := own.Shared()
	if err != nil {
		t.Fatal(err)
	}
	nobody := own
	nobody.Subject.User = ""
	tests := []struct {
		c      tokens.Connection
		issuer string
		shared bool
		good   bool
	}{
		{own, "i", false, true},
		{shared, "i", true, true},
		{own, "i", true, false},
		{shared, "i", false, false},
		{own, "j", false, false},
		{shared, "j", true, false},
		{own, "", false, false},
		{nobody, "i", false, false},
		{nobody, "i", true, false},
		{tokens.Connection{}, "", false, false},
	}
	for _, tt := range tests {
		if err := tt.c.CheckOwner(tt.issuer, tt.shared); (err == nil) != tt.good {
			t.Errorf("%+v of issuer %q, shared %v: got %v, want good: %v", tt.c, tt.issuer, tt.shared, err, tt.good)
		}
	}
}

func TestCallerFor(t *testing.T) {
	t.Parallel()
	own := tokens.Connection{Subject: auth.Subject{Issuer: "i", Organization: "o", User: "u"}, Handle: "h"}
	shared, err := own.Shared()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		who  auth.Subject
		may  []tokens.Connection
		name string
	}{
		{own.Subject, []tokens.Connection{own, shared}, "owner"},
		{auth.Subject{Issuer: "i", Organization: "o", User: "v"}, []tokens.Connection{shared}, "colleague"},
		{auth.Subject{Issuer: "j", Organization: "o", User: "u"}, nil, "another issuer"},
		{auth.Subject{Issuer: "i", Organization: "p", User: "u"}, nil, "another organization"},
		{auth.Subject{Issuer: "i", Organization: "o"}, nil, "nobody"},
	}
	for _, tt := range tests {
		ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: tt.who})
		for _, c := range []tokens.Connection{own, shared} {
			if _, ok := tokens.CallerFor(ctx, c); ok != slices.Contains(tt.may, c) {
				t.Errorf("%s: %+v: got %v", tt.name, c, ok)
			}
		}
	}
	if _, ok := tokens.CallerFor(t.Context(), own); ok {
		t.Error("a context without a caller has one")
	}
}

func TestConnectionHidesTheCredential(t *testing.T) {
	t.Parallel()
	c := tokens.Connection{Subject: auth.Local("ntn_a"), Handle: "my-notion"}
	if got := fmt.Sprintf("%+v", c); strings.Contains(got, "ntn_a") {
		t.Errorf("the credential shows in %s", got)
	}
}
