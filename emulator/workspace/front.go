package workspace

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// FrontMatter is what a page may say about itself above its text. All of it may
// be left out. What else stands there are Fields, so that nothing is lost of
// files made for other tools.
//
//	---
//	id: 0c0ffee0-0000-8000-8000-000000000001
//	title: Leave policy
//	icon: 🌴
//	created: 2026-01-05
//	last_edited: 2026-02-01T09:30
//	tags: [hr, policy]
//	---
type FrontMatter struct {
	ID         string
	Title      string
	Icon       string
	Created    string
	LastEdited string
}

// Field is a key of the front matter that is not the page's own, with its value
// on one line.
type Field struct {
	Key, Value string
	// Property is the value as tables write it.
	Property string
	// line is where it stands in the body, which begins with 0.
	line int
}

// keyLine matches the first line of what is meant as front matter.
var keyLine = regexp.MustCompile(`^\s*[\pL_][\pL\pN_ .-]*:(\s|$)`)

// readFront reads the front matter, blanks it and returns how many lines it
// takes. Text that only looks like it is left alone: a page may begin with a
// line. Where it cannot be read, its lines stay as text.
func (f *Text) readFront(lines [][]byte) int {
	end := closing(lines)
	if end == 0 {
		return 0
	}
	var doc yaml.Node
	text := bytes.Join(lines[1:end], nil)
	err := yaml.Unmarshal(text, &doc)
	switch {
	case err != nil && keyLine.Match(bytes.TrimLeft(text, "\n")):
		f.Broken = true
		lines[0], lines[end] = []byte("\n"), []byte("\n")
		return end + 1
	// Two lines of dashes with prose in between are two dividers.
	case err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode || len(doc.Content[0].Content) == 0:
		return 0
	}
	pairs := doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		f.addField(pairs[i], pairs[i+1])
	}
	for i := range end + 1 {
		lines[i] = []byte("\n")
	}
	return end + 1
}

// closing is the line that ends the front matter, or 0.
func closing(lines [][]byte) int {
	for i, line := range lines {
		dashes := string(bytes.TrimSpace(line)) == "---"
		if dashes != (i == 0) {
			if i == 0 {
				return 0
			}
			return i
		}
	}
	return 0
}

// addField takes over one key: what a page has itself, or else a field.
func (f *Text) addField(key, value *yaml.Node) {
	field := Field{Key: block.Name(flat(key)), Value: block.Name(flat(value)), line: key.Line}
	field.Property = field.Value
	if yes, isBool := map[string]string{"true": "Yes", "false": "No"}[strings.ToLower(field.Value)]; isBool {
		field.Property = yes
	}
	if field.Value == "" || f.Front.set(field.Key, field.Value) {
		return
	}
	f.Fields = append(f.Fields, field)
}

// set says whether a key is one that a page has itself, with a value that it
// can have.
func (m *FrontMatter) set(key, value string) bool {
	switch key {
	case "id":
		m.ID = value
		_, ok := block.ParseID(value)
		return ok
	case "title":
		m.Title = value
	case "icon":
		m.Icon = value
	case "created":
		m.Created = value
		_, ok := ParseTime(value)
		return ok
	case "last_edited":
		m.LastEdited = value
		_, ok := ParseTime(value)
		return ok
	default:
		return false
	}
	return true
}

// flat writes a value on one line: a list as tables write it, and what is inside
// of others in brackets.
func flat(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		return inner(n)
	}
	return item(n)
}

func item(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		// Not what it stands for: aliases of aliases would grow without end.
		if n.Alias.Kind == yaml.ScalarNode {
			return item(n.Alias)
		}
		return "*" + n.Value
	case n.Kind == yaml.SequenceNode:
		return "[" + inner(n) + "]"
	case n.Kind == yaml.MappingNode:
		return "{" + inner(n) + "}"
	case n.Tag == "!!null":
		return ""
	}
	return n.Value
}

// inner joins what a list or a mapping holds.
func inner(n *yaml.Node) string {
	var parts []string
	for i := 0; i < len(n.Content); i++ {
		part := item(n.Content[i])
		if n.Kind == yaml.MappingNode && i+1 < len(n.Content) {
			i++
			part += ": " + item(n.Content[i])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Markdown is the body with the fields that nobody took, each on the line where
// it stands.
func (f *Text) Markdown() []byte {
	if len(f.Fields) == 0 {
		return f.Body
	}
	lines := bytes.SplitAfter(f.Body, []byte("\n"))
	for _, field := range f.Fields {
		line := literal(field.Key) + ": " + literal(field.Value)
		if before := bytes.TrimSpace(lines[field.line]); len(before) > 0 {
			line = string(before) + "; " + line
		}
		// Two blanks end a line of a paragraph.
		lines[field.line] = []byte(line + "  \n")
	}
	return bytes.Join(lines, nil)
}

var markup = regexp.MustCompile("[\\\\`*_\\[\\]<>{}()#|~$!&=^+-]")

// literal keeps signs from being read as Markdown. Addresses stay links.
func literal(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if !strings.HasPrefix(w, "http://") && !strings.HasPrefix(w, "https://") {
			words[i] = markup.ReplaceAllString(w, `\$0`)
		}
	}
	return strings.Join(words, " ")
}
