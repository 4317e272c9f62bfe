package markdown

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// media makes one block for each image of a paragraph that holds nothing but
// images, or nil. The description becomes the caption, which is the only text
// that Notion keeps of an image.
func (c *converter) media(n ast.Node) []*block.Block {
	var out []*block.Block
	for ch := n.FirstChild(); ch != nil; ch = ch.NextSibling() {
		// Blanks and line breaks between images do not count.
		if t, ok := ch.(*ast.Text); ok && strings.TrimSpace(string(t.Segment.Value(c.src))) == "" {
			continue
		}
		img, ok := ch.(*ast.Image)
		if !ok {
			return nil
		}
		caption := c.inline(img)
		if name := pathLabel(block.Plain(caption), string(img.Destination)); name != "" {
			caption = block.PlainRuns(name)
		}
		b := c.file(string(img.Destination), caption)
		out = append(out, c.at(b, n))
	}
	return out
}

// standalone makes the block of a paragraph that is one bare address or one
// link to a child page, or nil. An export writes child pages as such links.
func (c *converter) standalone(n ast.Node) *block.Block {
	if b := c.pageTag(n); b != nil {
		return b
	}
	only := n.FirstChild()
	if only == nil || only.NextSibling() != nil {
		return nil
	}
	switch only := only.(type) {
	case *ast.AutoLink:
		if only.AutoLinkType != ast.AutoLinkURL {
			return nil
		}
		return block.New("bookmark", map[string]any{
			"url": string(only.Label(c.src)), "caption": []block.Text{},
		})
	case *ast.Link:
		t, ok := c.resolve(string(only.Destination))
		// With other words the author meant a sentence and not a page.
		if !ok || !t.Child || t.Title != block.Plain(c.inline(only)) {
			return nil
		}
		return childBlock(t)
	}
	return nil
}

var pageTag = regexp.MustCompile(`^<(page|database) url="([^"]+)"[^<>]*>.*</(page|database)>\s*$`)

// pageTag makes the block of a child page as enhanced Markdown writes it, or a
// link if the page hangs elsewhere. The page is found by its address; the title
// inside the tag is not read, because it may be an old one.
func (c *converter) pageTag(n ast.Node) *block.Block {
	if n.Lines().Len() != 1 {
		return nil
	}
	seg := n.Lines().At(0)
	m := pageTag.FindSubmatch(seg.Value(c.src))
	if m == nil {
		return nil
	}
	t, ok := c.resolve(string(m[2]))
	if !ok {
		return nil
	}
	if t.Child {
		return childBlock(t)
	}
	return block.New("link_to_page", map[string]any{"type": t.Kind + "_id", t.Kind + "_id": t.ID})
}

// childBlock is the block of a child page or database. It has the page's own
// id: in Notion the two are one thing.
func childBlock(t Target) *block.Block {
	b := block.New("child_"+t.Kind, map[string]any{"title": t.Title})
	b.ID = t.ID
	return b
}

// mediaTypes are the types of blocks by the ending of a file. One without an
// ending is taken for an image, since Markdown's mark for images was used.
var mediaTypes = map[string]string{
	".pdf": "pdf",
	".mp4": "video", ".mov": "video", ".webm": "video", ".mkv": "video",
	".mp3": "audio", ".wav": "audio", ".ogg": "audio", ".m4a": "audio", ".flac": "audio",
	".png": "image", ".jpg": "image", ".jpeg": "image", ".gif": "image", ".svg": "image",
	".webp": "image", ".bmp": "image", ".tiff": "image", ".heic": "image", ".ico": "image", "": "image",
}

// videoHost matches addresses that are videos without having the ending of one.
var videoHost = regexp.MustCompile(`^https?://((www\.)?youtube\.com|youtu\.be|vimeo\.com)/`)

// file makes the block for the media at an address, by the address's ending. A
// file beside the page is one that Notion hosts, and so gets a signed address
// that expires.
func (c *converter) file(dest string, caption []block.Text) *block.Block {
	typ, ok := mediaTypes[strings.ToLower(path.Ext(cleanPath(dest)))]
	switch {
	case videoHost.MatchString(dest):
		typ = "video"
	case !ok && external(dest):
		typ = "image"
	case !ok:
		typ = "file"
	}
	content := map[string]any{"caption": caption}
	if external(dest) {
		content["type"] = "external"
		content["external"] = map[string]any{"url": dest}
	} else {
		content["type"] = "file"
		content["file"] = map[string]any{"url": c.fileURL(dest)}
	}
	if typ == "file" {
		content["name"] = path.Base(cleanPath(dest))
	}
	return block.New(typ, content)
}

// cleanPath is the path of an address without query and anchor.
func cleanPath(dest string) string {
	if u, err := url.Parse(dest); err == nil {
		return u.Path
	}
	return dest
}

// pathLabel is the name of a file where the words for it are nothing but its
// path, as exports write it, and "" where they are any others.
func pathLabel(label, dest string) string {
	name := cleanPath(dest)
	if external(dest) || !strings.Contains(name, "/") || label != dest && cleanPath(label) != name {
		return ""
	}
	return block.Name(path.Base(name))
}

// external says whether an address is somewhere on the web, and not a file
// beside the page.
func external(dest string) bool {
	return strings.HasPrefix(dest, "https://") || strings.HasPrefix(dest, "http://")
}

// fileURL is where a file beside the page can be fetched.
func (c *converter) fileURL(dest string) string {
	if c.options.FileURL != nil {
		return c.options.FileURL(dest)
	}
	return block.SignedURL(path.Base(cleanPath(dest)), c.options.Path, dest)
}
