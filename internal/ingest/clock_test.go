package ingest_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// An edit that Notion stamps with the minute in which a page was read already is
// found, though our clock is some minutes ahead of Notion's.
func TestClockThatIsAheadOfNotions(t *testing.T) {
	t.Parallel()
	minute := time.Now().UTC().Truncate(time.Minute).Add(-3 * time.Minute)
	var clock atomic.Int64 // Notion's
	set := func(second int) { clock.Store(minute.Add(time.Duration(second) * time.Second).UnixNano()) }
	now := func() time.Time { return time.Unix(0, clock.Load()).UTC() }
	set(5)
	w := newWorld(t, files("a.md", "# A\n\nfirst\n", "b.md", "# B\n\nother\n"), emulator.Config{Now: now})
	w.date.Store(&now)
	edit := func(second int, text string) {
		set(second)
		if err := w.notion.Edit("a.md", "# A\n\n"+text+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	edit(5, "second")
	set(20)
	w.sync()
	edit(50, "third") // the same stamp again
	set(55)
	w.poll()
	if text := w.text("a.md"); !strings.Contains(text, "third") {
		t.Errorf("the index has %q: the edit of the same minute is lost", text)
	}
	set(200)
	w.poll() // looks once more, because the minute had not ended
	w.takeCalls()
	w.poll()
	for _, call := range w.takeCalls() {
		if strings.Contains(call, string(w.id("a.md"))) {
			t.Errorf("a page that cannot have changed is read again: %s", call)
		}
	}
}
