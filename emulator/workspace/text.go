package workspace

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

// Text is the text of a page split into what belongs to the page and what to
// its body. The body keeps every line where it was, with the others blanked,
// so that line numbers stay true.
type Text struct {
	Body      []byte
	Title     string
	TitleLine int // 0 if the text has no title
	// Front is what stands between two lines of dashes at the top, and Fields
	// what of it is not the page's own.
	Front  FrontMatter
	Fields []Field
	// Broken says that the front matter cannot be read and is part of the body.
	Broken bool
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
	for i := f.readFront(lines); i < len(lines); i++ {
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
	// A heading wins over the title of the front matter.
	if front := f.Front.Title; f.Title != "" && front != "" && front != f.Title {
		f.Fields = append(f.Fields, Field{Key: "title", Value: front, Property: front, line: 1})
	}
	return f
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
