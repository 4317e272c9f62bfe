// Package ingest keeps the index of one connection in step with Notion. A
// mirror reads the listing, then the first level of every page, then what is
// nested; polls, live reads and re-checks keep it true afterwards. Applying
// anything twice leaves the same index, and a process that is killed goes on
// where it was.
package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Config is what a Syncer works with. Index and Client are needed.
type Config struct {
	Index *index.Index
	// Client returns a client with a token that is valid now. It is called for
	// every piece of work, so that a token is never kept longer than its use.
	Client      func(context.Context) (*notion.Client, error)
	Now         func() time.Time // nil means time.Now
	Concurrency int              // requests under way at once; 0 means 8
	Poll        time.Duration    // between polls; 0 means one minute
	Reconcile   time.Duration    // between full listings of a large workspace; 0 means 15 minutes
	Passage     passage.Options
	// Refine is how long Sync and Poll go on, once all text is in the index, to
	// read the ids that are missing; 0 means to the end.
	Refine time.Duration
	// Trust is how long a page may be read from the index after Notion last
	// showed it, when Notion cannot be asked; 0 means for ever.
	Trust time.Duration
	// Patience is how long a reader waits for Notion when the index could
	// answer; 0 means 15 seconds.
	Patience time.Duration
	Log      *slog.Logger // nil means no log; never receives titles or text
}

// Phase says what a Syncer is doing.
type Phase string

// The phases.
const (
	Idle    Phase = "idle"
	Listing Phase = "listing" // asking Notion which pages there are
	Filling Phase = "reading" // reading pages, newest first
	Waiting Phase = "waiting" // for its next turn, to go on
)

// Progress is a moment of a pass, for a progress bar.
type Progress struct {
	Phase    Phase `json:"phase"`
	Done     int   `json:"done"`                   // pages read wholly
	Known    int   `json:"known"`                  // pages known so far
	Steps    int   `json:"steps"`                  // done; see Coverage.Steps
	Of       int   `json:"steps_known"`            // how many there are
	Left     int   `json:"seconds_left,omitempty"` // until all steps are done, by the budget, while they are being done
	Blocks   int   `json:"blocks"`                 // blocks read so far in this pass
	Requests int64 `json:"requests"`               // requests spent so far in this pass
}

// Summary is the outcome of one pass.
type Summary struct {
	Coverage `json:"coverage"`
	Requests int64        `json:"requests"`
	Changed  int          `json:"changed"` // pages written
	Removed  int          `json:"removed"` // pages gone
	Took     Milliseconds `json:"took_ms"`
}

// Milliseconds is how long something took, for people and for programs: time
// that is written as a number says in its key what it counts.
type Milliseconds int64

// Duration is the same as a time.Duration.
func (m Milliseconds) Duration() time.Duration { return time.Duration(m) * time.Millisecond }
