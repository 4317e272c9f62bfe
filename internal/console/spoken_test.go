package console

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/tools"
)

// ours matches what only models are meant to read: tags around quotations,
// anchors of blocks, and the names of tools and arguments.
var ours = regexp.MustCompile(`</?quoted>|\{#|#[0-9a-f]{32}\b[^)\s]|[a-z]+_(notion|page|comment|writes|database|citations|tokens|after|of)\b|read_page`)

// Each tool that a server offers has a command, and each argument its words.
func TestSpokenKnowsAllTools(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.Names(tools.Options{}) {
		if got := Spoken(tool, "Call "+tool+" again."); !strings.Contains(got, "`mcp-notion ") {
			t.Errorf("%s has no command: %s", tool, got)
		}
		for _, name := range tools.Arguments(tool) {
			if got := Spoken(tool, `"`+name+`" is wrong.`); strings.ContainsAny(got, `"_`) {
				t.Errorf("%s of %s has no words: %s", name, tool, got)
			}
		}
	}
}

func TestSpoken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ tool, said, want string }{
		{tools.ReadPage, `The page has no headings. Call read_page without "section".`, "The page has no headings. Call `mcp-notion read` without --section."},
		{tools.ReadPage, "3 more parts have these words; raise `max_tokens`, or use more words.", "3 more parts have these words; raise --max-tokens, or use more words."},
		{tools.ReadPage, `Nothing is called "max\_tokens \<b>" exactly.`, `Nothing is called "max_tokens <b>" exactly.`},
		{tools.QueryDatabase, `"Status" has no option "Opn". Did you mean "Open"?`, `"Status" has no option "Opn". Did you mean "Open"?`},
		{tools.QueryDatabase, "To go on, call query_database with the same arguments and cursor abc", "To go on, run `mcp-notion query` with the same flags and --cursor abc"},
		{tools.AppendComment, `search_notion needs "text"`, "`mcp-notion search` needs the text"},
	} {
		if got := Spoken(tt.tool, tt.said); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.said, got, tt.want)
		}
	}
	const cell = "<quoted>\n| search_notion | \"where\" |\n</quoted>\nThere are more rows."
	if got := spokenAround(tools.QueryDatabase, cell); got != "| search_notion | \"where\" |\nThere are more rows." {
		t.Errorf("text of a page: %q", got)
	}
}

// People get no word that is meant for models, whatever they ask, and what they
// have to know to go on in words of the command line.
func TestPeopleReadNoMarkup(t *testing.T) {
	t.Parallel()
	c := sampled(t)
	answer := filepath.Join(t.TempDir(), "answer.md")
	text := `It says "Approval by silence does not exist at all." [x](https://app.notion.com/p/a6e85052ff9f81fc9c1eb0307c903af8)`
	if err := os.WriteFile(answer, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	small, large, one := 300, 99, 1
	search := func(cfg SearchConfig) func(Terminal) error {
		return func(x Terminal) error { cfg.Config = c; return Search(t.Context(), cfg, x) }
	}
	read := func(cfg ReadConfig) func(Terminal) error {
		return func(x Terminal) error { cfg.Config = c; return Read(t.Context(), cfg, x) }
	}
	query := func(cfg QueryConfig) func(Terminal) error {
		return func(x Terminal) error { cfg.Config = c; return Query(t.Context(), cfg, x) }
	}
	check := func(x Terminal) error { return Check(t.Context(), CheckConfig{Config: c, File: answer}, nil, x) }
	for name, tt := range map[string]struct {
		do    func(Terminal) error
		code  int
		wants []string
	}{
		"search":             {search(SearchConfig{Question: "who approves a purchase order"}), 0, []string{"Evidence: strong;", "Expense approval limits"}},
		"search for nothing": {search(SearchConfig{Question: "zanzibar gorilla approves"}), 0, []string{"Evidence: none;", "--also"}},
		"search misspelt":    {search(SearchConfig{Question: "aproval of a purchse"}), 0, []string{`No page has "purchse": searched for "purchase".`}},
		"search wrongly":     {search(SearchConfig{Question: "x", Limit: &large}), exitUsage, []string{"--limit must be", "--help"}},
		"read in parts":      {read(ReadConfig{Page: "Expense approval limits", MaxTokens: &small}), 0, []string{"Company Handbook", "as it is in Notion now", "mcp-notion read --cursor "}},
		"read a table":       {read(ReadConfig{Page: "Vendors"}), 0, []string{"- Gaugeline"}},
		"find nothing":       {read(ReadConfig{Page: "Expense approval limits", Find: "zanzibar"}), 0, []string{"without --find"}},
		"read nothing":       {read(ReadConfig{Page: "99999999999999999999999999999999"}), exitFailure, []string{"`mcp-notion search` finds what is shared"}},
		"check":              {check, exitFailure, []string{"0 of 1 citation proven", "stands there: Approval", "Mend or drop"}},
		"query":              {query(QueryConfig{Database: "Vendors", Limit: &one}), 0, []string{"`mcp-notion query` with the same flags and --cursor "}},
		"query wrongly":      {query(QueryConfig{Database: "Vendors", Where: []string{"Nix is 3"}}), exitUsage, []string{`no property "Nix"`}},
	} {
		s := newScreen(t)
		if code := Report(s.Terminal, tt.do(s.Terminal)); code != tt.code {
			t.Errorf("%s: status %d, want %d", name, code, tt.code)
		}
		all := s.out.String() + s.err.String()
		if found := ours.FindString(all); found != "" {
			t.Errorf("%s: %q is shown:\n%s", name, found, all)
		}
		for _, want := range tt.wants {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in\n%s", name, want, all)
			}
		}
	}
}

// sampled is for commands on the sample workspace, which has been mirrored.
func sampled(t *testing.T) Config {
	t.Helper()
	w, err := emulator.Load(sample.FS())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		NotionURL: listening(t, emulator.New(w, emulator.Config{})), Data: filepath.Join(t.TempDir(), "data"), PerMinute: -1, Getenv: environment(),
	}
	if err := Sync(t.Context(), SyncConfig{Config: c}, newScreen(t).Terminal); err != nil {
		t.Fatal(err)
	}
	return c
}
