package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestRepository holds the table against the repository itself.
func TestRepository(t *testing.T) {
	t.Parallel()
	all, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all, func(s source) bool { return s.name == "notion/doc.go" }) {
		t.Fatalf("read %d files, but not notion/doc.go: the walk begins at the wrong place", len(all))
	}
	for _, breach := range check(all) {
		t.Error(breach)
	}
}

// TestBreaches shows that every rule can fail: each case is one file that
// breaks one rule.
func TestBreaches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, text, want string
	}{
		{"upward", "index/a.go", own("retrieval"), "index/a.go imports retrieval: index may import [internal/markdown notion internal/passage tokens index/internal/... internal/unify internal/guard internal/disk]"},
		{"sideways", "internal/auth/a.go", own("tokens"), "internal/auth/a.go imports tokens: internal/auth may import [internal/auth/internal/...]"},
		{"leaf", "internal/passage/a.go", own("index"), "internal/passage/a.go imports index"},
		{"skipping", "prompts/a.go", own("tools"), "prompts/a.go imports tools"},
		{"a broker is for the edge", "tools/a.go", own("tokens/env"), "tools/a.go imports tokens/env"},
		{"emulator in the product", "internal/ingest/a.go", own("emulator"), "internal/ingest/a.go imports emulator"},
		{"part of the emulator", "emulator/md/a.go", own("internal/passage"), "emulator/md/a.go imports internal/passage"},
		{"cmd is the top", "server/a.go", own("cmd/mcp-notion"), "server/a.go imports cmd/mcp-notion"},
		{"cmd in the product", "evals/a.go", own("cmd/mcp-notion"), "evals/a.go imports cmd/mcp-notion"},
		{"cmd only calls", "cmd/mcp-notion/main.go", own("index"), "cmd/mcp-notion/main.go imports index"},
		{"the module's root", "notion/a.go", "package a\nimport _ \"" + module + "\"", "notion/a.go imports .: notion may import [internal/echo internal/pace]"},
		{"behind a build tag", "internal/auth/a.go", "//go:build plan9\n\n" + own("index"), "internal/auth/a.go imports index"},
		{"bleve", "retrieval/a.go", foreign("github.com/blevesearch/bleve/v2/search"), "only [index index/internal/...] may"},
		{"parts of bleve", "internal/passage/a.go", foreign("github.com/blevesearch/vellum"), "only [index index/internal/...] may"},
		{"the SDK", "internal/ingest/a.go", foreign("github.com/mark3labs/mcp-go/mcp"), "only [tools prompts server evals/ask] may"},
		{"the SDK in evals", "evals/a.go", foreign("github.com/mark3labs/mcp-go/client"), "only [tools prompts server evals/ask] may"},
		{"notion is bare", "notion/a.go", foreign("golang.org/x/time/rate"), "notion needs the standard library alone"},
		{"go", "notion/a.go", "package a\nfunc f() { go f() }", "notion/a.go starts a goroutine with go"},
		{"a wait group", "server/a.go", "package a\nimport \"sync\"\ntype t struct{ sync.WaitGroup }", "server/a.go starts a goroutine with sync.WaitGroup"},
		{"unescaped", "internal/passage/a.go", escaping("markdown.Text(s)"), "internal/passage/a.go makes a markdown.Text of a string"},
		{"unescaped, in brackets", "tools/a.go", escaping("(markdown.Text)((s))"), "tools/a.go makes a markdown.Text of a string"},
		{"unescaped, put together", "tools/a.go", escaping("markdown.Text(\"a\" + s)"), "tools/a.go makes a markdown.Text of a string"},
		{"unescaped, by another name", "prompts/a.go", strings.Replace(escaping("m.Text(s)"), "import ", "import m ", 1), "prompts/a.go makes a markdown.Text of a string"},
		{"unescaped, without a name", "internal/web/a.go", strings.Replace(escaping("Text(s)"), "import ", "import . ", 1), "internal/web/a.go makes a markdown.Text of a string"},
		{"unescaped, by a type", "internal/console/a.go", escaping("s") + "type t = markdown.Text\n", "internal/console/a.go makes a markdown.Text of a string"},
		{"unescaped, as if it was kept", "tools/a.go", escaping("markdown.Kept(s)"), "tools/a.go takes a string for a markdown.Text: only index may"},
		{"unescaped, as if it was kept, later", "internal/console/a.go", escaping("markdown.Kept"), "internal/console/a.go takes a string for a markdown.Text"},
		{"what a broker can do", "internal/web/a.go", "package a\nfunc f(b any) { _, _ = b.(tokens.Lister) }", "internal/web/a.go looks at the type of a token broker"},
		{"what a broker can do, in words of one's own", "server/a.go", "package a\nfunc f() { _, _ = c.cfg.Broker.(interface{ Forget() }) }", "server/a.go looks at the type of a token broker"},
		{"what a broker can do, by cases", "tokens/a.go", "package a\nfunc f() { switch c.broker.(type) {} }", "tokens/a.go looks at the type of a token broker"},
		{"a timer", "index/a.go", "package a\nimport \"time\"\nvar t = time.AfterFunc(1, nil)", "index/a.go starts a goroutine with time.AfterFunc"},
		{"init", "tools/a.go", "package a\nfunc init() {}", "tools/a.go declares func init"},
		{"init in a test", "tools/a_test.go", "package a\nfunc init() {}", "tools/a_test.go declares func init"},
		{"unlisted", "stuff/a.go", "package a", "package stuff has no line"},
		{"unlisted, tests alone", "stuff/a_test.go", "package a", "package stuff has no line"},
		{"unlisted below a listed one", "index/faiss/a.go", "package a", "package index/faiss has no line"},
		{"unlisted root", "a.go", "package a", "package . has no line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := breaches(t, map[string]string{tt.file: tt.text})
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got %q, want one breach with %q", got, tt.want)
			}
		})
	}
}

// TestOneMore shows that a second package of embeddings is one too many.
func TestOneMore(t *testing.T) {
	t.Parallel()
	openai := foreign("github.com/sashabaranov/go-openai")
	files := map[string]string{"evals/judge/a.go": openai, "server/a.go": openai, "server/b.go": openai, "tools/a_test.go": openai}
	if got := breaches(t, files); got != nil {
		t.Errorf("one package and evals: got %q, want none", got)
	}
	files["retrieval/a.go"] = openai
	want := []string{"[retrieval server] import github.com/sashabaranov/go-openai: only [evals/...] and one more may, because one package makes embeddings"}
	if diff := cmp.Diff(want, breaches(t, files)); diff != "" {
		t.Errorf("two packages (-want +got):\n%s", diff)
	}
}

// TestAllowed shows that the rules forbid nothing else.
func TestAllowed(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"internal/passage/a.go":      escaping("markdown.Text(\"- \") + markdown.Line(s)"),
		"internal/passage/a_test.go": escaping("markdown.Text(s)"),
		"index/b.go":                 escaping("markdown.Kept(s)"),
		"internal/markdown/a.go":     "package markdown\ntype Text string\nfunc f(s string) Text { return Text(s) }",
		"internal/auth/a.go":         "package a\nimport _ \"net/http\"",
		"internal/auth/b.go":         foreign("example.com/jwt"),
		"notion/a_test.go":           foreign("github.com/google/go-cmp/cmp"),
		"notion/b_test.go":           own("emulator"),
		"emulator/a.go":              own("emulator/md"),
		"emulator/md/a.go":           foreign("github.com/yuin/goldmark"),
		"index/a.go":                 foreign("github.com/blevesearch/bleve/v2"),
		"index/a_test.go":            own("internal/ingest"),
		"tools/a.go":                 foreign("github.com/mark3labs/mcp-go/mcp"),
		"tools/b.go":                 "package a\ntype T int\nfunc (T) init() {}",
		"server/a.go":                own("tokens/env"),
		"internal/auth/a_test.go":    "package a\nfunc f() { go f() }",
		"internal/guard/a.go":        "package a\nfunc f() { go f() }",
		"cmd/mcp-notion/a.go":        own("emulator"),
		"cmd/mcp-notion/b.go":        own("tokens/env"),
		"internal/e2e/a_test.go":     foreign("github.com/mark3labs/mcp-go/client"),
		"internal/x/testdata/a.go":   own("cmd"),
		"stuff/testdata/a.go":        "not Go at all",
		"stuff/node_modules/a.go":    "package a",
		"stuff/.hidden/a.go":         "package a",
		"stuff/module/go.mod":        "module example.com/other",
		"stuff/module/a.go":          "package a",
	}
	if got := breaches(t, files); got != nil {
		t.Errorf("got %q, want none", got)
	}
}

func TestBrokenFile(t *testing.T) {
	t.Parallel()
	_, err := load(fstest.MapFS{"notion/a.go": {Data: []byte("package")}})
	if err == nil || !strings.Contains(err.Error(), "parse notion/a.go") {
		t.Errorf("got error %v, want one that names the file", err)
	}
}

func breaches(t *testing.T, files map[string]string) []string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	all, err := load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return check(all)
}

// escaping is a file that makes something of a string that people wrote.
func escaping(of string) string {
	return "package a\nimport \"" + module + "/internal/markdown\"\nfunc f(s string) any { return " + of + " }\n"
}

func own(pkg string) string { return foreign(module + "/" + pkg) }

func foreign(path string) string { return "package a\n\nimport _ \"" + path + "\"\n" }
