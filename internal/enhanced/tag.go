package enhanced

import (
	"html"
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

var (
	opening   = regexp.MustCompile(`^<([a-z][a-z_-]*)((?:\s+[a-zA-Z][a-zA-Z_-]*="[^"]*")*)\s*(/?)>`)
	colons    = regexp.MustCompile(`^::: callout(?: \{([^{}]*)\})?\s*$`)
	attribute = regexp.MustCompile(`([a-zA-Z][a-zA-Z_-]*)="([^"]*)"`)
	behind    = regexp.MustCompile(`\s*\{((?:[a-z-]+="[^"]*"\s*)+)\}\s*$`)
)

func attributes(s string) map[string]string {
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(s, -1) {
		value := html.UnescapeString(m[2])
		if inner, ok := strings.CutPrefix(value, "{{"); ok { // as Notion's tools write addresses
			value = strings.TrimSuffix(inner, "}}")
		}
		all[m[1]] = value
	}
	return all
}

// cutAttributes takes the attributes off the end of a line.
func cutAttributes(text string) (string, map[string]string) {
	if !strings.HasSuffix(strings.TrimRight(text, " "), "}") {
		return text, nil
	}
	m := behind.FindStringSubmatchIndex(text)
	if m == nil {
		return text, nil
	}
	return text[:m[0]], attributes(text[m[2]:m[3]])
}

// frames are the tags of blocks that have nothing but what is below them.
var frames = map[string]string{
	"details": "toggle", "callout": "callout", "columns": "column_list", "column": "column",
	"synced_block": "synced_block", "synced_block_reference": "synced_block",
}

// media are the tags of files.
var media = map[string]bool{"audio": true, "video": true, "pdf": true, "file": true}

// tagged reads a block that is a tag; ok is false where the line is none.
func (p *parser) tagged(text string) (n *passage.Node, tag string, ok bool) {
	if m := colons.FindStringSubmatch(text); m != nil {
		return callout(attributes(m[1])), ":::", true
	}
	m := opening.FindStringSubmatch(text)
	if m == nil {
		return nil, "", false
	}
	name, attrs, rest := m[1], attributes(m[2]), text[len(m[0]):]
	switch {
	case name == "summary":
		return p.summary(rest), "", true
	case name == "table":
		return p.table(text, attrs), "", true
	case name == "empty-block":
		return node("paragraph"), "", true
	case name == "table_of_contents":
		return node(name), "", true
	case name == "page", name == "database":
		n = reference(name, attrs["url"], rest)
		n.Gap = n.Gap || p.known != nil && !p.known(n.Block.ID)
		return n, "", true
	case media[name]:
		return file(name, attrs["src"], rest), "", true
	case name == "unknown":
		return unknown(attrs), "", true
	case strings.HasPrefix(name, "mention-"), name == "br", name == "span":
		return nil, "", false
	case frames[name] != "" && m[3] == "" && rest == "":
		return framed(name, attrs), "</" + name + ">", true
	}
	if name == "tr" || name == "td" {
		p.doubt()
	}
	// Of a kind that is not known here; what is in it is not lost.
	n = node("unsupported")
	n.Block.Content.BlockType, n.Gap = name, true
	if m[3] == "" && rest == "" {
		tag = "</" + name + ">"
	}
	return n, tag, true
}

func framed(name string, attrs map[string]string) *passage.Node {
	if name == "callout" {
		return callout(attrs)
	}
	n := node(frames[name])
	n.Block.HasChildren = true
	ref, _ := notion.ParseRef(attrs["url"])
	switch name {
	case "synced_block":
		n.Block.ID = ref.Block
	case "synced_block_reference":
		n.Block.Content.SyncedFrom = &notion.SyncedFrom{BlockID: ref.Block}
		n.Gap = ref.Block == ""
	}
	return n
}

// callout has an icon that is an emoji, or an address that nobody reads.
func callout(attrs map[string]string) *passage.Node {
	n := node("callout")
	if icon := attrs["icon"]; icon != "" && !strings.ContainsAny(icon, "/:") {
		n.Block.Content.Icon = &notion.Icon{Type: "emoji", Emoji: icon}
	}
	return n
}

// summary is the text of the toggle above it.
func (p *parser) summary(rest string) *passage.Node {
	text, _, closed := strings.Cut(rest, "</summary>")
	up := p.top().node
	if up.Block.Type != "toggle" || len(up.Children) > 0 {
		n := node("unsupported")
		n.Gap = true
		return n
	}
	runs, gap := inline(text)
	up.Block.Content.RichText, up.Gap = runs, up.Gap || gap || !closed
	return nil
}

// reference is a child page or database. Of a database it does not say whether
// it is one, or only the view of another.
func reference(name, url, rest string) *passage.Node {
	title, _, closed := strings.Cut(rest, "</"+name+">")
	n := node("child_" + name)
	runs, gap := inline(title)
	n.Block.Content.Title = plainRuns(notion.PlainText(runs))
	ref, err := notion.ParseRef(url)
	n.Block.ID = ref.Page
	n.Gap = gap || err != nil || ref.Page == "" || !closed || name == "database"
	return n
}

// unknown is a block that stands there only as a tag.
func unknown(attrs map[string]string) *passage.Node {
	n := node("unsupported")
	n.Block.Content.BlockType, n.Gap = attrs["alt"], true
	ref, _ := notion.ParseRef(attrs["url"])
	n.Block.ID = ref.Block
	return n
}

// file is a file with its caption. The name of one that is shown as such is not
// in the Markdown.
func file(name, src, rest string) *passage.Node {
	caption, _, closed := strings.Cut(rest, "</"+name+">")
	n := node(name)
	var gap bool
	n.Block.Content.Caption, gap = inline(caption)
	n.Gap = gap || !closed || name == "file"
	place(n, src)
	return n
}

// image reads "![caption](address)".
func image(line string) (*passage.Node, bool) {
	text, _ := cutAttributes(line)
	label, address, n := link(text[1:])
	if n == 0 || strings.TrimSpace(text[1+n:]) != "" {
		return nil, false
	}
	img := node("image")
	img.Block.Content.Caption, img.Gap = inline(label)
	place(img, address)
	return img, true
}

// place keeps where a file is. The address of one that Notion hosts is signed.
func place(n *passage.Node, address string) {
	if strings.Contains(address, "X-Amz-Signature=") || strings.Contains(address, "://file.notion.") || strings.HasPrefix(address, "file://") {
		n.Block.Content.File = &notion.FileURL{URL: address}
		return
	}
	n.Block.Content.External = &notion.FileURL{URL: address}
}

var cellTag = regexp.MustCompile(`<(/?)(tr|td)(?:\s[^<>]*)?>`)

// table reads a table to its end, whatever the indent of its rows.
func (p *parser) table(first string, attrs map[string]string) *passage.Node {
	n := node("table")
	n.Block.HasChildren = true
	n.Block.Content.HasColumnHeader = attrs["header-row"] == "true"
	n.Block.Content.HasRowHeader = attrs["header-column"] == "true"
	all := []string{first}
	for within := false; ; p.at++ {
		line := all[len(all)-1]
		for _, m := range cellTag.FindAllStringSubmatch(line, -1) {
			if m[2] == "td" {
				within = m[1] == ""
			}
		}
		if !within && strings.HasSuffix(strings.TrimSpace(line), "</table>") {
			break
		}
		if p.at == len(p.lines) {
			n.Gap = true
			break
		}
		all = append(all, p.lines[p.at])
	}
	src := strings.Join(all, "\n")
	var row *passage.Node
	cell := -1
	for _, m := range cellTag.FindAllStringSubmatchIndex(src, -1) {
		ends, name := m[3] > m[2], src[m[4]:m[5]]
		if name == "td" && ends != (cell >= 0) || name == "tr" && cell >= 0 { // a tag that may be text
			n.Gap = true
		}
		switch {
		case name == "tr" && !ends:
			row = node("table_row")
			n.Children = append(n.Children, row)
		case name == "td" && !ends:
			cell = m[1]
		case name == "td" && row != nil && cell >= 0:
			text := strings.Trim(src[cell:m[0]], "\n\t")
			runs, gap := inline(text)
			gap = gap || (strings.Count(text, "`")-strings.Count(text, "\\`"))%2 > 0 // ends within code
			row.Block.Content.Cells = append(row.Block.Content.Cells, runs)
			n.Block.Content.TableWidth = max(n.Block.Content.TableWidth, len(row.Block.Content.Cells))
			row.Gap, cell = row.Gap || gap, -1
			n.Gap = n.Gap || gap
		}
	}
	return n
}
