package prompts

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

var (
	// image matches the beginning of a Markdown image, which some programs
	// would fetch.
	image = regexp.MustCompile(`!\[([^\]\n]*)\]\(`)
	// linked matches an image or a link with a label that has no brackets.
	linked = regexp.MustCompile(`(!?)\[([^\[\]\n]*)\]\(\s*<?([A-Za-z][A-Za-z0-9+.-]*:[^\s()<>]*)>?(?:\s+"[^"\n]*")?\s*\)`)
	// target matches every other place where a link may get its address.
	target = regexp.MustCompile(`\]\((\s*<?)([^\s()<>]*)`)
	// autolink matches an address in angle brackets.
	autolink = regexp.MustCompile(`<((?i:https?|ftp|javascript|data|file|vbscript):[^\s<>]*)>`)
	// definition matches what gives a reference link its address.
	definition = regexp.MustCompile(`(?m)^([ \t>]*(?:[-*+] +|\d+[.)] +)*)\[([^\]\n]+\]:\s*<?(?:[A-Za-z][A-Za-z0-9+.-]*:|/))`)
)

// links shows images and links that lead out of Notion as text with the host
// that they lead to.
func links(text string) string {
	if !strings.Contains(text, "](") && !strings.Contains(text, "]:") && !strings.Contains(text, "<") {
		return text
	}
	text = linked.ReplaceAllStringFunc(text, func(s string) string {
		m := linked.FindStringSubmatch(s)
		return relinked(m[1] != "", m[2], m[3])
	})
	text = image.ReplaceAllString(text, `!\[$1](`)
	text = target.ReplaceAllStringFunc(text, func(s string) string {
		m := target.FindStringSubmatch(s)
		if ours(m[2]) != "" || m[1] == "" && !strings.ContainsAny(m[2], `:/\&%`) {
			return s
		}
		return `]\(` + s[2:]
	})
	text = autolink.ReplaceAllString(text, "&lt;$1>")
	return definition.ReplaceAllString(text, `$1\[$2`)
}

// relinked is a link to Notion, or a link or image as text.
func relinked(image bool, label, to string) string {
	if own := ours(to); own != "" && !image {
		return "[" + label + "](" + own + ")"
	}
	to = address(to)
	switch {
	case image && strings.TrimSpace(label) == "":
		return "(image: " + to + ")"
	case image:
		return label + " (image: " + to + ")"
	case strings.TrimSpace(label) == "" || label == to:
		return to
	}
	return label + " (" + to + ")"
}

// ours is the address of a place in Notion, made from ids wherever it carries
// more; "" for all others.
func ours(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	ref, err := notion.ParseRef(address)
	host := strings.ToLower(u.Hostname())
	if err != nil || u.Scheme == "" || u.Scheme != "notion" && !strings.Contains(host, "notion.") {
		return ""
	}
	if u.Scheme == "https" && u.RawQuery == "" && strings.HasPrefix(host, "app.notion.") && (u.Fragment == "" || ref.Block != "") {
		return address
	}
	return notion.BlockURL(notion.PageURL(ref.Page), ref.Block)
}

// addressLimit is how much of a foreign address is shown, in bytes: its host,
// and enough to tell pages apart.
const addressLimit = 150

// address is a foreign address as text that nobody can click.
func address(s string) string {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
			break
		}
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "www.") {
		s = s[4:]
	}
	if len(s) > addressLimit {
		s = strings.ToValidUTF8(s[:addressLimit], "") + "…"
	}
	return s
}
