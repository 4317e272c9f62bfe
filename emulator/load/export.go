package load

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/bundle"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// readable refuses files of which none can be read, and names the likely
// mistake: Notion offers other kinds of exports too. No file at all is an empty
// workspace.
func readable(files *bundle.Bundle) error {
	kinds := files.Unread()
	pages := 0
	for _, name := range files.Names() {
		if bundle.Page(name) {
			pages++
		}
	}
	switch {
	case pages > 0:
		return nil
	// An export as HTML has its tables as CSV too.
	case kinds[".html"]+kinds[".htm"] > 0:
		return errors.New("this is HTML, as a Notion export of the kind HTML is, and its pages cannot be read; in Notion, export again as Markdown & CSV")
	case len(files.Names()) > 0:
		return nil
	case kinds[".pdf"] > 0:
		return errors.New("these are PDF files, as in a Notion export of the kind PDF; in Notion, export again as Markdown & CSV")
	case len(files.Notes.Lines()) > 0:
		return fmt.Errorf("none of its files can be read (%s)", strings.Join(files.Notes.Lines(), "; "))
	}
	return nil
}

// shortName is a name that was cut, as exports have it where paths must be
// short: some letters of the title, and some digits of the id.
var shortName = regexp.MustCompile(`^(.+) ([0-9a-f]{4,8})$`)

// shortDigits is how many digits the ids in the names of an export have if names
// were cut, or 0. One name cannot tell: "Plan 2026" is a title. Either most
// pages have a heading that begins with the name and not with the digits, or all
// names end in as many digits, of which some are letters.
func shortDigits(files *bundle.Bundle) int {
	var all, pages, letters [9]int
	names, total := files.Names(), 0
	for _, name := range names {
		stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), path.Ext(name)), "_all")
		if bundle.Page(name) {
			total++
		}
		m := shortName.FindStringSubmatch(stem)
		if m == nil {
			continue
		}
		n := len(m[2])
		all[n]++
		if strings.ContainsAny(m[2], "0123456789") && strings.ContainsAny(m[2], "abcdef") {
			letters[n]++
		}
		if raw, _ := files.Text(name); bundle.Page(name) && cutFrom(m[1], workspace.ReadText(raw).Title) {
			pages[n]++
		}
	}
	for n := range all {
		if all[n] > 0 && (pages[n]*2 > total || all[n] == len(names) && letters[n]*2 > all[n]) {
			return n
		}
	}
	return 0
}

// cutFrom says whether a name in an export may be what was left of a title. What
// a file system does not like is not compared.
func cutFrom(name, title string) bool {
	name, title = letters(name), letters(title)
	return name != "" && strings.HasPrefix(title, name)
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// tableLink is a link to a table of an export.
var tableLink = regexp.MustCompile(`\[([^\[\]\n]+)\]\(((?:[^()\s]|\([^()\s]*\))+\.[ct]sv)\)`)

// nameTables gives tables whose names were cut the titles by which the pages
// link to them: nothing else in an export has them.
func (l *loader) nameTables() {
	if len(l.cut) == 0 {
		return
	}
	for _, p := range l.w.Pages {
		for _, m := range tableLink.FindAllSubmatch(l.sources[p].text.Body, -1) {
			name, err := url.PathUnescape(string(m[2]))
			if err != nil {
				continue
			}
			d := l.w.FindDatabase(path.Join(path.Dir(p.Path), block.PathName(name)))
			title := workspace.PlainTitle(string(m[1]))
			if d != nil && l.cut[d] && cutFrom(d.Title, title) {
				d.Title = title
			}
		}
	}
}
