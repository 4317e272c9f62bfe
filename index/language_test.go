package index

import (
	"os"
	"strings"
	"testing"
)

// TestLanguages asks in many languages, in other forms of the words than those
// of the pages, and wants the page that answers first.
func TestLanguages(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	pages, queries := multilingual(string(data))
	x := newIndex(t)
	apply(t, x, Change{Put: pages})
	if len(pages) < 20 || len(queries) < 40 {
		t.Errorf("%d pages and %d queries", len(pages), len(queries))
	}
	for _, q := range queries {
		hits := find(t, x, Query{Text: q[0]})
		if got := ids(hits); !strings.HasPrefix(got, q[1]+"/") {
			t.Errorf("%q finds %q, want %s first", q[0], got, q[1])
			continue
		}
		if h := hits[0]; !(h.Blocks[0] > 0) && len(h.Terms) > 0 || h.Coverage <= 0 || h.Coverage > 1 {
			t.Errorf("%q: words %q, blocks %v, coverage %v", q[0], h.Terms, h.Blocks, h.Coverage)
		}
	}
}

func multilingual(data string) (pages []Entry, queries [][2]string) {
	var id, title string
	var texts []string
	flush := func() {
		if id != "" {
			pages = append(pages, entry(id, title, texts...))
		}
		id, texts = "", nil
	}
	for line := range strings.Lines(data) {
		line = strings.TrimSpace(line)
		left, right, _ := strings.Cut(strings.TrimLeft(line, "=? "), " | ")
		switch {
		case strings.HasPrefix(line, "= "):
			flush()
			id, title = left, right
		case strings.HasPrefix(line, "? "):
			queries = append(queries, [2]string{left, right})
		case line != "" && !strings.HasPrefix(line, "#"):
			texts = append(texts, line)
		}
	}
	flush()
	return pages, queries
}
