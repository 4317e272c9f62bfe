package notion

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// Ref is what an id or a Notion address points at. Page may also be a database
// or data source, since addresses do not tell them apart.
type Ref struct {
	Page       ID
	Block      ID // the anchor
	Discussion ID // the ?d= of a comment thread
	View       ID // the ?v= of a database; never a page
}

// ParseRef reads an id, or an address in any form that Notion has used: old
// and new hosts, notion.site, notion://, the page peeked at with ?p=, block
// anchors. Addresses of loopback hosts are read too, for the emulator. The
// error says in words for people what is wrong with s.
func ParseRef(s string) (Ref, error) {
	s = target(strings.TrimSpace(s))
	if id, ok := parseID(s); ok {
		return Ref{Page: id}, nil
	}
	u, err := parseAddress(s)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{Page: pathID(u), Block: anchor(u.Fragment)}
	query := u.Query()
	if peek, ok := parseID(query.Get("p")); ok {
		ref.Page = peek
	}
	ref.View, _ = parseID(query.Get("v"))
	ref.Discussion, _ = parseID(query.Get("d"))
	if ref.Page == "" {
		return Ref{}, noPage(s, u)
	}
	return ref, nil
}

// target is the address of a Markdown link, or s without what may stand around
// an address in a text: <s>, `s`, {#s}.
func target(s string) string {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, ")") {
		if i := strings.LastIndex(s, "]("); i > 0 {
			s, _, _ = strings.Cut(strings.TrimSpace(s[i+2:len(s)-1]), " ") // a title may follow
		}
	}
	return strings.Trim(strings.TrimPrefix(s, "{#"), "<>\"'`{}")
}

// parseAddress accepts what can be a place in Notion: one of its hosts, a
// loopback host, or the last part of an address alone.
func parseAddress(s string) (*url.URL, error) {
	if first, _, _ := strings.Cut(s, "/"); !strings.Contains(s, "://") && isNotionHost(first) {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return nil, fmt.Errorf("%s cannot be read as an address: %w", echo.Quote(s), ErrBadRef)
	}
	switch {
	case u.User != nil:
	case u.Scheme == "notion":
		return u, nil
	case u.Scheme == "" && u.Host == "" && !strings.Contains(u.Path, "/"):
		return u, nil
	case (u.Scheme == "https" || u.Scheme == "http") && (isNotionHost(u.Hostname()) || isLoopback(u.Hostname())):
		return u, nil
	}
	return nil, fmt.Errorf("%s is not the address of a page in Notion: %w", echo.Quote(s), ErrBadRef)
}

func isNotionHost(host string) bool {
	switch host = strings.ToLower(strings.TrimSuffix(host, ".")); host {
	case "notion.so", "www.notion.so", "app.notion.so", "notion.com", "www.notion.com", "app.notion.com":
		return true
	}
	return strings.HasSuffix(host, ".notion.site")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// pathID is the id in the last part of the path that ends in one. In notion://
// addresses the host may be that part.
func pathID(u *url.URL) ID {
	path := u.Path
	if u.Scheme == "notion" {
		path = u.Host + "/" + u.Path
	}
	parts := strings.Split(path, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if id, ok := endingID(parts[i]); ok {
			return id
		}
	}
	return ""
}

// endingID finds the id at the end of Title-Slug-1a2b. What is before it must
// be set off, so that the tail of a longer number is not taken.
func endingID(s string) (ID, bool) {
	for _, n := range []int{36, 32} {
		rest := len(s) - n
		if rest < 0 || rest > 0 && s[rest-1] != '-' {
			continue
		}
		if id, ok := parseID(s[rest:]); ok {
			return id, true
		}
	}
	return "", false
}

func anchor(fragment string) ID {
	id, _ := parseID(strings.TrimPrefix(fragment, "block-"))
	return id
}

func noPage(s string, u *url.URL) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case strings.HasSuffix(host, ".notion.site"):
		return fmt.Errorf("%s is the public address of a page and has no id in it; open the page in Notion and use Copy link: %w", echo.Quote(s), ErrBadRef)
	case host == "":
		return fmt.Errorf("%s is neither an id nor an address of a page in Notion: %w", echo.Quote(s), ErrBadRef)
	}
	return fmt.Errorf("%s is a Notion address, but names no page: %w", echo.Quote(s), ErrBadRef)
}

// PageURL is an address that opens a page whose own URL is not known.
func PageURL(id ID) string {
	return "https://app.notion.com/p/" + id.Compact()
}

// longestURL is how long a page's own address may be before links cost more
// than the text they stand beside. Notion puts the whole title into it.
const longestURL = 200

// Address is the address to show for a page: its own, or one without its title
// where it has none or a very long one.
func Address(own string, id ID) string {
	if own == "" || len(own) > longestURL {
		return PageURL(id)
	}
	return own
}

// BlockURL opens a page at a block. pageURL is the page's own URL; an anchor
// that it has is replaced.
func BlockURL(pageURL string, block ID) string {
	pageURL, _, _ = strings.Cut(pageURL, "#")
	if block == "" {
		return pageURL
	}
	return pageURL + "#" + block.Compact()
}

// DiscussionURL opens a page with a comment thread shown. Notion does not hand
// out such links; this is the form that its own apps use.
func DiscussionURL(pageURL string, discussion ID) string {
	pageURL, fragment, hasFragment := strings.Cut(pageURL, "#")
	separator := "?"
	if strings.Contains(pageURL, "?") {
		separator = "&"
	}
	pageURL += separator + "d=" + discussion.Compact()
	if hasFragment {
		pageURL += "#" + fragment
	}
	return pageURL
}
