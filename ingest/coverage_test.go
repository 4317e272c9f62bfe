package ingest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion/emulator"
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
