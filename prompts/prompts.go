// Package prompts holds the words that a model reads: the server's
// instructions, and how passages and pages are shown. Text that comes from
// Notion is always delimited as a quotation that it cannot close, since it is
// escaped before it comes here.
package prompts

import (
	"embed"
	"text/template"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

//go:embed templates
var files embed.FS

var texts = markdown.ParseTemplates(files, template.FuncMap{
	"line": line,
	"link": markdown.Link,
	"day":  Day, "counted": markdown.Counted,
	"join": trail, "pageurl": markdown.Page, "places": Places, "inside": Inside,
}, "templates/*.md", "templates/jobs/*.md")

// Instructions is what the server tells a model about itself and the tools that
// it offers: under 2 kB, because clients cut it there.
func Instructions(offered []string) string {
	return string(texts.Fill("instructions.md", task{offered: offered}))
}

// Day is a date as people write it in a citation, or "unknown".
func Day(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format(time.DateOnly)
}

// Clock is a moment as seen from now: the time of day alone if it is today.
func Clock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04") + " UTC"
	}
	return t.Format("2006-01-02 15:04") + " UTC"
}

// line is what people wrote as one line, and Text as it is.
func line(v any) markdown.Text {
	switch v := v.(type) {
	case markdown.Text:
		return v
	case string:
		return markdown.Start(v)
	}
	return markdown.Sprintf("%v", v)
}

// trail joins titles and headings, each of them somebody's text, by " > ".
func trail(parts ...any) markdown.Text {
	var all []markdown.Text
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			all = append(all, markdown.Line(p))
		case []string:
			all = append(all, markdown.Lines(p)...)
		}
	}
	return markdown.Join(all, " > ")
}
