package audit_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

var (
	ada  = auth.Subject{Issuer: "https://login.example.com", Organization: "org_1", User: "ada"}
	bo   = auth.Subject{Issuer: "https://login.example.com", Organization: "org_1", User: "bo"}
	when = time.Date(2026, 11, 20, 9, 0, 0, 123_456_789, time.UTC)
)

func TestOneLineForEachEntry(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	conn := tokens.Connection{Subject: ada, Handle: tokens.DefaultHandle}
	trail := audit.New(&out, nil).For(conn)
	trail.Record(t.Context(), audit.Entry{Time: when, Action: audit.Comment, Target: "p1", Outcome: audit.Deferred, Write: "w1"})
	want := `{"time":"2026-11-20T09:00:00.123Z","connection":"` + conn.Key() + `","subject":"` + audit.Subject(ada) + `","action":"comment","target":"p1","outcome":"deferred","write_id":"w1"}` + "\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
	for _, name := range []string{"ada", "org_1", "login.example", string(tokens.DefaultHandle)} {
		if strings.Contains(out.String(), name) {
			t.Errorf("%q is in clear", name)
		}
	}
}

// Of a connection that an organization shares, the entry names who acted.
func TestSubjectIsWhoActs(t *testing.T) {
	t.Parallel()
	shared, err := tokens.Connection{Subject: ada, Handle: "wiki"}.Shared()
	if err != nil {
		t.Fatal(err)
	}
	trail := audit.New(nil, nil).For(shared)
	ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: bo})
	if got := trail.Subject(ctx); got != audit.Subject(bo) || got == audit.Subject(ada) {
		t.Errorf("%s", got)
	}
	stranger := tokens.WithCaller(t.Context(), tokens.Caller{Subject: auth.Subject{Issuer: "x", Organization: "org_2", User: "eve"}})
	if got := trail.Subject(stranger); got != audit.Subject(shared.Subject) {
		t.Errorf("somebody else's name is taken: %s", got)
	}
	var none *audit.Trail
	none.Record(ctx, audit.Entry{})
	if none.Subject(ctx) != "" || (*audit.Log)(nil).For(shared) != nil {
		t.Error("no audit is not none")
	}
}

func TestWithoutAFileTheLogHasIt(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	audit.New(nil, slog.New(slog.NewJSONHandler(&out, nil))).Record(audit.Entry{Time: when, Action: audit.Page, Outcome: audit.Done, Target: "p1"})
	for _, want := range []string{`"msg":"audit"`, `"action":"page"`, `"target":"p1"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestLostEntryIsSaid(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	audit.New(full{}, slog.New(slog.NewTextHandler(&out, nil))).Record(audit.Entry{Action: audit.Page, Outcome: audit.Done})
	if !strings.Contains(out.String(), "an entry is lost") || !strings.Contains(out.String(), "no space left") {
		t.Errorf("%s", out.String())
	}
}

func TestLinesStayWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := audit.New(&out, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { l.Record(audit.Entry{Action: audit.Comment, Target: strings.Repeat("x", 500)}) })
	}
	wg.Wait()
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}\n") {
			t.Errorf("%q", line)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 50 {
		t.Errorf("%d lines", n)
	}
}
