package tools

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// shapes are the values that hold a text somewhere: by itself, in lists, as a
// name or a value of an object, in each field of objects, and many times.
func shapes(p argument.Param, text string) []any {
	many := make([]any, min(60, 200_000/len(text)))
	for i := range many {
		many[i] = text
	}
	all := []any{
		text, []any{text}, many, []any{[]any{text}}, map[string]any{text: 1}, map[string]any{text: text}, map[string]any{"a": text},
		map[string]any{"a": map[string]any{text: text}}, []any{map[string]any{text: 1}}, "2026-01-01" + text, "https://app.notion.com/" + text,
	}
	for _, f := range p.Fields {
		for _, inner := range []any{text, []any{text}, map[string]any{text: 1}} {
			whole := map[string]any{f.Name: inner}
			for _, other := range p.Fields {
				if other.Name != f.Name && other.Required {
					whole[other.Name] = "Name"
				}
			}
			all = append(all, []any{whole})
		}
	}
	return all
}

// Whatever is sent, in whichever argument, an error shows a little of it.
func TestErrorsShowLittleOfAnArgument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	calls := everyTool(w.page("Refund policy"), w.page("Customers"))
	failed := 0
	for _, known := range catalogue() {
		for _, p := range append(known.params, argument.Param{Name: "unknown"}) {
			for _, length := range []int{200, 100_000} {
				for _, v := range shapes(p, strings.Repeat("é", length)) {
					args := maps.Clone(calls[known.name])
					args[p.Name] = v
					a := w.call(known.name, args)
					if !a.IsError {
						continue // it was taken
					}
					failed++
					all := a.Text + string(a.Structured)
					if n := utf8.RuneCountInString(all); strings.Contains(all, strings.Repeat("é", 81)) || n > 1500 {
						t.Errorf("%s, %s of %d: %d characters of error: %.300s", known.name, p.Name, length, n, a.Text)
					}
				}
			}
		}
	}
	if failed < 200 {
		t.Errorf("%d calls failed", failed)
	}
}
