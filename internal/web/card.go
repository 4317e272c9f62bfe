package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// standing is what has become of a connection.
type standing string

const (
	stands  standing = "connected"
	again   standing = "reauthorize"
	never   standing = "none"
	unclear standing = "unknown" // it cannot be found out just now
)

// card is one connection on the page.
type card struct {
	Handle     tokens.Handle
	Name       string
	Shared     bool
	State      standing
	Why        string // with unclear
	Disconnect bool   // whether it can be ended here

	Coverage ingest.Coverage
	Recent   []tools.FoundPassage
}

func (c *Connect) card(ctx context.Context, l tokens.Listed) card {
	conn := l.Connection
	k := card{Handle: conn.Handle, Name: l.Label, Shared: conn.IsShared(), Disconnect: c.cfg.Home.Disconnect != nil && !conn.IsShared()}
	if k.Name == "" {
		k.Name = name(conn)
	}
	refused, err := c.ask(ctx, conn, tools.Status, nil, &k.Coverage)
	switch {
	case errors.Is(err, tokens.ErrNotConnected):
		k.State = never
	case errors.Is(err, tokens.ErrNeedsReauthorization):
		k.State = again
	case err != nil:
		c.cfg.Log.Warn("the state of a connection cannot be found out", "connection", conn.Key(), "err", err)
		k.State, k.Why = unclear, "This could not be checked just now. Nothing is shown until it can be."
	case refused != "":
		k.State, k.Why = unclear, refused
	default:
		k.State = stands
		k.Recent = c.recent(ctx, conn, k.Coverage)
	}
	return k
}

// name is what to call a connection that the broker has no name for.
func name(conn tokens.Connection) string {
	switch {
	case conn.Handle == tokens.DefaultHandle:
		return "Notion"
	case conn.IsShared():
		return "Notion of your organization: " + string(conn.Handle)
	}
	return "Notion: " + string(conn.Handle)
}

// recentPages is how many are shown.
const recentPages = 5

// recent are the pages edited last. It is asked only when some are known: the
// tool would wait for the first, and the page must not.
func (c *Connect) recent(ctx context.Context, conn tokens.Connection, known ingest.Coverage) []tools.FoundPassage {
	if known.Known == 0 {
		return nil
	}
	var out tools.SearchOut
	refused, err := c.ask(ctx, conn, tools.SearchNotion, map[string]any{"limit": recentPages, "max_tokens": 400}, &out)
	if err != nil || refused != "" {
		c.cfg.Log.Info("the pages edited last are not shown", "connection", conn.Key(), "err", err)
		return nil
	}
	return out.Passages
}

// ask calls a tool and reads what it answers. If the tool has refused, refused
// says why, in words for people.
func (c *Connect) ask(ctx context.Context, conn tokens.Connection, tool string, args map[string]any, out any) (refused string, err error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return "", fmt.Errorf("ask for %s: %w", tool, err)
	}
	if args == nil {
		raw = nil
	}
	a, err := c.cfg.Home.Call(ctx, conn, tool, raw)
	switch {
	case err != nil:
		return "", err
	case a.IsError:
		return a.Text, nil
	}
	if err := json.Unmarshal(a.Full(), out); err != nil {
		return "", fmt.Errorf("read what %s answers: %w", tool, err)
	}
	return "", nil
}

// Busy says whether pages are being read, so that the card will change soon.
func (k card) Busy() bool {
	return k.State == stands && !k.Coverage.Settled()
}

// Skipped is how many pieces of pages Notion does not hand out.
func (k card) Skipped() (n int) {
	for _, s := range k.Coverage.Skipped {
		n += s.Count
	}
	return n
}

// Said is the state in a sentence that changes with the state alone, and not
// with every page that is read: it is read aloud.
func (k card) Said() string {
	switch {
	case k.State == never:
		return k.Name + " is not connected."
	case k.State == again:
		return k.Name + " needs to be connected again."
	case k.State == unclear:
		return k.Name + " could not be checked just now."
	case k.Coverage.State() == ingest.Stopped:
		return k.Name + " is connected. Reading your pages has stopped for now."
	case k.Busy():
		return k.Name + " is connected. Your pages are being read."
	case k.Coverage.Failed > 0:
		return fmt.Sprintf("%s is connected. %d of %d pages are read, and the others cannot be.", k.Name, k.Coverage.Complete, k.Coverage.Known)
	}
	if k.Coverage.Known == 1 {
		return k.Name + " is connected. Its page is read."
	}
	return fmt.Sprintf("%s is connected. All %d pages are read.", k.Name, k.Coverage.Known)
}
