package evals

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/evals/ask"
	"github.com/mcp-notion/mcp-notion/evals/corpus"
	"github.com/mcp-notion/mcp-notion/evals/questions"
)

// TestLocateThroughTheTool finds paragraphs with links of all kinds again in
// what the tool shows of them.
func TestLocateThroughTheTool(t *testing.T) {
	t.Parallel()
	links := []string{
		"[call us](tel:+1-555-0100)", "[call](tel:112)", "[ask by mail](mailto:people@example.org)", "[the mail](mailto:people@example.org?subject=Leave%20now)",
		"[the local docs](http://localhost:3000/docs)", "[the wiki](http://wiki/start)", "[the article](https://example.org/wiki/Leave_(law))", "[a space](<https://example.org/a b>)",
		"[with a title](https://example.org/x \"More of it\")", "[another page](other.md)", "[a part](#rates)", "[a part of another](other.md#rates)",
		"<https://example.org/auto>", "https://example.org/bare", "<people@example.org>", "[long](https://example.org/" + strings.Repeat("long-path/", 30) + ")",
		"[script](javascript:alert(1))", "[text](sms:+15550100)", "[**bold** words](https://example.org/b_c)", "[ref][1]", "[files](ftp://files.example.org/pub)",
		"[umlaut](https://exämple.org/größe)", "[escaped](https://example.org/a%20b?q=1&r=2#s)", "un[split](tel:+49-30-1234)able", "[10.0.0.1](http://10.0.0.1:8080)",
		"[root](/handbook/leave)",
	}
	for i, link := range links {
		t.Run(link[:min(len(link), 40)], func(t *testing.T) {
			t.Parallel()
			line := fmt.Sprintf("Before you travel see %s for more about zebra%d and ask somebody first.", link, i)
			c, err := corpus.Load(fstest.MapFS{
				"page.md":  {Data: []byte("# Page\n\nThe first paragraph is about nothing much.\n\n" + line + "\n\nThe last one says goodbye to all.\n\n[1]: https://example.org/reference\n")},
				"other.md": {Data: []byte("# Other\n\n## Rates\n\nNothing.\n")},
			})
			if err != nil {
				t.Fatal(err)
			}
			w, err := openWorkspace(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			got, err := ask.Product{Caller: w.session}.Ask(t.Context(), questions.Question{Question: fmt.Sprintf("zebra%d", i)})
			if err != nil || len(got.Passages) == 0 {
				t.Fatalf("%v, %v", got, err)
			}
			found := c.Locate(got.Passages[0].Page, got.Passages[0].Text)
			if !slices.ContainsFunc(found, func(l questions.Lines) bool { return l.Start <= 5 && 5 <= l.End }) {
				t.Errorf("%s\nshown as %q\nis on lines %v", line, got.Passages[0].Text, found)
			}
		})
	}
}
