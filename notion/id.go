package notion

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// ErrBadRef marks a text that is neither a Notion id nor a Notion address.
var ErrBadRef = errors.New("not a Notion id or address")

// ID is the id of a page, block, database, data source, comment or user: a
// lower-case UUID with dashes. Ids that the API invents in another form are
// kept as they came.
type ID string

// ParseID reads an id with or without dashes, in any case. It does not look at
// the UUID's version, which Notion has changed before.
func ParseID(s string) (ID, error) {
	s = strings.TrimSpace(s)
	if id, ok := parseID(s); ok {
		return id, nil
	}
	return "", fmt.Errorf("%s is not an id of 32 hexadecimal digits: %w", echo.Quote(s), ErrBadRef)
}

func parseID(s string) (ID, bool) {
	switch len(s) {
	case 32:
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return "", false
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	default:
		return "", false
	}
	for i := range len(s) {
		if !isHex(s[i]) {
			return "", false
		}
	}
	s = strings.ToLower(s)
	return ID(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]), true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Compact is the id without dashes, as Notion writes it in URLs.
func (id ID) Compact() string {
	return strings.ReplaceAll(string(id), "-", "")
}

// UnmarshalJSON gives ids their canonical form, and keeps what is no UUID
// but may be some other id.
func (id *ID) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*id = ID(plainID(s))
	if canonical, ok := parseID(s); ok {
		*id = canonical
	}
	return nil
}
