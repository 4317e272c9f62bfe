package tools

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// A cursor is 17 bytes in base64, opaque to the caller:
//
//	1  version
//	3  index of the next part
//	4  last edit of the page, in minutes
//	5  hash of the block of the next part, to find its place on a changed page
//	4  hash of the page's id and all of the above, against mixing pages up
const (
	cursorVersion = 1
	cursorBody    = 13
	cursorSize    = 17
)

var errCursor = argument.Errorf(`"cursor" does not belong to this page or was not copied whole. Copy it exactly from the last line of the part before, or leave it out to start at the top.`)

// cursor names the part to go on with.
func (b *book) cursor(next int) string {
	raw := make([]byte, 0, cursorSize)
	raw = append(raw, cursorVersion, byte(next>>16), byte(next>>8), byte(next))
	raw = binary.BigEndian.AppendUint32(raw, b.edited())
	raw = append(raw, digest(string(b.parts[next].block()))[:5]...)
	raw = append(raw, b.seal(raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// resume finds the part to go on with, and says so if the page has changed
// since the part before was read.
func (b *book) resume(cursor string) (next int, notes []markdown.Text, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != cursorSize || raw[0] != cursorVersion || string(b.seal(raw[:cursorBody])) != string(raw[cursorBody:]) {
		return 0, nil, errCursor
	}
	next = int(raw[1])<<16 | int(raw[2])<<8 | int(raw[3])
	same := func(p part) bool { return string(digest(string(p.block()))[:5]) == string(raw[8:13]) }
	edited := binary.BigEndian.Uint32(raw[4:8]) != b.edited()
	if next < len(b.parts) && same(b.parts[next]) {
		if edited {
			notes = []markdown.Text{"The page was edited after the part before was read; that part may be out of date."}
		}
		return next, notes, nil
	}
	if i := slices.IndexFunc(b.parts, same); i >= 0 {
		return i, []markdown.Text{"The page was edited after the part before was read: passages were added or removed further up. This goes on at the same block."}, nil
	}
	next = max(0, min(next, len(b.parts)-1))
	return next, []markdown.Text{"The page was edited after the part before was read, and the block to go on with is gone. This goes on at about the same place; read from the top if every word matters."}, nil
}

func (b *book) seal(body []byte) []byte {
	return digest(string(b.Page.ID), string(body))[:4]
}

func (b *book) edited() uint32 {
	if b.Page.LastEdited.IsZero() {
		return 0
	}
	return uint32(b.Page.LastEdited.Unix() / 60)
}

func digest(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}
