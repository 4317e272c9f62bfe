package e2e_test

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// The whole of another folder:
//
//	go test ./internal/e2e -run Coverage -v -corpus DIR
var corpus = flag.String("corpus", "../../emulator/markdown/testdata/handbook", "folder of Markdown that TestCoverage mirrors")

// TestCoverage mirrors a folder of Markdown and looks for every line of text in
// it: its words must stand, one after another, in the passages of its page.
func TestCoverage(t *testing.T) {
	t.Parallel()
	ws, err := emulator.LoadDir(*corpus)
	if err != nil {
		t.Fatal(err)
	}
	srv := emulator.New(ws, emulator.Config{})
	x, sum := mirror(t, client(srv, nil))
	if n := len(srv.Pages()); sum.Known != n || sum.Complete != n {
		t.Errorf("the workspace has %d pages; %d are known and %d complete", n, sum.Known, sum.Complete)
	}
	lines, files := 0, 0
	for _, p := range srv.Pages() {
		src, err := os.ReadFile(filepath.Join(*corpus, p.Path))
		if err != nil {
			continue // a folder without a page of its own
		}
		files++
		words := " " + normal(pageText(t, x, notion.ID(p.ID))) + " "
		for i, line := range strings.Split(withoutDefinitions(string(src)), "\n") {
			line = normal(line)
			if line == "" {
				continue
			}
			lines++
			if !strings.Contains(words, " "+line+" ") {
				t.Errorf("%s:%d is in no passage: %q", p.Path, i+1, line)
			}
		}
	}
	if files < 6 || lines < 300 {
		t.Errorf("only %d lines of %d files were looked for", lines, files)
	}
	t.Logf("%d lines of %d files; %d passages, %d requests", lines, files, sum.Passages, sum.Requests)
}

func pageText(t *testing.T, x *index.Index, id notion.ID) string {
	t.Helper()
	ps, err := x.Passages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	rec, _ := x.Page(id)
	text := rec.Title
	for _, p := range ps {
		text += "\n" + shown.ReplaceAllString(string(p.Text), " ")
	}
	return text
}

var (
	linkTarget = regexp.MustCompile(`\]\((?:<[^>]*>|[^()]|\([^()]*\))*\)|\]\[[^\]]*\]`)
	definition = regexp.MustCompile(`(?m)^[>\s]*\[[^\]^\n][^\]\n]*\]:[ \t]*\n?[ \t]*\S+.*$`)
	shown      = regexp.MustCompile("\\s\\(`?[^\\s()`]*\\.[a-z]{2,}[^\\s()`]*(?:\\([^\\s()`]*\\)[^\\s()`]*)?`?\\)") // the address of a link, behind its text
	alert      = regexp.MustCompile(`^[> ]*\[!([A-Z]+)\]`)
	tag        = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>`)
	fence      = regexp.MustCompile("^[> ]*```\\S*")
	ordinal    = regexp.MustCompile(`^[>\s]*(?:[-*+]\s+)?\d+[.)]\s`)
	word       = regexp.MustCompile(`[\p{L}\p{N}]+`)
)

// withoutDefinitions takes out the definitions of reference links, and keeps
// the lines.
func withoutDefinitions(src string) string {
	return definition.ReplaceAllStringFunc(src, func(d string) string {
		return strings.Repeat("\n", strings.Count(d, "\n"))
	})
}

// normal is the words of a text, without Markdown, HTML and the numbers that
// begin list items, which count anew.
func normal(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		for _, mark := range []*regexp.Regexp{fence, alert, ordinal} {
			line = mark.ReplaceAllString(line, " ")
		}
		line = tag.ReplaceAllString(linkTarget.ReplaceAllString(line, "] "), " ")
		words = append(words, word.FindAllString(html.UnescapeString(line), -1)...)
	}
	return strings.Join(words, " ")
}
