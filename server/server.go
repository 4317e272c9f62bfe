// Package server assembles the parts into something that runs: a Session, which
// is one connection with its index, mirror and tools, shared by all processes
// of one user; and MCP over stdio on top of it.
package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Config says whose Notion is served, from where, and how.
type Config struct {
	Data       string               // folder of the indexes, made with mode 0700
	NotionURL  string               // "" means Notion itself
	Broker     tokens.Keeper        // where tokens come from
	Connection tokens.Connection    // whose token and index
	PerMinute  int                  // requests per 60 seconds; 0 means 180, below 0 unlimited
	ReadOnly   bool                 // no tool that writes
	Toolsets   []tools.Toolset      // nil means tools.DefaultToolsets
	Mirror     Mirror               // whether to keep the index in step in the background
	Poll       time.Duration        // between polls; 0 means one minute
	Confirm    time.Duration        // how long a page counts as readable after Notion last showed it; 0 means ten minutes
	Audit      *audit.Log           // told of every write; nil means none
	Version    string               // of this program, told to clients
	Log        *slog.Logger         // nil means no log; never receives secrets, titles or text
	Pacer      *notion.Pacer        // nil means one of its own; shared when one process has several connections
	Transport  http.RoundTripper    // of requests to Notion; nil means http.DefaultTransport
	Embeddings Embeddings           // finds passages by meaning too; zero is off
	Telemetry  *telemetry.Telemetry // nil records nothing
	Unusable   string               // why Stdio cannot use the token, in words for a model: every call is answered with it
	Shared     bool                 // the token comes from a broker and may change hands: check whose it is
}

// trust is how long what was seen counts when Notion cannot be asked: for ever
// where one person serves themselves, and else as long as it counts anyway.
func (c Config) trust() time.Duration {
	switch {
	case !c.Shared:
		return 0
	case c.Confirm == 0:
		return 10 * time.Minute
	}
	return c.Confirm
}

// refine is how long a pass goes on for the sake of exact links alone: to the end
// where one person waits for it, and else a moment, for others wait for a turn.
func (c Config) refine() time.Duration {
	if c.Shared {
		return 10 * time.Second
	}
	return 0
}

func (c Config) transport() http.RoundTripper {
	if c.Transport == nil {
		return http.DefaultTransport
	}
	return c.Transport
}

// Mirror says what a Session does in the background while it owns the index.
type Mirror string

// The kinds of mirroring.
const (
	MirrorAlways Mirror = ""      // mirror, then poll
	MirrorCold   Mirror = "cold"  // only until everything has been read once
	MirrorNever  Mirror = "never" // only what calls ask for
)

// Status is what a person or a supervisor wants to know of a Session.
type Status struct {
	Coverage ingest.Coverage `json:"coverage"`
	Progress ingest.Progress `json:"progress"`
	Owner    int             `json:"owner"`             // id of the process that owns the index
	Shared   bool            `json:"shared"`            // the index is owned by another process than this one
	Folder   string          `json:"folder"`            // of this connection's index
	Vectors  *vectors.Status `json:"vectors,omitempty"` // how far searching by meaning is; nil if it is off
}
