package web

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// words are what templates can call.
var words = template.FuncMap{"asset": asset, "notion": notion, "day": day, "count": count, "lasts": lasts, "join": join, "plain": markdown.Text.Plain, "show": newPassages().show}

// lasts is a time in seconds, in words no finer than its guess is.
func lasts(seconds int) string {
	if seconds < 90 {
		return count(seconds, "second")
	}
	return count((seconds+30)/60, "minute")
}

// notion lets links to Notion through, and no others.
func notion(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return ""
	}
	host := u.Hostname()
	for _, known := range []string{"notion.com", "notion.so", "notion.site"} {
		if host == known || strings.HasSuffix(host, "."+known) {
			return address
		}
	}
	return ""
}

// day is a date as people write it, of the time stamp of a tool.
func day(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return ""
	}
	return t.Format("2 January 2006")
}

// count is a number of things.
func count(n int, thing string) string {
	return string(markdown.Count(n, thing))
}

// join is what headings say, one behind the other.
func join(all []markdown.Text, between string) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = t.Plain()
	}
	return strings.Join(words, between)
}
