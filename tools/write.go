package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// done is what became of a write: it is in Notion, or it is kept.
type done struct {
	writing.Outcome
	kept  *outbox.Item
	again bool // it had been kept before
}

// write does a write now. Where Notion asks to wait longer than the call may,
// it is kept for later, unless the caller minds.
func (s *Set) write(ctx context.Context, client *notion.Client, what writing.Write, later *bool) (done, error) {
	k := kindOf(what)
	payload, err := json.Marshal(what)
	if err != nil {
		return done{}, fmt.Errorf("write down what to write: %w", err)
	}
	if s.cfg.Outbox != nil {
		if i, ok := s.cfg.Outbox.Find(k.kind, payload); ok {
			return done{kept: &i, again: true}, nil
		}
	}
	out, err := s.writer.Do(ctx, what, writing.Try{Client: client})
	if err == nil {
		s.record(ctx, audit.Entry{Action: k.action, Target: string(out.ID), Outcome: audit.Done, Duplicate: !out.Written})
		return done{Outcome: out}, nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		s.record(ctx, audit.Entry{Action: k.action, Target: k.place(what), Outcome: audit.Cancelled})
		return done{}, err
	}
	var unkept error
	if s.mayWait(err, later) {
		i, kerr := s.cfg.Outbox.Keep(s.kept(ctx, k, payload, err))
		if kerr == nil {
			s.record(ctx, audit.Entry{Action: k.action, Target: k.place(what), Outcome: audit.Deferred, Write: i.ID})
			return done{kept: &i}, nil
		}
		s.cfg.Log.Warn("a write could not be kept", "err", kerr)
		unkept = kerr
	}
	s.record(ctx, failedEntry(audit.Entry{Action: k.action, Target: k.place(what)}, err))
	err = k.told(err)
	if errors.Is(unkept, index.ErrFull) {
		err = toldError{cause: err, words: explain(err).text + " It is not kept for later, because the disk of this server is full."}
	}
	return done{}, err
}

// busy says that Notion asks to wait, and has done nothing.
func busy(err error) bool {
	return (errors.Is(err, notion.ErrRateLimited) || errors.Is(err, notion.ErrOverloaded)) && !errors.Is(err, notion.ErrUnclear)
}

// defaultWait is how long a write waits where Notion does not say how long.
const defaultWait = 15 * time.Second

func (s *Set) kept(ctx context.Context, k kind, payload []byte, err error) outbox.Write {
	return outbox.Write{
		Kind: k.kind, Payload: payload, By: s.cfg.Audit.Subject(ctx),
		NotBefore: s.cfg.Now().Add(retryAfter(err)), Why: "Notion is busy",
	}
}

// retryAfter is how long Notion asks to wait.
func retryAfter(err error) time.Duration {
	var e *notion.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return defaultWait
}

// keptWords tell a model that a write is kept.
func (s *Set) keptWords(d done) markdown.Text {
	k := kinds[d.kept.Kind]
	said := markdown.Sprintf("Not %s yet: Notion asks to wait, so the %s is kept and will be %s by itself in about %s (id %s).",
		k.done, k.noun, k.done, about(d.kept.NotBefore.Sub(s.cfg.Now())), d.kept.ID)
	if d.again {
		said = markdown.Sprintf("The same %s is kept already and will be %s by itself (id %s): nothing was done.", k.noun, k.done, d.kept.ID)
	}
	return said + markdown.Sprintf(" It happens while this server runs. Tell the user, and do not call %s for it again. pending_writes tells how far it is, and cancels it.",
		k.tool)
}

// about is a time in words.
func about(d time.Duration) string {
	switch s := seconds(d); {
	case s <= 90:
		return string(markdown.Count(max(s, 1), "second"))
	case s < 2*3600:
		return string(markdown.Count((s+59)/60, "minute"))
	default:
		return string(markdown.Count((s+3599)/3600, "hour"))
	}
}

// kind is what people are told of comments, and of pages.
type kind struct {
	kind, tool, noun, done string
	action                 audit.Action
	again, blind           markdown.Text // what to do when it is not known what happened; and when it cannot be seen
	restricted             markdown.Text
}

// The names of kinds are kept in files.
const (
	commentKind = "comment"
	pageKind    = "page"
)

var kinds = map[string]kind{
	commentKind: {
		kind: commentKind, tool: AppendComment, noun: "comment", done: "posted", action: audit.Comment,
		again:      "Call append_comment again with the same text in a minute: it looks first and posts only what is missing.",
		blind:      "Do not send it again before the user has looked in Notion, since comments cannot be read here.",
		restricted: `The Notion integration may not write comments. Whoever manages it can turn on "Insert comments" (and "Read comments", against duplicates) under Capabilities at notion.so/profile/integrations; then call again.`,
	},
	pageKind: {
		kind: pageKind, tool: CreatePage, noun: "page", done: "made", action: audit.Page,
		again:      "Call create_page again with the same arguments in a minute: it looks first, and makes nothing twice.",
		blind:      "Do not call again before the user has looked in Notion.",
		restricted: `The Notion integration may not insert content. Whoever manages it can turn on "Insert content" under Capabilities at notion.so/profile/integrations; then call again.`,
	},
}

func kindOf(what writing.Write) kind {
	if _, ok := what.(writing.Page); ok {
		return kinds[pageKind]
	}
	return kinds[commentKind]
}

// place is the id of what is written to.
func (k kind) place(what writing.Write) string {
	switch w := what.(type) {
	case writing.Comment:
		return string(w.ID())
	case writing.Page:
		return string(w.Place())
	}
	return ""
}

// read is the Write that was kept.
func (k kind) read(payload json.RawMessage) (writing.Write, error) {
	var err error
	if k.kind == pageKind {
		var p writing.Page
		err = json.Unmarshal(payload, &p)
		return p, err
	}
	var c writing.Comment
	err = json.Unmarshal(payload, &c)
	return c, err
}

// told puts a failure into words.
func (k kind) told(err error) error {
	var f *writing.Failure
	if !errors.As(err, &f) {
		return err
	}
	before, again := markdown.Text(""), k.again
	if f.Written > 0 {
		before = markdown.Sprintf("%d of %d parts of the text were posted. ", f.Written, f.Of)
	}
	if f.Blind != "" {
		again = k.blind
	}
	var words markdown.Text
	switch {
	case f.Phase == writing.Queueing:
		words = markdown.Sprintf("Nothing was %s: another write to the same place has been under way for too long. Try again in a minute.", k.done)
	case f.Phase == writing.Looking:
		words = markdown.Sprintf("Nothing was %s, because it could not be checked whether the same %s is there already. %s", k.done, k.noun, explain(f.Err).text)
	case f.Phase == writing.Unclear:
		words = markdown.Sprintf("%sIt is not known whether the %s was %s: Notion's answer was lost, and %s. %s", before, k.noun, k.done, f.Seen, again)
	case errors.Is(err, notion.ErrRestricted):
		words = before + k.restricted
	case before != "":
		words = before + explain(err).text + " " + again
	case errors.Is(err, notion.ErrValidation):
		words = markdown.Sprintf("Nothing was %s. %s", k.done, explain(err).text)
	default:
		return err
	}
	return toldError{cause: err, words: words}
}

// mayWait says that what Notion would not do just now can be done later.
func (s *Set) mayWait(err error, later *bool) bool {
	return s.cfg.Outbox != nil && busy(err) && (later == nil || *later)
}
