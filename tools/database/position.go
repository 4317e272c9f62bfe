package database

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// position is where a query goes on. Notion stops after 10,000 rows; in the
// order of their making a next window goes on from the minute of the last one.
// The rows of that minute that were shown already come first in it: they are
// passed over by number, and their sum tells that they are the same ones.
type position struct {
	Same   string    `json:"s"` // hash of the query
	Now    int64     `json:"t"` // what its relative dates start from
	Cursor string    `json:"c,omitempty"`
	Row    int       `json:"r,omitempty"` // rows of the index so far
	Before int       `json:"b,omitempty"` // rows of Notion so far
	From   time.Time `json:"f,omitzero"`  // beginning of the window
	Skip   stretch   `json:"k,omitzero"`  // rows of that minute to pass over
	Last   time.Time `json:"l,omitzero"`  // when the last row so far was made
	Shown  stretch   `json:"n,omitzero"`  // rows of that minute so far
}

// stretch is some rows in a row.
type stretch struct {
	Rows int    `json:"n"`
	Sum  uint64 `json:"x"` // does not depend on the order
}

func (r stretch) with(id notion.ID) stretch {
	sum := sha256.Sum256([]byte(id))
	return stretch{r.Rows + 1, r.Sum ^ binary.BigEndian.Uint64(sum[:])}
}

// hash tells queries apart.
func hash(parts ...any) (string, error) {
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("tell queries apart: %w", err)
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:6]), nil
}

func (p position) String() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return "" // a year past 9999, which Notion has not
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readPosition reads a cursor of the same query; start is where it begins.
func readPosition(cursor string, start position) (position, error) {
	if cursor == "" {
		return start, nil
	}
	var p position
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Same != start.Same || p.Row < 0 || p.Before < 0 || p.Skip.Rows < 0 {
		return p, argument.Errorf(`"cursor" belongs to another query, or was not copied whole. Copy it exactly from the last line of the part before, with the same database, where and sort; or leave it out to start at the top.`)
	}
	return p, nil
}

// after is the position behind some more rows.
func (p position) after(rows []notion.Page) position {
	for _, r := range rows {
		if !r.CreatedTime.Equal(p.Last) {
			p.Last, p.Shown = r.CreatedTime, stretch{}
		}
		p.Shown = p.Shown.with(r.ID)
	}
	p.Before += len(rows)
	return p
}
