package passage

import (
	"net/url"
	"path"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

const inNotion markdown.Text = "file in Notion" // in place of an address that expires within the hour

// media is a line for an image, video or other file: its kind, its caption or
// name, and its address if that is not Notion's own.
func media(b *notion.Block) markdown.Text {
	c := &b.Content
	where := inNotion
	if c.External != nil {
		if where = markdown.Address(c.External.URL); where == "" {
			where = inNotion
		}
	}
	name := markdown.Inner(c.Caption)
	if c.Name != "" && !strings.Contains(plain(c.Caption), c.Name) {
		name = (markdown.Line(c.Name) + " " + name).Trim()
	}
	if name == "" && c.External != nil {
		name = markdown.Line(fileName(c.External.URL))
	}
	return labelled(kindLabel(b.Type), name, where)
}

// bookmark is a line for a link that stands alone.
func bookmark(b *notion.Block) markdown.Text {
	name, where := markdown.Inner(b.Content.Caption), markdown.Address(b.Content.URL)
	if name == "" && where == "" {
		return ""
	}
	return labelled(kindLabel(b.Type), name, where)
}

// labelled is "Label: name (where)" without the parts that are empty.
func labelled(label, name, where markdown.Text) markdown.Text {
	switch {
	case name == "" && where == inNotion:
		return label + " (" + where + ")"
	case name == "":
		return label + ": " + where
	case where == "":
		return label + ": " + name
	}
	return label + ": " + name + " (" + where + ")"
}

func kindLabel(blockType string) markdown.Text {
	switch blockType {
	case "image":
		return "Image"
	case "video":
		return "Video"
	case "pdf":
		return "PDF"
	case "audio":
		return "Audio"
	case "bookmark":
		return "Bookmark"
	case "embed":
		return "Embed"
	case "link_preview":
		return "Link"
	}
	return "File"
}

// fileName is the name in an address, without its directory.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		return oneLine(name)
	}
	return ""
}
