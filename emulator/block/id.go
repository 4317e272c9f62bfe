package block

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// NewID derives an id from its parts: the same parts give the same id in every
// run. It is a UUID of version 8, as Notion's newer ids are, so that a client
// that insists on version 4 is found out.
func NewID(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	h[6] = h[6]&0x0f | 0x80
	h[8] = h[8]&0x3f | 0x80
	return Dash(hex.EncodeToString(h[:16]))
}

// Dash turns 32 hexadecimal digits into the lower-case form with dashes, which
// is how the API writes ids.
func Dash(hex32 string) string {
	s := strings.ToLower(hex32)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Compact removes the dashes of an id, as addresses and anchors have it.
func Compact(id string) string { return strings.ReplaceAll(id, "-", "") }

var (
	dashed = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	plain  = regexp.MustCompile(`(?i)^[0-9a-f]{32}$`)
)

// ParseID accepts an id with or without dashes, of any UUID version, and
// returns it with dashes; ok is false for anything else.
func ParseID(s string) (string, bool) {
	if dashed.MatchString(s) || plain.MatchString(s) {
		return Dash(Compact(s)), true
	}
	return "", false
}

// AssignIDs gives an id to every block of a page that has none. The id comes
// from the page, the type, the own text and how many equal blocks stand before
// it, so edits elsewhere in the page do not move it.
func AssignIDs(page string, blocks []*Block) {
	seen := map[string]int{}
	Walk(blocks, func(b *Block) {
		if b.ID != "" {
			return
		}
		key := b.Type + "\x00" + fingerprint(b)
		b.ID = NewID("block", page, key, strconv.Itoa(seen[key]))
		seen[key]++
	})
}

// fingerprint is what tells blocks of one type apart: their text, and the few
// fields that change a block and are no text.
func fingerprint(b *Block) string {
	return b.PlainText() + "\x00" + b.SyncName + "\x00" + fmt.Sprint(b.Content["language"], b.Content["checked"])
}

// SignedURL is where a file that Notion hosts can be fetched. Notion's addresses
// of this kind run to over a thousand characters and are no use after an hour,
// so a reader that keeps or quotes them is wrong; these are built alike. The
// same name and parts give the same address.
func SignedURL(name string, parts ...string) string {
	id := NewID(append([]string{"file"}, parts...)...)
	return "https://prod-files-secure.s3.us-west-2.amazonaws.com/" + id + "/" + url.PathEscape(name) +
		"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600&X-Amz-Signature=" + Compact(id)
}
