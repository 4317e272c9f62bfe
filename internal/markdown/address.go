package markdown

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/mcp-notion/mcp-notion/notion"
)

// addressSpan is where an address stands in a text.
type addressSpan struct{ start, end int }

// addressed matches what readers of Markdown make links of by themselves: those
// of GitHub, and those that take "//" for the beginning of an address and every
// letter for one of a host. It takes too much at the end, as they do.
var addressed = regexp.MustCompile(`(?i)(?:^|[^\pL\pM\p{Nd}])(www\.` + rest + `)` +
	`|((?:[a-z][a-z0-9+.-]*:)?//` + rest +
	`|(?:mailto|xmpp):[^\s<>@]+@` + label + `(?:\.` + label + `)*` +
	`|` + mailbox + `@(?:` + label + `(?:\.` + label + `)+|\[IPv6:))`)

const (
	rest    = "[^\\s\\pZ\\p{Cc}<>`|\"{}\\\\]+"
	mailbox = "(?:[a-z0-9.!#$%&'*+/=?^_`{|}~-]+|" + letter + ")"
	label   = `(?:` + letter + `|[-_])+`
	letter  = `[^\s\pZ\pP\p{Cc}<>]` // as generous as the most generous reader
)

// lone is what begins an address, without one.
var lone = regexp.MustCompile(`(?i)^(?:(?:[a-z][a-z0-9+.-]*:)?/+|www)?$`)

// addresses finds the addresses in a text.
func addresses(s string) []addressSpan {
	if !strings.Contains(s, "//") && !strings.Contains(s, "@") && !strings.Contains(strings.ToLower(s), "www.") {
		return nil
	}
	var all []addressSpan
	for _, at := range addressed.FindAllStringSubmatchIndex(s, -1) {
		found := strings.TrimLeft(s[max(at[2], at[4]):at[1]], "`")
		start := at[1] - len(found)
		found = withoutEnd(found)
		switch n := len(all); {
		case lone.MatchString(found) && !strings.Contains(strings.ToLower(found), "www."): // which makes a host of a scheme
		case n > 0 && all[n-1].end == start: // code and code would run into one another
			all[n-1].end += len(found)
		default:
			all = append(all, addressSpan{start, start + len(found)})
		}
	}
	return all
}

// withoutEnd takes off the punctuation of the sentence around an address.
func withoutEnd(s string) string {
	for {
		t := strings.TrimRight(s, "?!.,:;*_~'[`")
		if strings.HasSuffix(t, ")") && strings.Count(t, ")") > strings.Count(t, "(") ||
			strings.HasSuffix(t, "]") && strings.Count(t, "]") > strings.Count(t, "[") {
			t = t[:len(t)-1]
		}
		if t == s {
			return s
		}
		s = t
	}
}

// address writes what s begins with of an address as code, which nobody makes a
// link of, and returns its length; 0 if s begins with none. Where marks part an
// address, each part is code.
func (e *escaper) address(s string) int {
	for len(e.spans) > 0 && e.spans[0].end <= e.at {
		e.spans = e.spans[1:]
	}
	if len(e.spans) == 0 || e.spans[0].start > e.at {
		return 0
	}
	n := min(e.spans[0].end-e.at, len(s))
	ticks, pad := codeMarks(s[:n])
	e.b.WriteString(ticks + pad + s[:n] + pad + ticks)
	return e.took(s, n)
}

// addressAt says whether an address begins at the byte at, which is written as code.
func (e *escaper) addressAt(at int) bool { return len(e.spans) > 0 && e.spans[0].start == at }

// Ours is the address of a place in Notion, made from ids; "" for all others.
func Ours(address string) string {
	ref, err := notion.ParseRef(address)
	if err != nil {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "notion" && !strings.Contains(strings.ToLower(u.Hostname()), "notion.") {
		return ""
	}
	return notion.BlockURL(notion.PageURL(ref.Page), ref.Block)
}

// addressLimit is how much of a foreign address is shown, in bytes: its host,
// and enough to tell pages apart.
const addressLimit = 150

// bare is an address without its scheme.
func bare(s string) string {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
			break
		}
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "www.") {
		s = s[4:]
	}
	return strings.TrimSuffix(s, "/")
}

// place is a foreign address as a reader needs it: host and path.
func place(address string) string {
	s := bare(address)
	end := strings.IndexAny(s, "/?#")
	if end < 0 {
		end = len(s)
	}
	s = asciiHost(s[:end]) + s[end:]
	if len(s) > addressLimit {
		s = strings.ToValidUTF8(s[:addressLimit], "") + "…"
	}
	return s
}

// asciiHost writes a host whose letters are of several scripts, which may look
// like another host, as it is asked for.
func asciiHost(host string) string {
	ascii, foreign := false, false
	for _, r := range host {
		ascii = ascii || unicode.Is(unicode.Latin, r)
		foreign = foreign || unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r)
	}
	if !ascii || !foreign {
		return host
	}
	if p, err := idna.Punycode.ToASCII(strings.ToLower(host)); err == nil {
		return p
	}
	return host
}
