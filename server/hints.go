package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	gather   = time.Second // from the first hint to the look, so that several edits are one
	maxHints = 100         // of one connection; where there are more, a poll costs less
)

// hints are the objects of one connection that are said to have changed.
type hints struct {
	kinds map[notion.ID]index.Kind
	due   time.Time // zero while there are none
}

// NotionNotice reads a webhook of Notion for a webhook.Receiver.
func (p *Pool) NotionNotice(body []byte) (webhook.Notice, error) {
	c, err := webhook.ParseChange(body)
	return webhook.Notice{Event: c.Event, At: c.At, Apply: func() error { p.Changed(c); return nil }}, err
}

// Changed takes note of what Notion says has changed, for the connections of its
// workspace whose index is open: they look soon, each with their own token. The
// others poll when they are opened. It never waits.
func (p *Pool) Changed(c webhook.Change) {
	if c.Kind == "" {
		return // no index holds such things
	}
	p.mu.Lock()
	tenants := slices.Collect(maps.Values(p.tenants))
	p.mu.Unlock()
	for _, t := range tenants {
		t.hint(c, time.Now())
	}
}

func (t *tenant) hint(c webhook.Change, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.engine == nil || t.engine.elsewhere(c) {
		return
	}
	if c.Below { // whatever becomes of the hint, nothing there is quoted unasked
		t.engine.syncer.Doubt(c.Object)
	}
	if !t.engine.concerns(c) {
		return
	}
	if len(t.hints.kinds) >= maxHints {
		t.hints = hints{}
		t.next = soonest(t.next, now.Add(gather))
		return
	}
	if t.hints.due.IsZero() {
		t.hints = hints{kinds: map[notion.ID]index.Kind{}, due: now.Add(gather)}
	}
	t.hints.kinds[c.Object] = index.Kind(c.Kind)
}

// elsewhere says whether a change is one of another workspace, as far as that is
// known.
func (e *engine) elsewhere(c webhook.Change) bool {
	who := e.clients.whose.Load()
	return who != nil && who.workspace != c.Workspace
}

// concerns says whether a change may show in the index. One that the user is
// said not to see does if they saw the object before, or what hangs below it.
func (e *engine) concerns(c webhook.Change) bool {
	who := e.clients.whose.Load()
	if who == nil {
		return false // a pass begins, for which it is asked
	}
	if c.For(who.bot, who.person) {
		return true
	}
	_, known := e.index.Page(c.Object)
	return known || c.Below && e.syncer.Holds(c.Object)
}

// hinted says whether it is time to look at what is said to have changed. The
// tenant's lock is held.
func (t *tenant) hinted(now time.Time) bool {
	return !t.hints.due.IsZero() && !now.Before(t.hints.due)
}

// takeHints returns what to look at, and whether a poll is due as well.
func (t *tenant) takeHints(now time.Time) (all []ingest.Hint, poll bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, kind := range t.hints.kinds {
		all = append(all, ingest.Hint{ID: id, Kind: kind})
	}
	t.hints = hints{}
	return all, !now.Before(t.next)
}

// look reads what is said to have changed. Before the first mirror is through,
// that finds it.
func (e *engine) look(ctx context.Context, all []ingest.Hint) error {
	if len(all) == 0 || !e.syncer.Coverage().Ready() {
		return nil
	}
	_, err := e.syncer.Refresh(ctx, all)
	return err
}

func soonest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
