package tools

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// Deliver writes what is kept, when its time comes, until ctx ends.
func (s *Set) Deliver(ctx context.Context) {
	if s.cfg.Outbox != nil {
		s.cfg.Outbox.Run(ctx, s.deliver)
	}
}

// DeliverDue writes what is kept and due now.
func (s *Set) DeliverDue(ctx context.Context) error {
	if s.cfg.Outbox == nil {
		return nil
	}
	return s.cfg.Outbox.Due(ctx, s.deliver)
}

// NextWrite is when something that is kept is due; ok is false while nothing is.
func (s *Set) NextWrite() (at time.Time, ok bool) {
	if s.cfg.Outbox == nil {
		return time.Time{}, false
	}
	return s.cfg.Outbox.Next()
}

// deliver is attempt, after a fault of which it is not known what was written.
func (s *Set) deliver(ctx context.Context, i outbox.Item) (v outbox.Verdict) {
	err := guard.Call(func() error {
		v = s.attempt(ctx, i)
		return nil
	})
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "write what is kept", "write", i.ID, "err", err, "stack", guard.Stack(err))
		return outbox.Verdict{Why: "this program had a fault meanwhile"}
	}
	return v
}

// attempt writes one write that was kept, with a token of this moment.
func (s *Set) attempt(ctx context.Context, i outbox.Item) outbox.Verdict {
	k := kinds[i.Kind]
	e := audit.Entry{Action: k.action, Subject: i.By, Write: i.ID}
	what, err := k.read(i.Payload)
	if err != nil || k.kind == "" {
		e.Outcome, e.Error = audit.Failed, CodeInternal
		s.record(ctx, e)
		return outbox.Verdict{State: outbox.Failed, Why: "it was kept by another version of this program, which this one does not understand"}
	}
	e.Target = k.place(what)
	if !i.Expires.After(s.cfg.Now()) {
		return s.expired(ctx, i, e)
	}
	client, err := s.client(ctx)
	if err != nil {
		return s.undelivered(ctx, i, e, err)
	}
	out, err := s.writer.Do(ctx, what, writing.Try{Client: client.Background(), Began: i.Made, Resumed: i.Resumed})
	if err != nil {
		return s.undelivered(ctx, i, e, err)
	}
	e.Outcome, e.Target, e.Duplicate = audit.Done, string(out.ID), !out.Written && !i.Resumed
	s.record(ctx, e)
	if k.kind == pageKind {
		s.learn(ctx, out.ID)
	}
	return outbox.Verdict{State: outbox.Done, URL: out.URL, Target: string(out.ID), Why: strings.Join(out.Notes, " ")}
}

// expired gives a write up.
func (s *Set) expired(ctx context.Context, i outbox.Item, e audit.Entry) outbox.Verdict {
	e.Error = "expired"
	v := outbox.Verdict{State: outbox.Failed, Why: "it could not be written in time and was given up; last, " + i.Why}
	e.Outcome = audit.Failed
	if i.Resumed {
		v.State, e.Outcome = outbox.Unclear, audit.Unclear
		v.Why = "it was sent, and it could not be found out in time whether it arrived: look in Notion"
	}
	s.record(ctx, e)
	return v
}

// undelivered says whether there is another attempt, and when.
func (s *Set) undelivered(ctx context.Context, i outbox.Item, e audit.Entry, err error) outbox.Verdict {
	var f *writing.Failure
	unclear := errors.As(err, &f) && f.Phase == writing.Unclear
	wait := outbox.Verdict{State: outbox.Waiting, NotBefore: s.cfg.Now().Add(later(i.Attempts)), Why: lastWords(err)}
	if i.Resumed {
		wait.State = outbox.Sending // it is still not known
	}
	switch {
	case ctx.Err() != nil && !unclear && (f == nil || f.Phase != writing.Sending):
		wait.Why = "the program was ended meanwhile"
		return wait // nothing was sent
	case ctx.Err() != nil, unclear && f.Blind == "":
		return outbox.Verdict{Why: "Notion's answer was lost"} // looked up after a while
	case unclear:
		s.record(ctx, failedEntry(e, err))
		return outbox.Verdict{State: outbox.Unclear, Why: "it was sent, and it cannot be found out whether it arrived, since " + f.Blind + ": look in Notion"}
	case busy(err):
		wait.NotBefore = s.cfg.Now().Add(retryAfter(err))
		return wait
	case passing(err):
		return wait
	}
	s.record(ctx, failedEntry(e, err))
	return outbox.Verdict{State: outbox.Failed, Why: lastWords(kinds[i.Kind].told(err))}
}

// passing says that the same may go well another time.
func passing(err error) bool {
	var f *writing.Failure
	if errors.As(err, &f) && f.Phase == writing.Queueing {
		return true
	}
	for _, kind := range []error{tokens.ErrNotConnected, tokens.ErrNeedsReauthorization, tokens.ErrUnavailable, notion.ErrUnauthorized, notion.ErrConflict} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return ingest.Outage(err)
}

// later doubles from half a minute to half an hour.
func later(attempts int) time.Duration {
	return min(30*time.Minute, 30*time.Second<<min(attempts-1, 10))
}

func lastWords(err error) string { return string(explain(err).text) }

// record writes down what was done, for the audit.
func (s *Set) record(ctx context.Context, e audit.Entry) {
	e.Time = s.cfg.Now()
	s.cfg.Audit.Record(ctx, e)
}

// failedEntry adds why something failed, without any words of Notion or of the
// page.
func failedEntry(e audit.Entry, err error) audit.Entry {
	f := explain(err)
	e.Outcome, e.Error, e.RequestID = audit.Failed, f.Code, f.RequestID
	if errors.Is(err, notion.ErrUnclear) {
		e.Outcome = audit.Unclear
	}
	return e
}
