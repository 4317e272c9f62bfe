package markdown

import (
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

func runLink(r notion.RichText) string {
	if id := mentioned(r); id != "" {
		if unnamed(r.PlainText) {
			return substitute + notion.PageURL(id)
		}
		return notion.PageURL(id)
	}
	if m := r.Mention; m != nil {
		switch {
		case m.LinkMention != nil && m.LinkMention.Href != "":
			return target(m.LinkMention.Href)
		case m.LinkPreview != nil && m.LinkPreview.URL != "":
			return target(m.LinkPreview.URL)
		}
	}
	if r.Text != nil && r.Text.Link != nil && r.Text.Link.URL != "" {
		return target(r.Text.Link.URL)
	}
	return target(r.Href)
}

// target is an address as it may be shown, or "" for one that must not be.
func target(url string) string {
	url = strings.TrimSpace(url)
	if strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") {
		url = internalLink(url)
	}
	scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
	switch scheme {
	case "http", "https", "mailto", "tel", "notion":
	default:
		return ""
	}
	if signed(url) {
		return ""
	}
	return strings.ReplaceAll(oneLine(Clean(url)), " ", "%20")
}

// internalLink makes a link within the workspace, which Notion writes as a bare
// path, absolute.
func internalLink(path string) string {
	path, fragment, anchored := strings.Cut(path, "#")
	path, _, _ = strings.Cut(path, "?")
	id, err := notion.ParseID(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return "https://app.notion.com" + path
	}
	if !anchored {
		return notion.PageURL(id)
	}
	return notion.PageURL(id) + "#" + fragment
}

// signed says whether an address carries its own permission, as those of files
// in Notion do. They expire within the hour and must not be stored or shown.
func signed(url string) bool {
	url = strings.ToLower(url)
	return strings.Contains(url, "x-amz-signature=") || strings.Contains(url, "x-amz-credential=") ||
		strings.Contains(url, "prod-files-secure") || strings.Contains(url, "secure.notion-static.com") ||
		strings.Contains(url, "file.notion.so/")
}

// Address is an address as text: a place in Notion as a link, any other as it
// stands; "" for one that must not be shown.
func Address(url string) Text {
	url = target(url)
	if own := Ours(url); own != "" {
		return Text(own)
	}
	if url == "" {
		return ""
	}
	return escaped(url, style{strict: true})
}

// notionURL matches addresses as Notion makes them, with words of the title and all.
var notionURL = regexp.MustCompile(`^https://(?:app\.|www\.)?notion\.(?:com|so)/[\w/-]*[0-9a-f]{32}(?:\?d=[0-9a-f]{32})?(?:#[0-9a-f]{32})?$`)

// NotionURL is the address of a place in Notion as Notion made it; any other is
// an Address, which is made anew from ids.
func NotionURL(url string) Text {
	if notionURL.MatchString(url) {
		return Text(url)
	}
	return Address(url)
}

// Page is the address of a page or table.
func Page(id notion.ID) Text { return Text(notion.PageURL(id)) }

// Named is a name with the address it stands for, as Inline shows a link.
func Named(name, url string) Text {
	return Inner([]notion.RichText{{PlainText: name, Href: url}})
}
