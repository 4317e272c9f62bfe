package passage

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/mcp-notion/mcp-notion/notion"
)

// checkSplit checks what holds for every page whose blocks have ids of their
// own.
func checkSplit(t *testing.T, s Split, body []*Node, opt Options) {
	t.Helper()
	checkShape(t, s)
	opt = opt.withDefaults()
	for _, p := range s.Passages {
		checkBound(t, p, opt.Words)
	}
	words := spanWords(s)
	each(body, func(n *Node) {
		want := blockWords(&n.Block)
		if !isSubsequence(want, words[n.Block.ID]) {
			t.Errorf("block %s (%s): words %.60q are not all in its spans, which have %.60q", n.Block.ID, n.Block.Type, want, words[n.Block.ID])
		}
	})
}

// checkShape checks what holds for every split, of whatever tree.
func checkShape(t *testing.T, s Split) {
	t.Helper()
	if len(s.Passages) == 0 {
		t.Error("no passage")
	}
	for i, p := range s.Passages {
		if p.Ordinal != i {
			t.Errorf("passage %d has ordinal %d", i, p.Ordinal)
		}
		if strings.TrimSpace(string(p.Text)) == "" || strings.Trim(string(p.Text), "\n") != string(p.Text) {
			t.Errorf("passage %d: blank text, or blank lines around it: %.40q", i, p.Text)
		}
		at := 0
		for _, span := range p.Spans {
			if span.Start < at || span.End <= span.Start || span.End > len(p.Text) || span.Block == "" {
				t.Fatalf("passage %d: span %+v after %d in %d bytes", i, span, at, len(p.Text))
			}
			if gap := p.Text[at:span.Start]; hasWords(string(gap)) {
				t.Errorf("passage %d: %q belongs to no block", i, gap)
			}
			if p.BlockAt(span.Start) != span.Block || p.BlockAt(span.End-1) != span.Block {
				t.Errorf("passage %d: BlockAt does not agree with %+v", i, span)
			}
			at = span.End
		}
		if hasWords(string(p.Text[at:])) {
			t.Errorf("passage %d: %q belongs to no block", i, p.Text[at:])
		}
	}
	if !slices.IsSortedFunc(s.Skipped, func(a, b Skip) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Reason, b.Reason))
	}) {
		t.Errorf("skips are not sorted: %v", s.Skipped)
	}
}

// checkBound checks that a passage is too long only if there is one block in it
// besides headings and a repeated table header.
func checkBound(t *testing.T, p Passage, words int) {
	t.Helper()
	if Words(string(p.Text)) <= words {
		return
	}
	body := 0
	for _, s := range p.Spans {
		if text := p.Text[s.Start:s.End]; !ShapeOf(text).Leads() {
			body++
		}
	}
	if body > 1 {
		t.Errorf("passage %d has %d words from %d blocks", p.Ordinal, Words(string(p.Text)), body)
	}
}

// spanWords are the words that the spans of each block have, in order.
func spanWords(s Split) map[notion.ID][]string {
	words := map[notion.ID][]string{}
	for _, p := range s.Passages {
		for _, span := range p.Spans {
			eachWord(strings.ToLower(string(p.Text[span.Start:span.End])), func(w string) {
				words[span.Block] = append(words[span.Block], w)
			})
		}
	}
	return words
}

// blockWords are the words that a reader sees of a block.
func blockWords(b *notion.Block) []string {
	c := &b.Content
	texts := []string{plain(c.Title), plain(c.RichText), c.Expression, plain(c.Caption)}
	for _, cell := range c.Cells {
		texts = append(texts, plain(cell))
	}
	var words []string
	eachWord(strings.ToLower(strings.Join(texts, "\n")), func(w string) { words = append(words, w) })
	return words
}

func isSubsequence(want, got []string) bool {
	for _, w := range want {
		i := slices.Index(got, w)
		if i < 0 {
			return false
		}
		got = got[i+1:]
	}
	return true
}

func hasWords(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func each(nodes []*Node, f func(*Node)) {
	todo := slices.Clone(nodes)
	for len(todo) > 0 {
		n := todo[0]
		f(n)
		todo = append(todo[1:], n.Children...)
	}
}
