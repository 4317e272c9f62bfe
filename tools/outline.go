package tools

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools/argument"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// entry is one heading of a page.
type entry struct {
	level int    // from 0, the highest level on the page
	text  string // as a reader sees it
	block notion.ID
	at    int // its part
}

// outlineOf lists the headings of a page.
func outlineOf(parts []part) []entry {
	var all []entry
	for i, p := range parts {
		if level, title := passage.HeadingLine(p.span()); level > 0 {
			all = append(all, entry{level: level, text: title.Plain(), block: p.block(), at: i})
		}
	}
	top := 6
	for _, e := range all {
		top = min(top, e.level)
	}
	for i := range all {
		all[i].level -= top
	}
	return all
}

// shorten leaves out the deepest headings, and at last the rear ones, until
// the outline fits.
func shorten(all []entry, budget int) (kept []entry, cut int) {
	kept = all
	for depth := 5; depth > 0 && outlineTokens(kept) > budget; depth-- {
		kept = slices.DeleteFunc(slices.Clone(kept), func(e entry) bool { return e.level >= depth })
	}
	for len(kept) > 1 && outlineTokens(kept) > budget {
		kept = kept[:len(kept)*3/4]
	}
	return kept, len(all) - len(kept)
}

func outlineTokens(all []entry) int {
	n := 0
	for _, e := range all {
		n += passage.Tokens(string("- " + markdown.Start(e.text) + " " + prompts.Anchor(e.block)))
	}
	return n
}

// section finds what stands under a heading: the same words, or else the same
// beginning, or else all of the words.
func (b *book) section(words string) (run, error) {
	want := key(words)
	if want == "" {
		return run{}, argument.Errorf("%q must be the words of a heading.", "section")
	}
	matches := []func(string) bool{
		func(h string) bool { return h == want },
		func(h string) bool { return strings.HasPrefix(h, want) },
		func(h string) bool { return containsAll(h, want) },
	}
	for _, match := range matches {
		for i, e := range b.outline {
			if match(key(e.text)) {
				return run{e.at, b.sectionEnd(i)}, nil
			}
		}
	}
	if len(b.outline) == 0 {
		return run{}, argument.Errorf("The %s has no headings. Call read_page without %q.", b.kind(), "section")
	}
	kept, cut := shorten(b.outline, 400)
	var names []markdown.Text
	for _, e := range kept {
		names = append(names, markdown.Line(e.text))
	}
	more := ""
	if cut > 0 {
		more = ", and more"
	}
	return run{}, argument.Errorf("The %s has no heading like %q. Its headings are: %s%s. Call again with one of them.",
		b.kind(), markdown.Short(words), markdown.Join(names, "; "), more)
}

// sectionEnd is the first part that is not of the section of a heading: the next
// heading of its level or above.
func (b *book) sectionEnd(i int) int {
	for _, e := range b.outline[i+1:] {
		if e.level <= b.outline[i].level {
			return e.at
		}
	}
	return len(b.parts)
}

// key is a heading without case, marks and punctuation.
func key(s string) string {
	words := strings.FieldsFunc(strings.ToLower(unify.Text(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

func containsAll(h, want string) bool {
	words := strings.Fields(h)
	for _, w := range strings.Fields(want) {
		if !slices.Contains(words, w) {
			return false
		}
	}
	return true
}
