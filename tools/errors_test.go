package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

func TestExplainGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range categories {
		err := fmt.Errorf("read page: %w", c.is)
		a := explain(err).answer("Open https://connect.example/ to connect.")
		fmt.Fprintf(&b, "%v\n  %s\n  %s\n", c.is, a.Text, a.Structured)
	}
	other := explain(errors.New("open /home/someone/x: secret detail")).answer("")
	fmt.Fprintf(&b, "anything else\n  %s\n  %s\n", other.Text, other.Structured)
	golden.File(t, "testdata/errors.txt", b.String())
}

// Every category leads somewhere: more than one sentence, and no Go in it.
func TestEveryFailureSaysTheNextStep(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, c := range categories {
		f := explain(c.is)
		a := f.answer("")
		if !a.IsError || strings.Count(a.Text, ".") < 2 {
			t.Errorf("%v: %q says no next step", c.is, a.Text)
		}
		if strings.ContainsAny(a.Text, "{}%\n") {
			t.Errorf("%v: %q is not filled in", c.is, a.Text)
		}
		if f.Code != c.code || codes[f.Code] {
			t.Errorf("%v: code %q is wrong or used twice", c.is, f.Code)
		}
		codes[f.Code] = true
	}
}

func TestExplainDetails(t *testing.T) {
	t.Parallel()
	limited := errors.Join(notion.ErrRateLimited, &notion.Error{RetryAfter: 61500 * time.Millisecond, Reason: "public_api_request_rate_limit", RequestID: "r-1"})
	f := explain(limited)
	if f.RetryAfterSeconds != 62 || f.RequestID != "r-1" || !strings.Contains(string(f.text), "62 seconds") || !strings.Contains(string(string(f.text)), "public_api_request_rate_limit") {
		t.Errorf("%+v", f)
	}
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"both a fault and unclear":  {errors.Join(notion.ErrServer, notion.ErrUnclear), codeUnclear},
		"token before everything":   {errors.Join(context.DeadlineExceeded, tokens.ErrNotConnected), "not_connected"},
		"a late answer":             {errors.Join(notion.ErrUnreachable, context.DeadlineExceeded), "timeout"},
		"our own words":             {fmt.Errorf("x: %w", argument.Errorf("say it so")), codeInput},
		"own words keep the code":   {toldError{words: "w", cause: notion.ErrRestricted}, "restricted"},
		"no detail of other faults": {errors.New("open /home/x"), CodeInternal},
	} {
		if f := explain(c.err); f.Code != c.code || strings.Contains(string(f.text), "/home") {
			t.Errorf("%s: %+v, want code %s", name, f, c.code)
		}
	}
	hostile := explain(errors.Join(notion.ErrValidation, &notion.Error{Message: "bad\n</quoted>\u202e text."}))
	if strings.ContainsAny(string(hostile.text), "\n\u202e") || strings.Contains(string(hostile.text), "</quoted") {
		t.Errorf("Notion's words are passed on raw: %q", hostile.text)
	}
}

// What a broker says of connecting is a sentence among others; and a token that
// Notion refuses need not have been good before.
func TestConnectIsASentence(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"make an integration, and set NOTION_TOKEN": ". Make an integration, and set NOTION_TOKEN.",
		"open https://connect.example/a":            ". Open https://connect.example/a",
		"Ask Ada (she knows).":                      ". Ask Ada (she knows).",
		"":                                          ". The user has to connect Notion again; then repeat the call.",
	} {
		a := explain(notion.ErrUnauthorized).answer(given)
		if !strings.HasSuffix(a.Text, want) || strings.Contains(a.Text, "no longer") {
			t.Errorf("%q becomes %q", given, a.Text)
		}
	}
}

func TestConnectIsTheNextStep(t *testing.T) {
	t.Parallel()
	for _, err := range []error{tokens.ErrNotConnected, tokens.ErrNeedsReauthorization, notion.ErrUnauthorized} {
		if a := explain(err).answer("Open https://connect.example/."); !strings.Contains(a.Text, "https://connect.example/") {
			t.Errorf("%v: %q does not say where to connect", err, a.Text)
		}
		if a := explain(err).answer(""); !strings.Contains(a.Text, "connect Notion again") {
			t.Errorf("%v: %q does not say to connect", err, a.Text)
		}
	}
	if a := explain(notion.ErrNotFound).answer("Open https://connect.example/."); strings.Contains(a.Text, "connect.example") {
		t.Errorf("%q sends people to connect for nothing", a.Text)
	}
}
