package workspace

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/markdown"
)

// Text is the text of a page split into what belongs to the page and what to
// its body. The body keeps every line where it was, with the others blanked,
// so that line numbers stay true.
type Text struct {
	Body      []byte
	Title     string
	TitleLine int // 0 if the text has no title
	// front is what stands between two lines of dashes at the top.
	Front FrontMatter
}

// FrontMatter is what a page may say about itself above its text. All of it may
// be left out, and other keys are ignored, so files made for other tools load
// too.
//
//	---
//	id: 0c0ffee0-0000-8000-8000-000000000001
//	title: Leave policy
//	icon: 🌴
//	created: 2026-01-05
//	last_edited: 2026-02-01T09:30
//	---
type FrontMatter struct {
	ID         string `yaml:"id"`
	Title      string `yaml:"title"`
	Icon       string `yaml:"icon"`
	Created    string `yaml:"created"`
	LastEdited string `yaml:"last_edited"`
}

// titleLine matches a heading of the first level.
var titleLine = regexp.MustCompile(`^# +(.*?)(?: +#+)?\s*$`)

// ReadText splits the text of a page. The title is the first line of text if
// that is a heading of the first level, as exports write it; a later one is
// part of the body.
func ReadText(src []byte) Text {
	// Editors on Windows leave a byte order mark and two signs per line end.
	src = bytes.ReplaceAll(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	lines := bytes.SplitAfter(src, []byte("\n"))
	f := Text{}
	skip := f.readFront(lines)
	// Blanked and not cut out, so that the lines below keep their numbers.
	for i := 0; i < skip; i++ {
		lines[i] = []byte("\n")
	}
	for i := skip; i < len(lines); i++ {
		line := strings.TrimRight(string(lines[i]), "\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		// Only the first line with text can be the title.
		if m := titleLine.FindStringSubmatch(line); m != nil {
			if title := PlainTitle(m[1]); title != "" {
				f.Title, f.TitleLine = title, i+1
				lines[i] = []byte("\n")
			}
		}
		break
	}
	f.Body = bytes.Join(lines, nil)
	return f
}

// readFront reads the front matter and returns how many lines it takes. Text
// that only looks like it is left alone: a page may begin with a line.
func (f *Text) readFront(lines [][]byte) int {
	if len(lines) == 0 || strings.TrimSpace(string(lines[0])) != "---" {
		return 0
	}
	for i := 1; i < len(lines); i++ {
		if strings.TrimSpace(string(lines[i])) != "---" {
			continue
		}
		var fields map[string]any
		text := bytes.Join(lines[1:i], nil)
		// Two lines of dashes with prose in between are two dividers.
		if yaml.Unmarshal(text, &fields) != nil || len(fields) == 0 {
			return 0
		}
		if yaml.Unmarshal(text, &f.Front) != nil {
			f.Front = FrontMatter{}
		}
		return i + 1
	}
	return 0
}

// PlainTitle is a line of Markdown as a reader sees it. Titles in Notion have
// no style.
func PlainTitle(s string) string {
	var parts []string
	block.Walk(markdown.Parse([]byte("# "+s), markdown.Options{}), func(b *block.Block) {
		parts = append(parts, block.Plain(b.Content["rich_text"].([]block.Text)))
	})
	return block.Name(strings.Join(parts, " "))
}

// TakeProperties reads the lines "Key: Value" at the top of a body, as exports
// write the properties of a row, and blanks them. It stops at the first line
// that is none, so a sentence with a colon stays text.
func (f *Text) TakeProperties(known func(key string) bool) map[string]string {
	lines := bytes.SplitAfter(f.Body, []byte("\n"))
	out := map[string]string{}
	for i, raw := range lines {
		line := strings.TrimSpace(string(raw))
		// Empty lines above the properties, and none between them.
		if line == "" && len(out) == 0 {
			continue
		}
		key, value, ok := strings.Cut(block.Clean(line), ":")
		key = block.Name(key)
		if !ok || !known(key) {
			break
		}
		out[key] = strings.TrimSpace(value)
		lines[i] = []byte("\n")
	}
	f.Body = bytes.Join(lines, nil)
	return out
}

// timeLayouts are the forms of times in front matter; without a zone they are
// UTC.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

// ParseTime reads a time of the front matter; ok is false if it is none.
func ParseTime(s string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Apply takes over what a file says about its page. A heading in the text wins
// over the front matter, and that over the name of the file.
func (p *Page) Apply(f Text, name string) {
	p.Title = cmp.Or(f.Title, f.Front.Title, p.Title)
	p.Icon = cmp.Or(f.Front.Icon, p.Icon)
	if f.TitleLine > 0 {
		p.Source = block.Source{Path: name, LineStart: f.TitleLine, LineEnd: f.TitleLine, Text: f.Title}
	}
}
