package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// TestDoc keeps doc/tools.md what the code says; -update writes it anew.
func TestDoc(t *testing.T) {
	t.Parallel()
	golden.File(t, "../doc/tools.md", document())
}

// outputLimit bounds the output schemas of all tools together, in bytes: most
// clients keep them, or hand them to the model.
const outputLimit = 4300

// seen is what a model sees of a tool: name, description, input schema.
func seen(d mcp.Tool) []byte {
	return mustJSON(map[string]any{"name": d.Name, "description": d.Description, "inputSchema": d.RawInputSchema})
}

// TestCost keeps what the tools cost a model as a golden file, so that a change
// shows up in the diff.
func TestCost(t *testing.T) {
	t.Parallel()
	got := costs()
	t.Log("\n" + got)
	golden.File(t, "testdata/cost.txt", got)
}

func costs() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s %6s %7s\n", "tool", "bytes", "tokens")
	for _, set := range DefaultToolsets() {
		bytes, tokens := 0, 0
		for _, d := range Definitions(Options{Toolsets: []Toolset{set}}) {
			s := seen(d)
			fmt.Fprintf(&b, "%-18s %6d %7d\n", d.Name, len(s), passage.Tokens(string(s)))
			bytes, tokens = bytes+len(s), tokens+passage.Tokens(string(s))
		}
		fmt.Fprintf(&b, "  %-16s %6d %7d\n", "("+string(set)+")", bytes, tokens)
	}
	bytes, tokens := 0, 0
	for _, d := range Definitions(Options{}) {
		bytes, tokens = bytes+len(seen(d)), tokens+passage.Tokens(string(seen(d)))
	}
	fmt.Fprintf(&b, "%-18s %6d %7d\n", "default list", bytes, tokens)
	bytes, tokens = 0, 0
	for _, d := range Definitions(Options{}) {
		bytes, tokens = bytes+len(d.RawOutputSchema), tokens+passage.Tokens(string(d.RawOutputSchema))
	}
	fmt.Fprintf(&b, "%-18s %6d %7d\n", "output schemas", bytes, tokens)
	return b.String()
}

// document is doc/tools.md.
func document() string {
	var b strings.Builder
	b.WriteString("# Tools, resources and prompts\n\n" +
		"This page is written by `go test ./tools -run TestDoc -update` from the code.\n\n" +
		"What a model sees of the tools (names, descriptions, input schemas), in bytes and estimated tokens; last, the output schemas, which some clients show it too:\n\n```\n" + costs() + "```\n")
	for _, t := range catalogue() {
		t.document(&b)
	}
	b.WriteString("\n## Resources\n\n" +
		"Pages, rows and tables are resources: `notion://page/{id}`, and Notion's own links. They are read as read_page reads them. " +
		"The list of resources is the pages edited last of whoever asks; `id` and titles are completed from the beginnings of title words. " +
		"Answers of search_notion link up to three pages as resources, to clients of protocol 2025-06-18 and later.\n")
	b.WriteString("\n## Prompts\n")
	for _, j := range prompts.Jobs() {
		fmt.Fprintf(&b, "\n**%s**: %s.\n", j.Name, j.About)
		for _, a := range j.Args {
			fmt.Fprintf(&b, "- `%s`%s: %s%s\n", a.Name, either(a.Required, " (required)", ""), a.About, either(a.Pages, "; titles of pages are completed", ""))
		}
	}
	return b.String()
}

func (t tool) document(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\nToolset `%s`. %s\n\n", t.name, t.about, t.set,
		either(t.writes, "Writes to Notion: needs the scope `notion:comment`, and is off with `--read-only`.", "Reads only."))
	b.WriteString("| argument | type | limits | what it is |\n|---|---|---|---|\n")
	for _, p := range t.params {
		fmt.Fprintf(b, "| `%s`%s | %s | %s | %s |\n", p.Name, either(p.Required, " (required)", ""), p.Kind, limits(p), strings.ReplaceAll(p.About, "|", "\\|"))
		for _, f := range p.Fields {
			fmt.Fprintf(b, "| `%s[].%s`%s | %s | %s | %s |\n", p.Name, f.Name, either(f.Required, " (required)", ""), f.Kind, limits(f), strings.ReplaceAll(f.About, "|", "\\|"))
		}
	}
	b.WriteString("\nThe answer in fields (`structuredContent`), for clients that show a model these instead of the text:\n\n")
	t.outputs(b)
}

// outputs lists the names of the structured answer.
func (t tool) outputs(b *strings.Builder) {
	var out schema
	if err := json.Unmarshal(mustJSON(mcp.NewTool(t.name, t.output).OutputSchema), &out); err != nil {
		panic(err)
	}
	out.list(b, "- ")
}

type schema struct {
	Type        any
	Description string
	Properties  map[string]schema
	Items       *schema
}

func (s schema) list(b *strings.Builder, indent string) {
	var names []string
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := s.Properties[name]
		fmt.Fprintf(b, "%s`%s`%s\n", indent, name, either(p.Description != "", ": "+p.Description, ""))
		if p.Items != nil {
			p.Items.list(b, "  "+indent)
		}
		if name != "error" && name != "coverage" {
			p.list(b, "  "+indent)
		}
	}
}

func limits(p argument.Param) string {
	var all []string
	switch {
	case p.Kind == argument.Integer:
		all = append(all, fmt.Sprintf("%d to %d", p.Min, p.Max))
	case p.Max > 0:
		all = append(all, fmt.Sprintf("at most %d", p.Max))
	}
	if p.Default != 0 {
		all = append(all, fmt.Sprintf("default %d", p.Default))
	}
	if p.Enum != nil {
		all = append(all, strings.Join(p.Enum, ", "))
	}
	return strings.Join(all, "; ")
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
