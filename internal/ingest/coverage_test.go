package ingest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

// A pass whose turn is over goes on in its next turn: nothing has stopped it.
func TestAPassThatWaitsForItsTurnIsStillReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(3), emulator.Config{})
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := w.syncer.Sync(over); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Sync: %v", err)
	}
	if c := w.syncer.Coverage(); c.State() != ingest.Asking || c.Error != "" || c.AskAgain <= 0 {
		t.Errorf("%s: %+v", c.State(), c)
	}
	w.sync()
	if c := w.syncer.Coverage(); !c.Settled() || !c.Ready() || c.AskAgain != 0 {
		t.Errorf("%s: %+v", c.State(), c)
	}
}

// An index that has all of a listing that Notion cut short agrees with Notion as
// of that listing, though it may lack pages.
func TestAsOfAListingThatWasCutShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bigWorkspace(110), emulator.Config{})
	w.notion.Inject(emulator.Fault{Route: "/v1/search", Skip: 1, Status: 500})
	if c := w.sync().Coverage; !c.Truncated || !c.Settled() || c.AsOf.IsZero() || !c.AsOf.Equal(c.LastPoll) {
		t.Errorf("%s: %+v", c.State(), c)
	}
}
