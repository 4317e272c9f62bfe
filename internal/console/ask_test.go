package console

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/tools"
)

// An answer that rests on nothing is an error, in every form, and says why.
func TestSearchThatRestsOnNothing(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	nothing := tools.Answer{Structured: json.RawMessage(`{"passages":[],"coverage":{"known":0,"ready":false}}`)}
	for name, tt := range map[string]struct{ url, want string }{
		"out of reach": {"http://127.0.0.1:1", "Notion cannot be reached: nothing listens at 127.0.0.1:1"},
		"in reach":     {url, "nothing has been read from Notion so far"},
	} {
		for _, form := range []Form{FormPretty, FormText, FormJSON} {
			s := newScreen(t)
			cfg := SearchConfig{Config: Config{NotionURL: tt.url}, Question: "who approves", Form: form}
			if code := Report(s.Terminal, cfg.show(t.Context(), nothing, s.Terminal)); code != exitFailure {
				t.Errorf("%s %q: code %d, want %d", name, form, code, exitFailure)
			}
			if got := s.err.String(); !strings.Contains(got, "error: "+tt.want) || !strings.Contains(got, "hint: ") {
				t.Errorf("%s %q: stderr has %q", name, form, got)
			}
			if got := s.out.String(); got != "" {
				t.Errorf("%s %q: stdout has %q", name, form, got)
			}
		}
	}
}

// Where nothing is shared, Notion has answered: that is no failure.
func TestSearchOfNothingShared(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	a := tools.Answer{Structured: json.RawMessage(`{"passages":[],"coverage":{"known":0,"state":"settled","statement":"No page is shared with this connection yet.","ready":true}}`)}
	if err := (SearchConfig{Question: "x"}).show(t.Context(), a, s.Terminal); err != nil {
		t.Error(err)
	}
	if got := s.out.String(); !strings.HasPrefix(got, "Nothing found.") || !strings.Contains(got, "No page is shared") {
		t.Errorf("got %q", got)
	}
	if got := s.err.String(); !strings.Contains(got, "Connections") {
		t.Errorf("it is not said how to share: %q", got)
	}
}
