package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// PendingIn is what pending_writes takes.
type PendingIn struct {
	ID     string `json:"write_id"`
	Cancel bool   `json:"cancel"`
}

// PendingOut is what pending_writes answers.
type PendingOut struct {
	Writes []PendingWrite `json:"writes" jsonschema:"newest first"`
	Error  *Failure       `json:"error,omitempty" jsonschema:"set alone when the call failed"`
}

// PendingWrite is a write that is or was kept.
type PendingWrite struct {
	WriteID  string        `json:"write_id"`
	Kind     string        `json:"kind" jsonschema:"comment or page"`
	State    string        `json:"state" jsonschema:"waiting, sending, done, failed, unclear or cancelled"`
	What     markdown.Text `json:"what,omitempty" jsonschema:"how it begins, while it waits"`
	URL      string        `json:"url,omitempty" jsonschema:"what was written, or else the place"`
	Why      markdown.Text `json:"why,omitempty"`
	Made     string        `json:"made"`
	Next     string        `json:"next,omitempty" jsonschema:"when it is tried next"`
	Expires  string        `json:"expires,omitempty" jsonschema:"from when on it may be given up"`
	Attempts int           `json:"attempts"`
}

// mostPending is how many writes are shown at once.
const mostPending = 20

// pendingTool needs the right to write, also to ask: who has it not has nothing
// kept, and to cancel takes back what others of the connection may have written.
func pendingTool() tool {
	return tool{
		name:  PendingWrites,
		set:   Write,
		title: "Writes that wait for Notion",
		about: "Writes kept because Notion was busy: their state, or cancel one.",
		params: argument.Params{
			{Name: "write_id", Kind: argument.Text, About: "Default all"},
			{Name: "cancel", Kind: argument.Boolean, About: "Drop this one"},
		},
		output:     mcp.WithOutputSchema[PendingOut](),
		run:        (*Set).pending,
		writes:     true,
		idempotent: true,
	}
}

func (s *Set) pending(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[PendingIn](pendingTool(), args)
	if err != nil {
		return Answer{}, err
	}
	if _, err := s.client(ctx); err != nil {
		return Answer{}, err
	}
	items, err := s.keptOnes(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	out := PendingOut{Writes: []PendingWrite{}}
	for _, i := range items[:min(len(items), mostPending)] {
		out.Writes = append(out.Writes, s.pendingWrite(i))
	}
	return answer(out.words(), out)
}

// keptOnes are the writes that are asked for, after one is cancelled if so wanted.
func (s *Set) keptOnes(ctx context.Context, in PendingIn) ([]outbox.Item, error) {
	id := strings.TrimSpace(in.ID)
	switch {
	case in.Cancel && id == "":
		return nil, argument.Errorf("Say with %q which write to cancel.", "write_id")
	case s.cfg.Outbox == nil && id != "":
		return nil, unknownWrite(id)
	case s.cfg.Outbox == nil:
		return nil, nil
	case id == "":
		return s.cfg.Outbox.Items(), nil
	}
	i, err := s.cfg.Outbox.Item(id)
	if err == nil && in.Cancel {
		i, err = s.cancel(ctx, i)
	}
	if errors.Is(err, outbox.ErrUnknown) {
		return nil, unknownWrite(id)
	}
	return []outbox.Item{i}, err
}

// cancel drops a write. One that is under way, or over, is shown as it is.
func (s *Set) cancel(ctx context.Context, i outbox.Item) (outbox.Item, error) {
	k := kinds[i.Kind]
	e := audit.Entry{Action: k.action, Outcome: audit.Cancelled, Write: i.ID}
	if what, err := k.read(i.Payload); err == nil {
		e.Target = k.place(what)
	}
	i, err := s.cfg.Outbox.Cancel(i.ID)
	if errors.Is(err, outbox.ErrUnderWay) {
		if i.State == outbox.Sending {
			i.Why = strings.TrimPrefix(i.Why+"; ", "; ") + "it cannot be cancelled any more: it is being sent"
		}
		return i, nil
	}
	if err == nil {
		s.record(ctx, e)
	}
	return i, err
}

func unknownWrite(id string) error {
	return argument.Errorf("There is no write %q here: it was over more than a week ago, or never was. Call pending_writes without %q to see all.", markdown.Short(id), "write_id")
}

func (s *Set) pendingWrite(i outbox.Item) PendingWrite {
	w := PendingWrite{
		WriteID: i.ID, Kind: i.Kind, State: string(i.State), URL: i.URL, Why: markdown.Line(i.Why), Made: stamp(i.Made), Attempts: i.Attempts,
	}
	if i.Ended() {
		return w
	}
	w.Next, w.Expires = stamp(i.NotBefore), stamp(i.Expires)
	switch what, _ := kinds[i.Kind].read(i.Payload); what := what.(type) {
	case writing.Comment:
		w.What, w.URL = markdown.Short(what.Text), s.placeURL(what.Page, what.Block)
	case writing.Page:
		w.What, w.URL = markdown.Short(what.Title), s.placeURL(what.Place(), "")
	}
	return w
}

func (s *Set) placeURL(page, block notion.ID) string {
	if page == "" {
		return ""
	}
	return notion.BlockURL(s.pageURL(page), block)
}

// words are the list as a model reads it.
func (o PendingOut) words() markdown.Text {
	if len(o.Writes) == 0 {
		return "Nothing is waiting to be written, and nothing was kept lately."
	}
	var b markdown.Builder
	for _, w := range o.Writes {
		b.Putf("%s: %s, %s", w.WriteID, w.Kind, w.State)
		for _, part := range []struct{ before, what markdown.Text }{
			{": ", w.Why}, {". Kept ", markdown.Line(w.Made)}, {", next try ", markdown.Line(w.Next)}, {". ", markdown.NotionURL(w.URL)},
		} {
			if part.what != "" {
				b.Put(part.before, part.what)
			}
		}
		if w.What != "" {
			b.Putf(" It begins: %q", w.What)
		}
		b.Put("\n")
	}
	return b.Text().Trim()
}
