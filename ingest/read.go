package ingest

import (
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/passage"
)

// Reading is one page as it is now, or as it was when Notion last answered.
type Reading struct {
	Page     index.Page
	Passages []passage.Passage
	Live     bool   // the body was read from Notion for this call
	Checked  bool   // Notion confirmed just now that this is the newest version
	Stale    string // why Notion could not be asked, in words; "" when Checked
}
