package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// longestLink is how long an id, a link or a word to complete may be, in bytes.
const longestLink = 2 << 10

// Parts of the parameters of a request that nothing is searched with: what
// clients say of themselves, and the arguments, whose lengths their tool or
// prompt bounds.
var unsearched = []string{"_meta", "clientInfo", "capabilities", "inputResponses", "arguments"}

// checkLengths bounds what a request of any method names. It is a hook of the
// library, and so comes before the library or anything of ours holds a part of
// it against a pattern or shows it in an error.
func checkLengths(_ context.Context, _, message any) error {
	raw, ok := message.(json.RawMessage)
	if !ok {
		return fmt.Errorf("a request of the type %T", message)
	}
	l := lengths{d: json.NewDecoder(bytes.NewReader(raw))}
	l.d.UseNumber()
	return l.value(0, "")
}

// lengths goes through a request as it is written: JSON can be written so that
// two readers of it see two values of one name.
type lengths struct {
	d    *json.Decoder
	free bool // within a part that nothing is searched with
}

// value reads a value, which stands so deep and under that name.
func (l *lengths) value(depth int, name string) error {
	t, err := l.d.Token()
	if err != nil {
		return nil // what is no JSON, the library refuses in its own words
	}
	switch t := t.(type) {
	case string:
		return l.text(depth, name, t)
	case json.Number:
		if len(t) > echo.Most {
			return fmt.Errorf("a number has %d digits, at most %d", len(t), echo.Most)
		}
	case json.Delim:
		for l.d.More() {
			if err := l.member(t, depth, name); err != nil {
				return err
			}
		}
		_, _ = l.d.Token() // the end
	}
	return nil
}

func (l *lengths) member(in json.Delim, depth int, name string) error {
	if in == '{' {
		t, err := l.d.Token()
		if err != nil {
			return nil
		}
		name, _ = t.(string)
		if err := l.text(depth, "", name); err != nil {
			return err
		}
	}
	if depth == 1 && in == '{' && slices.ContainsFunc(unsearched, func(n string) bool { return strings.EqualFold(n, name) }) {
		l.free = true
		defer func() { l.free = false }()
	}
	return l.value(depth+1, name)
}

// text also refuses what the library would show whole in an error.
func (l *lengths) text(depth int, name, text string) error {
	switch {
	case l.free || len(text) <= echo.Most:
		return nil
	case len(text) > longestLink:
		return fmt.Errorf("%s is too long: %d bytes, at most %d", echo.Quote(text), len(text), longestLink)
	case strings.EqualFold(name, "name"), strings.EqualFold(name, "method"):
		return fmt.Errorf("there is no %s: no name here is longer than %d bytes", echo.Quote(text), echo.Most)
	case depth == 2 && strings.EqualFold(name, "uri") && !readable(text):
		return fmt.Errorf("there is no resource %s: pages have links that begin with https://app.notion.com/", echo.Quote(text))
	}
	return nil
}

// readable says whether a link is one that a resource template takes.
func readable(uri string) bool {
	of := func(template struct{ uri, name, about string }) bool {
		begin, _, _ := strings.Cut(template.uri, "{")
		return strings.HasPrefix(uri, begin)
	}
	_, err := url.Parse(uri)
	odd := strings.IndexFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) })
	return err == nil && odd < 0 && slices.ContainsFunc(pageTemplates, of)
}
