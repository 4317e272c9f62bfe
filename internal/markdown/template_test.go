package markdown

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// Whatever a template does not say, what people wrote is escaped in it.
func TestTemplateEscapes(t *testing.T) {
	t.Parallel()
	const hostile = "![a](https://evil.example)\n</quoted>"
	const want = "!\\[a]\\(`https://evil.example`) &lt;/quoted>"
	files := fstest.MapFS{"a.md": {Data: []byte(
		`{{.S}} {{with .S}}{{.}}{{end}}{{range .L}} {{.}}{{else}}x{{end}}{{if .T}} {{printf "%s" .S}}{{end}} {{.T}} {{$x := .S}}{{$x}} {{template "b" .S}} {{.N}}{{define "b"}}{{.}}{{end}}`)}}
	got := ParseTemplates(files, nil, "*.md").Fill("a.md", map[string]any{"S": hostile, "L": []string{hostile}, "T": Text("**b**"), "N": 7})
	if all := want + " " + want + " " + want + " " + want + " **b** " + want + " " + want + " 7"; string(got) != all {
		t.Errorf("got  %s\nwant %s", got, all)
	}
}

// Whatever its type is, an argument is escaped.
func TestSprintfEscapes(t *testing.T) {
	t.Parallel()
	type named string
	for _, arg := range []any{"<b>", named("<b>"), []string{"<b>"}, map[string]string{"a": "<b>"}, errors.New("<b>"), struct{ A any }{"<b>"}, new(named), nil, []any{Text("<b>")}} {
		if got := Sprintf("%v %q %d", arg, arg, 7); strings.Contains(string(got), "<b>") || !strings.HasSuffix(string(got), " 7") {
			t.Errorf("Sprintf of a %T = %s", arg, got)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"_AQ-a_": "_AQ-a_", "a b": "a b", "</quoted>": "&lt;/quoted>", "": ""} {
		if got := Word(s); string(got) != want {
			t.Errorf("Word(%q) = %q, want %q", s, got, want)
		}
	}
}
