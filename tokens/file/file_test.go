package file_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/file"
	"github.com/mcp-notion/mcp-notion/tokens/tokentest"
)

type subject struct {
	Issuer       string            `json:"issuer"`
	Organization string            `json:"organization,omitempty"`
	User         string            `json:"user"`
	Connections  map[string]string `json:"connections"`
}

// secretsFile is a file that an operator edits.
type secretsFile struct {
	t    *testing.T
	path string

	mu       sync.Mutex
	mine     map[string]string
	subjects []subject
}

func (f *secretsFile) grant(c tokens.Connection, secret string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.write()
	if c.Subject.Issuer == auth.Local("").Issuer {
		f.mine[string(c.Handle)] = secret
		return
	}
	for _, s := range f.subjects {
		if s.User == c.Subject.User {
			s.Connections[string(c.Handle)] = secret
			return
		}
	}
	f.subjects = append(f.subjects, subject{c.Subject.Issuer, c.Subject.Organization, c.Subject.User, map[string]string{string(c.Handle): secret}})
}

// write replaces the file at once, as a good editor does.
func (f *secretsFile) write() {
	text, err := json.Marshal(map[string]any{"connections": f.mine, "subjects": f.subjects})
	if err != nil {
		panic(err)
	}
	put(f.t, f.path+".new", string(text))
	if err := os.Rename(f.path+".new", f.path); err != nil {
		f.t.Error(err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

func newHarness(t *testing.T, mine, yours tokens.Connection) tokentest.Harness {
	f := &secretsFile{t: t, path: filepath.Join(t.TempDir(), "connections.json"), mine: map[string]string{}}
	f.write()
	b, err := file.New(f.path)
	if err != nil {
		t.Fatal(err)
	}
	return tokentest.Harness{
		Broker:  b.Source(),
		Mine:    mine,
		Yours:   yours,
		Grant:   f.grant,
		Confuse: func() { put(t, f.path, `{"ntn_sEcret42": "ntn_sEcret42"}`) },
		Break:   func() { put(t, f.path, `{"connections": {"ntn_sEcret42": "ntn_sEcret42"}} ntn_sEcret42`) },
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	mine := tokens.Connection{Subject: auth.Subject{Issuer: "https://idp.example", Organization: "org_1", User: "user_1"}, Handle: "my-notion"}
	yours := mine
	yours.Subject.User = "user_2"
	tokentest.Contract(t, func(t *testing.T) tokentest.Harness { return newHarness(t, mine, yours) })
}

func TestContractOfOnePerson(t *testing.T) {
	t.Parallel()
	mine := tokens.Connection{Subject: auth.Local("me"), Handle: "my-notion"}
	tokentest.Contract(t, func(t *testing.T) tokentest.Harness {
		h := newHarness(t, mine, tokens.Connection{})
		h.Strangers = []tokens.Connection{
			{}, {Handle: "my-notion"}, {Subject: mine.Subject, Handle: "other"},
			{Subject: auth.Subject{Issuer: "https://idp.example", User: mine.Subject.User}, Handle: "my-notion"},
			{Subject: auth.Subject{Issuer: mine.Subject.Issuer, Organization: "org", User: mine.Subject.User}, Handle: "my-notion"},
		}
		return h
	})
}

func TestShared(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c.json")
	put(t, path, `{"subjects": [
		{"issuer": "https://idp.example", "organization": "org_1", "user": "user_1", "connections": {"b": "ntn_own"}},
		{"issuer": "https://idp.example", "organization": "org_1", "shared": true, "connections": {"a": "ntn_all"}}]}`)
	b, err := file.New(path)
	if err != nil {
		t.Fatal(err)
	}
	member := auth.Subject{Issuer: "https://idp.example", Organization: "org_1", User: "user_1"}
	own := tokens.Connection{Subject: member, Handle: "a"}
	shared, err := own.Shared()
	if err != nil {
		t.Fatal(err)
	}
	if tok, err := b.Token(t.Context(), shared); tok.Reveal() != "ntn_all" || err != nil {
		t.Errorf("shared: got %q, %v", tok.Reveal(), err)
	}
	for _, c := range []tokens.Connection{own, {Subject: auth.Subject{Issuer: member.Issuer, Organization: "org_1"}, Handle: "a"}} {
		if tok, err := b.Token(t.Context(), c); !errors.Is(err, tokens.ErrNotConnected) {
			t.Errorf("%+v: got %q, %v, want ErrNotConnected", c, tok.Reveal(), err)
		}
	}
	got, err := b.Connections(t.Context(), member)
	want := []tokens.Listed{{Connection: shared}, {Connection: tokens.Connection{Subject: member, Handle: "b"}}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(tokens.Connection{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	var unknown *tokens.UnknownError
	if _, err := b.Token(t.Context(), tokens.Connection{Subject: member, Handle: "c"}); !errors.As(err, &unknown) || err.Error() != `there is no connection "c": you have "a", "b"` {
		t.Errorf("another handle: %v", err)
	}
	if _, err := b.Token(t.Context(), tokens.Connection{Subject: auth.Subject{Issuer: member.Issuer, User: "user_3"}, Handle: "c"}); errors.As(err, &unknown) {
		t.Errorf("who has no connection is told of %v", err)
	}
	if got, _ := b.Connections(t.Context(), auth.Subject{Issuer: member.Issuer, Organization: "org_2", User: "user_1"}); got != nil {
		t.Errorf("another organization has %+v", got)
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	const secret = "ntn_sEcret"
	tests := []struct{ name, text, want string }{
		{"empty", ``, "not the JSON"},
		{"a list", `["ntn_sEcret"]`, "not the JSON"},
		{"a number", `{"connections": {"a": 5}}`, "not the JSON"},
		{"unknown field", `{"conections": {"a": "ntn_sEcret"}}`, "not the JSON"},
		{"secret as a field", `{"ntn_sEcret": {}}`, "not the JSON"},
		{"two documents", `{} {}`, "something follows"},
		{"swapped", `{"connections": {"ntn_sEcret": "a"}}`, "not a connection handle"},
		{"no token", `{"connections": {"a": ""}}`, "a has no token"},
		{"a line break", `{"connections": {"a": "ntn_sEcret\n"}}`, "a has no token"},
		{"no issuer", `{"subjects": [{"user": "u", "connections": {"a": "ntn_sEcret"}}]}`, "entry 1 of subjects: it needs the issuer"},
		{"local", `{"subjects": [{"issuer": "local", "user": "u", "connections": {"a": "ntn_sEcret"}}]}`, "needs the issuer"},
		{"nobody", `{"subjects": [{"issuer": "i", "connections": {"a": "ntn_sEcret"}}]}`, "names no user"},
		{"shared by a user", `{"subjects": [{"issuer": "i", "organization": "o", "user": "u", "shared": true}]}`, "names no user"},
		{"shared by none", `{"subjects": [{"issuer": "i", "shared": true}]}`, "belongs to an organization"},
		{"twice", `{"subjects": [{"issuer": "i", "user": "u", "connections": {"a": "ntn_sEcret"}}, {"issuer": "i", "user": "u", "connections": {"a": "ntn_sEcret2"}}]}`, "entry 2 of subjects: a is there twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "c.json")
			put(t, path, tt.text)
			_, err := file.New(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want an error with %q and no secret", err, tt.want)
			}
		})
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return
	}
	path := filepath.Join(t.TempDir(), "c.json")
	put(t, path, `{"connections": {"a": "ntn_x"}}`)
	b, err := file.New(path)
	if err != nil {
		t.Fatal(err)
	}
	mine := tokens.Connection{Subject: auth.Local("me"), Handle: "a"}
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o622: false, 0o644: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		tok, err := b.Token(t.Context(), mine)
		if (err == nil) != good || (tok.Reveal() == "ntn_x") != good {
			t.Errorf("mode %04o: got %q, %v, want good: %v", mode, tok.Reveal(), err, good)
		}
		if !good && !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v does not say what to do", mode, err)
		}
	}
	for _, bad := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, err := file.New(bad); err == nil {
			t.Errorf("New(%s) has no error", bad)
		}
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c.json")
	put(t, path, `{"connections": {"a": "ntn_x"}}`)
	b, err := file.New(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	tok, err := b.Token(t.Context(), tokens.Connection{Subject: auth.Local("me"), Handle: "a"})
	if tok.Reveal() != "" || err == nil || errors.Is(err, tokens.ErrNotConnected) {
		t.Errorf("got %q, %v, want an error that is no normal answer", tok.Reveal(), err)
	}
}
